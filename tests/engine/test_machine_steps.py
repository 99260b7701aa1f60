"""The next steps of a therapy by the shipped rules: offered with their answers, taken, or refused with reasons."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.library import Library, shipped
from app.engine.loader import WORKFLOWS
from app.engine.machine import (
    NOTHING_KNOWN,
    STATE_DECLARED,
    Advanced,
    Choice,
    Days,
    Event,
    KnownFacts,
    Refusal,
    Tracks,
    Verdict,
    advance,
    available,
    fold,
)
from tests.engine.tracks import TODAY, history, live

PATHWAY = shipped().pathways["regenerative_cell"]
DOCUMENTS = ("protocol", "investigators_brochure", "informed_consent_form", "irb_plan", "ip_manufacturing_statement")
READY = KnownFacts(
    documents=dict.fromkeys(DOCUMENTS, True), facts={"Q08": True}, evidence={"G1": ()}, attributes={"class": "RMP-C"}
)


def at(state: str, *more: Event) -> Tracks:
    stage = Event("s", STATE_DECLARED, Days.parse("2026-01-10"), {"state": state}, machine="programme", history=True)
    return fold(shipped(), [stage, *more], TODAY)


def consultation(kind: str, last: str) -> list[Event]:
    """A consultation that has come to the event ``last``."""
    planned = Event(f"{kind}1", "CONSULTATION_PLANNED", Days.parse("2026-01-11"), {"type": kind}, history=True)
    return [planned, Event(f"{kind}2", last, Days.parse("2026-10-01"), instance=kind, history=True)]


def choice(
    tracks: Tracks, transition: str, facts: KnownFacts = NOTHING_KNOWN, library: Library | None = None
) -> Choice:
    rules = library or shipped()
    pathway = rules.pathways["regenerative_cell"]
    return next(each for each in available(rules, pathway, tracks, facts) if each.transition.id == transition)


def test_the_trial_notification_looks_across_three_tracks():
    settled = consultation("rs_quality_safety", "RECORD_CONFIRMED")
    waiting = at("CTN_READY", *settled, *consultation("rs_strategy_regen", "PRELIMINARY_OPINION_RECEIVED"))
    filing = Event("n", "CTN_FILED", Days.of(TODAY))
    refused = advance(shipped(), PATHWAY, waiting, filing, READY)
    assert isinstance(refused, Refusal)
    assert [reason.en for reason in refused.reasons] == ["The record of the RS strategy consultation is not confirmed."]
    assert refused.answers[0].target is not None
    assert refused.answers[0].target.key == "rs_strategy_regen"

    confirmed = at("CTN_READY", *settled, *consultation("rs_strategy_regen", "RECORD_CONFIRMED"))
    taken = advance(shipped(), PATHWAY, confirmed, filing, READY)
    assert isinstance(taken, Advanced)
    assert taken.warnings == ()
    assert [(move.machine, move.transition.to) for move in taken.moves] == [("programme", "CTN_CLOCK")]


def test_without_consultations_the_notification_is_allowed_with_a_warning():
    taken = advance(shipped(), PATHWAY, at("CTN_READY"), Event("n", "CTN_FILED", Days.of(TODAY)), READY)
    assert isinstance(taken, Advanced)
    assert {answer.verdict for answer in taken.warnings} == {Verdict.WARNING}
    skipped = choice(at("NONCLINICAL"), "T03w")
    assert skipped.possible
    assert [answer.verdict for answer in skipped.unmet] == [Verdict.WARNING]
    assert "30-day review" in (skipped.unmet[0].because or pytest.fail("no reason")).en


def test_the_record_must_close_quality_and_safety():
    found = choice(at("QS_CONSULT", *consultation("rs_quality_safety", "MEETING_HELD")), "T03")
    assert not found.possible
    assert [answer.verdict for answer in found.unmet] == [Verdict.NOT_YET] + [Verdict.CANNOT_TELL] * 3


def test_the_trial_may_begin_only_after_thirty_days():
    clock = at("CTN_READY", live(1, "CTN_FILED", "2026-11-01"))
    facts = KnownFacts(facts={"ctn_queries_closed": True})
    early = choice(clock, "T05", facts)
    assert early.unmet[0].possible_from == dt.date(2026, 12, 1)
    later = fold(shipped(), list(clock.happened), dt.date(2026, 12, 1))
    assert choice(later, "T05", facts).possible


def test_an_approval_needs_its_licences():
    endorsed = fold(shipped(), history(("COMMITTEE_ENDORSED", "2026-10-01")), TODAY)
    without = KnownFacts(licences={"MAH_LICENCE": True, "MFG_LICENCE_OR_FMA": False, "GCTP_OK": True})
    refused = advance(shipped(), PATHWAY, endorsed, live(9, "APPROVED_CTL", "2026-11-20", term="7y"), without)
    assert isinstance(refused, Refusal)
    assert "23条の25" in refused.reasons[0].ja
    held = KnownFacts(licences=dict.fromkeys(("MAH_LICENCE", "MFG_LICENCE_OR_FMA", "GCTP_OK"), True))
    taken = advance(shipped(), PATHWAY, endorsed, live(9, "APPROVED_CTL", "2026-11-20", term="7y"), held)
    assert isinstance(taken, Advanced)
    assert [move.machine for move in taken.moves] == ["application", "approval", "post_market"]


def test_an_impossible_step_is_refused_with_what_is_possible():
    refused = advance(shipped(), PATHWAY, at("NONCLINICAL"), live(1, "FIRST_PATIENT", "2026-11-01"), NOTHING_KNOWN)
    assert isinstance(refused, Refusal)
    assert "Possible there" in refused.reasons[0].en


def test_what_has_not_happened_is_no_event():
    refused = advance(shipped(), PATHWAY, at("CTN_READY"), live(1, "CTN_FILED", "2026-11-23"), READY)
    assert isinstance(refused, Refusal)
    assert "まだ来ていません" in refused.reasons[0].ja


def test_each_open_consultation_offers_its_own_steps():
    tracks = at(
        "RS_ADVICE", *consultation("rs_pre", "SCHEDULE_REQUESTED"), *consultation("rs_strategy_regen", "DATE_OFFERED")
    )
    offered = {(each.event, each.instance) for each in available(shipped(), PATHWAY, tracks, NOTHING_KNOWN)}
    assert ("MEETING_HELD", "rs_pre") in offered, "a free meeting needs no application"
    assert ("MEETING_HELD", "rs_strategy_regen") not in offered
    assert ("APPLIED_AND_PAID", "rs_strategy_regen") in offered
    assert ("CONSULTATION_PLANNED", None) in offered


def test_no_step_is_offered_twice():
    for state in shipped().machines["programme"].by_key:
        offered = available(shipped(), PATHWAY, at(state), NOTHING_KNOWN)
        names = [(each.transition.id, each.instance, str(each.moves[0].attributes)) for each in offered]
        assert len(names) == len(set(names)), state


def test_nothing_said_has_an_empty_place_in_it():
    for state in shipped().machines["programme"].by_key:
        for each in available(shipped(), PATHWAY, at(state), NOTHING_KNOWN):
            said = [text for answer in each.unmet for text in (answer.because, answer.do) if text]
            assert not [text for text in said if "{" in text.ja + text.en]


def test_an_edit_of_a_file_changes_the_answer(tmp_path: Path):
    copy = tmp_path / "workflows"
    shutil.copytree(WORKFLOWS, copy)
    facts = KnownFacts(facts={"ctn_queries_closed": True})
    clock = at("CTN_READY", live(1, "CTN_FILED", "2026-11-01"))
    assert choice(clock, "T05", facts, Library.load(copy)).unmet[0].possible_from == dt.date(2026, 12, 1)
    file = copy / "machines" / "programme.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("days: 30", "days: 14"), encoding="utf-8")
    assert choice(clock, "T05", facts, Library.load(copy)).possible


@pytest.mark.parametrize(
    ("given", "extended", "longest"),
    [("APPROVED_CTL", "CTL_EXTENDED", "3y"), ("APPROVED_EMERG", "EMERG_EXTENDED", "1y")],
)
def test_an_extension_comes_in_time_and_is_no_longer_than_the_law_has_it(given: str, extended: str, longest: str):
    limited = history((given, "2025-01-10", {"term": "1y"}))
    last = fold(shipped(), limited, dt.date(2026, 1, 9), running=True)

    def extend(tracks: Tracks, day: str, length: str) -> Advanced | Refusal:
        return advance(shipped(), PATHWAY, tracks, live(9, extended, day, extension=length), NOTHING_KNOWN)

    taken, longer = extend(last, "2026-01-08", longest), extend(last, "2026-01-08", f"{longest}1m")
    assert isinstance(taken, Advanced)
    assert taken.warnings == ()
    assert isinstance(longer, Advanced)
    assert ["longer than" in str(each.because) for each in longer.warnings] == [True]
    late = extend(replace(last, as_of=TODAY), "2026-01-10", longest)
    assert isinstance(late, Refusal)
    assert "9 Jan 2026" in late.reasons[0].en
