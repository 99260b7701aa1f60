"""The steps of a therapy ask for its evidence: what is missing stops them or warns, and notes of earlier days count."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from flask import Flask

from app.core.errors import Refused
from app.engine.machine import Answer, Days, Event, Verdict
from app.evidence import queries, services
from app.evidence.services import Told
from app.evidence.states import Status
from app.pathways import log
from app.pathways import queries as pathways
from app.pathways import services as histories
from app.pathways.passing import Asked, outcome
from app.therapies import queries as therapies
from tests.factories.therapies import TODAY, add_therapy, happened
from tests.factories.world import World, scope_of

KEPT = Told(Status.ACCEPTED, kept_at="QA-1", kept_on=TODAY)
DOCUMENTS = ("protocol", "investigators_brochure", "informed_consent_form", "irb_plan", "ip_manufacturing_statement")


def answers(person: str, therapy: str, event: str) -> dict[str, Answer]:
    """What the guards say to a step, by what they ask for."""
    view = pathways.overview(scope_of(person), therapy, TODAY)
    choice = next(each for each in view.choices if each.event == event)
    return {each.guard.target.key if each.guard.target else each.guard.kind: each for each in choice.answers}


def accept(person: str, therapy: str, gate: str, *, blocking: bool) -> None:
    """Accept what is missing at a gate: only what blocks, or all of it."""
    scope = scope_of(person)
    for part in queries.matrix(scope, therapy).parts:
        if part.gate.key == gate and not part.covered and (part.blocks or not blocking):
            services.save(scope, therapy, part.asked.item.key, gate, KEPT, version=part.version)


def test_the_trial_notification_waits_for_what_blocks(app: Flask, world: World) -> None:
    scope = scope_of(world.lead)
    with app.app_context():
        therapy = add_therapy(world.lead, stage="CTN_READY")
        before = answers(world.lead, therapy, "CTN_FILED")
        assert before["G1"].verdict is Verdict.NOT_YET
        assert "is missing: Donor eligibility, Cell banks" in before["G1"].because.en
        assert before["Q08"].verdict is Verdict.WARNING
        histories.note_fact(scope, therapy, kind="document", keys=DOCUMENTS, on=TODAY)
        with pytest.raises(Refused, match="Evidence for the trial notification is missing"):
            histories.record(scope, therapy, event="CTN_FILED", on=TODAY)
        accept(world.lead, therapy, "G1", blocking=True)
        warned = answers(world.lead, therapy, "CTN_FILED")["G1"]
        assert warned.verdict is Verdict.WARNING
        assert "more" in warned.because.en
        done = histories.record(scope, therapy, event="CTN_FILED", on=TODAY)
        assert any("証拠がそろっていません" in answer.because.ja for answer in done.warnings)
        assert answers(world.lead, therapy, "MAA_FILED")["G3"].verdict is Verdict.NOT_YET


def test_all_of_it_and_not_applicable_are_enough(app: Flask, world: World) -> None:
    with app.app_context():
        therapy = add_therapy(world.lead, stage="CTN_READY")
        services.save(
            scope_of(world.lead), therapy, "Q11", "G1", Told(Status.NOT_APPLICABLE, reason="凍結細胞"), version=0
        )
        accept(world.lead, therapy, "G1", blocking=False)
        after = answers(world.lead, therapy, "CTN_FILED")
        assert after["G1"].verdict is Verdict.YES
        assert after["Q08"].verdict is Verdict.YES


def test_what_was_noted_as_a_condition_still_counts_until_it_is_worked_on_here(app: Flask, world: World) -> None:
    scope = scope_of(world.lead)
    with app.app_context():
        therapy = add_therapy(world.lead, stage="QS_CONSULT")
        assert answers(world.lead, therapy, "QS_CONSULT_CLOSED")["Q21"].verdict is Verdict.NOT_YET
        histories.note_fact(scope, therapy, kind="fact", keys=["Q21"], on=TODAY)
        assert answers(world.lead, therapy, "QS_CONSULT_CLOSED")["Q21"].verdict is Verdict.YES
        at = {part.gate.key: part for part in queries.one(scope, therapy, "Q21").siblings}
        assert [(at[gate].noted, at[gate].covered) for gate in ("G0", "G1")] == [(True, True)] * 2
        services.save(scope, therapy, "Q21", "G1", Told(Status.IN_WORK), version=0)
        assert answers(world.lead, therapy, "QS_CONSULT_CLOSED")["Q21"].verdict is Verdict.NOT_YET
        services.save(scope, therapy, "Q21", "G1", KEPT, version=1)
        assert answers(world.lead, therapy, "QS_CONSULT_CLOSED")["Q21"].verdict is Verdict.YES


def passed_over(person: str, therapy: str, event: str, on: str) -> set[str]:
    """What the guards would ask for that an event of the past passes over."""
    scope = scope_of(person)
    view = therapies.own(scope, therapy)
    late = Event("late", event, Days.parse(on), history=True)
    then = outcome(Asked.of(scope, view), log.events(log.rows_of(therapy)), [late], TODAY)
    return {each.answer.guard.target.key for each in then.passed_over if each.answer.guard.target}


def test_a_step_of_the_past_is_asked_for_the_evidence_of_its_day(app: Flask, world: World) -> None:
    scope, lead = scope_of(world.lead), world.lead
    with app.app_context():
        therapy = add_therapy(lead, stage="CTN_READY")
        assert "G1" in passed_over(lead, therapy, "CTN_FILED", "2026-10-01")
        services.save(scope, therapy, "Q11", "G1", Told(Status.NOT_APPLICABLE, reason="凍結細胞"), version=0)
        accept(lead, therapy, "G1", blocking=True)
        assert "G1" not in passed_over(lead, therapy, "CTN_FILED", TODAY.isoformat())
        assert "G1" in passed_over(lead, therapy, "CTN_FILED", "2026-10-01"), "all of it was accepted later"
        for part in queries.matrix(scope, therapy).parts:
            if part.gate.key == "G1" and part.status is Status.ACCEPTED:
                earlier = replace(KEPT, kept_on=dt.date(2026, 9, 15))
                services.save(scope, therapy, part.asked.item.key, "G1", earlier, version=part.version)
        days = ("2026-09-14", "2026-09", "2026-09-15", "2026-10-01")
        missing = [day for day in days if "G1" in passed_over(lead, therapy, "CTN_FILED", day)]
        assert missing == ["2026-09-14"], "what lay elsewhere before was there; of a month its last day counts"


def test_a_note_of_then_holds_for_what_was_closed_later(app: Flask, world: World) -> None:
    scope, lead = scope_of(world.lead), world.lead
    with app.app_context():
        therapy = add_therapy(lead)
        happened(lead, therapy, "QS_CONSULT_BOOKED", "2026-04-01")
        services.save(scope, therapy, "Q21", "G1", KEPT, version=0)
        assert "Q21" in passed_over(lead, therapy, "QS_CONSULT_CLOSED", "2026-07-01")
        histories.note_fact(scope, therapy, kind="fact", keys=["Q21"], on=dt.date(2026, 6, 1))
        assert "Q21" not in passed_over(lead, therapy, "QS_CONSULT_CLOSED", "2026-07-01")
        assert "Q21" in passed_over(lead, therapy, "QS_CONSULT_CLOSED", "2026-05-01")


def test_products_of_ips_cells_are_warned_before_the_quality_consultation(app: Flask, world: World) -> None:
    with app.app_context():
        ips = add_therapy(world.lead, stage="RS_ADVICE")
        other = add_therapy(world.lead, name="軟骨", material="autologous_cells", stage="RS_ADVICE")
        assert answers(world.lead, ips, "QS_CONSULT_BOOKED")["G1"].verdict is Verdict.WARNING
        assert answers(world.lead, other, "QS_CONSULT_BOOKED")["G1"].verdict is Verdict.YES
