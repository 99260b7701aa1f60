"""Recording what happened: next steps with their guards, past history with its holes, and sentences for slips."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask

from app.audit import queries as audit
from app.core import clock
from app.core.errors import NotFound, Refused
from app.engine.machine import Days, KnownFacts, fold
from app.pathways import facts, log, queries, services
from tests.factories.statements import counted
from tests.factories.therapies import TODAY, add_therapy, happened
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


def state(person: str, therapy: str, machine: str = "programme") -> str | None:
    track = queries.tracks(scope_of(person), therapy).get(machine)
    return track.state if track else None


def test_a_next_step_moves_the_line(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        done = services.record(scope_of(world.lead), therapy, event="NONCLINICAL_STARTED", on=TODAY)
        assert state(world.lead, therapy) == "NONCLINICAL"
        assert not done.notes
        (entry,) = queries.history(scope_of(world.lead), therapy).entries
        assert (entry.recorded_by, entry.on, entry.late) == ("薬事 太郎", Days.of(TODAY), False)
        (trail,) = [e for e in audit.of_subject(scope_of(world.lead), therapy) if e.action.startswith("pathways")]
        assert trail.action == "pathways:event:recorded"


def test_what_no_guard_asks_is_not_read_and_the_past_is_folded_no_more_often_than_needed(
    app: Flask, world: World, therapy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folds: list[int] = []

    def counting(rules: Any, events: Any, *rest: Any, **more: Any) -> Any:
        folds.append(len(events))
        return fold(rules, events, *rest, **more)

    monkeypatch.setattr(log, "fold", counting)
    with app.app_context():
        scope = scope_of(world.lead)
        with counted() as seen:
            services.record(scope, therapy, event="NONCLINICAL_STARTED", on=TODAY)
        assert [each.split()[0] for each in seen] == ["SELECT", "SELECT", "INSERT", "INSERT"]
        assert folds == [0, 1], "as the tracks stand today, and with the step"
        del folds[:]
        services.record(scope, therapy, event="NOTE", on=TODAY, late=True)
        assert folds == [2], "nothing is refused, so nobody asks what was refused before"


def test_a_guard_refuses_with_what_to_do_and_history_may_still_be_written(app: Flask, world: World) -> None:
    with app.app_context():
        therapy = add_therapy(world.lead, stage="QS_CONSULT")
        with pytest.raises(Refused, match="record of the quality and safety consultation is not confirmed") as refusal:
            services.record(scope_of(world.lead), therapy, event="QS_CONSULT_CLOSED", on=TODAY)
        assert refusal.value.field == "on"  # what is wrong is the day; the tick for past history is only a way out
        assert "past history" in refusal.value.sentence.en
        happened(world.lead, therapy, "QS_CONSULT_CLOSED", str(TODAY))
        assert state(world.lead, therapy) == "CTN_READY"


def test_past_history_infers_what_must_have_come_before_and_says_so(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        told = {"event": "TRIAL_START", "on": Days.parse("2024-05"), "because": "利用開始前の経過"}
        done = services.record(scope_of(world.lead), therapy, late=True, **told)
        track = done.tracks.get("programme")
        assert track
        assert [visit.state for visit in track.history if visit.inferred] == [
            "NONCLINICAL", "CTN_READY", "CTN_CLOCK", "TRIAL_CLEARED",
        ]  # fmt: skip
        assert track.since == Days.parse("2024-05")
        assert any(note.kind == "inferred" for note in done.notes)


def test_past_history_may_go_further_than_the_stage_that_was_declared(app: Flask, world: World) -> None:
    with app.app_context():
        therapy = add_therapy(world.lead, stage="NONCLINICAL")
        happened(world.lead, therapy, "NONCLINICAL_STARTED", "2024")
        happened(world.lead, therapy, "RS_ADVICE_REQUESTED", "2026-03")
        assert state(world.lead, therapy) == "RS_ADVICE"
        declared = next(
            e for e in queries.history(scope_of(world.lead), therapy).entries if e.event == "STATE_DECLARED"
        )
        assert declared.notes
        assert declared.refusal is None


def test_an_impossible_history_is_refused_and_nothing_is_stored(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        happened(world.lead, therapy, "DISCONTINUED", "2025-01")
        with pytest.raises(Refused, match="cannot happen"):
            services.record(scope_of(world.lead), therapy, event="CTN_FILED", on=Days.parse("2025-06"), late=True)
        assert len(queries.history(scope_of(world.lead), therapy).entries) == 1


def test_an_event_that_would_break_a_recorded_one_names_it(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        happened(world.lead, therapy, "CTN_FILED", "2025-06-02")
        with pytest.raises(Refused, match=r"Trial notification filed.*2 Jun 2025"):
            services.record(scope_of(world.lead), therapy, event="DISCONTINUED", on=Days.parse("2025-03"), late=True)


@pytest.mark.parametrize("late", [True, False])
def test_what_has_not_happened_is_no_event(app: Flask, world: World, therapy: str, late: bool) -> None:
    tomorrow = TODAY + dt.timedelta(days=1)
    with app.app_context(), pytest.raises(Refused, match="has not come yet") as refusal:
        services.record(scope_of(world.lead), therapy, event="NONCLINICAL_STARTED", on=tomorrow, late=late)
    assert refusal.value.field == "on"


def test_this_month_may_be_recorded_before_it_is_over(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        happened(world.lead, therapy, "NONCLINICAL_STARTED", "2026-11")
        assert state(world.lead, therapy) == "NONCLINICAL"


def test_a_word_that_no_history_uses(app: Flask, world: World, therapy: str) -> None:
    with app.app_context(), pytest.raises(Refused, match="no event MOON_LANDING"):
        services.record(scope_of(world.lead), therapy, event="MOON_LANDING", on=TODAY)


def test_a_hub_or_a_stranger_records_nothing(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        for person in (world.stranger, world.staff):
            with pytest.raises(NotFound):
                services.record(scope_of(person), therapy, event="NONCLINICAL_STARTED", on=TODAY)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_pages_of_recording(visit: Visitor, world: World, therapy: str, language: Any) -> None:
    lead = visit.as_(world.lead, language)
    page = lead.get(f"/therapies/{therapy}/record")
    assert f"/therapies/{therapy}/record/NONCLINICAL_STARTED" in page
    assert "CTL_TERM_END" not in page  # a day that is computed is not an event to record
    lead.get(f"/therapies/{therapy}/record/APPROVED_CTL?late=1")
    data = {"on": "令和8年3月6日", "carried_term": "7年", "late": "y", "note": "公表資料による", "because": "提携前"}
    lead.post(f"/therapies/{therapy}/record/APPROVED_CTL?late=1", data)
    page = lead.get(f"/therapies/{therapy}")
    assert "2033" in page  # the term ends
    with lead._app.app_context():
        track = queries.tracks(scope_of(world.lead), therapy).get("approval")
        assert track
        assert track.term_end == Days.of(dt.date(2033, 3, 5))
    lead.get(f"/therapies/{therapy}/history")


@pytest.mark.parametrize("typed", ["2026-02-30", "令和8年2月30日", "0", "2099-01-01", "soon", ""])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_day_that_cannot_be_gets_a_sentence(
    visit: Visitor, world: World, therapy: str, typed: str, language: Any
) -> None:
    lead = visit.as_(world.lead, language)
    page = lead.post(f"/therapies/{therapy}/record/NONCLINICAL_STARTED", {"on": typed, "late": "y"}, status=200)
    assert 'id="on-error"' in page
    with lead._app.app_context():
        assert not queries.history(scope_of(world.lead), therapy).entries


def test_a_refused_step_offers_to_record_it_as_history(visit: Visitor, world: World) -> None:
    lead = visit.as_(world.lead)
    with lead._app.app_context():
        therapy = add_therapy(world.lead, stage="QS_CONSULT")
    help_with = f'<a href="/therapies/{therapy}/conditions/document/quality_package">'
    assert help_with in lead.get(f"/therapies/{therapy}/record/QS_CONSULT_CLOSED"), "what it waits for, before typing"
    assert help_with not in lead.get(f"/therapies/{therapy}/record/QS_CONSULT_CLOSED?late=1")
    page = lead.post(f"/therapies/{therapy}/record/QS_CONSULT_CLOSED", {"on": "2026-11-20"}, status=200)
    assert 'id="on-error"' in page
    assert 'id="late-error"' not in page
    assert help_with in page
    assert "品質・安全性相談の記録が確定していません" in page


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "許可・認定の更新の結果を記録"), ("en", "Record the result of the renewal")]
)
def test_a_licence_past_its_term_leads_to_the_record_of_its_renewal(
    visit: Visitor, world: World, app: Flask, language: Any, said: str
) -> None:
    with app.app_context():
        therapy = add_therapy(world.lead, stage="PRE_MAA")
        kind = {"kind": "MAH_LICENCE"}
        happened(world.lead, therapy, "LICENCE_GRANTED", "2020-02-01", attributes={**kind, "term": "5y"})
        happened(world.lead, therapy, "LICENCE_RENEWAL_APPLIED", "2024-10-01", attributes=kind)
    page = visit.as_(world.lead, language).get(f"/therapies/{therapy}/record/MAA_FILED")
    (link,) = re.findall(rf'<a[^>]*href="([^"]*)"[^>]*>[^<]*{said}', page)
    assert link == f"/therapies/{therapy}/record/LICENCE_GRANTED"


def test_unknown_events_have_no_page(visit: Visitor, world: World, therapy: str) -> None:
    for word in ("MOON_LANDING", "CTL_TERM_END"):
        visit.as_(world.lead).get(f"/therapies/{therapy}/record/{word}", status=404)


def test_a_room_above_tells_guards_what_it_knows(app: Flask, world: World) -> None:
    def provider(_scope: object, ids: object, on: object) -> dict[str, KnownFacts]:
        return {therapy: KnownFacts(facts={"ctn_queries_closed": False})}

    with app.app_context():
        therapy = add_therapy(world.lead)
        happened(world.lead, therapy, "CTN_FILED", "2026-06-01")
        lead = scope_of(world.lead)
        facts.register(provider)
        try:
            with pytest.raises(Refused, match="queries of PMDA"):
                services.record(lead, therapy, event="CTN_CLEARED", on=TODAY)
        finally:
            facts._providers.remove(provider)
        done = services.record(lead, therapy, event="CTN_CLEARED", on=TODAY)
        assert [str(answer.verdict) for answer in done.warnings] == ["cannot_tell"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_condition_that_is_noted_answers_the_guard(visit: Visitor, world: World, language: Any) -> None:
    lead = visit.as_(world.lead, language)
    with lead._app.app_context():
        therapy = add_therapy(world.lead)
        happened(world.lead, therapy, "CTN_FILED", "2026-06-01")
    asked = f"/therapies/{therapy}/conditions/fact/ctn_queries_closed"
    assert asked in lead.get(f"/therapies/{therapy}")
    lead.get(asked)
    lead.post(asked, {"holds": "yes", "on": "2099-01-01"}, status=200)
    lead.post(asked, {"holds": "", "on": "2026-06-20"}, status=200)
    lead.post(asked, {"holds": "no", "on": "2026-06-20"})
    with lead._app.app_context():
        overview = queries.overview(scope_of(world.lead), therapy, TODAY)
        assert overview.next
        assert [str(a.verdict) for a in overview.next.unmet] == ["not_yet"]
    lead.post(asked, {"holds": "yes", "on": "2026-06-25"})
    page = lead.get(f"/therapies/{therapy}")
    assert asked not in page
    with lead._app.app_context():
        overview = queries.overview(scope_of(world.lead), therapy, TODAY)
        assert overview.next
        assert overview.next.event == "CTN_CLEARED"
        assert not overview.next.unmet
        noted = [each for each in overview.history if each.event == "FACT_NOTED"]
        services.withdraw(scope_of(world.lead), noted[0].id, reason="早すぎた")
        overview = queries.overview(scope_of(world.lead), therapy, TODAY)
        assert overview.next
        assert overview.next.unmet
    lead.get(f"/therapies/{therapy}/history")
    visit.as_(world.stranger).get(asked, status=404)
    visit.as_(world.stranger).post(asked, {"holds": "yes", "on": "2026-06-25"}, status=404)
    lead.get(f"/therapies/{therapy}/conditions/fact/made_up", status=404)


def test_an_approval_is_in_force_on_the_last_day_of_its_term(app: Flask, world: World, therapy: str) -> None:
    """Given for seven years on 25 November 2019: it ends with 24 November 2026, and that whole day still counts."""
    with app.app_context():
        happened(world.lead, therapy, "APPROVED_CTL", "2019-11-25", attributes={"term": "7y"})
        for day, state in ((TODAY, "CTL_RUNNING"), (TODAY + dt.timedelta(days=1), "LAPSED")):
            clock.move_to(dt.datetime.combine(day, dt.time(9), clock.TOKYO))
            approval = queries.tracks(scope_of(world.lead), therapy).get("approval")
            assert approval
            assert approval.state == state
