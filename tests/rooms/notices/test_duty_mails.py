"""Duties of a history in mails and on pages: their words, a day of another year, and one known by its month."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.core import clock
from app.core.db import session, transaction
from app.engine.definition.common import Text
from app.hub import queries as hub
from app.notices import wording
from app.people.models import Person
from app.therapies import services as therapies
from tests.factories.therapies import add_therapy, happened
from tests.factories.world import World, scope_of
from tests.rooms.notices.conftest import LEAD, Office
from tests.rooms.notices.plans import at, plan, step, text_of
from tests.web.visitor import Visitor

HOLDER = {"kind": "MAH_LICENCE", "term": "5y"}
LONG = "長い名前の細胞加工製品" * 8


def mails(alone: Office, language: Any, day: str) -> dict[str, str]:
    """What the lead, who reads this language, gets by a look on a day: texts by subject."""
    with transaction():
        session.get_one(Person, alone.world.lead).language = language
    at(day)
    return {str(each["Subject"]): text_of(each) for each in alone.box.look() if each["To"] == LEAD}


@pytest.mark.parametrize(
    ("language", "days"),
    [
        ("ja", ("2025年12月31日(水)", " 12月28日(月)", "2027年1月4日(月)")),
        ("en", ("31 Dec 2025 (Wed)", " 28 Dec (Mon)", "4 Jan 2027 (Mon)")),
    ],
)
def test_a_subject_names_the_year_of_a_day_that_is_not_in_this_year(
    alone: Office, language: Any, days: tuple[str, ...]
) -> None:
    """A day of last December does not read as one of next month; the subject stays as short as ever."""
    made = add_therapy(alone.world.lead)
    happened(alone.world.lead, made, "LICENCE_GRANTED", "2021", attributes=HOLDER)
    title = Text(ja=LONG, en=LONG)
    plan(alone.therapy, *(step(day, dt.date.fromisoformat(day), title=title) for day in ("2026-12-28", "2027-01-04")))
    subjects = [*mails(alone, language, "2026-11-25"), *mails(alone, language, "2026-12-28")]
    assert len(subjects) == len(days)
    for subject, day in zip(subjects, days, strict=True):
        assert subject.endswith(day), subject
        assert wording.width(subject) <= wording.SUBJECT_WIDTH, subject


WORDS = {
    "ja": {
        "本承認申請": (
            "■ 対象：承認",
            "  本承認申請の期限は、条件及び期限付承認の期限(2027年1月4日(月)、計算)の1日前である",
            "この期限は、行った手続を上のページから経過に記録すると完了します。",
        ),
        "許可": (
            "■ 対象：許可・認定",
            "  許可・認定の有効期間の満了は、許可の有効期間の初日(2021年12月29日(水)、実績)から起算して(当日を1日目",
            "この期限は、行った手続を上のページから経過に記録すると完了します。",
        ),
        "資料搬入": ("■ 相談：", "  面談の5週前", "済みましたら、上のページで実施日を記録してください。"),
    },
    "en": {
        "Latest day": ("- Concerns: Approval", "  Latest day of the full", "This deadline ends once what was done is"),
        "End of the term": ("- Concerns: Licen", "  End of the term", "This deadline ends once what was done is"),
        "Briefing": ("- For: ", "  The Monday five", "Once it is done, please record the day there"),
    },
}
ENDS = {
    "ja": (
        "済んだものから、それぞれのページで実施日を記録してください。",
        "経過に基づく期限は、行った手続を経過に記録すると",
    ),
    "en": ("Once one of them is done, please record the day there", "Deadlines that follow from a history end once"),
}
WRONG = ("の期限の期限", "満了の期限", ")の日から", "相談：承認", "相談：許可")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_mail_about_a_duty_is_worded_for_one(alone: Office, language: Any) -> None:
    """What it concerns, why that day, and what ends it; of others the words for a consultation stay."""
    who = alone.world.lead
    made = add_therapy(who)
    happened(who, made, "APPROVED_CTL", "2020-01-05", attributes={"term": "7y"})
    happened(who, made, "LICENCE_GRANTED", "2021-12-29", attributes=HOLDER)
    plan(alone.therapy, step(day=dt.date(2026, 12, 28)))
    (together,) = mails(alone, language, "2026-12-14").values()
    assert all(words in together for words in ENDS[language]), together
    found = mails(alone, language, "2026-12-28")
    assert len(found) == len(WORDS[language])
    for name, words in WORDS[language].items():
        (text,) = [text for subject, text in found.items() if name in subject]
        assert all(each in text for each in words), text
    for text in (together, *found.values()):
        assert not any(wrong in text for wrong in WRONG), text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_duty_known_by_a_month_is_late_only_after_its_last_day(visit: Visitor, world: World, language: Any) -> None:
    """From 31 October to 29 November 2026; in between it may be over already, and nobody says more."""
    at("2026-10-20")
    with visit._app.app_context():
        made = add_therapy(world.lead)
        happened(world.lead, made, "LICENCE_GRANTED", "2021-11", attributes=HOLDER)
        therapies.grant(scope_of(world.lead), made, world.hub)
    perhaps = {"ja": "期限経過の可能性あり", "en": "may be over already"}[language]
    late = {"ja": "営業日の遅れ", "en": "days late"}[language]
    days = {"ja": ("2026年10月31日", "2026年11月29日"), "en": ("31 Oct 2026", "29 Nov 2026")}[language]
    seen = (
        (world.lead, "/"),
        (world.lead, f"/therapies/{made}"),
        (world.lead, f"/therapies/{made}/plan"),
        (world.staff, "/hub"),
    )
    for today, expected, count in (
        ("2026-10-20", {"between": False, "late": False}, 0),
        ("2026-11-24", {"between": True, "late": False}, 0),
        ("2026-12-02", {"between": False, "late": True}, 1),
    ):
        at(today)
        for who, path in seen:
            page = visit.as_(who, language).get(path)
            found = {"between": perhaps in page, "late": late in page}
            assert found == expected, (today, path)
            assert all(day in page for day in days), (today, path)
        with visit._app.app_context():
            rows = hub.pipeline(scope_of(world.staff), clock.today())
            assert sum(row.is_late for row in rows) == count, today
