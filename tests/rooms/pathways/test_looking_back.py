"""What was known on a day, and how things stood on a day by what is known today; for all who may read the history."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.core.errors import NotFound, Refused
from app.engine.machine import Days
from app.pathways import queries, services
from app.pathways.queries import Look
from app.therapies import queries as granting
from app.therapies import services as therapies
from tests.factories.therapies import TODAY, add_therapy, happened
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


def at(day: str, hour: int = 12, minute: int = 0) -> None:
    """Let it be that moment in Japan."""
    clock.move_to(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour, minute), clock.TOKYO))


@pytest.fixture
def told(app: Flask, world: World) -> str:
    """Filed on 6 March, told on 1 April just before midnight, corrected on 2 April to 9 March; paused on 20 May."""
    with app.app_context():
        at("2026-03-20")
        therapy = add_therapy(world.lead)
        happened(world.lead, therapy, "NONCLINICAL_STARTED", "2024")
        at("2026-04-01", 23, 59)
        filed = happened(world.lead, therapy, "CTN_FILED", "2026-03-06")
        at("2026-04-02", 0, 0)
        services.correct(scope_of(world.lead), filed, on=Days.parse("2026-03-09"), reason="受付印")
        at("2026-06-01")
        happened(world.lead, therapy, "TRIAL_START", "2026-05-20")
        at(TODAY.isoformat())
        return therapy


@pytest.mark.parametrize(
    ("known", "stood", "state", "since", "shown"),
    [
        (None, None, "TRIAL_ACTIVE", "2026-05-20", 4),
        ("2026-03-31", None, "NONCLINICAL", "2024", 1),
        ("2026-04-01", None, "CTN_CLOCK", "2026-03-06", 2),  # told one minute before midnight in Japan
        ("2026-04-02", None, "CTN_CLOCK", "2026-03-09", 3),  # corrected at midnight
        (None, "2026-03-08", "NONCLINICAL", "2024", 2),  # the struck one is of the 6th
        (None, "2026-03-09", "CTN_CLOCK", "2026-03-09", 3),
        (None, "2026-05-19", "CTN_CLOCK", "2026-03-09", 3),
        (None, "2026-05-20", "TRIAL_ACTIVE", "2026-05-20", 4),
        ("2026-04-01", "2026-03-05", "NONCLINICAL", "2024", 1),
        ("2026-04-01", "2026-03-06", "CTN_CLOCK", "2026-03-06", 2),
        ("2026-04-02", "2026-03-06", "NONCLINICAL", "2024", 2),
        ("2026-03-19", None, None, None, 0),  # the day before anything was told
    ],
)
def test_the_days_at_their_edges(
    app: Flask, world: World, told: str, known: str | None, stood: str | None, state: str, since: str, shown: int
) -> None:
    look = Look(*(dt.date.fromisoformat(day) if day else None for day in (known, stood)))
    with app.app_context():
        found = queries.history(scope_of(world.lead), told, look)
        track = found.tracks.get("programme")
        assert (track and track.state, track and str(track.since)) == (state, since)
        assert len(found.entries) == shown
        if known and known < "2026-04-02":
            assert all(entry.stands for entry in found.entries), "what was corrected later is not corrected yet"


def test_a_term_that_has_ended_since_was_running_then(app: Flask, world: World) -> None:
    with app.app_context():
        therapy = add_therapy(world.lead)
        happened(world.lead, therapy, "APPROVED_CTL", "2019-03-26", attributes={"term": "7y"})
        for day, state in (("2026-03-25", "CTL_RUNNING"), ("2026-03-26", "LAPSED")):
            found = queries.history(scope_of(world.lead), therapy, Look(stood=dt.date.fromisoformat(day)))
            approval = found.tracks.get("approval")
            assert approval
            # The last day of the term counts as a whole; at its end the term is over.
            assert approval.state == ("LAPSED" if day == "2026-03-25" else state)
        found = queries.history(scope_of(world.lead), therapy, Look(stood=dt.date(2026, 3, 24)))
        assert found.tracks.get("approval").state == "CTL_RUNNING"  # type: ignore[union-attr]


def test_a_day_that_has_not_come_is_refused_at_its_field(app: Flask, world: World, told: str) -> None:
    tomorrow = TODAY + dt.timedelta(days=1)
    with app.app_context():
        for look, field in ((Look(known=tomorrow), "known"), (Look(stood=tomorrow), "stood")):
            with pytest.raises(Refused, match="has not come yet") as refusal:
                queries.history(scope_of(world.lead), told, look)
            assert refusal.value.field == field
        assert queries.history(scope_of(world.lead), told, Look(TODAY, TODAY)).entries


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_pages_of_the_past(visit: Visitor, world: World, told: str, language: Any) -> None:
    lead = visit.as_(world.lead, language)
    here = f"/therapies/{told}/history"
    today = lead.get(here)
    assert "/correct" in today
    past = lead.get(f"{here}?known=2026-04-01")
    for shown in (
        {"ja": "過去の時点を表示しています", "en": "You are looking at the past"}[language],
        f'href="{here}"',
    ):
        assert shown in past
        assert shown not in today or shown.startswith("href")
    assert {"ja": "2026年3月6日", "en": "6 Mar 2026"}[language] in past
    assert "<s>" not in past
    assert "受付印" not in past
    assert "/correct" not in past
    assert f"/therapies/{told}/record" not in past
    assert 'value="2026-04-01"' in past
    lead.get(f"{here}?stood=2026-03-31")
    lead.get(f"{here}?known=2026-04-01&stood=2026-03-31")
    lead.get(f"{here}?known=2020-01-01")
    for query, field in (("known=2099-01-01", "known"), ("stood=soon", "stood"), ("stood=2026-02-30", "stood")):
        page = lead.get(f"{here}?{query}")
        assert f'id="{field}-error"' in page
        assert "/correct" in page, "the present is shown instead"


def test_a_granted_reader_sees_the_same_days_and_a_stranger_none(visit: Visitor, world: World, told: str) -> None:
    address = f"/therapies/{told}/history?known=2026-04-01&stood=2026-03-31"
    for person in (world.staff, world.stranger):
        visit.as_(person).get(address, status=404)
    with visit._app.app_context():
        therapies.grant(scope_of(world.lead), told, world.hub)
    page = visit.as_(world.staff).get(address)
    assert "2026年3月6日" in page
    assert "/correct" not in page
    with visit._app.app_context():
        assert {each.page for each in granting.reads(scope_of(world.lead), told)} == {"pathways.history"}
        (grant,) = granting.grants(scope_of(world.lead), told)
        therapies.revoke(scope_of(world.lead), grant.id)
        with pytest.raises(NotFound):
            queries.history(scope_of(world.staff), told, Look(known=dt.date(2026, 4, 1)))
    visit.as_(world.staff).get(address, status=404)
