"""Office days: the calendar's table against NumPy's and against walking day by day."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np

from app.engine.calendar import OfficeCalendar, japan
from app.engine.definition.rules import Roll
from benchmarks.registry import Benchmark, Pair

CALLS = 1000


def questions() -> tuple[OfficeCalendar, list[tuple[dt.date, int]], list[dt.date]]:
    """A thousand open days with distances of up to 120 office days, and the closed weekdays around them."""
    calendar, draw = japan(), random.Random(20261122)
    start = dt.date(2026, 1, 5)
    days = [start + dt.timedelta(days=draw.randrange(365)) for _ in range(CALLS)]
    span = [start + dt.timedelta(days=n) for n in range(-60, 800)]
    closed = [day for day in span if not calendar.is_open(day) and day.weekday() < 5]
    return calendar, [(calendar.roll(day, Roll.NEXT), draw.randrange(1, 120)) for day in days], closed


def against_numpy() -> Pair:
    calendar, asked, closed = questions()
    numpy_calendar = np.busdaycalendar(holidays=closed)

    def ours() -> list[dt.date]:
        return [calendar.add(day, count) for day, count in asked]

    def other() -> list[dt.date]:
        return [
            np.busday_offset(day, count, roll="forward", busdaycal=numpy_calendar).astype(object)
            for day, count in asked
        ]

    assert ours() == other(), "the two calendars disagree"
    return Pair(ours, other, per=CALLS)


def against_walking() -> Pair:
    calendar, asked, closed = questions()
    holidays, one = frozenset(closed), dt.timedelta(days=1)

    def walk(day: dt.date, count: int) -> dt.date:
        while count:
            day += one
            if day.weekday() < 5 and day not in holidays:
                count -= 1
        return day

    def ours() -> list[dt.date]:
        return [calendar.add(day, count) for day, count in asked]

    def other() -> list[dt.date]:
        return [walk(day, count) for day, count in asked]

    assert ours() == other(), "the two calendars disagree"
    return Pair(ours, other, per=CALLS)


BENCHMARKS = [
    Benchmark("an office day some days later", "np.busday_offset, one call a day", against_numpy),
    Benchmark("an office day some days later", "walking day by day over a set of holidays", against_walking),
]
