"""Days as people type them; a slip gets a sentence, never a guess."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import formats
from app.core.errors import Refused
from app.core.typed_days import read_day, read_days

DAY = dt.date(2026, 3, 6)
MONTH = (dt.date(2026, 3, 1), dt.date(2026, 3, 31))
YEAR = (dt.date(2026, 1, 1), dt.date(2026, 12, 31))


@pytest.mark.parametrize(
    "typed",
    [
        "2026-03-06",
        "2026-3-6",
        "2026/3/6",
        "2026.3.6",
        " 2026-03-06 ",
        "2026年3月6日",
        "2026年03月06日(金)",
        "令和8年3月6日",
        "R8.3.6",
        "\uff12\uff10\uff12\uff16-\uff10\uff13-\uff10\uff16",  # full-width digits
        "令和\uff18年\uff13月\uff16日",
        "6 Mar 2026 (Fri)",
        "6 March 2026",
    ],
)
def test_a_day_in_many_forms(typed: str) -> None:
    assert read_days(typed) == (DAY, DAY)
    assert read_day(typed) == DAY


@pytest.mark.parametrize("typed", ["2026-03", "2026/3", "2026年3月", "令和8年3月", "R8.3", "Mar 2026"])
def test_a_month(typed: str) -> None:
    assert read_days(typed) == MONTH
    with pytest.raises(Refused, match="day as well"):
        read_day(typed)


@pytest.mark.parametrize("typed", ["2026", "2026年", "令和8年"])
def test_a_year(typed: str) -> None:
    assert read_days(typed) == YEAR


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("令和元年5月1日", dt.date(2019, 5, 1)),
        ("平成31年4月30日", dt.date(2019, 4, 30)),
        ("昭和64年1月7日", dt.date(1989, 1, 7)),
        ("平成元年1月8日", dt.date(1989, 1, 8)),
        ("令和元年", dt.date(2019, 1, 1)),
    ],
)
def test_eras(typed: str, first: dt.date) -> None:
    assert read_days(typed)[0] == first


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2026-02-30", "no day 30 in Feb 2026"),
        ("令和8年2月30日", "no day 30 in Feb 2026"),
        ("2026-13", "no month 13"),
        ("2026-00-10", "no month 0"),
        ("2026-03-00", "no day 0"),
        ("0", "check the year"),
        ("0年1月1日", "check the year"),
        ("9999-12-31", "check the year"),
        ("1944-12-31", "check the year"),
        ("2100年1月1日", "check the year"),
        ("99999", "cannot be read"),
        ("99999-01-01", "cannot be read"),
        ("46087", "cannot be read"),  # a day as a spreadsheet counts it
        ("46087.5", "cannot be read"),
        ("20260306", "cannot be read"),
        ("-2026-03-06", "cannot be read"),
        ("2026-03-06T10:00:00Z", "cannot be read"),
        ("2026-W10-5", "cannot be read"),
        ("二〇二六年三月六日", "cannot be read"),
        ("未定", "cannot be read"),
        ("TBD", "cannot be read"),
        ("2026\0-03-06", "cannot be read"),
        ("\u202e2026-03-06", "cannot be read"),
        ("", "cannot be read"),
        ("0000-01-01", "check the year"),
        ("26-3-6", "check the year"),
        ("3026-01-01", "check the year"),
        ("令和0年1月1日", "no such day in the era"),
        ("令和元年4月30日", "no such day in the era"),
        ("平成31年5月1日", "no such day in the era"),
        ("平成40年", "no such day in the era"),
        ("令和元年4月", "no such day in the era"),
        ("昭和64年1月8日", "no such day in the era"),
        ("平成元年1月7日", "no such day in the era"),
        ("昭和元年12月24日", "no such day in the era"),
        ("R0.1.1", "no such day in the era"),
        ("令和99年1月1日", "check the year"),
        ("２０２６年２月３０日", "no day 30 in Feb 2026"),
        ("03/06/2026", "cannot be read"),
        ("yesterday", "cannot be read"),
        ("3月6日", "cannot be read"),
        ("2026-03-06-07", "cannot be read"),
        ("６月", "cannot be read"),
        ("2026-3-6 10:00", "cannot be read"),
    ],
)
def test_slips_get_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as refusal:
        read_days(typed)
    assert refusal.value.sentence.ja


@pytest.mark.parametrize("sign", ["9", "あ", "ﷺ", " ", "(", "年"])
def test_however_much_is_typed_the_sentence_is_short_and_at_once(sign: str) -> None:
    began = time.monotonic()
    with pytest.raises(Refused, match="cannot be read") as refusal:
        read_days("2026" + sign * 100_000 + "日")
    assert time.monotonic() - began < 1
    assert len(refusal.value.sentence.ja) < 200


@given(st.dates(dt.date(1945, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(["ja", "en"]))
def test_what_a_page_prints_can_be_typed(day: dt.date, language: str) -> None:
    assert read_day(formats.day(day, language)) == day  # type: ignore[arg-type]
    assert read_days(formats.month(day, language))[0] == day.replace(day=1)  # type: ignore[arg-type]
