"""The calendar file of a mail and the feed, read back by a parser that is not ours to write."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app.core import clock
from app.core.db import Base, session, transaction
from app.engine.definition.common import Basis, Role, Text
from app.notices import queries, services
from app.people.models import Person
from app.schedule import services as schedule
from app.therapies.models import Grant
from tests.factories.world import scope_of
from tests.rooms.notices.conftest import Office
from tests.rooms.notices.plans import DUTY, at, calendar_of, done, plan, step, therapy
from tests.web.visitor import Visitor

SECRET = "k" * 40
CONFIDENTIAL = ("甲細胞シート", "Ko cell sheet", "虚血性心疾患", "甲再生医療", "Ko Regen")


def events(data: Any) -> dict[str, Any]:
    """The events of a calendar by their UIDs; the parser refuses what breaks the standard."""
    calendar = Calendar.from_ical(data)
    assert not calendar.errors
    assert (str(calendar["VERSION"]), str(calendar["METHOD"])) == ("2.0", "PUBLISH")
    found = list(calendar.walk("VEVENT"))
    assert not [event for event in found if event.errors]
    return {str(event["UID"]): event for event in found}


def feed(person_id: str) -> dict[str, Any]:
    """The person's feed, as a calendar program reads it."""
    scope = scope_of(person_id)
    services.renew_feed(scope, SECRET)
    return events(queries.feed(queries.feed_token(SECRET, queries.choice(scope).feed_seed or "")))


def test_the_file_of_a_mail_has_hour_place_and_alarm(alone: Office) -> None:
    (milestone,) = plan(alone.therapy, step(hours="10:00–16:00"))
    at("2026-12-09")
    (mail,) = alone.box.look()
    ((uid, event),) = events(calendar_of(mail)).items()
    assert uid.startswith(milestone)
    assert event["DTSTART"].dt == dt.datetime(2026, 12, 16, 10, tzinfo=clock.TOKYO)
    assert event["DTEND"].dt == dt.datetime(2026, 12, 16, 16, tzinfo=clock.TOKYO)
    assert str(event["DTSTART"].params["TZID"]) == "Asia/Tokyo"
    assert event["SUMMARY"] == "資料搬入 – 甲細胞シート"
    assert event["URL"].startswith("http://127.0.0.1:8000/")
    (alarm,) = event.walk("VALARM")
    assert event["DTSTART"].dt + alarm["TRIGGER"].dt == dt.datetime(2026, 12, 15, 9, tzinfo=clock.TOKYO)


@pytest.mark.parametrize(
    ("hours", "start"), [(None, DUTY), ("15:00", dt.datetime(2026, 12, 16, 15, tzinfo=clock.TOKYO))]
)
def test_a_day_without_hours_is_a_whole_day(alone: Office, hours: str | None, start: dt.date) -> None:
    plan(alone.therapy, step(hours=hours))
    at(DUTY)
    (event,) = events(calendar_of(alone.box.look()[0])).values()
    assert event["DTSTART"].dt == start
    (alarm,) = event.walk("VALARM")
    begins = start if isinstance(start, dt.datetime) else dt.datetime.combine(start, dt.time.min, clock.TOKYO)
    morning_before = dt.datetime(2026, 12, 15, 9, tzinfo=clock.TOKYO)  # whatever the hour of the event
    assert begins + alarm["TRIGGER"].dt == morning_before
    if hours is None:
        assert event["DTEND"].dt == DUTY + dt.timedelta(days=1)


def test_a_moved_deadline_keeps_its_uid_and_counts_up(alone: Office) -> None:
    plan(alone.therapy, step())
    at("2026-12-09")
    ((uid, before),) = events(calendar_of(alone.box.look()[0])).items()
    plan(alone.therapy, step(day=dt.date(2026, 12, 14)))
    ((same, after),) = events(calendar_of(alone.box.look()[0])).items()
    assert same == uid
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt == dt.date(2026, 12, 14)


def test_the_feed_shows_ranges_and_leaves_out_what_has_no_day(office: Office) -> None:
    a, b, c, _unknown = plan(
        office.therapy,
        step("a"),
        step(
            "b", None, earliest=dt.date(2027, 1, 5), latest=dt.date(2027, 1, 8), is_window=True, basis=Basis.PREDICTED
        ),
        step("c", dt.date(2027, 2, 1), role=Role.THEIRS),
        step("d", None, basis=Basis.UNKNOWN),
    )
    found = feed(office.world.lead)
    assert {uid.partition("@")[0] for uid in found} == {a, b, c}
    ranged = found[f"{b}@shirube.invalid"]
    assert (ranged["DTSTART"].dt, ranged["DTEND"].dt) == (dt.date(2027, 1, 5), dt.date(2027, 1, 9))
    assert "予測" in ranged["SUMMARY"]
    assert "見込み" in found[f"{c}@shirube.invalid"]["SUMMARY"]


def test_the_feed_hides_names_until_the_person_wants_them(office: Office) -> None:
    plan(office.therapy, step(), step("b", about=Text(ja="1月 相談", en="January, consultation")))
    for person in (office.world.lead, office.world.member):
        scope = scope_of(person)
        feed(person)
        text = queries.feed(queries.feed_token(SECRET, queries.choice(scope).feed_seed or ""))
        assert not [word for word in CONFIDENTIAL if word in text]
    services.choose_names(scope_of(office.world.lead), hide_names=False)
    assert {str(event["SUMMARY"]) for event in feed(office.world.lead).values()} == {"資料搬入 – 甲細胞シート"}
    assert {str(event["SUMMARY"]) for event in feed(office.world.member).values()} == {"Briefing materials due"}


def test_what_was_cancelled_vanishes_and_what_was_done_stands_on_its_day(office: Office) -> None:
    first, _second = plan(office.therapy, step("a"), step("b"))
    done(first, dt.date(2026, 12, 14))
    schedule.end("trial", "s" * 20)
    ((uid, event),) = feed(office.world.lead).items()
    assert uid.startswith(first)
    assert event["DTSTART"].dt == dt.date(2026, 12, 14)
    assert event["SUMMARY"].startswith("済")


def test_the_feed_holds_own_therapies_only(office: Office) -> None:
    plan(office.therapy, step())
    foreign = therapy(office.world.other_company, "乙細胞", "Otsu cells")
    (other,) = plan(foreign, step(), subject="o" * 20)
    with transaction():
        session.add(Grant(therapy_id=office.therapy, organisation_id=office.world.hub, granted_at=clock.now()))
    assert len(feed(office.world.lead)) == 1
    assert [uid.partition("@")[0] for uid in feed(office.world.stranger)] == [other]
    assert feed(office.world.staff) == {}, "what was granted to the hub is not its own"


def test_the_feed_works_without_signing_in_and_only_under_its_newest_address(office: Office, visit: Visitor) -> None:
    plan(office.therapy, step())
    lead = visit.as_(office.world.lead)
    assert "発行" in lead.get("/account/calendar")
    lead.post("/account/calendar")
    first = _address(lead)
    nobody = visit.as_(None).client
    answer = nobody.get(first)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert len(events(answer.data)) == 1
    assert "no-store" in answer.headers["Cache-Control"]
    lead.post("/account/calendar")
    second = _address(lead)
    assert first != second
    assert nobody.get(first).status_code == 404
    assert nobody.get(second).status_code == 200
    lead.post("/account/calendar/end")
    assert nobody.get(second).status_code == 404


@pytest.mark.parametrize("token", ["x", "A" * 43, "None", "%00", "..%2f..%2fetc"])
def test_a_made_up_address_is_not_found(visit: Visitor, token: str) -> None:
    assert visit.as_(None).client.get(f"/calendar/{token}.ics").status_code == 404


def test_the_feed_of_somebody_who_left_is_gone(office: Office, visit: Visitor) -> None:
    lead = visit.as_(office.world.lead)
    lead.post("/account/calendar")
    address = _address(lead)
    with transaction():
        session.get_one(Person, office.world.lead).active = False
    assert visit.as_(None).client.get(address).status_code == 404


def test_the_database_does_not_know_the_address(office: Office, visit: Visitor) -> None:
    lead = visit.as_(office.world.lead)
    lead.post("/account/calendar")
    token = _address(lead).rpartition("/")[2].removesuffix(".ics")
    tables = Base.metadata.sorted_tables
    dump = "\n".join(str(row) for table in tables for row in session.execute(select(table)))
    assert token not in dump
    assert queries.digest(token) in dump


def _address(visitor: Visitor) -> str:
    page = visitor.get("/account/calendar")
    return "/calendar/" + page.partition("/calendar/")[2].partition('"')[0]
