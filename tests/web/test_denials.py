"""What the trail keeps of denied requests, what takes effect at once, and ways around the door that strangers try."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.access.actor import Position
from app.audit import denials, services
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import session, transaction
from app.core.ids import new_id
from app.notices.models import NoticeChoice
from app.organisations.models import Member
from app.people.models import Person
from app.therapies import queries as reading
from app.therapies import services as therapies
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


@pytest.fixture
def therapy(app: Flask, world: World) -> str:
    """A therapy of the lead, shared with the hub."""
    with app.app_context():
        lead = scope_of(world.lead)
        new = therapies.add(lead, name_ja="極秘品", product_class="RMP-C", material="allogeneic_ips")
        therapies.grant(lead, new, world.hub)
    return new


def trail() -> list[AuditEvent]:
    """The denied requests that are written down."""
    session.rollback()
    wanted = select(AuditEvent).where(AuditEvent.action.in_((denials.DENIED, denials.SILENT)))
    return list(session.scalars(wanted.order_by(AuditEvent.at, AuditEvent.action)))


def test_the_trail_says_who_asked_for_what_and_nothing_more(visit: Visitor, world: World, therapy: str) -> None:
    visit.as_(world.stranger).get(f"/therapies/{therapy}/plan?why=%E6%A5%B5%E7%A7%98", status=404)
    (row,) = trail()
    assert (row.actor_id, row.actor_name, row.subject_id) == (world.stranger, "別社 四郎", therapy)
    assert row.after == {"method": "GET", "endpoint": "schedule.plan", "asked": {"therapy_id": therapy}}
    assert row.organisation_id is None, "not even whose it is: nobody looked"
    assert row.before is row.reason is None
    assert abs(row.at - clock.now()) < dt.timedelta(minutes=1)


def test_the_same_request_within_a_minute_is_one_denial(visit: Visitor, world: World, therapy: str) -> None:
    stranger = visit.as_(world.stranger)
    for _time in range(3):
        stranger.get(f"/therapies/{therapy}", status=404)
    assert len(trail()) == 1
    stranger.get(f"/therapies/{therapy}/plan", status=404)
    stranger.client.head(f"/therapies/{therapy}")
    assert len(trail()) == 3, "another page and another method are other requests"
    clock.move_to(clock.now() + dt.timedelta(seconds=61))
    stranger.get(f"/therapies/{therapy}", status=404)
    assert len(trail()) == 4


def test_what_nobody_was_denied_leaves_no_row(visit: Visitor, world: World, therapy: str) -> None:
    visit.as_(None).client.get(f"/therapies/{therapy}")
    visit.as_(None).post(f"/therapies/{therapy}/edit")
    for address in ("/no/such/page", "/precedents/no-such-case", "/styleguide"):
        visit.as_(world.lead).get(address, status=404)
    assert trail() == []


@pytest.mark.parametrize("door", ["/invitations/{}", "/calendar/{}.ics"])
def test_a_secret_that_opens_nothing_is_noted_without_it_and_once_a_minute(visit: Visitor, door: str) -> None:
    for number in range(3):
        visit.get(door.format(f"guess-{number}"), status=404)
    (row,) = trail()
    assert row.actor_id is None
    assert "guess" not in str(row.after)


def test_a_stranger_does_not_fill_the_disk(
    visit: Visitor, world: World, therapy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(denials, "MOST", 3)
    stranger = visit.as_(world.stranger)
    for _time in range(6):
        stranger.get(f"/therapies/{new_id()}", status=404)
    assert [row.action for row in trail()] == [denials.DENIED] * 3 + [denials.SILENT]
    visit.as_(world.staff).get(f"/therapies/{new_id()}", status=404)
    assert len(trail()) == 5, "others are still noted"
    clock.move_to(clock.now() + denials.WINDOW)
    stranger.get(f"/therapies/{therapy}", status=404)
    assert len(trail()) == 6
    stranger.get("/therapies/" + "x" * 3000, status=404)
    assert len(str(trail()[-1].after)) < 300, "however long the address"


def test_where_nothing_can_be_noted_the_answer_is_the_same(
    visit: Visitor, world: World, therapy: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_given: object, **_more: object) -> None:
        raise OperationalError("insert", {}, Exception("no space left"))

    monkeypatch.setattr(services, "record", fails)
    visit.as_(world.stranger).get(f"/therapies/{therapy}", status=404)
    assert trail() == []
    assert "could not be written down" in caplog.text


def test_what_is_taken_away_is_gone_at_the_next_request(app: Flask, visit: Visitor, world: World, therapy: str) -> None:
    lead, member, admin, staff = (visit.as_(who) for who in (world.lead, world.member, world.admin, world.staff))
    page = f"/therapies/{therapy}"
    for visitor, address in ((staff, page), (lead, f"{page}/sharing"), (member, page), (admin, "/companies/invite")):
        visitor.get(address)
    with app.app_context():
        (grant,) = reading.grants(scope_of(world.lead), therapy)
        therapies.revoke(scope_of(world.lead), grant.id)
    staff.get(page, status=404)
    become(world.admin, Position.STAFF)
    admin.get("/companies/invite", status=404)
    admin.get("/companies")
    become(world.lead, Position.MEMBER)
    lead.get(f"{page}/sharing", status=404)
    lead.get(f"{page}/as-the-hub", status=404)
    lead.get(page)
    with transaction():
        session.query(Member).filter_by(person_id=world.member).delete()
    member.get(page, status=404)
    with transaction():
        session.execute(update(Person).where(Person.id == world.lead).values(active=False))
    assert lead.client.get(page).location.startswith("/sign-in")
    assert lead.post(f"{page}/edit", {"name_ja": "乗っ取り"}).startswith("/sign-in")


def become(person: str, position: Position) -> None:
    """Give somebody another position where they are."""
    with transaction():
        session.execute(update(Member).where(Member.person_id == person).values(position=position))


def test_a_grant_that_ends_today_ends_with_the_day(app: Flask, visit: Visitor, world: World) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        new = therapies.add(lead, name_ja="期限品", product_class="RMP-C", material="allogeneic_ips")
        therapies.grant(lead, new, world.hub, clock.today())
    staff = visit.as_(world.staff)
    staff.get(f"/therapies/{new}")
    clock.move_to(dt.datetime.combine(clock.today() + dt.timedelta(days=1), dt.time(), clock.TOKYO))
    staff.get(f"/therapies/{new}", status=404)


@pytest.mark.parametrize("name", ["%00", "a%00b", "%E2%80%AE", "%0d%0aX-Y:%20z", "%F0%9F%92%A3" * 200, "%ff%fe"])
def test_names_that_nothing_has_are_not_even_looked_for(visit: Visitor, world: World, therapy: str, name: str) -> None:
    lead = visit.as_(world.lead)
    addresses = ("/precedents/{}", "/calendar/{}.ics", "/invitations/{}", "/therapies/{}", "/bundles/{}/download")
    for address in (*addresses, f"/therapies/{therapy}/record/{{}}", f"/therapies/{therapy}/conditions/fact/{{}}"):
        lead.get(address.format(name), status=404)


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_request_is_what_its_method_says(visit: Visitor, world: World, header: str) -> None:
    lead = visit.as_(world.lead)
    lead.client.get("/account/calendar?_method=POST", headers={header: "POST"})
    lead.client.head("/account/calendar", headers={header: "POST"})
    lead.client.open("/account/calendar", method="OPTIONS", headers={header: "POST"})
    session.rollback()
    assert session.get(NoticeChoice, world.lead) is None
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        assert lead.client.open("/account/calendar", method=method).status_code == 405, method


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}])
def test_no_page_repeats_the_host_that_somebody_sent(
    visit: Visitor, world: World, therapy: str, headers: dict[str, str]
) -> None:
    lead = visit.as_(world.lead)
    for address in ("/", f"/therapies/{therapy}", "/account/calendar", "/no/such/page"):
        answer = lead.client.get(address, headers=headers)
        assert "evil" not in answer.text + str(answer.headers)
    answer = visit.as_(None).client.get(f"/therapies/{therapy}", headers=headers)
    assert "evil" not in answer.text + str(answer.headers)
    assert answer.location.startswith("/sign-in?next=/therapies/")
