"""Past history passes over a guard that said "not yet" only with a reason, which history and trail keep and show."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.audit import queries as audit
from app.engine.machine import Days
from app.pathways import queries, services
from app.pathways.sentences import BEFORE
from tests.factories.therapies import add_therapy, happened
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

NOT_MET = "The record of the quality and safety consultation is not confirmed."
DAY = Days.parse("2026-10-01")
QS = "rs_quality_safety"


@pytest.fixture
def consulting(app: Flask, world: World) -> str:
    """A therapy in its consultation on quality and safety, whose record nobody confirmed."""
    with app.app_context():
        therapy = add_therapy(world.lead)
        happened(world.lead, therapy, "QS_CONSULT_BOOKED", "2026-09-01")
        return therapy


@pytest.mark.parametrize("because", ["", "  "])
def test_without_a_reason_nothing_is_recorded(app: Flask, world: World, consulting: str, because: str) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        with pytest.raises(services.ReasonNeeded) as refusal:
            services.record(lead, consulting, event="QS_CONSULT_CLOSED", on=DAY, late=True, because=because)
        assert refusal.value.field == "because"
        assert NOT_MET in [said.en for said in refusal.value.conditions]
        assert len(queries.history(lead, consulting).entries) == 1


def test_with_a_reason_history_and_trail_keep_what_was_passed_and_why(
    app: Flask, world: World, consulting: str
) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        services.record(lead, consulting, event="QS_CONSULT_CLOSED", on=DAY, late=True, because=" 電話で了承済み ")
        entry = queries.history(lead, consulting).entries[0]
        assert NOT_MET in [said.en for said in entry.passed]
        assert (entry.why_passed, entry.recorded_by) == ("電話で了承済み", "薬事 太郎")
        told = audit.of_subject(lead, consulting)[0].after
        assert told
        assert told["because"] == "電話で了承済み"
        assert ("consultation_recorded", NOT_MET) in [(each["guard"], each["en"]) for each in told["passed"]]


def test_where_no_guard_blocks_no_reason_is_asked_and_none_is_kept(app: Flask, world: World, consulting: str) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        services.record(
            lead, consulting, event="NONCLINICAL_STARTED", on=Days.parse("2024"), late=True, because="念のため"
        )
        entry = queries.history(lead, consulting).entries[-1]
        assert (entry.passed, entry.why_passed) == ((), None)


def test_guards_are_asked_as_things_stood_on_the_day(app: Flask, world: World, consulting: str) -> None:
    """The record was confirmed before the step: nothing is passed over, though all of it is typed afterwards."""
    with app.app_context():
        line = {"machine": "consultation", "instance": QS}
        happened(world.lead, consulting, "CONSULTATION_PLANNED", "2026-08-01", attributes={"type": QS}, **line)
        happened(world.lead, consulting, "RECORD_CONFIRMED", "2026-09-20", **line)
        lead = scope_of(world.lead)
        services.record(lead, consulting, event="QS_CONSULT_CLOSED", on=DAY, late=True, because="証拠は後日")
        assert NOT_MET not in [said.en for said in queries.history(lead, consulting).entries[0].passed]


def test_a_correction_keeps_the_reason_and_asks_only_for_what_was_not_passed_yet(
    app: Flask, world: World, consulting: str
) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        done = services.record(lead, consulting, event="QS_CONSULT_CLOSED", on=DAY, late=True, because="電話で了承済み")
        moved = services.correct(lead, done.event_id, on=Days.parse("2026-10-05"), reason="日付の誤り")
        entry = next(each for each in queries.history(lead, consulting).entries if each.id == moved.event_id)
        assert (bool(entry.passed), entry.why_passed) == (True, "電話で了承済み")
        line = {"machine": "consultation", "instance": QS}
        happened(world.lead, consulting, "CONSULTATION_PLANNED", "2026-08-01", attributes={"type": QS}, **line)
        happened(world.lead, consulting, "RECORD_CONFIRMED", "2026-09-20", **line)
        after = services.correct(lead, moved.event_id, on=Days.parse("2026-10-06"), reason="記録の確定後だった")
        with pytest.raises(services.ReasonNeeded):
            services.correct(lead, after.event_id, on=Days.parse("2026-09-19"), reason="確定前だった")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_form_says_what_was_not_met_and_keeps_what_was_typed(
    visit: Visitor, world: World, consulting: str, language: Any
) -> None:
    lead = visit.as_(world.lead, language)
    address = f"/therapies/{consulting}/record/QS_CONSULT_CLOSED?late=1"
    assert 'name="because"' not in lead.get(address)
    typed = {"on": "2026-10-01", "late": "y", "note": "12 <b>34</b>", "source": "議事録", "certainty": "medium"}
    page = lead.post(address, typed, status=200)
    said = NOT_MET if language == "en" else "品質・安全性相談の記録が確定していません。"
    assert said in page
    assert 'id="because-error"' in page
    for kept in ("2026-10-01", "12 &lt;b&gt;34&lt;/b&gt;", "議事録", '<option selected value="medium">'):
        assert kept in page
    page = lead.post(address, {**typed, "on": "2026-02-30", "because": "56 / 78"}, status=200)
    assert "56 / 78" in page
    lead.post(address, {**typed, "because": "電話で了承済み"})
    page = lead.get(f"/therapies/{consulting}/history")
    for shown in (
        said,
        "電話で了承済み",
        "薬事 太郎",
        "議事録",
        {"ja": "(おおむね確実)", "en": "(fairly sure)"}[language],
    ):
        assert shown in page
    assert {"ja": "おおむね確実", "en": "fairly sure"}[language] in lead.get(f"/therapies/{consulting}")


def test_a_reason_of_the_program_stays_one_in_both_languages_when_the_event_is_corrected(
    visit: Visitor, app: Flask, world: World, consulting: str
) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        done = services.record(lead, consulting, event="QS_CONSULT_CLOSED", on=DAY, late=True, because=BEFORE.en)
    japanese = visit.as_(world.lead, "ja")
    address = f"/therapies/events/{done.event_id}/correct"
    page = japanese.get(address)
    assert BEFORE.ja in page
    assert BEFORE.en not in page
    japanese.post(address, {"on": "2026-10-05", "because": BEFORE.ja, "reason": "日付の誤り"})
    for language, said, other in (("ja", BEFORE.ja, BEFORE.en), ("en", BEFORE.en, BEFORE.ja)):
        page = visit.as_(world.lead, language).get(f"/therapies/{consulting}/history")
        assert page.count(said) >= 2
        assert other not in page
