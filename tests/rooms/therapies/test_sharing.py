"""Who sees what: only the lead shares, with the own hub, until a day or taken back; outside reads are written down."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask

from app.access.actor import OrganisationKind, Position
from app.consultations.services import plans
from app.consultations.wish import Wish
from app.core import clock
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.engine.calendar import Month
from app.organisations import services as founding
from app.therapies import queries, services
from tests.factories.therapies import TODAY, add_therapy, happened, set_clock
from tests.factories.world import World, add_person, scope_of
from tests.web.visitor import Visitor


@pytest.fixture(autouse=True)
def _today(app: Flask) -> None:
    set_clock()


@pytest.fixture
def therapy(app: Flask, world: World) -> str:
    with app.app_context():
        made = add_therapy(world.lead)
        happened(world.lead, made, "NONCLINICAL_STARTED", "2025-02")
    return made


@pytest.mark.parametrize("language", ["ja", "en"])
def test_granted_seen_logged_revoked_gone(visit: Visitor, world: World, therapy: str, language: Any) -> None:
    lead, staff = visit.as_(world.lead, language), visit.as_(world.staff, language)
    staff.get(f"/therapies/{therapy}", status=404)
    lead.get(f"/therapies/{therapy}/sharing")
    lead.post(f"/therapies/{therapy}/sharing", {"until": ""})
    page = staff.get(f"/therapies/{therapy}")
    assert "心筋シート" in page
    assert "/record" not in page
    assert "/sharing" not in page
    assert "/edit" not in page
    staff.get(f"/therapies/{therapy}/history")
    page = lead.get(f"/therapies/{therapy}/sharing")
    assert page.count("審査 次郎") == 2
    with visit._app.app_context():
        (grant,) = queries.grants(scope_of(world.lead), therapy)
        assert [read.page for read in queries.reads(scope_of(world.lead), therapy)].count("desk.therapy") == 1
    lead.post(f"/therapies/grants/{grant.id}/revoke")
    staff.get(f"/therapies/{therapy}", status=404)
    staff.get(f"/therapies/{therapy}/history", status=404)
    lead.get(f"/therapies/{therapy}/sharing")


def test_reading_ones_own_leaves_no_trace(visit: Visitor, world: World, therapy: str) -> None:
    visit.as_(world.lead).get(f"/therapies/{therapy}")
    visit.as_(world.member).get(f"/therapies/{therapy}/history")
    with visit._app.app_context():
        assert not queries.reads(scope_of(world.lead), therapy)


def test_a_grant_ends_with_its_last_day(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        services.grant(scope_of(world.lead), therapy, world.hub, TODAY)
        staff = scope_of(world.staff)
        assert queries.get(staff, therapy)
        assert [view.id for view, _logged in queries.listed(staff, "hub.pipeline")] == [therapy]
        clock.move_to(dt.datetime.combine(TODAY, dt.time(23, 59), clock.TOKYO))
        assert queries.get(staff, therapy)
        clock.move_to(dt.datetime.combine(TODAY + dt.timedelta(days=1), dt.time(0, 1), clock.TOKYO))
        with pytest.raises(NotFound):
            queries.get(staff, therapy)
        assert not queries.listed(staff, "hub.pipeline")


@pytest.mark.parametrize("typed", ["2026-11-23", "令和8年2月30日", "2026-12"])
def test_a_last_day_that_cannot_be_is_refused_at_its_field(
    visit: Visitor, world: World, therapy: str, typed: str
) -> None:
    page = visit.as_(world.lead).post(f"/therapies/{therapy}/sharing", {"until": typed}, status=200)
    assert 'id="until-error"' in page
    visit.as_(world.staff).get(f"/therapies/{therapy}", status=404)


def test_it_cannot_be_shared_twice(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        services.grant(scope_of(world.lead), therapy, world.hub)
        with pytest.raises(Refused, match="shared already"):
            services.grant(scope_of(world.lead), therapy, world.hub)


def test_only_the_lead_shares(visit: Visitor, world: World, therapy: str) -> None:
    member = visit.as_(world.member)
    member.get(f"/therapies/{therapy}/sharing", status=404)
    member.post(f"/therapies/{therapy}/sharing", {"until": ""}, status=404)
    with visit._app.app_context():
        with pytest.raises(NotFound):
            services.grant(scope_of(world.member), therapy, world.hub)
        services.grant(scope_of(world.lead), therapy, world.hub)
        (grant,) = queries.grants(scope_of(world.lead), therapy)
    for somebody in (world.member, world.stranger, world.staff):
        visit.as_(somebody).post(f"/therapies/grants/{grant.id}/revoke", status=404)
    visit.as_(world.lead).post("/therapies/grants/nothing/revoke", status=404)
    with visit._app.app_context():
        assert queries.get(scope_of(world.staff), therapy)


def test_only_with_the_own_hub(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        other = founding.found(kind=OrganisationKind.HUB, name_ja="別ハブ", name_en="Other Hub")
        spy = add_person("spy@other.example", "別審査", other.id, Position.STAFF)
        with pytest.raises(NotFound):
            services.grant(scope_of(world.lead), therapy, other.id)
        services.grant(scope_of(world.lead), therapy, world.hub)
        with pytest.raises(NotFound):
            queries.get(scope_of(spy), therapy)


def test_the_hub_finds_no_dead_link(visit: Visitor, world: World, therapy: str) -> None:
    with visit._app.app_context():
        lead = scope_of(world.lead)
        soon = Month.of(clock.today()).plus(3)  # its request is near enough for the board of the hub
        plans.confirm(lead, therapy, "drug_eop2", Wish(month=soon))
        services.grant(lead, therapy, world.hub)
    staff = visit.as_(world.staff)
    seen, ahead = {"/"}, ["/hub"]  # "/" sends a hub to its pipeline
    while ahead:
        page = staff.get(ahead.pop())
        for link in set(re.findall(r'href="(/[^"#]*)', page)) - seen:
            seen.add(link)
            if not link.startswith(("/static/", "/precedents/")) and "?" not in link:
                ahead.append(link)
    assert 'class="departure-' in staff.get("/hub")
    assert {"/hub", f"/therapies/{therapy}", f"/therapies/{therapy}/plan"} <= seen
    assert any(link.startswith("/consultations/") for link in seen)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_preview_is_what_the_hub_gets(visit: Visitor, world: World, therapy: str, language: Any) -> None:
    def content(page: str) -> str:
        main = page.split("<main", 1)[1].split("</main>", maxsplit=1)[0]
        return main.split('<div class="page-head">')[1]

    preview = visit.as_(world.lead, language).get(f"/therapies/{therapy}/as-the-hub")
    with visit._app.app_context():
        services.grant(scope_of(world.lead), therapy, world.hub)
        session.remove()
    assert content(visit.as_(world.staff, language).get(f"/therapies/{therapy}")) == content(preview)
    visit.as_(world.member).get(f"/therapies/{therapy}/as-the-hub", status=404)
