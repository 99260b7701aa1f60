"""Each kind of guard: met, not yet with what to do, cannot tell, or a warning; in both languages."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.engine.definition.guards import Guard
from app.engine.library import shipped
from app.engine.machine import NOTHING_KNOWN, Answer, Days, Event, Facts, KnownFacts, Situation, Verdict, ask, fold
from tests.engine.tracks import TODAY, history, live

TEXTS = {
    "because": {
        "ja": "まだです({day}、{limit}、{count}、{first})。",
        "en": "Not yet ({day}, {limit}, {count}, {first}).",
    },
    "do": {"ja": "記録してください。", "en": "Record it."},
    "provenance": {"confidence": "known_high"},
}
YES, NOT_YET, UNSURE, WARNING = Verdict.YES, Verdict.NOT_YET, Verdict.CANNOT_TELL, Verdict.WARNING


def guard(kind: str, **settings: Any) -> Guard:
    return TypeAdapter(Guard).validate_python({"kind": kind, **TEXTS, **settings})


def answer(
    asked: Guard,
    events: list[Event] | None = None,
    facts: Facts = NOTHING_KNOWN,
    *,
    machine: str = "programme",
    on: str = "2026-11-22",
    given: dict[str, str] | None = None,
) -> Answer:
    tracks = fold(shipped(), events or [], TODAY)
    track = tracks.get(machine)
    attributes = track.attributes if track else {}
    return ask(asked, Situation(shipped(), tracks, machine, track, Days.parse(on), facts, given or {}, attributes))


def test_track_in_state():
    asked = guard("track_in_state", machine="programme", states=["TRIAL_DONE", "PRE_MAA"])
    assert answer(asked).verdict is NOT_YET
    assert answer(asked, history(("TRIAL_PAUSED", "2026-01-05"))).verdict is NOT_YET
    assert answer(asked, history(("TRIAL_DONE", "2026-01-05"))).verdict is YES


def test_track_in_state_of_a_kind():
    asked = guard("track_in_state", machine="application", states=["FILED"], where={"kind": ["CTL_FULL"]})
    assert answer(asked, history(("MAA_FILED", "2026-01-05"))).verdict is NOT_YET
    assert answer(asked, history(("MAA_FILED", "2026-01-05", {"kind": "CTL_FULL"}))).verdict is YES


def test_consultation_recorded_blocks_while_one_is_open():
    asked = guard("consultation_recorded", types=["rs_quality_safety"], unmet="warning")
    planned = [live(1, "CONSULTATION_PLANNED", "2026-01-05", type="rs_quality_safety")]
    other = [live(1, "CONSULTATION_PLANNED", "2026-01-05", type="rs_general")]
    assert answer(asked).verdict is WARNING
    assert answer(asked, other).verdict is WARNING
    assert answer(asked, planned).verdict is NOT_YET
    withdrawn = [*planned, live(2, "CONSULTATION_WITHDRAWN", "2026-02-05", "rs_quality_safety")]
    assert answer(asked, withdrawn).verdict is WARNING
    confirmed = history(("RECORD_CONFIRMED", "2026-10", {"type": "rs_quality_safety"}))
    assert answer(asked, confirmed).verdict is YES, "of a history the record alone may be known"
    assert answer(asked, history(("RECORD_CONFIRMED", "2026-10"))).verdict is WARNING, "of which kind?"


@pytest.mark.parametrize(
    ("kind", "field", "shelf"),
    [
        ("fact_present", "facts", "facts"),
        ("document_approved", "documents", "documents"),
        ("licence_held", "licences", "licences"),
    ],
)
def test_facts_of_other_rooms(kind: str, field: str, shelf: str):
    asked = guard(kind, **{field: ["one", "two"]})
    assert answer(asked).verdict is UNSURE
    for known, verdict in [
        ({"one": True}, UNSURE),
        ({"one": True, "two": False}, NOT_YET),
        ({"one": True, "two": True}, YES),
    ]:
        told: dict[str, Any] = {shelf: known}
        assert answer(asked, facts=replace(NOTHING_KNOWN, **told)).verdict is verdict


@pytest.mark.parametrize(
    ("on", "verdict"), [("2015-09-18", YES), ("2015-09", UNSURE), ("2015", UNSURE), (None, NOT_YET)]
)
def test_a_day_must_be_recorded_to_the_day(on: str | None, verdict: Verdict):
    recorded = history(("APPROVED_CTL", on, {"term": "5y"})) if on else []
    asked = guard("date_recorded", machine="approval", state="CTL_RUNNING")
    assert answer(asked, recorded, machine="application").verdict is verdict


def test_a_licence_applied_for_suffices_where_the_rule_says_so():
    applied = KnownFacts(licences={"one": False}, licences_applied={"one": True})
    assert answer(guard("licence_held", licences=["one"]), facts=applied).verdict is NOT_YET
    assert answer(guard("licence_held", licences=["one"], applied_suffices=True), facts=applied).verdict is YES
    neither = KnownFacts(licences={"one": False}, licences_applied={"one": False})
    assert answer(guard("licence_held", licences=["one"], applied_suffices=True), facts=neither).verdict is NOT_YET


def test_a_licence_past_its_term_with_its_renewal_pending_cannot_be_told():
    kind = {"kind": "MAH_LICENCE"}
    renewing = [
        ("LICENCE_GRANTED", "2020-02-01", {**kind, "term": "5y"}),
        ("LICENCE_RENEWAL_APPLIED", "2024-10-01", kind),
    ]
    for day, verdict in (("2025-01-30", YES), ("2026-11-28", UNSURE)):
        for suffices in (False, True):
            asked = guard("licence_held", licences=["MAH_LICENCE"], applied_suffices=suffices)
            tracks = fold(shipped(), history(*renewing), dt.date.fromisoformat(day))
            noted = KnownFacts(licences={"MAH_LICENCE": True})
            found = ask(asked, Situation(shipped(), tracks, "approval", None, Days.parse(day), noted))
            assert found.verdict is verdict, (day, suffices)
    assert found.because
    assert found.do
    assert "31 Jan 2025" in found.because.en
    assert "2025年1月31日" in found.because.ja
    assert "更新の結果を記録" in found.do.ja
    assert found.record == "LICENCE_GRANTED"
    renewed = history(*renewing, ("LICENCE_GRANTED", "2025-03-10", {**kind, "term": "5y"}))
    assert answer(guard("licence_held", licences=["MAH_LICENCE"]), renewed).verdict is YES
    given_up = history(*renewing, ("LICENCE_GIVEN_UP", "2025-03-10", kind))
    assert answer(guard("licence_held", licences=["MAH_LICENCE"]), given_up).verdict is NOT_YET


def test_designation_held():
    asked = guard("designation_held", kinds=["ORPHAN"])
    assert answer(asked, history(("PIONEER_DESIGNATED", "2020-02-01"))).verdict is NOT_YET
    assert answer(asked, history(("ORPHAN_DESIGNATED", "2020-02-01"))).verdict is YES
    revoked = history(("ORPHAN_DESIGNATED", "2020-02-01"), ("ORPHAN_REVOKED", "2021-02-01"))
    assert answer(asked, revoked).verdict is NOT_YET


@pytest.mark.parametrize(("filed", "first"), [("2026-04-01", "2026-05-01"), ("2027-01-29", "2027-02-28")])
def test_elapsed_counts_the_day_of_filing_as_day_1(filed: str, first: str):
    asked = guard("elapsed", since="CTN_CLOCK", days=30, count_from=1)
    events = history(("CTN_FILED", filed))
    day = dt.date.fromisoformat(first)
    tracks = fold(shipped(), events, dt.date(2027, 12, 31))
    situation = Situation(shipped(), tracks, "programme", tracks.get("programme"), Days.of(day - dt.timedelta(1)))
    early = ask(asked, situation)
    assert (early.verdict, early.possible_from) == (NOT_YET, day)
    on_the_day = Situation(shipped(), tracks, "programme", tracks.get("programme"), Days.of(day))
    assert ask(asked, on_the_day).verdict is YES


def test_elapsed_counting_from_the_day_after_is_a_day_longer():
    asked = guard("elapsed", since="CTN_CLOCK", days=30, count_from=0)
    events = history(("CTN_FILED", "2026-04-01"))
    assert answer(asked, events, on="2026-05-01").possible_from == dt.date(2026, 5, 2)
    assert answer(asked, events, on="2026-05-02").verdict is YES


def test_elapsed_since_a_day_that_is_not_known_cannot_be_told():
    asked = guard("elapsed", since="CTN_CLOCK", days=30, count_from=1)
    month = history(("CTN_FILED", "2026-04"))
    assert answer(asked, month, on="2026-04-20").verdict is NOT_YET
    assert answer(asked, month, on="2026-05-10").verdict is UNSURE
    assert answer(asked, month, on="2026-05-30").verdict is YES, "even when it was filed on the last day of April"
    assert answer(asked, history(("TRIAL_START", "2026-09-01"))).verdict is UNSURE


def test_date_order():
    asked = guard("date_order", machine="approval", before="term_end")
    running = history(("APPROVED_CTL", "2020-03-01", {"term": "7y"}))
    assert answer(asked).verdict is UNSURE
    for on, verdict in [("2027-02-28", YES), ("2027-03-01", NOT_YET), ("2027-02", YES), ("2027", UNSURE)]:
        assert answer(asked, running, on=on, machine="application").verdict is verdict, on
    late = answer(asked, running, on="2027-03-01", machine="application")
    assert late.because is not None
    assert "1 Mar 2027 (Mon)" in late.because.en
    assert "2027年2月28日(日)" in late.because.ja


def test_attribute_equals():
    asked = guard("attribute_equals", of="therapy", attribute="class", values=["RMP-GV"])
    assert answer(asked).verdict is UNSURE
    assert answer(asked, facts=KnownFacts(attributes={"class": "RMP-C"})).verdict is NOT_YET
    assert answer(asked, facts=KnownFacts(attributes={"class": "RMP-GV"})).verdict is YES
    of_event = guard("attribute_equals", of="event", attribute="kind", values=["NEW"])
    assert answer(of_event, given={"kind": "PCA"}).verdict is NOT_YET
    of_track = guard("attribute_equals", of="track", attribute="kind", values=["NEW"])
    assert answer(of_track, history(("MAA_FILED", "2026-01-05")), machine="application").verdict is YES


def test_duration_at_most():
    asked = guard("duration_at_most", attribute="term", months=84)
    assert answer(asked).verdict is UNSURE
    assert answer(asked, given={"term": "7y"}).verdict is YES
    assert answer(asked, given={"term": "7y1m"}).verdict is NOT_YET


def test_counted():
    asked = guard("counted", event="LOT_PASSED", at_least=2)
    one = answer(asked, history(("LOT_PASSED", "2026-01-05"), ("LOT_FAILED", "2026-01-06")))
    assert one.verdict is NOT_YET
    assert one.because is not None
    assert "1" in one.because.en
    assert answer(asked, history(("LOT_PASSED", "2026-01-05"), ("LOT_PASSED", "2026-02-05"))).verdict is YES


def test_a_guard_for_other_classes_does_not_ask():
    asked = guard("fact_present", facts=["cartagena"], only_classes=["RMP-GV"])
    assert answer(asked, facts=KnownFacts(attributes={"class": "RMP-C"}, facts={"cartagena": False})).verdict is YES
    assert (
        answer(asked, facts=KnownFacts(attributes={"class": "RMP-GV"}, facts={"cartagena": False})).verdict is NOT_YET
    )
    assert answer(asked, facts=KnownFacts(facts={"cartagena": False})).verdict is NOT_YET, "an unknown class is asked"


TELLS = {  # each kind of guard that may find nothing recorded, with what it asks
    "fact_present": {"facts": ["one"]},
    "document_approved": {"documents": ["one"]},
    "licence_held": {"licences": ["MAH_LICENCE"]},
    "attribute_equals": {"of": "event", "attribute": "route", "values": ["A"]},
    "duration_at_most": {"attribute": "term", "months": 12},
}


@pytest.mark.parametrize("unmet", ["not_yet", "warning"])
def test_where_nothing_is_recorded_no_guard_tells_its_own_words_as_a_fact(unmet: str):
    for kind, asked in TELLS.items():
        found = answer(guard(kind, unmet=unmet, **asked))
        assert found.verdict is (UNSURE if unmet == "not_yet" else WARNING), kind
        assert found.because, kind
        assert found.because.ja.startswith("「まだです"), kind
        assert found.because.ja.endswith("」に当たるかどうか、記録がありません。"), kind
        assert found.because.en.startswith("It is not recorded whether this is so: “"), kind


def test_what_a_guard_may_say_so_is_not_itself_about_records():
    """「…が記録されていません」に当たるかどうか、記録がありません would say nothing."""
    own = [each for machine in shipped().machines.values() for step in machine.transitions for each in step.guards]
    own += [each for path in shipped().pathways.values() for guards in path.guards.values() for each in guards]
    asked = [each for each in own if each.kind in TELLS]
    assert len({each.kind for each in asked}) > 3
    assert not [each.because for each in asked if "記録" in each.because.ja or "recorded" in each.because.en]


def test_what_is_unmet_says_why_and_what_to_do_in_both_languages():
    unmet = answer(guard("fact_present", facts=["one"], target={"room": "fact", "key": "one"}))
    assert unmet.because is not None
    assert unmet.do is not None
    assert unmet.target is not None
    assert unmet.because.ja.startswith("「まだです(")
    assert unmet.because.ja.endswith(")」に当たるかどうか、記録がありません。")
    assert unmet.do.say("en") == "Record it."
