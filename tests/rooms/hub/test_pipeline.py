"""The pipeline shows what was granted, orders it by slack, and mails it once a week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app import worker
from app.abroad import services as abroad
from app.abroad.services import Told
from app.config import Settings
from app.consultations import services as consultations
from app.consultations.wish import Wish
from app.core import clock, mail, outbox
from app.core.db import session
from app.core.mail import MemoryTransport
from app.core.outbox import OutboxMail
from app.engine.calendar import Month
from app.engine.definition.common import Basis, Language, Role, Text
from app.engine.machine import Days
from app.hub import queries, services, views
from app.hub.queries import Choice, Order, PipelineRow
from app.people.models import Person
from app.schedule import services as milestones
from app.schedule.services import Draft
from app.therapies import queries as reading
from app.therapies import services as therapies
from tests.factories.statements import counted
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


def move_to(moment: str) -> None:
    clock.move_to(dt.datetime.fromisoformat(moment))


@pytest.fixture
def shared(app: Flask, world: World) -> Iterator[dict[str, str]]:
    """Three therapies of the company on 24 November 2026: one late, one with time, one that nobody was shown."""
    with app.app_context():
        move_to("2026-11-24T09:00:00+09:00")
        lead = scope_of(world.lead)
        made = {
            name: therapies.add(lead, name_ja=name, product_class="RMP-C", material="allogeneic_ips")
            for name in ("遅延品", "余裕品", "秘密品")
        }
        consultations.confirm(lead, made["遅延品"], "drug_eop2", Wish(month=Month(2027, 1)))
        consultations.confirm(lead, made["余裕品"], "drug_eop2", Wish(month=Month(2027, 4)))
        for name in ("遅延品", "余裕品"):
            therapies.grant(lead, made[name], world.hub)
        yield made


def shown(world: World) -> list[PipelineRow]:
    """The whole pipeline with its dates."""
    reviewer, today = scope_of(world.staff), clock.today()
    return queries.filled(reviewer, queries.pipeline(reviewer, today), today)[0]


def test_only_what_was_granted_is_there_the_late_first(shared: dict[str, str], world: World) -> None:
    rows = shown(world)
    assert [row.therapy.name_ja for row in rows] == ["遅延品", "余裕品"]
    late, fine = rows
    assert late.late is not None and late.late.key == "schedule_request"  # noqa: PT018
    assert late.slack is not None and late.slack < 0  # noqa: PT018
    assert fine.late is None and fine.slack == 45  # office days from 24 November to 1 February  # noqa: PT018
    assert queries.arranged(rows, order=Order.NAME)[0].therapy.name_ja == "余裕品"
    assert queries.arranged(rows, order=Order.NEXT, choice=Choice(late=True)) == [late]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_sorts_and_filters(visit: Visitor, shared: dict[str, str], world: World, language: Language) -> None:
    staff = visit.as_(world.staff, language)
    page = staff.get("/hub")
    assert "遅延品" in page
    assert "秘密品" not in page
    assert "余裕品" not in staff.get("/hub?late=1")
    for order in Order:
        staff.get(f"/hub?sort={order}")
    staff.get("/hub?sort=nonsense&stage=Z99")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_shows_only_what_has_conflicts_abroad(
    visit: Visitor, shared: dict[str, str], world: World, language: Language
) -> None:
    staff, filters = visit.as_(world.staff, language), "/hub?conflicts=1"
    assert filters not in staff.get("/hub"), "nothing to choose"
    for name in ("余裕品", "秘密品"):
        abroad.plan(scope_of(world.lead), shared[name], Told("fda", "rmat", Days.parse("2027-05")))
    assert filters in staff.get("/hub")
    with counted() as seen:
        page = staff.get(f"{filters}&sort=name")
    assert len(seen) <= 6, "\n".join(seen)
    rows = page.partition('class="card pipeline"')[2]
    assert "余裕品" in rows
    assert "遅延品" not in rows
    assert "秘密品" not in page
    assert "conflicts=1&amp;sort=company" in page or "sort=company&amp;conflicts=1" in page
    assert {"ja": "海外の予定による支障あり", "en": "With conflicts abroad"}[language] in page


def test_pages_keep_order_and_choice_and_count_everything(
    visit: Visitor, shared: dict[str, str], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 1)
    staff = visit.as_(world.staff, "en")
    first, second = staff.get("/hub?sort=name"), staff.get("/hub?sort=name&page=2")
    for page in (first, second):
        assert "2 therapies are shared with you." in page
        assert "1 is late." in page
        assert "Schedule request" in page or "日程調整" in page  # the board tells of both therapies on either page
    assert "/hub?page=2&amp;sort=name" in first
    rows = [page.partition('class="card pipeline"')[2] for page in (first, second)]
    assert ["余裕品" in row for row in rows] == [True, False]
    assert ["遅延品" in row for row in rows] == [False, True]
    assert "/hub?page=2" not in staff.get("/hub?late=1")


def test_what_is_late_since_longest_is_named_and_orders_the_list(shared: dict[str, str], world: World) -> None:
    """A window that opened earlier but closed later is less late than a day between."""
    title = Text(ja="届出", en="Filing")
    window = {"earliest": dt.date(2026, 11, 2), "latest": dt.date(2026, 11, 20), "is_window": True}
    drafts = [
        Draft("window", title, Role.NOT_AFTER, Basis.COMPUTED, **window),
        Draft("day", title, Role.NOT_AFTER, Basis.COMPUTED, on_day=dt.date(2026, 11, 4)),
        Draft("open", title, Role.NOT_AFTER, Basis.COMPUTED, **{**window, "latest": dt.date(2026, 11, 24)}),
        Draft("theirs", title, Role.THEIRS, Basis.COMPUTED, on_day=dt.date(2026, 11, 1)),
    ]
    milestones.put("filing", "s1", shared["余裕品"], drafts)
    row = next(row for row in shown(world) if row.therapy.name_ja == "余裕品")
    assert (row.late and row.late.key, row.late_day, row.slack) == ("day", dt.date(2026, 11, 4), -13)
    assert (row.next and row.next.key, row.next_day) == ("open", dt.date(2026, 11, 2))


def test_who_saw_a_therapy_in_a_list_is_written_down_once_a_day(
    visit: Visitor, shared: dict[str, str], world: World
) -> None:
    staff = visit.as_(world.staff)
    for _look in range(2):
        staff.get("/hub")
    move_to("2026-11-25T09:00:00+09:00")
    staff.get("/hub?page=2")
    services.send_digests()
    lead = scope_of(world.lead)
    seen = [read.page for read in reading.reads(lead, shared["遅延品"])]
    assert sorted(seen) == ["hub.digest", "hub.digest", "hub.pipeline", "hub.pipeline"]
    assert reading.reads(lead, shared["秘密品"]) == []


@pytest.mark.parametrize("who", ["lead", "member", "stranger"])
def test_the_pipeline_is_the_hubs_alone(visit: Visitor, world: World, who: str) -> None:
    visit.as_(getattr(world, who)).get("/hub", status=404)


def test_many_dates_of_one_therapy_hide_none_of_another(shared: dict[str, str], world: World) -> None:
    title = Text(ja="届出", en="Filing")
    days = [dt.date(2026, 11, 25) + dt.timedelta(days=n) for n in range(60)]
    drafts = [Draft(f"filing_{day}", title, Role.NOT_AFTER, Basis.COMPUTED, on_day=day) for day in days]
    milestones.put("filing", "s1", shared["遅延品"], drafts)
    rows = {row.therapy.name_ja: row for row in shown(world)}
    assert rows["余裕品"].slack == 45
    assert rows["余裕品"].next is not None
    assert rows["余裕品"].next.key == "schedule_request"


def test_a_day_missed_on_friday_is_late_on_saturday(visit: Visitor, shared: dict[str, str], world: World) -> None:
    friday = Draft("filing", Text(ja="届出", en="Filing"), Role.NOT_AFTER, Basis.COMPUTED, on_day=dt.date(2026, 11, 27))
    milestones.put("filing", "s1", shared["余裕品"], [friday])
    move_to("2026-11-28T09:00:00+09:00")
    rows = {row.therapy.name_ja: row for row in shown(world)}
    assert rows["余裕品"].late is not None
    assert rows["余裕品"].slack == 0
    assert "その日は過ぎています" in visit.as_(world.staff, "ja").get("/hub")


def test_the_digest_says_what_a_date_rests_on(shared: dict[str, str], world: World) -> None:
    """A predicted day must not look like a published one, nor the first day of a window like the day."""
    lead = scope_of(world.lead)
    window = therapies.add(lead, name_ja="幅のある品", product_class="RMP-C", material="allogeneic_ips")
    consultations.confirm(lead, window, "drug_eop2", Wish(month=Month(2027, 3)))
    therapies.grant(lead, window, world.hub)
    move_to("2026-12-14T09:00:00+09:00")
    services.send_digests()
    mail = session.scalars(select(OutboxMail).where(OutboxMail.recipient == "staff@hub.example")).one()
    (line,) = [line for line in mail.text.splitlines() if line.startswith("・") and "幅のある品" in line]
    assert "2027年1月4日(月)" in line
    assert "1月8日(金)" in line
    assert "[予測]" in line


def test_a_revoked_grant_is_gone_at_the_next_look(shared: dict[str, str], world: World) -> None:
    lead = scope_of(world.lead)
    (grant,) = reading.grants(lead, shared["余裕品"])
    therapies.revoke(lead, grant.id)
    assert [r.therapy.name_ja for r in queries.pipeline(scope_of(world.staff), clock.today())] == ["遅延品"]


def test_the_digest_comes_on_monday_once_and_tells_what_is_late(shared: dict[str, str], world: World) -> None:
    assert services.send_digests() == 2  # Tuesday: this week's, for the administrator and the reviewer
    assert services.send_digests() == 0
    mail = session.scalars(select(OutboxMail).where(OutboxMail.recipient == "staff@hub.example")).one()
    assert "遅延品" in mail.text
    assert "秘密品" not in mail.text
    move_to("2026-11-30T08:29:00+09:00")
    assert services.send_digests() == 0
    move_to("2026-11-30T08:30:00+09:00")
    assert services.send_digests() == 2


def test_a_digest_that_waits_says_what_its_reader_may_see_when_it_leaves(
    shared: dict[str, str], world: World, settings: Settings
) -> None:
    """While the mail server was down a company took a grant back, and somebody left the hub."""
    waiting = select(OutboxMail).where(OutboxMail.sent_at.is_(None)).execution_options(populate_existing=True)
    assert services.send_digests() == 2
    assert services.take_back() == 0, "nothing has changed"
    assert all("遅延品" in mail.text for mail in session.scalars(waiting))
    lead = scope_of(world.lead)
    (grant,) = reading.grants(lead, shared["遅延品"])
    therapies.revoke(lead, grant.id)
    session.get_one(Person, world.admin).active = False
    session.commit()
    worker.register(settings)
    sent = MemoryTransport()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail, "transport", lambda _settings: sent)
        assert worker.send_mails(settings) == 1
    (left,) = sent.sent
    said = left.get_content()
    assert left["To"] == "staff@hub.example"
    assert "遅延品" not in said
    assert "開発品目は1件" in said
    assert services.send_digests() == 0, "nobody gets a second one"


def test_the_digest_names_conflicts_abroad_that_are_new_and_still_shared(shared: dict[str, str], world: World) -> None:
    lead, told = scope_of(world.lead), {"ja": "RMATを申請できるのは", "en": "RMAT can be requested only"}

    def named() -> list[bool]:
        """Whether the waiting mail of the reviewer, in either language, names the conflict of each."""
        waits = OutboxMail.sent_at.is_(None), OutboxMail.recipient == "staff@hub.example"
        mail = session.scalars(select(OutboxMail).where(*waits).order_by(OutboxMail.queued_at.desc())).first()
        assert mail is not None
        lines = [line for line in mail.text.splitlines() if told["ja"] in line or told["en"] in line]
        return [any(name in line for line in lines) for name in shared]

    services.send_digests()
    assert named() == [False, False, False]
    for name in ("余裕品", "秘密品"):
        abroad.plan(lead, shared[name], Told("fda", "rmat", Days.parse("2027-05")))
    move_to("2026-11-30T09:00:00+09:00")
    services.send_digests()
    assert named() == [False, True, False]
    (grant,) = reading.grants(lead, shared["余裕品"])
    therapies.revoke(lead, grant.id)
    assert services.take_back() == 4, "two of last week, and two that are written anew"
    assert named() == [False, False, False]
    move_to("2026-12-07T09:00:00+09:00")
    therapies.grant(lead, shared["余裕品"], world.hub)
    services.send_digests()
    assert named() == [False, True, False], "the last mail did not tell of it"
    foreign = abroad.plan(lead, shared["遅延品"], Told("fda", "rmat", Days.parse("2027-05")))
    session.get_one(Person, world.staff).language = "en"
    session.commit()
    move_to("2026-12-14T09:00:00+09:00")
    services.send_digests()
    assert named() == [True, False, False], "once told it is not new"
    abroad.change(lead, foreign, Told("fda", "rmat", Days.parse("2027-08")), version=1)
    move_to("2026-12-21T09:00:00+09:00")
    services.send_digests()
    assert named() == [False, False, False], "another day makes no other conflict"


def test_a_digest_of_another_week_is_taken_back(shared: dict[str, str], world: World) -> None:
    assert services.send_digests() == 2
    move_to("2026-12-01T09:00:00+09:00")
    assert services.take_back() == 2
    assert outbox.waiting("hub:digest:") == []
    assert services.send_digests() == 2
