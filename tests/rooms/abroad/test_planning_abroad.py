"""Planning, changing and dropping milestones at agencies: owner and stranger, both languages, conflicts said before."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.abroad import agreement, queries, services
from app.abroad.models import ForeignMilestone
from app.abroad.services import Told
from app.audit.models import AuditEvent
from app.core.db import session, transaction
from app.core.errors import Changed, NotFound, Refused
from app.engine.machine import Days
from app.therapies import queries as reading
from app.therapies import services as therapies
from tests.factories.therapies import TODAY, add_therapy, happened, set_clock
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

BLA = {"milestone": "fda.bla", "target": "2028-03", "actual": "", "remark": "米国の提携先の希望"}


@pytest.fixture(autouse=True)
def _today(app: Flask) -> None:
    set_clock()


@pytest.fixture
def therapy(app: Flask, world: World) -> str:
    """A therapy with a pioneer designation."""
    with app.app_context():
        made = add_therapy(world.lead, material="autologous_cells")
        happened(world.lead, made, "PIONEER_DESIGNATED", "2026-05-01")
    return made


def seen_in(page: str) -> str:
    """What the form remembers of the warnings that it shows."""
    found = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_conflict_is_said_before_it_is_saved_and_again_when_it_is_another(
    visit: Visitor, world: World, therapy: str
) -> None:
    lead, address = visit.as_(world.lead, "en"), f"/therapies/{therapy}/abroad/add"
    page = lead.post(address, BLA, status=200)
    assert "Conflict:" in page
    assert "more than 30 days before the application in Japan (not planned)" in page
    assert "Save all the same" in page
    assert "米国の提携先の希望" in page, "nothing typed is lost"
    with visit._app.app_context():
        assert not queries.of_therapy(scope_of(world.lead), therapy), "nothing is saved before"
    other = lead.post(address, {**BLA, "target": "2028-04", "seen": seen_in(page)}, status=200)
    assert "Apr 2028" in other, "a consent to one warning is none to another"
    assert lead.post(address, {**BLA, "target": "2028-04", "seen": seen_in(other)}) == f"/therapies/{therapy}/abroad"
    with visit._app.app_context():
        (saved,) = queries.of_therapy(scope_of(world.lead), therapy)
        assert (saved.what, saved.target, saved.remark) == ("fda.bla", Days.parse("2028-04"), BLA["remark"])
    page = lead.get(f"/therapies/{therapy}/abroad")
    assert "more than 30 days before the application in Japan (not planned)" in page


def test_without_a_conflict_nothing_is_asked(visit: Visitor, world: World, therapy: str) -> None:
    lead, address = visit.as_(world.lead, "ja"), f"/therapies/{therapy}/abroad/add"
    lead.post(address, {"milestone": "japan.application", "target": "2028-03-01"})
    lead.post(address, {"milestone": "fda.bla", "target": "令和10年3月1日"})
    page = lead.get(f"/therapies/{therapy}/abroad")
    assert "支障あり" not in page
    assert 'datetime="2028-04-30"' in page, "the filing decision, 60 days later"


def test_moving_japan_away_is_warned_of_too(visit: Visitor, world: World, therapy: str) -> None:
    with visit._app.app_context():
        lead = scope_of(world.lead)
        home = services.plan(lead, therapy, Told("japan", "application", Days.parse("2028-03-01")))
        services.plan(lead, therapy, Told("fda", "bla", Days.parse("2028-03-01")))
    page = visit.as_(world.lead, "ja").post(
        f"/therapies/abroad/{home}", {"milestone": "japan.application", "target": "2028-05", "version": "1"}, status=200
    )
    assert "日本の承認申請(2028年5月)より30日を超えて前にあります" in page


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"milestone": ""}, "milestone"),
        ({"milestone": "fda.moon"}, "milestone"),
        ({"milestone": "japan.listing"}, "milestone"),  # what is read from the history is not planned here
        ({"target": "soon"}, "target"),
        ({"target": ""}, "target"),
        ({"actual": "2030-01-01"}, "actual"),
        ({"milestone": "japan.application", "actual": "2026-01-01"}, "actual"),
        ({"remark": "x" * 1001}, "remark"),
    ],
)
def test_bad_input_is_named_at_its_field(
    visit: Visitor, world: World, therapy: str, language: Any, typed: dict[str, str], field: str
) -> None:
    page = visit.as_(world.lead, language).post(f"/therapies/{therapy}/abroad/add", {**BLA, **typed}, status=200)
    assert f'id="{field}-error"' in page
    with visit._app.app_context():
        assert not queries.of_therapy(scope_of(world.lead), therapy)


def test_a_change_counts_from_the_actual_day_and_nobody_is_overwritten(
    visit: Visitor, world: World, therapy: str
) -> None:
    with visit._app.app_context():
        ind = services.plan(scope_of(world.lead), therapy, Told("fda", "ind", Days.parse("2026-10")))
    lead, address = visit.as_(world.lead, "en"), f"/therapies/abroad/{ind}"
    assert 'value="2026-10"' in lead.get(address)
    typed = {"milestone": "fda.ind", "target": "2026-10", "actual": "2026-11-02", "remark": "", "version": "1"}
    lead.post(address, typed)
    page = lead.get(f"/therapies/{therapy}/abroad")
    assert 'datetime="2026-12-02"' in page, "the review of 30 days from the actual day"
    assert "Was planned for Oct 2026" in page
    page = lead.post(address, {**typed, "remark": "mine"}, status=409)
    assert "mine" in page
    assert "2 Nov 2026" in page, "what is stored now"
    assert 'name="version" type="hidden" value="2"' in page


def test_dropping_asks_once_and_the_trail_keeps_everything(visit: Visitor, world: World, therapy: str) -> None:
    with visit._app.app_context():
        lead = scope_of(world.lead)
        ind = services.plan(lead, therapy, Told("fda", "ind", Days.parse("2026-10"), remark="弐"))
        services.change(lead, ind, Told("fda", "ind", Days.parse("2026-12")), version=1)
        with pytest.raises(Changed):
            services.change(lead, ind, Told("fda", "ind", Days.parse("2027")), version=1)
    person, address = visit.as_(world.lead, "ja"), f"/therapies/abroad/{ind}/drop"
    assert "2026年12月" in person.get(address)
    person.post(address, {"version": "1"}, status=409)
    person.post(address, {"version": "2"})
    with visit._app.app_context():
        assert not queries.of_therapy(scope_of(world.lead), therapy)
        trail = select(AuditEvent).where(AuditEvent.action.like("abroad:%")).order_by(AuditEvent.at, AuditEvent.id)
        told = [(each.action, each.before, each.after) for each in session.scalars(trail)]
    assert [action for action, *_ in told] == [f"abroad:milestone:{verb}" for verb in ("planned", "changed", "dropped")]
    assert told[1][1]["remark"] == "弐"
    assert told[2][1]["first_day"] == "2026-12-01"
    assert told[2][2] is None


def test_only_own_people_write_and_the_hub_reads(app: Flask, visit: Visitor, world: World, therapy: str) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        ind = services.plan(lead, therapy, Told("fda", "ind", Days.parse("2026-12")))
        therapies.grant(lead, therapy, world.hub)
        for person in (world.staff, world.stranger):
            with pytest.raises(NotFound):
                services.plan(scope_of(person), therapy, Told("fda", "ind", Days.parse("2026-12")))
            with pytest.raises(NotFound):
                services.change(scope_of(person), ind, Told("fda", "ind", Days.parse("2027")), version=1)
            with pytest.raises(NotFound):
                services.drop(scope_of(person), ind, version=1)
        assert queries.of_therapy(scope_of(world.stranger), therapy) == []
    page = visit.as_(world.staff, "en").get(f"/therapies/{therapy}/abroad")
    assert "IND" in page
    assert "/abroad/add" not in page
    assert f"/therapies/abroad/{ind}" not in page
    visit.as_(world.stranger).get(f"/therapies/{therapy}/abroad", status=404)
    with app.app_context():
        assert [read.page for read in reading.reads(scope_of(world.lead), therapy)] == ["abroad.show"]


def test_a_service_refuses_what_a_form_would(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        for told in (
            Told("fda", "moon", Days.of(TODAY)),
            Told("moon", "ind", Days.of(TODAY)),
            Told("fda", "ind"),
            Told("fda", "ind", actual=TODAY + dt.timedelta(days=1)),
        ):
            with pytest.raises(Refused):
                services.plan(lead, therapy, told)


def test_a_milestone_that_left_the_definitions_is_found_said_on_the_page_and_can_be_deleted(
    app: Flask, visit: Visitor, world: World, therapy: str
) -> None:
    with app.app_context():
        services.plan(scope_of(world.lead), therapy, Told("fda", "ind", Days.of(TODAY)))
        assert list(agreement.without_definition()) == []
        with transaction():
            session.execute(update(ForeignMilestone).values(milestone="moon"))
        (finding,) = agreement.without_definition()
        assert (finding.what, finding.count) == ("milestone-abroad-without-definition", 1)
        foreign = session.scalar(select(ForeignMilestone.id))
        therapies.grant(scope_of(world.lead), therapy, world.hub)
    drop, lead = f"/therapies/abroad/{foreign}/drop", visit.as_(world.lead, "en")
    page = lead.get(f"/therapies/{therapy}/abroad")
    assert "no longer among the definitions" in page
    assert "fda.moon" in page
    assert f'href="{drop}"' in page
    lead.get(f"/therapies/{therapy}")
    lead.get(f"/therapies/abroad/{foreign}", status=404)
    assert drop not in visit.as_(world.staff).get(f"/therapies/{therapy}/abroad")
    assert "fda.moon" in lead.post(drop, {"version": "7"}, status=409)
    assert lead.post(drop, {"version": "1"}) == f"/therapies/{therapy}/abroad"
    assert "fda.moon" not in lead.get(f"/therapies/{therapy}/abroad")


def test_what_was_said_already_is_not_asked_again(visit: Visitor, world: World) -> None:
    donor = add_therapy(world.lead, name="弐")  # of a donor's iPS cells
    lead, address = visit.as_(world.lead, "ja"), f"/therapies/{donor}/abroad/add"
    ind = {"milestone": "fda.ind", "target": "2027-03", "actual": "", "remark": ""}
    page = lead.post(address, ind, status=200)
    assert "ドナーの同意" in page
    lead.post(address, {**ind, "seen": seen_in(page)})
    lead.post(address, {**ind, "milestone": "fda.pre_ind"})
