"""Office days against the golden cases, the package ``holidays``, a day walk and NumPy."""

from __future__ import annotations

import datetime as dt
import importlib.util
from pathlib import Path
from typing import Any

import holidays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.calendar import Month, OfficeCalendar, japan
from app.engine.definition.common import Basis
from app.engine.definition.rules import Roll
from app.engine.errors import CalendarRangeError
from app.engine.loader import WORKFLOWS

CALENDAR = japan()
SPRING_2027 = dt.date(2027, 4, 28)
inner_days = st.dates(dt.date(2001, 1, 1), dt.date(2045, 12, 31))
office_days = inner_days.filter(CALENDAR.is_open)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def closed_by_law(date: dt.date) -> bool:
    """The definition in words, from the package and not from the table."""
    turn_of_year = (date.month, date.day) >= (12, 29) or (date.month, date.day) <= (1, 3)
    return date.weekday() >= 5 or turn_of_year or date in JAPAN


JAPAN = holidays.country_holidays("JP", years=range(2000, 2047), language="ja")
CLOSURES = [d.date for d in CALENDAR.days(CALENDAR.first, CALENDAR.last) if not d.open and d.date.weekday() < 5]


def test_golden_offsets(golden_offsets: dict[str, Any], calendar: OfficeCalendar) -> None:
    assert calendar.add(day(golden_offsets["from"]), golden_offsets["business_days"]) == day(golden_offsets["date"])


def test_every_day_of_the_table_agrees_with_the_package(calendar: OfficeCalendar) -> None:
    table = list(calendar.days(calendar.first, calendar.last))
    assert (table[0].date, table[-1].date) == (dt.date(2000, 1, 1), dt.date(2046, 12, 31))
    assert [d.date for d in table if d.open == closed_by_law(d.date)] == []
    named = {d.date: d.name.ja for d in table if d.name and d.date in JAPAN}
    assert named == {date: JAPAN[date] for date in JAPAN}


def test_the_table_is_what_its_maker_makes() -> None:
    path = WORKFLOWS / "calendars" / "make_japan.py"
    spec = importlib.util.spec_from_file_location("make_japan", path)
    assert spec
    assert spec.loader
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)

    def entries(text: str) -> list[str]:
        return [line for line in text.splitlines() if not line.startswith("#")]  # the package's version may change

    assert entries(Path(maker.TABLE).read_text(encoding="utf-8")) == entries(maker.table())


@pytest.mark.parametrize(
    ("date", "ja", "en"),
    [
        ("2026-09-22", "国民の休日", "National Holiday"),
        ("2026-12-29", "年末年始の休日", "Year-end closure"),
        ("2027-01-01", "元日", "New Year's Day"),
        ("2027-01-02", "年末年始の休日", "Year-end closure"),
        ("2027-01-09", "土曜日", "Saturday"),
        ("2027-03-22", "振替休日", "Substitute Holiday"),
    ],
)
def test_a_closed_day_says_why(date: str, ja: str, en: str, calendar: OfficeCalendar) -> None:
    name = calendar.closed_by(day(date))
    assert name is not None
    assert (name.ja, name.en) == (ja, en)


def test_office_days_have_no_name_and_the_year_tells_the_basis(calendar: OfficeCalendar) -> None:
    assert calendar.closed_by(day("2027-01-04")) is None
    assert calendar.basis(day("2027-12-31")) is Basis.PUBLISHED
    assert calendar.basis(day("2028-01-01")) is Basis.PREDICTED


@pytest.mark.parametrize("outside", ["1999-12-31", "2047-01-01"])
def test_a_missing_year_is_an_error_and_never_a_year_without_holidays(outside: str, calendar: OfficeCalendar) -> None:
    date = day(outside)
    for attempt in (
        lambda: calendar.is_open(date),
        lambda: calendar.closed_by(date),
        lambda: calendar.basis(date),
        lambda: calendar.add(date, 1),
        lambda: calendar.add(date, 0),
        lambda: calendar.roll(date, Roll.NEXT),
        lambda: calendar.count(SPRING_2027, date),
        lambda: list(calendar.days(date, date)),
        lambda: calendar.first_office_day(date.year, date.month),
    ):
        with pytest.raises(CalendarRangeError, match="2000-2046"):
            attempt()


def test_counting_out_of_the_table_is_an_error(calendar: OfficeCalendar) -> None:
    with pytest.raises(CalendarRangeError):
        calendar.add(dt.date(2046, 12, 27), 5)
    with pytest.raises(CalendarRangeError):
        calendar.add(dt.date(2000, 1, 5), -3)
    with pytest.raises(CalendarRangeError):
        calendar.roll(dt.date(2000, 1, 2), Roll.PREVIOUS)


@given(inner_days, st.integers(-150, 150).filter(bool))
def test_adding_agrees_with_a_walk_and_with_numpy(start: dt.date, n: int) -> None:
    walked, step = start, dt.timedelta(days=1 if n > 0 else -1)
    left = abs(n)
    while left:
        walked += step
        left -= not closed_by_law(walked)
    assert CALENDAR.add(start, n) == walked
    numpy_day = np.busday_offset(start, n, roll="backward" if n > 0 else "forward", holidays=CLOSURES).astype(object)
    assert numpy_day == walked


@given(inner_days, st.integers(-200, 200))
def test_counting_is_the_inverse_of_adding(start: dt.date, n: int) -> None:
    assert CALENDAR.count(start, CALENDAR.add(start, n)) == n


@given(inner_days, st.sampled_from([Roll.PREVIOUS, Roll.NEXT]))
def test_rolling_reaches_the_nearest_office_day_and_is_idempotent(date: dt.date, direction: Roll) -> None:
    rolled = CALENDAR.roll(date, direction)
    assert CALENDAR.is_open(rolled)
    assert CALENDAR.roll(rolled, direction) == rolled
    assert rolled <= date if direction is Roll.PREVIOUS else rolled >= date
    assert CALENDAR.count(min(date, rolled), max(date, rolled)) == (rolled > date)
    assert CALENDAR.roll(date, Roll.NONE) == date


@given(inner_days, inner_days)
def test_counting_forth_and_back(a: dt.date, b: dt.date) -> None:
    first, last = min(a, b), max(a, b)
    forth = sum(not closed_by_law(first + dt.timedelta(days=i)) for i in range(1, (last - first).days + 1))
    back = sum(not closed_by_law(first + dt.timedelta(days=i)) for i in range((last - first).days))
    assert CALENDAR.count(first, last) == forth
    assert CALENDAR.count(last, first) == -back


def test_months() -> None:
    assert Month(2027, 1).plus(-2) == Month(2026, 11)
    assert Month(2026, 12).plus(1) == (2027, 1)
    assert str(Month.parse("2027-05")) == "2027-05"
    assert Month.of(SPRING_2027).last == dt.date(2027, 4, 30)
    assert CALENDAR.first_office_day(2027, 5) == dt.date(2027, 5, 6)
    assert CALENDAR.last_office_day(2026, 12) == dt.date(2026, 12, 28)
    with pytest.raises(ValueError, match="month"):
        Month.parse("2027-13")
