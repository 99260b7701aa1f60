"""Government office days: Monday to Friday less national holidays and 29 December to 3 January.

Counting never counts the day it starts from: the day after is day 1. A day outside the table is an error.
"""

from __future__ import annotations

import calendar as month_lengths
import datetime as dt
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from app.engine.definition.calendar import CalendarTable, Closure
from app.engine.definition.common import Basis, Text
from app.engine.definition.rules import Roll
from app.engine.errors import CalendarRangeError
from app.engine.loader import WORKFLOWS, load

SATURDAY = 5
WEEKEND = {SATURDAY: Text(ja="土曜日", en="Saturday"), SATURDAY + 1: Text(ja="日曜日", en="Sunday")}
DAY = dt.timedelta(days=1)


class Month(NamedTuple):
    """A calendar month; prints as 2027-05."""

    year: int
    month: int

    @classmethod
    def of(cls, day: dt.date) -> Month:
        """The month that ``day`` lies in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """``2027-05`` as a month; ValueError for anything else."""
        day = dt.date.fromisoformat(f"{text}-01")
        return cls(day.year, day.month)

    def plus(self, months: int) -> Month:
        """The month ``months`` later, or earlier when negative."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    @property
    def first(self) -> dt.date:
        """Its first calendar day."""
        return dt.date(self.year, self.month, 1)

    @property
    def last(self) -> dt.date:
        """Its last calendar day."""
        return dt.date(self.year, self.month, month_lengths.monthrange(self.year, self.month)[1])

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar. ``name`` says why offices are closed and is None on an office day."""

    date: dt.date
    name: Text | None
    basis: Basis

    @property
    def open(self) -> bool:
        """True on an office day."""
        return self.name is None


class OfficeCalendar:
    """Office days by table look-up; every method takes and returns dates, and counts in office days.

    All methods raise CalendarRangeError for a day outside ``first`` to ``last``.
    """

    def __init__(self, table: CalendarTable) -> None:
        years = sorted(table.holidays)
        self.first, self.last = dt.date(years[0], 1, 1), dt.date(years[-1], 12, 31)
        self.published_through = table.published_through
        self._start = self.first.toordinal()
        self._names = _closed_days(table)
        self._open_until = array("i")  # by day: office days up to and including it
        self._office_days = array("i")  # ordinals of the office days, in order
        for ordinal in range(self._start, self.last.toordinal() + 1):
            if ordinal not in self._names and (ordinal - 1) % 7 < SATURDAY:
                self._office_days.append(ordinal)
            self._open_until.append(len(self._office_days))

    def serves(self, day: dt.date) -> bool:
        """Whether a plan can count from ``day``, forth and back: its first and last year are margin."""
        return self.first.year < day.year < self.last.year

    def is_open(self, day: dt.date) -> bool:
        """True on an office day."""
        position = self._position(day)
        return self._open_until[position] > (self._open_until[position - 1] if position else 0)

    def closed_by(self, day: dt.date) -> Text | None:
        """Why offices are closed on ``day`` (the holiday before the weekend), or None on an office day."""
        self._position(day)
        return self._names.get(day.toordinal()) or WEEKEND.get(day.weekday())

    def basis(self, day: dt.date) -> Basis:
        """Whether the holidays of that year are published or predicted."""
        self._position(day)
        return Basis.PUBLISHED if day.year <= self.published_through else Basis.PREDICTED

    def days(self, start: dt.date, end: dt.date) -> Iterator[Day]:
        """Every calendar day from ``start`` to ``end``, both included."""
        self._position(start), self._position(end)
        for offset in range((end - start).days + 1):
            day = start + dt.timedelta(days=offset)
            yield Day(day, self.closed_by(day), self.basis(day))

    def add(self, day: dt.date, office_days: int) -> dt.date:
        """The n-th office day after ``day`` (before it when negative); the day after is day 1; 0 is the day itself."""
        if office_days == 0:
            self._position(day)
            return day
        passed = self._open_until[self._position(day)]
        if office_days < 0:
            passed += 1 - self.is_open(day)  # so that the day before is day 1 whether ``day`` is open or not
        return self._office_day(passed + office_days - 1)

    def roll(self, day: dt.date, direction: Roll) -> dt.date:
        """``day`` itself when open (or when nothing rolls), else the nearest office day in ``direction``."""
        if direction is Roll.NONE:
            return day
        if self.is_open(day):
            return day
        passed = self._open_until[self._position(day)]
        return self._office_day(passed - 1 if direction is Roll.PREVIOUS else passed)

    def first_office_day(self, year: int, month: int) -> dt.date:
        """The first office day of a month."""
        return self.roll(dt.date(year, month, 1), Roll.NEXT)

    def last_office_day(self, year: int, month: int) -> dt.date:
        """The last office day of a month."""
        return self.roll(Month(year, month).last, Roll.PREVIOUS)

    def count(self, start: dt.date, end: dt.date) -> int:
        """How many office days lie after ``start`` up to and including ``end``; negative when ``end`` is earlier.

        The inverse of ``add``: ``count(day, add(day, n)) == n``.
        """
        if end < start:
            opened = self._open_until[self._position(end)] - self.is_open(end)
            return opened - (self._open_until[self._position(start)] - self.is_open(start))
        return self._open_until[self._position(end)] - self._open_until[self._position(start)]

    def _position(self, day: dt.date) -> int:
        if not self.first <= day <= self.last:
            raise CalendarRangeError(
                f"{day} is outside the calendar table ({self.first.year}-{self.last.year}); enlarge the table first"
            )
        return day.toordinal() - self._start

    def _office_day(self, index: int) -> dt.date:
        if not 0 <= index < len(self._office_days):
            raise CalendarRangeError(f"The count leaves the calendar table ({self.first.year}-{self.last.year})")
        return dt.date.fromordinal(self._office_days[index])


def _closed_days(table: CalendarTable) -> dict[int, Text]:
    """Names of holidays and of the closure by ordinal; a holiday's own name wins."""
    names: dict[int, Text] = {}
    for year, days in table.holidays.items():
        names |= {day.toordinal(): table.closure.name for day in _closure_days(table.closure, year)}
        for day, key in days.items():
            names[dt.date.fromisoformat(f"{year}-{day}").toordinal()] = table.names[key]
    return names


def _closure_days(closure: Closure, year: int) -> Iterator[dt.date]:
    """The days of one calendar year on which the closure over the turn of the year falls."""
    opening, ending = dt.date(year, 1, 1), dt.date(year, 12, 31)
    day = opening
    while day <= dt.date.fromisoformat(f"{year}-{closure.last}"):
        yield day
        day += DAY
    day = dt.date.fromisoformat(f"{year}-{closure.first}")
    while day < ending:
        yield day
        day += DAY
    yield ending


@cache
def japan(root: Path = WORKFLOWS) -> OfficeCalendar:
    """The calendar of Japanese government offices, from ``workflows/calendars/japan.yaml``; read once."""
    return OfficeCalendar(load(CalendarTable, root / "calendars" / "japan.yaml", root))
