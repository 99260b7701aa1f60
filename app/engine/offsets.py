"""Applying one rule to one day, and the way back. All arithmetic of periods stands here.

Periods in months and years end as in Civil Code Art. 143: on the day before the corresponding day of the last month,
or at the end of that month when it has no such day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.engine.calendar import DAY, Month, OfficeCalendar
from app.engine.definition.common import Role
from app.engine.definition.rules import Counting, DateRule, Roll, Unit


@dataclass(frozen=True, slots=True)
class Shifted:
    """The day that the rule names, and the day after rolling; the same when nothing rolled."""

    ruled: dt.date
    day: dt.date


def shift(rule: DateRule, role: Role, day: dt.date, calendar: OfficeCalendar, *, last: bool = False) -> Shifted:
    """Apply ``rule`` to the anchor's ``day``; ``last`` takes the far end of a range of offsets."""
    amount = rule.until if last and rule.until is not None else rule.offset
    ruled = _offset(rule, amount, day, calendar)
    return Shifted(ruled, calendar.roll(ruled, rule.rolling(role)))


def latest_anchor(rule: DateRule, role: Role, goal: dt.date, calendar: OfficeCalendar) -> dt.date:
    """The latest day of the anchor from which the rule still reaches no later day than ``goal``.

    For a range of offsets the far end counts, so that the goal is kept whatever happens within the range.
    """
    day = goal - (shift(rule, role, goal, calendar, last=True).day - goal)
    while shift(rule, role, day, calendar, last=True).day > goal:
        day -= DAY
    while shift(rule, role, day + DAY, calendar, last=True).day <= goal:
        day += DAY
    return day


def uses_calendar(rule: DateRule, role: Role) -> bool:
    """True when the date depends on which days are office days."""
    return rule.unit is Unit.BUSINESS_DAYS or rule.rolling(role) is not Roll.NONE


def _offset(rule: DateRule, amount: int, day: dt.date, calendar: OfficeCalendar) -> dt.date:
    if rule.unit is Unit.BUSINESS_DAYS:
        return calendar.add(day, amount)
    if rule.counting is Counting.APART:
        return _apart(rule.unit, amount, day)
    begin = day if rule.counting is Counting.SAME_DAY else day + DAY
    end = period_end(rule.unit, amount, begin)
    return end + DAY if rule.after_period else end


def _apart(unit: Unit, amount: int, day: dt.date) -> dt.date:
    if unit is Unit.CALENDAR_DAYS:
        return day + dt.timedelta(days=amount)
    if unit is Unit.WEEKS:
        return day + dt.timedelta(weeks=amount)
    if unit is Unit.WEEK_MONDAY:
        return day + dt.timedelta(weeks=amount) - dt.timedelta(days=day.weekday())
    month = Month.of(day).plus(amount if unit is Unit.MONTHS else 12 * amount)
    return min(month.last, month.first + dt.timedelta(days=day.day - 1))


def period_end(unit: Unit, amount: int, begin: dt.date) -> dt.date:
    """The last day of a period of ``amount`` calendar days, months or years whose first day is ``begin``."""
    if unit is Unit.CALENDAR_DAYS:
        return begin + dt.timedelta(days=amount - 1)
    month = Month.of(begin).plus(amount if unit is Unit.MONTHS else 12 * amount)
    return min(month.last, month.first + dt.timedelta(days=begin.day - 2))
