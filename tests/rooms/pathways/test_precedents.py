"""Public precedents, sources and rules: for everybody, each fact with its source and its mark."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.access.scope import NOBODY
from app.core.db import session
from app.engine.definition.case import Case
from app.engine.machine import Days
from app.pathways import precedents, public, queries, services
from app.pathways.models import PathwayEvent
from app.therapies import queries as therapies
from tests.factories.statements import counted
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

EVENTS = sum(len(case.events) for case in precedents.cases().values())
READINGS = sum(len(event.also_read) for case in precedents.cases().values() for event in case.events)


def test_loading_twice_adds_nothing(app: Flask, world: World) -> None:
    with app.app_context():
        assert services.load_precedents() == EVENTS
        assert services.load_precedents() == 0
        assert session.query(PathwayEvent).count() == EVENTS + READINGS
        assert len(therapies.public(scope_of(world.lead))) == len(precedents.cases())


def test_a_newer_edition_of_a_case_takes_back_what_it_no_longer_holds(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        services.load_precedents()
        old = precedents.cases()["NEPIC"]
        shorter: Case = old.model_copy(update={"events": old.events[:1]})
        monkeypatch.setattr(precedents, "cases", lambda: {"NEPIC": shorter})
        assert precedents.load() == 0
        view = therapies.by_reference(scope_of(world.lead), "NEPIC")
        assert [e.stands for e in queries.history(scope_of(world.lead), view.id).entries] == [False, True]
        assert precedents.load() == 0
        monkeypatch.undo()
        assert precedents.load() == 0  # what was taken back is known; it is not added a second time


@pytest.mark.parametrize(
    ("case", "machine", "state", "since"),
    [
        ("AMCHEPRY", "approval", "CTL_RUNNING", "2026-03-06"),
        ("HEARTSHEET", "approval", "CTL_DEEMED", "2023-09-17"),
        ("STEMIRAC", "approval", "CTL_DEEMED", "2025-12-27"),
        ("SAKRACY", "approval", "FULL_IN_FORCE", "2022-01"),
        ("XOCOVA", "approval", "FULL_IN_FORCE", "2024-03-05"),
    ],
)
def test_they_stand_where_the_public_record_says(
    app: Flask, world: World, case: str, machine: str, state: str, since: str
) -> None:
    with app.app_context():
        services.load_precedents()
        view = therapies.by_reference(scope_of(world.staff), case)
        track = queries.tracks(scope_of(world.staff), view.id).get(machine)
        assert track
        assert (track.state, track.since) == (state, Days.parse(since))


def test_nobody_may_write_to_the_public_record(visit: Visitor, world: World) -> None:
    with visit._app.app_context():
        services.load_precedents()
        view = therapies.by_reference(scope_of(world.lead), "NEPIC")
        event = queries.history(scope_of(world.lead), view.id).entries[0]
        assert not view.may_write
        assert not therapies.public(NOBODY)
    lead = visit.as_(world.lead)
    for path in (f"/therapies/{view.id}/record", f"/therapies/{view.id}/edit", f"/therapies/events/{event.id}/correct"):
        lead.get(path, status=404)
        if not path.endswith("/record"):
            lead.post(path, {"on": "2020-01-01", "reason": "x"}, status=404)
    assert lead.client.get(f"/therapies/{view.id}").location == "/precedents/NEPIC"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_list_and_every_case_are_pages(visit: Visitor, world: World, language: Any) -> None:
    reader = visit.as_(world.staff, language)
    reader.get("/precedents")
    with visit._app.app_context():
        services.load_precedents()
    reader.get("/precedents")
    with counted() as seen:
        page = reader.get("/precedents")
    assert len(seen) <= 6, "\n".join(seen)
    for case in precedents.cases():
        assert f"/precedents/{case}" in page
        with counted() as seen:
            reader.get(f"/precedents/{case}")
        assert len(seen) <= 6, "\n".join(seen)
    reader.get("/precedents/made_up_year_only", status=404)
    reader.get("/precedents/NOTHING", status=404)
    assert visit.as_(None).client.get("/precedents").status_code == 302


def test_every_event_of_a_precedent_shows_its_source(visit: Visitor, world: World) -> None:
    with visit._app.app_context():
        services.load_precedents()
        page = public.precedent(scope_of(world.lead), "AMCHEPRY", "en")
        assert len(page.events) == len(page.case.events)
        assert all(each.marks or each.derived for each in page.events)
        assert {mark.look for each in page.events for mark in each.marks} <= {"read", "recalled"}
