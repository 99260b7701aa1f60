"""What a deadline mail says, to whom and when, in both languages."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from icalendar import Calendar

from app.core.db import session, transaction
from app.engine.definition.common import Basis, Role, Text
from app.notices import wording
from app.people.models import Person
from app.schedule.models import Milestone
from tests.rooms.notices.conftest import LEAD, MEMBER, Office
from tests.rooms.notices.plans import DUTY, at, calendar_of, done, plan, step, text_of

RUDE = ("督促", "至急", "御中 様", "殿")
AMBIGUOUS = re.compile(r"\d{1,4}/\d{1,2}")
SLIPS = re.compile(r"None|%\(|\{\{|Undefined")


def to(mails: list[Any], address: str) -> list[Any]:
    return [mail for mail in mails if mail["To"] == address]


@pytest.mark.parametrize(
    ("today", "ja", "en"),
    [
        ("2026-12-02", "【期限14日前】", "[Deadline in 14 days]"),
        ("2026-12-09", "【期限7日前】", "[Deadline in 7 days]"),
        ("2026-12-11", "【期限3営業日前】", "[Deadline in 3 office days]"),
        ("2026-12-15", "【期限1営業日前】", "[Deadline in 1 office day]"),
        ("2026-12-16", "【本日期限】", "[Deadline today]"),
        ("2026-12-17", "【期限超過1営業日】", "[Overdue by 1 office day]"),
    ],
)
def test_every_rule_writes_to_each_person_in_their_language(office: Office, today: str, ja: str, en: str) -> None:
    plan(office.therapy, step())
    at(today, "08:31")
    mails = office.box.look()
    assert [str(m["Subject"]) for m in to(mails, LEAD)] == [f"{ja}資料搬入 甲細胞シート 12月16日(水)"]
    assert [str(m["Subject"]) for m in to(mails, MEMBER)] == [
        f"{en} Briefing materials due: Ko cell sheet, 16 Dec (Wed)"
    ]
    assert len(mails) == 2
    assert office.box.look() == [], "a second look finds nothing"


def test_nothing_leaves_before_half_past_eight(office: Office) -> None:
    plan(office.therapy, step())
    at("2026-12-02", "08:29")
    assert office.box.look() == []
    at("2026-12-02", "08:31")
    assert len(office.box.look()) == 2


def test_a_missed_mail_waits_for_the_morning(alone: Office) -> None:
    plan(alone.therapy, step())
    at(DUTY, "07:00")  # one office day before, nobody looked
    assert alone.box.look() == []
    at(DUTY, "08:31")
    (mail,) = alone.box.look()
    assert "【本日期限】" in mail["Subject"]
    assert alone.box.look() == []


def test_a_mail_says_what_by_when_why_and_where(alone: Office) -> None:
    price = Text(ja="間に合わないと、面談は2027年2月になります。", en="…")
    (milestone,) = plan(alone.therapy, step(hours="10:00–16:00", price=price))
    at(DUTY)
    (mail,) = alone.box.look()
    text = text_of(mail)
    for words in (
        "甲再生医療株式会社\n薬事 太郎 様",
        "下記の期限は本日です。",
        "■ 内容：資料搬入",
        "■ 期限：2026年12月16日(水) 10:00–16:00",
        "■ 開発品目：甲細胞シート",
        "■ 相談：1月19日 医薬品第Ⅱ相試験終了後相談",
        "出典のある規則から計算した日付です。",
        "面談の5週前の月曜日です。",
        price.ja,
        "実施日を記録してください",
        "[P00 シーズ] → 次 [P01",
    ):
        assert words in text
    assert len(re.findall(r"https?://", text)) == 1, "one link"
    assert milestone not in text or f"/therapies/{alone.therapy}" in text


def test_manners(office: Office) -> None:
    plan(
        office.therapy,
        step(),
        step("own", role=Role.OWN, basis=Basis.TARGET),
        step("guess", basis=Basis.ASSUMED, price=Text(ja="相談枠を失います。", en="The slot is lost.")),
        step("win", None, earliest=DUTY, latest=dt.date(2026, 12, 18), is_window=True, basis=Basis.PREDICTED),
        step("date_notice", role=Role.THEIRS),
    )
    seen = [mail for _day, mails in office.box.through(dt.date(2026, 12, 1), dt.date(2026, 12, 22)) for mail in mails]
    assert len(seen) > 30
    for mail in seen:
        subject, text = str(mail["Subject"]), text_of(mail)
        assert subject.startswith(("【", "["))
        assert wording.width(subject) <= wording.SUBJECT_WIDTH, subject
        assert re.search(r"\([月火水木金土日]\)|\((Mon|Tue|Wed|Thu|Fri|Sat|Sun)\)", subject), subject
        assert "甲細胞シート" in subject or "Ko cell sheet" in subject
        for words in (subject, text):
            assert not any(rude in words for rude in RUDE)
            assert not AMBIGUOUS.search(words.replace("http://127.0.0.1", "")), words
            assert not SLIPS.search(words), words
        if mail["To"] == MEMBER:
            without_station = "\n".join(line for line in text.splitlines() if "株式会社" not in line)
            assert "研究 三郎" in text
            assert not re.search(r"[ぁ-ん]", without_station), "Japanese in an English mail"


def test_a_prediction_and_an_assumption_say_so(alone: Office) -> None:
    plan(alone.therapy, step("a", basis=Basis.PREDICTED), step("b", basis=Basis.ASSUMED))
    at(DUTY)
    first, second = alone.box.look()
    assert "【本日期限・予測】" in first["Subject"]
    assert "予測です。" in text_of(first)
    assert "【本日期限・仮定】" in second["Subject"]
    assert "類推による仮定です。" in text_of(second)


@pytest.mark.parametrize("expected", ["predicted", "published"])
def test_a_deadline_counted_from_a_day_that_is_only_expected_is_not_called_overdue(
    alone: Office, expected: str
) -> None:
    forecast = {"inputs": [{"key": "date_notice", "basis": expected, "date": "2026-11-25"}]}
    known = {"inputs": [{"key": "date_notice", "basis": "actual", "date": "2026-11-25"}]}
    plan(alone.therapy, step("a", basis=Basis.PREDICTED, trace=forecast), step("b", trace=known))
    at("2026-12-17")
    first, second = alone.box.look()
    assert "【要確認・見込みの期限・予測】" in first["Subject"]
    assert "見込みの日から数えています" in text_of(first)
    assert "【期限超過1営業日】" in second["Subject"]
    assert "見込み" not in text_of(second)


def test_a_window_is_counted_to_its_first_day_and_never_called_overdue_while_it_runs(alone: Office) -> None:
    plan(alone.therapy, step(day=None, earliest=DUTY, latest=dt.date(2026, 12, 18), is_window=True))
    at(DUTY)
    (on_the_day,) = alone.box.look()
    assert "【本日期限】" in on_the_day["Subject"]
    assert "2026年12月16日(水)〜2026年12月18日(金)" in text_of(on_the_day)
    assert "安全をみて、最初の日から数えて" in text_of(on_the_day)
    at("2026-12-17")
    (after,) = alone.box.look()
    assert "【要確認・期間中】" in after["Subject"]
    assert "期間は2026年12月18日(金)まで" in text_of(after)


def test_a_window_that_may_open_early(alone: Office) -> None:
    plan(alone.therapy, step(basis=Basis.PREDICTED, alarm_from=dt.date(2026, 12, 10)))
    at("2026-12-09")
    alone.box.look()
    at("2026-12-10")
    (mail,) = alone.box.look()
    assert "【受付開始の可能性・予測】" in mail["Subject"]
    assert "早ければ2026年12月10日(木)" in text_of(mail)
    at("2026-12-11")
    (mail,) = alone.box.look()
    assert "【期限3営業日前・予測】" in mail["Subject"]
    assert "早ければ" not in text_of(mail), "that day is over"
    assert "実際の日は、すでに来ている可能性があります。" in text_of(mail)
    at("2026-12-17")
    (mail,) = alone.box.look()
    assert "【期限超過1営業日・予測】" in mail["Subject"]
    assert not any(word in text_of(mail) for word in ("早ければ", "すでに来ている")), "the deadline has passed"


def test_own_work_is_a_plan_not_a_deadline(alone: Office) -> None:
    plan(alone.therapy, step(role=Role.OWN, basis=Basis.TARGET))
    at("2026-12-02")
    (mail,) = alone.box.look()
    assert "【予定14日前】" in mail["Subject"]


def test_an_unknown_day_gives_no_mail(office: Office) -> None:
    plan(office.therapy, step(day=None, basis=Basis.UNKNOWN), step("wait", role=Role.NOT_BEFORE))
    assert not [
        mail for _day, mails in office.box.through(dt.date(2026, 12, 1), dt.date(2026, 12, 20)) for mail in mails
    ]


def test_the_lead_hears_once_that_pmda_is_silent(office: Office) -> None:
    plan(office.therapy, step("date_notice", role=Role.THEIRS, title=Text(ja="実施日の連絡", en="Notice of the date")))
    seen = [
        (day, mail) for day, mails in office.box.through(dt.date(2026, 12, 1), dt.date(2026, 12, 31)) for mail in mails
    ]
    ((day, mail),) = seen
    assert (day, mail["To"]) == (dt.date(2026, 12, 17), LEAD)
    assert "【要確認・PMDA】実施日の連絡" in mail["Subject"]
    assert "PMDAの担当部署への確認をお願いします" in text_of(mail)
    assert calendar_of(mail) is None


def test_nobody_asks_why_pmda_is_silent_while_our_own_step_is_open(alone: Office) -> None:
    ours, _theirs = plan(alone.therapy, step("request", dt.date(2026, 12, 9)), step("date_notice", role=Role.THEIRS))
    at("2026-12-21")
    assert all("PMDA】" not in mail["Subject"] for mail in alone.box.look())
    done(ours, dt.date(2026, 12, 9))
    (mail,) = alone.box.look()
    assert "【要確認・PMDA】" in mail["Subject"]


@pytest.mark.parametrize(
    ("today", "label"),
    [("2026-12-04", "期限12日前"), ("2026-12-14", "期限2営業日前"), ("2026-12-24", "期限超過6営業日")],
)
def test_a_late_look_says_how_far_it_really_is(alone: Office, today: str, label: str) -> None:
    plan(alone.therapy, step())
    at(today)
    (mail,) = alone.box.look()
    assert f"【{label}】" in mail["Subject"]


def test_names_cannot_forge_lines_or_headers(alone: Office) -> None:
    evil = "甲\r\nBcc: thief@evil.example\n\n■ 期限:なし"
    with transaction():
        session.get_one(Person, alone.world.lead).name = evil
    plan(alone.therapy, step(title=Text(ja="資料\r\nTo: thief@evil.example", en="x\ny")))
    at(DUTY)
    (mail,) = alone.box.look()
    assert mail["Bcc"] is None
    assert mail["To"] == LEAD
    assert "\n" not in str(mail["Subject"])
    lines = text_of(mail).splitlines()
    assert [line for line in lines if line.startswith("■ 期限")] == ["■ 期限：2026年12月16日(水)"]
    assert not [line for line in lines if line.startswith(("Bcc", "To:"))]
    (event,) = Calendar.from_ical(calendar_of(mail)).walk("VEVENT")  # type: ignore[arg-type]
    assert "\n" not in str(event["SUMMARY"])


def test_long_names_leave_room_for_label_and_day(alone: Office) -> None:
    long = "長い名前の細胞加工製品" * 8
    plan(alone.therapy, step(title=Text(ja=long, en=long)))
    at("2026-12-11")
    (mail,) = alone.box.look()
    subject = str(mail["Subject"])
    assert wording.width(subject) <= 90
    assert subject.startswith("【期限3営業日前】長い名前")
    assert subject.endswith("甲細胞シート 12月16日(水)")


def test_a_day_of_our_own_is_called_a_planned_day_and_not_a_deadline(alone: Office) -> None:
    plan(alone.therapy, step(role=Role.OWN, basis=Basis.TARGET))
    at(DUTY)
    (mail,) = alone.box.look()
    assert "■ 予定日：2026年12月16日(水)" in text_of(mail)
    assert "期限" not in text_of(mail)


@pytest.mark.parametrize("stray", [dt.date(1999, 6, 28), dt.date(2047, 6, 28)])
def test_a_day_from_which_nothing_can_be_counted_holds_up_no_other_mail(alone: Office, stray: dt.date) -> None:
    """Such a day is never put; one that lies there after all, from whatever source, stops nobody's mails."""
    (astray,) = plan(alone.therapy, step("lost"), subject="t" * 20)
    with transaction():
        session.get_one(Milestone, astray).duty_day = session.get_one(Milestone, astray).on_day = stray
    plan(alone.therapy, step())
    at("2026-12-02")
    assert ["資料搬入" in str(mail["Subject"]) for mail in alone.box.look()] == [True]
