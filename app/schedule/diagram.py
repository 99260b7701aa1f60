"""The timetable diagram (ダイヤ) of a therapy: months as columns, a lane per subject, a numbered mark per milestone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.core import formats
from app.core.i18n import language
from app.engine.calendar import Month
from app.engine.definition.common import Basis
from app.schedule.queries import MilestoneView

LEFT, WIDTH, TOP, LANE, FOOT = 12.0, 1080.0, 40.0, 74.0, 14.0
RADIUS, ROW = 12.0, 26.0  # a mark, and how far below a mark goes that would cover another
FEWEST_MONTHS = 4


@dataclass(frozen=True, slots=True)
class MonthLine:
    """The first day of a month."""

    x: float
    label: str
    year: bool  # the label carries the year


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone: its number in the table, its place, and for a range where it ends."""

    number: int
    x: float
    y: float
    until: float | None
    standing: str  # done, late, ours, theirs
    basis: Basis
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The milestones of one subject."""

    label: str
    y: float
    first: float
    last: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """Everything that the picture needs, in its own units."""

    width: float
    height: float
    months: tuple[MonthLine, ...]
    lanes: tuple[Lane, ...]
    today: float


def draw(numbered: Sequence[tuple[int, MilestoneView, str, str]], today: dt.date) -> Diagram | None:
    """The diagram of (number, milestone, its title, its subject's name); None when nothing has a date."""
    dated = [entry for entry in numbered if entry[1].duty_day]
    if not dated:
        return None
    days = [day for _, m, _, _ in dated for day in (m.duty_day, m.latest, m.done_on) if day]
    scale = _Scale.over(min([*days, today]), max([*days, today]))
    lanes, y = [], TOP
    for subject in dict.fromkeys(m.subject_id for _, m, _, _ in dated):
        own = [entry for entry in dated if entry[1].subject_id == subject]
        marks = _marks(own, y + 34, scale, today)
        ends = [mark.x for mark in marks] + [mark.until for mark in marks if mark.until]
        lanes.append(Lane(own[0][3], y, min(ends), max(ends), marks))
        y = max([y + LANE, *(mark.y + RADIUS + 20 for mark in marks)])
    return Diagram(LEFT * 2 + WIDTH, y + FOOT, scale.months(), tuple(lanes), scale.at(today))


def _marks(
    own: Sequence[tuple[int, MilestoneView, str, str]], y: float, scale: _Scale, today: dt.date
) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    for number, milestone, title, _ in own:
        day = milestone.done_on or milestone.duty_day
        if day is None:
            continue
        x = scale.at(day)
        level = 0
        while any(abs(mark.x - x) < 2 * RADIUS + 2 and mark.y == y + level * ROW for mark in marks):
            level += 1
        late = milestone.ours and not milestone.done_on and (milestone.latest or day) < today
        standing = "done" if milestone.done_on else "late" if late else "ours" if milestone.ours else "theirs"
        until = scale.at(milestone.latest) if milestone.latest and not milestone.done_on else None
        marks.append(Mark(number, x, y + level * ROW, until, standing, milestone.basis, title))
    return tuple(marks)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days to places; it begins with the first day of a month and ends with a last one."""

    first: Month
    count: int

    @classmethod
    def over(cls, start: dt.date, end: dt.date) -> _Scale:
        first, last = Month.of(start), Month.of(end)
        return cls(first, max((last.year - first.year) * 12 + last.month - first.month + 1, FEWEST_MONTHS))

    def at(self, day: dt.date) -> float:
        start, end = self.first.first, self.first.plus(self.count).first
        return LEFT + WIDTH * (day - start).days / (end - start).days

    def months(self) -> tuple[MonthLine, ...]:
        step = 1 if self.count <= 14 else 3
        found = []
        for offset in range(0, self.count, step):
            month = self.first.plus(offset)
            with_year = offset == 0 or month.month <= step
            label = formats.month(month) if with_year else _name(month)
            found.append(MonthLine(self.at(month.first), label, with_year))
        return tuple(found)


def _name(month: Month) -> str:
    """A month without its year: 12月, Dec."""
    return f"{month.month}月" if language() == "ja" else formats.month(month).split()[0]
