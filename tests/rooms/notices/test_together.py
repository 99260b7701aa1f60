"""What is still far away leaves in one mail, whatever becomes of the plan before it leaves; what is near goes alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import func, select, update

from app.audit.models import AuditEvent
from app.core import clock, outbox
from app.core.db import session, transaction
from app.core.outbox import OutboxMail
from app.engine.calendar import japan
from app.engine.definition.common import Basis, Language, Role, Text
from app.notices import due, emails, sweep, wording
from app.notices.letters import bundles
from app.notices.models import Notice
from app.people.models import Person
from tests.rooms.notices.conftest import LEAD, MEMBER, Office
from tests.rooms.notices.plans import DUTY, at, calendar_of, done, plan, step, text_of, therapy
from tests.web.visitor import Visitor

FAR = [dt.date(2026, 12, 18), dt.date(2026, 12, 16), dt.date(2026, 12, 21)]  # not in their order
CONFIRMED = "2026-12-08"  # ten, eight and thirteen calendar days before


def three(office: Office, *days: dt.date) -> list[str]:
    """Three steps of one plan; their ids."""
    names = (
        ("fee", "手数料の払込み", "Fee"),
        ("materials_due", "資料搬入", "Materials"),
        ("slides", "スライド", "Slides"),
    )
    steps = zip(names, days or FAR, strict=True)
    return plan(office.therapy, *(step(key, day, title=Text(ja=ja, en=en)) for (key, ja, en), day in steps))


def uids(mail: Any) -> list[str]:
    """What a mail is about, by its calendar, in its order."""
    found = Calendar.from_ical(calendar_of(mail) or b"").walk("VEVENT")
    return [str(event["UID"]).partition("@")[0] for event in found]


def test_a_plan_confirmed_late_is_one_mail_to_each(office: Office) -> None:
    fee, materials, slides = three(office)
    at(CONFIRMED)
    mails = {str(mail["To"]): mail for mail in office.box.look()}
    assert {to: str(mail["Subject"]) for to, mail in mails.items()} == {
        LEAD: "【期限8日前】資料搬入 甲細胞シート 12月16日(水) ほか2件",
        MEMBER: "[Deadline in 8 days] Materials: Ko cell sheet, 16 Dec (Wed) (+2 more)",
    }
    for mail in mails.values():
        assert uids(mail) == [materials, fee, slides], "one calendar with all, soonest first"
    assert len(session.scalars(select(Notice)).all()) == 6, "one notice for each day and person"
    assert office.box.look() == []


def test_it_says_of_each_what_by_when_why_and_where(office: Office) -> None:
    other = therapy(office.world.company, "乙製剤", "Otsu drug")
    price = Text(ja="面談は2027年2月になります。", en="The meeting will be in February 2027.")
    plan(office.therapy, step(hours="10:00–16:00", price=price))
    plan(other, step("own", FAR[2], role=Role.OWN, basis=Basis.TARGET, about=None, why=None), subject="o" * 20)
    at(CONFIRMED)
    lead, member = (text_of(mail) for mail in office.box.look())
    for words in (
        "甲再生医療株式会社\n薬事 太郎 様\n\n下記2件の期日が近づいています。早い順に記載しています。\n",
        "■ 1. 【期限8日前】資料搬入\n   期限：2026年12月16日(水) 10:00–16:00\n   開発品目：甲細胞シート\n",
        "   相談：1月19日 医薬品第Ⅱ相試験終了後相談\n   日付の確かさ：出典のある規則から計算した日付です。\n",
        f"   根拠：面談の5週前の月曜日です。\n   間に合わない場合：{price.ja}\n   確認・記録：http",
        "■ 2. 【予定13日前】資料搬入\n   予定日：2026年12月21日(月)\n   開発品目：乙製剤\n   日付の確かさ：自社",
        "それぞれのページで実施日を記録してください",
        "\n甲細胞シート：[P00 シーズ] → 次 [P01",
        "\n乙製剤：[P00 シーズ] → 次 [P01",
    ):
        assert words in lead, words
    assert lead.count("http") == 2, "one link each"
    for words in (
        "2 dates are coming up, soonest first.",
        "1. [Deadline in 8 days] Briefing materials due\n   By when: 16 Dec 2026 (Wed) 10:00–16:00\n",
        "   For: 19 January, End-of-phase II consultation\n",
        f"   Why: The Monday five weeks before the meeting.\n   If missed: {price.en}\n   Details and record: http",
        "2. [Planned in 13 days] Briefing materials due\n   Planned for: 21 Dec 2026 (Mon)\n   Therapy: Otsu drug\n",
        "\nOtsu drug: [P00 ",
    ):
        assert words in member, words


@pytest.mark.parametrize(
    ("today", "subjects"),
    [
        ("2026-12-10", ["【期限6日前】手数料の払込み 甲細胞シート 12月16日(水) ほか2件"]),  # four office days
        ("2026-12-11", ["【期限3営業日前】手数料", "【期限6日前】資料搬入 甲細胞シート 12月17日(木) ほか1件"]),
        ("2026-12-14", [f"【期限{n}営業日前】" for n in (2, 3)] + ["【期限7日前】スライド 甲細胞シート 12月21日(月)"]),
        ("2026-12-17", ["【期限超過1営業日】", "【本日期限】", "【期限2営業日前】"]),
    ],
)  # fmt: skip
def test_what_is_near_goes_alone(alone: Office, today: str, subjects: list[str]) -> None:
    three(alone, DUTY, dt.date(2026, 12, 17), dt.date(2026, 12, 21))
    at(today)
    found = alone.box.subjects()
    assert [subject[: len(begins)] for subject, begins in zip(found, subjects, strict=True)] == subjects


def test_what_pmda_may_receive_soon_goes_alone(alone: Office) -> None:
    plan(
        alone.therapy,
        step("soon", FAR[0], alarm_from=dt.date(2026, 12, 11)),
        step("opens", FAR[1], alarm_from=dt.date(2026, 12, 8)),
        step("later", FAR[2]),
        step("far", FAR[2]),
    )
    at(CONFIRMED)
    found = alone.box.subjects()
    assert len(found) == 3
    assert "ほか1件" in found[2]
    assert not any("ほか" in subject for subject in found[:2])


def test_another_company_and_its_people_get_their_own(office: Office) -> None:
    three(office)
    plan(therapy(office.world.other_company, "別社品", "Theirs"), step(), subject="x" * 20)
    at(CONFIRMED)
    mails = office.box.look()
    assert sorted(str(mail["To"]) for mail in mails) == [LEAD, "lead@otsu.example", MEMBER]
    for mail in mails:
        assert ("別社品" in text_of(mail)) == (mail["To"] == "lead@otsu.example")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_subject_never_grows_too_long(alone: Office, language: Language) -> None:
    with transaction():
        session.get_one(Person, alone.world.lead).language = language
    long = Text(ja="長い名前の細胞加工製品" * 8, en="A very long name of a product " * 6)
    plan(
        therapy(alone.world.company, long.ja, long.en),
        *(step(f"step_{n}", FAR[1], title=long, basis=Basis.PREDICTED) for n in range(120)),
    )
    at(CONFIRMED)
    (mail,) = alone.box.look()
    subject = str(mail["Subject"])
    assert wording.width(subject) <= wording.SUBJECT_WIDTH
    begins, ends = {
        "ja": ("【期限8日前・予測】長い名前", "… 12月16日(水) ほか119件"),
        "en": ("[Deadline in 8 days, predicted] A very l", "…, 16 Dec (Wed) (+119 more)"),
    }[language]
    assert (subject.startswith(begins), subject.endswith(ends)) == (True, True), subject


def test_a_mail_that_lost_one_is_rewritten_and_one_that_lost_all_is_withdrawn(alone: Office) -> None:
    fee, materials, slides = three(alone)
    at(CONFIRMED)
    assert sweep.sweep().queued == 1
    (first,) = session.scalars(select(OutboxMail.key))
    done(materials, dt.date(2026, 12, 8))
    assert sweep.sweep() == sweep.Swept(withdrawn=1, queued=1)
    row = session.scalars(select(OutboxMail)).one()
    assert (row.key == first, row.subject) == (False, "【期限10日前】手数料の払込み 甲細胞シート 12月18日(金) ほか1件")
    assert {notice.milestone_id for notice in session.scalars(select(Notice))} == {fee, slides}
    done(fee, dt.date(2026, 12, 8))
    sweep.sweep()
    row = session.scalars(select(OutboxMail).execution_options(populate_existing=True)).one()
    assert row.subject == "【期限13日前】スライド 甲細胞シート 12月21日(月)"
    assert row.key == f"notices:{slides}:14_days:2026-12-21:{alone.world.lead}", "a single one is what it always was"
    assert "■ 内容：スライド" in row.text
    done(slides, dt.date(2026, 12, 8))
    assert alone.box.look() == []
    assert alone.box.swept == sweep.Swept(withdrawn=1, queued=0)
    assert (session.scalars(select(Notice)).all(), session.scalars(select(OutboxMail)).all()) == ([], [])
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "notices:mail:withdrawn"))
    assert [(event.subject_id, event.reason) for event in events.all()] == [
        (materials, "done"),
        (fee, "done"),
        (slides, "done"),
    ]


def test_what_remains_reaches_the_one_whose_mail_had_not_left(office: Office) -> None:
    """The member has read all; the lead's mail server was down, and one step is done meanwhile."""
    fee, materials, slides = three(office)
    at(CONFIRMED)
    assert sweep.sweep().queued == 2
    with transaction():
        session.execute(update(OutboxMail).where(OutboxMail.recipient == MEMBER).values(sent_at=clock.now()))
    done(materials, dt.date(2026, 12, 8))
    (mail,) = office.box.look()
    assert (mail["To"], uids(mail)) == (LEAD, [fee, slides])
    assert office.box.look() == []


def test_what_remains_leaves_at_night_too(alone: Office) -> None:
    fee, materials, slides = three(alone, FAR[0], dt.date(2026, 12, 17), FAR[2])
    at(CONFIRMED)
    sweep.sweep()
    at("2026-12-09", "01:00")
    done(slides, dt.date(2026, 12, 8))
    (mail,) = alone.box.look()
    assert uids(mail) == [materials, fee]


@pytest.mark.parametrize("by", [-30, -3, 1, 30])
def test_a_queued_mail_follows_the_plan(alone: Office, by: int) -> None:
    """All move: earlier so far that they are overdue, nearer, later, beyond what is mailed."""
    three(alone)
    at(CONFIRMED)
    sweep.sweep()
    moved = [day + dt.timedelta(days=by) for day in FAR]
    three(alone, *moved)
    mails = alone.box.look()
    assert sum(len(uids(mail)) for mail in mails) == (0 if by == 30 else 3)
    for mail in mails:
        assert not any(f"{day.month}月{day.day}日" in mail["Subject"] for day in set(FAR) - set(moved)), mail["Subject"]
    assert alone.box.look() == []


def test_one_of_them_moves_nearer(alone: Office) -> None:
    three(alone)
    at(CONFIRMED)
    sweep.sweep()
    three(alone, FAR[0], dt.date(2026, 12, 10), FAR[2])
    assert sorted(alone.box.subjects()) == [
        "【期限10日前】手数料の払込み 甲細胞シート 12月18日(金) ほか1件",
        "【期限2営業日前】資料搬入 甲細胞シート 12月10日(木)",
    ]


def test_a_mail_in_flight_is_not_rewritten(alone: Office) -> None:
    _fee, materials, _slides = three(alone)
    at(CONFIRMED)
    sweep.sweep()
    assert outbox._lease(alone.box._settings) is not None
    done(materials, dt.date(2026, 12, 8))
    assert sweep.sweep() == sweep.Swept(0, 0)
    assert len(session.scalars(select(Notice)).all()) == 3


def test_a_retry_has_the_same_message_id(alone: Office) -> None:
    three(alone)
    at(CONFIRMED)
    sweep.sweep()
    for _time in range(2):  # the worker dies before it writes down that the mail was taken
        outbox.deliver(alone.box.post, alone.box._settings)
        with transaction():
            session.execute(update(OutboxMail).values(sent_at=None))
    first, second = alone.box.post.sent
    assert first["Message-ID"] == second["Message-ID"]


def test_the_key_does_not_depend_on_the_order(alone: Office) -> None:
    three(alone)
    at(CONFIRMED)
    found = bundles(due.candidates(clock.today(), japan()))[0]
    parts = [emails.Letter(one.milestone, one.due.rule, one.day, one.organisation) for one in found]
    assert len(parts) == 3
    assert emails.key(parts, "p") == emails.key(parts[::-1], "p") != emails.key(parts, "q")
    assert emails.key(parts, "p") != emails.key(parts[1:], "p")


def test_two_looks_at_once_tell_each_day_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other worker looks after we have written our mails and before we queue them; it sees one step more."""
    three(office)
    at(CONFIRMED)
    mine = sweep._queue

    def late(*batch: Any) -> int:
        monkeypatch.setattr(sweep, "_queue", mine)
        plan(therapy(office.world.company), step("new"), subject="n" * 20)
        assert sweep.sweep().queued == 2
        return mine(*batch)

    monkeypatch.setattr(sweep, "_queue", late)
    assert sweep.sweep().queued == 0
    mails = office.box.look()
    assert [len(uids(mail)) for mail in mails] == [4, 4]


def test_a_step_that_is_done_while_the_mail_is_written_is_not_in_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    fee, materials, slides = three(office)
    at(CONFIRMED)
    mine = sweep._queue

    def late(*batch: Any) -> int:
        done(materials, dt.date(2026, 12, 8))
        return mine(*batch)

    monkeypatch.setattr(sweep, "_queue", late)
    assert sweep.sweep().queued == 0
    monkeypatch.setattr(sweep, "_queue", mine)
    assert [uids(mail) for mail in office.box.look()] == [[fee, slides], [fee, slides]]


def test_the_page_shows_the_mail_once(office: Office, visit: Visitor) -> None:
    three(office)
    at(CONFIRMED)
    office.box.look()
    page = visit.as_(office.world.lead).get("/notices")
    assert page.count("ほか2件") == 1


def test_it_is_one_row_in_the_outbox_for_each_person(office: Office) -> None:
    three(office)
    at(CONFIRMED)
    sweep.sweep()
    rows = session.execute(select(Notice.mail_key, func.count()).group_by(Notice.mail_key)).all()
    assert sorted(count for _key, count in rows) == [3, 3]
    assert {key for key, _count in rows} == set(session.scalars(select(OutboxMail.key)))
