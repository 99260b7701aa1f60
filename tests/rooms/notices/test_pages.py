"""The pages of one's notices and of the calendar, in both languages, and what may be chosen there."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.audit.models import AuditEvent
from app.core import clock, heartbeat
from app.core.clock import machine_time
from app.core.db import session, transaction
from app.core.outbox import OutboxMail
from app.engine.definition.common import Language
from app.notices import queries, sweep
from tests.factories.world import scope_of
from tests.rooms.notices.conftest import Office
from tests.rooms.notices.plans import at, plan, step
from tests.web.visitor import Visitor


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("who", ["lead", "member", "staff", "admin"])
@pytest.mark.parametrize("url", ["/notices", "/account/calendar"])
def test_the_pages_hold_the_contract(office: Office, visit: Visitor, url: str, who: str, language: Language) -> None:
    plan(office.therapy, step(), step("own"))
    at("2026-12-09")
    office.box.look()
    visitor = visit.as_(getattr(office.world, who), language)
    visitor.get(url)
    visitor.post("/account/calendar")
    visitor.get(url)


def test_it_shows_what_was_mailed_and_what_will_be(office: Office, visit: Visitor) -> None:
    plan(office.therapy, step())
    at("2026-12-09")
    office.box.look()
    page = visit.as_(office.world.lead).get("/notices")
    assert "【期限7日前】資料搬入 甲細胞シート 12月16日(水)" in page
    before, _between, after = page.partition("お送りしたお知らせ")
    assert [name in before for name in ("3営業日前", "1営業日前", "当日", "翌営業日")] == [True] * 4
    assert "2026年12月11日(金)" in before
    assert "2026年12月9日(水)" in after


def test_what_is_announced_is_what_comes(office: Office) -> None:
    plan(office.therapy, step())
    scope = scope_of(office.world.lead)
    announced = [(each.due.on, each.due.rule) for each in queries.coming(scope, queries.choice(scope))]
    arrived = []
    for day, mails in office.box.through(announced[0][0], announced[-1][0]):
        if mails:
            arrived.append(day)
    assert [day for day, _rule in announced] == arrived


def test_a_stranger_sees_nothing_of_it(office: Office, visit: Visitor) -> None:
    plan(office.therapy, step())
    at("2026-12-09")
    office.box.look()
    page = visit.as_(office.world.stranger).get("/notices")
    assert "甲細胞シート" not in page
    assert "資料搬入" not in page


@pytest.mark.parametrize("url", ["/notices", "/account/calendar"])
def test_nobody_reads_it_without_signing_in(visit: Visitor, url: str) -> None:
    assert "/sign-in" in visit.as_(None).client.get(url).location
    assert "/sign-in" in str(visit.as_(None).client.get(url).location)
    assert visit.as_(None).client.post(url).status_code in (302, 400)


def test_a_member_chooses_and_a_lead_may_not(office: Office, visit: Visitor) -> None:
    member = visit.as_(office.world.member)
    assert 'name="mails"' in member.get("/notices")
    assert member.post("/notices", {"version": "1"}) == "/notices"
    scope = scope_of(office.world.member)
    assert queries.choice(scope).mails is False
    assert queries.coming(scope, queries.choice(scope)) == []
    assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "notices:mails:chosen")).all()) == 1
    lead = visit.as_(office.world.lead)
    assert 'name="mails"' not in lead.get("/notices")
    lead.post("/notices", {"version": "1"}, status=200)
    assert queries.choice(scope_of(office.world.lead)).mails is True


def test_who_saves_second_is_told(office: Office, visit: Visitor) -> None:
    member = visit.as_(office.world.member)
    member.post("/notices", {"version": "1", "mails": "y"})
    member.post("/notices", {"version": "1"}, status=409)
    assert queries.choice(scope_of(office.world.member)).mails is True


def test_names_are_shown_when_chosen(office: Office, visit: Visitor) -> None:
    lead = visit.as_(office.world.lead)
    assert lead.post("/account/calendar/names", {"version": "1"}) == "/account/calendar"
    assert queries.choice(scope_of(office.world.lead)).hide_names is False


def test_it_says_when_no_worker_runs(office: Office, visit: Visitor) -> None:
    lead = visit.as_(office.world.lead)
    assert "送信処理が停止" in lead.get("/notices")
    heartbeat.beat(office.box._settings, machine_time(), None, [])
    assert "送信処理が停止" not in lead.get("/notices")


@pytest.mark.parametrize(
    ("language", "words", "state"),
    [("ja", "届いていません", "届きませんでした"), ("en", "do not reach you", "not delivered")],
)
def test_who_cannot_be_reached_reads_it_here(
    office: Office, visit: Visitor, language: Language, words: str, state: str
) -> None:
    plan(office.therapy, step())
    at("2026-12-09")
    sweep.sweep()
    visitor = visit.as_(office.world.lead, language)
    assert words not in visitor.get("/notices")
    with transaction() as current:
        current.execute(update(OutboxMail).values(failed_at=clock.now(), refused=6, last_error="550 nobody here"))
    page = visitor.get("/notices")
    assert words in page
    assert state in page
    assert "lead@ko.example" in page
