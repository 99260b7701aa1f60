"""A wrong event is corrected or withdrawn, never erased; the picture follows."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.core.db import session, transaction
from app.core.errors import NotFound, Refused
from app.engine.machine import Days
from app.pathways import queries, services
from app.pathways.models import PathwayEvent
from app.pathways.sentences import TAKEN_BACK
from tests.factories.therapies import TODAY, happened
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


@pytest.fixture
def filed(app: Flask, world: World, therapy: str) -> str:
    """A notification with a wrong day."""
    with app.app_context():
        return happened(world.lead, therapy, "CTN_FILED", "2026-03-06")


def test_a_correction_moves_the_day_and_keeps_the_wrong_one(app: Flask, world: World, therapy: str, filed: str) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        done = services.correct(lead, filed, on=Days.parse("2026-04-01"), reason="受付印の日付に合わせる")
        track = queries.tracks(lead, therapy).get("programme")
        assert track
        assert track.since == Days.parse("2026-04-01")
        wrong = next(e for e in queries.history(lead, therapy).entries if e.id == filed)
        assert not wrong.stands
        assert wrong.correction
        assert (wrong.correction.by, wrong.correction.who) == (done.event_id, "薬事 太郎")
        assert wrong.correction.why == "受付印の日付に合わせる"
        assert wrong.on == Days.parse("2026-03-06")
        assert not wrong.arrivals


def test_a_withdrawn_event_leaves_the_picture_but_not_the_history(
    app: Flask, world: World, therapy: str, filed: str
) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        services.withdraw(lead, filed, reason="別の品目の届出だった")
        overview = queries.overview(lead, therapy, TODAY)
        assert overview.leading
        assert overview.leading.state == "CONCEPT"
        (entry,) = overview.history
        assert entry.correction
        assert entry.correction.by is None
        assert entry.correction.why == "別の品目の届出だった"


def test_a_reason_of_the_program_is_said_in_the_readers_language(
    visit: Visitor, app: Flask, world: World, therapy: str, filed: str
) -> None:
    with app.app_context():
        services.withdraw(scope_of(world.lead), filed, reason=TAKEN_BACK.en)
    for language, said, other in (("ja", TAKEN_BACK.ja, TAKEN_BACK.en), ("en", TAKEN_BACK.en, TAKEN_BACK.ja)):
        page = visit.as_(world.lead, language).get(f"/therapies/{therapy}/history")
        assert said in page
        assert other not in page


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_required(app: Flask, world: World, filed: str, reason: str) -> None:
    with app.app_context():
        with pytest.raises(Refused, match="say why") as refusal:
            services.correct(scope_of(world.lead), filed, on=TODAY, reason=reason)
        assert refusal.value.field == "reason"
        with pytest.raises(Refused, match="say why"):
            services.withdraw(scope_of(world.lead), filed, reason=reason)


def test_what_no_longer_stands_cannot_be_corrected_again(app: Flask, world: World, filed: str) -> None:
    with app.app_context():
        services.withdraw(scope_of(world.lead), filed, reason="誤り")
        for verb in (services.withdraw, services.correct):
            with pytest.raises(Refused, match="already"):
                verb(scope_of(world.lead), filed, reason="誤り", **({"on": TODAY} if verb is services.correct else {}))


def test_a_correction_can_itself_be_corrected(app: Flask, world: World, therapy: str, filed: str) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        first = services.correct(lead, filed, on=Days.parse("2026-04"), reason="一")
        services.correct(lead, first.event_id, on=Days.parse("2026-05"), reason="二")
        track = queries.tracks(lead, therapy).get("programme")
        assert track
        assert track.since == Days.parse("2026-05")
        assert [e.stands for e in queries.history(lead, therapy).entries] == [True, False, False]


def test_a_correction_that_breaks_a_later_event_is_refused(app: Flask, world: World, therapy: str, filed: str) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        happened(world.lead, therapy, "DISCONTINUED", "2026-09-01")
        with pytest.raises(Refused):
            services.correct(lead, filed, on=Days.parse("2026-10-01"), reason="後だった")
        track = queries.tracks(lead, therapy).get("programme")
        assert track
        assert track.state == "DISCONTINUED"


def test_nobody_edits_or_erases_a_row(app: Flask, world: World, filed: str) -> None:
    with app.app_context():
        for statement in (sa.update(PathwayEvent).values(note_ja="x"), sa.delete(PathwayEvent)):
            with pytest.raises(sa.exc.DBAPIError, match="only added to"), transaction():
                session.execute(statement)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_pages_of_correcting(visit: Visitor, world: World, therapy: str, filed: str, language: Any) -> None:
    lead = visit.as_(world.lead, language)
    page = lead.get(f"/therapies/events/{filed}/correct")
    assert 'value="2026-03-06"' in page
    lead.post(f"/therapies/events/{filed}/correct", {"on": "2026-03-09", "reason": ""}, status=200)
    lead.post(f"/therapies/events/{filed}/correct", {"on": "2026-03-09", "reason": "受付日の誤り"})
    page = lead.get(f"/therapies/{therapy}/history")
    assert "<s>" in page
    assert "受付日の誤り" in page
    lead.get(f"/therapies/events/{filed}/correct", status=404)
    with lead._app.app_context():
        stands = next(e.id for e in queries.history(scope_of(world.lead), therapy).entries if e.stands)
    lead.get(f"/therapies/events/{stands}/withdraw")
    lead.post(f"/therapies/events/{stands}/withdraw", {"reason": ""}, status=200)
    lead.post(f"/therapies/events/{stands}/withdraw", {"reason": "届け出ていない"})
    assert lead.get(f"/therapies/{therapy}/history").count("<s>") == 2


@pytest.mark.parametrize("verb", ["correct", "withdraw"])
def test_a_stranger_finds_nothing_to_correct(visit: Visitor, world: World, filed: str, verb: str) -> None:
    for person in (world.stranger, world.staff):
        stranger = visit.as_(person)
        stranger.get(f"/therapies/events/{filed}/{verb}", status=404)
        stranger.post(f"/therapies/events/{filed}/{verb}", {"on": "2026-01-01", "reason": "x"}, status=404)
    with visit._app.app_context(), pytest.raises(NotFound):
        services.withdraw(scope_of(world.stranger), filed, reason="x")


def test_events_of_a_consultation_are_changed_on_its_own_page(visit: Visitor, world: World, therapy: str) -> None:
    with visit._app.app_context():
        done = services.record(
            scope_of(world.lead), therapy, event="CONSULTATION_PLANNED", on=TODAY, attributes={"type": "rs_pre"},
            machine="consultation", instance="rs_pre", late=True,
        )  # fmt: skip
    lead = visit.as_(world.lead)
    assert f"/therapies/events/{done.event_id}/correct" not in lead.get(f"/therapies/{therapy}/history")
    lead.get(f"/therapies/events/{done.event_id}/withdraw", status=404)
