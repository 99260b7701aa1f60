"""When a mail is due: days before, on and after a day, in calendar and office days. Pure arithmetic on the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.core.clock import TOKYO
from app.engine.calendar import DAY, OfficeCalendar
from app.engine.definition.common import Role

MAIL_HOUR = dt.time(8, 30)  # our own choice: before the day's work begins in Japan
DAYS_AHEAD = 14
ALONE = 3  # office days: what is as near as that is never one line among others
ALARM_AHEAD = 45  # calendar days; a regulator's window opens at most a month before its predicted day


class Rule(StrEnum):
    """The rules, in the order in which they come up."""

    DAYS_14 = "14_days"  # calendar days before
    DAYS_7 = "7_days"
    OFFICE_3 = "3_office_days"  # office days before
    OFFICE_1 = "1_office_day"
    OPENS = "opens"  # the regulator may receive it from this day on, although another day is expected
    ON_DAY = "on_day"
    OVERDUE = "overdue"  # the next office day after, once
    SILENCE = "silence"  # the regulator was expected to act, and one office day later nothing is recorded


OURS = (Role.NOT_AFTER, Role.OWN)


@dataclass(frozen=True, slots=True)
class Subject:
    """What the rules look at: whose day it is, the day itself or the first of its range, the last of the range, and
    the day from which it must be ready."""

    role: Role
    day: dt.date
    last: dt.date
    alarm_from: dt.date | None = None

    @property
    def counted(self) -> dt.date:
        """The day that mails are about: the first day for what we must do, the last for what we wait for."""
        return self.day if self.role in OURS else self.last


@dataclass(frozen=True, slots=True)
class Due:
    """A mail that a rule wants on a day (from 08:30 in Japan)."""

    rule: Rule
    on: dt.date


def ladder(subject: Subject, calendar: OfficeCalendar) -> list[Due]:
    """All mails about a subject, if nothing changes, in the order of their days; each day is later than the one before.

    A rule whose successor is due no later is left out: over long holidays three office days are more than a week.
    """
    if subject.role is Role.THEIRS:
        return [Due(Rule.SILENCE, calendar.add(subject.last, 1))]
    if subject.role not in OURS:
        return []
    steps: list[Due] = []
    for due in reversed(list(_steps(subject.day, calendar))):
        if not steps or due.on < steps[-1].on:
            steps.append(due)
    steps.reverse()
    opening = subject.alarm_from
    if opening and opening < subject.day and all(due.on != opening for due in steps):
        steps.append(Due(Rule.OPENS, opening))
        steps.sort(key=lambda due: due.on)
    return steps


def current(subject: Subject, today: dt.date, calendar: OfficeCalendar) -> Due | None:
    """The one mail that is due: the latest rule that has come up, however long nobody looked; None before the first."""
    return next((due for due in reversed(ladder(subject, calendar)) if due.on <= today), None)


def can_wait(subject: Subject, today: dt.date, calendar: OfficeCalendar) -> bool:
    """Whether a mail about it may also be about others: even its nearest day is more than three office days away."""
    nearest = min(subject.day, subject.alarm_from or subject.day)
    return subject.role in OURS and calendar.count(today, nearest) > ALONE


def awake(now: dt.datetime) -> bool:
    """Whether mails may be written: from 08:30 in Japan to midnight. What was missed waits for the morning, too, so
    that nobody gets two mails about one thing on the same day."""
    return now.astimezone(TOKYO).time() >= MAIL_HOUR


def last_overdue_day(today: dt.date, calendar: OfficeCalendar) -> dt.date:
    """The latest day that is overdue ``today``: an office day has begun after it."""
    return calendar.add(today + DAY, -1) - DAY


def rules_by_day(today: dt.date, calendar: OfficeCalendar) -> dict[dt.date, Rule]:
    """For each day of ours from the first not overdue one on, the rule that is due ``today``."""
    first = last_overdue_day(today, calendar) + DAY
    days = (first + dt.timedelta(days=n) for n in range((today - first).days + DAYS_AHEAD + 1))
    found = {day: current(Subject(Role.NOT_AFTER, day, day), today, calendar) for day in days}
    return {day: due.rule for day, due in found.items() if due}


def _steps(day: dt.date, calendar: OfficeCalendar) -> Iterator[Due]:
    yield Due(Rule.DAYS_14, day - dt.timedelta(days=DAYS_AHEAD))
    yield Due(Rule.DAYS_7, day - dt.timedelta(days=7))
    yield Due(Rule.OFFICE_3, calendar.add(day, -3))
    yield Due(Rule.OFFICE_1, calendar.add(day, -1))
    yield Due(Rule.ON_DAY, day)
    yield Due(Rule.OVERDUE, calendar.add(day, 1))
