"""The timetable diagram (ダイヤ) of a therapy: months across, a row per step, each consultation a train that runs down.

The requests that PMDA receives in other months are thin lines beside it: who misses one falls to the next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.core import formats, i18n
from app.core.i18n import language
from app.engine.calendar import Month
from app.engine.definition.common import Basis
from app.engine.diagram import text
from app.schedule.departures import Line, Train
from app.schedule.queries import MilestoneView

LEFT, TOP, FOOT = 14.0, 44.0, 12.0
WIDE, NARROW = 1080.0, 272.0
TITLE, ROW, GAP = 19.0, 27.0, 22.0  # a line of a lane's name, a step, and the room after a lane
RADIUS = 11.0
FEWEST_MONTHS = 4
OTHERS = 12  # months after ours in which the requests of others are drawn, however far other dates lie
LETTERS, BESIDE = 12.5, 17.0  # the size of a title, and how far from its mark it begins
SMALL = 12.0  # the size of the months of other requests
STEPS = (1, 2, 3, 6, 12, 24, 60)  # how many months lie between two that are named

Numbered = tuple[int, MilestoneView, str, str]  # number in the table, milestone, its title, its subject's name


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
    label_x: float
    label_left: bool  # the title ends at label_x, before the mark


@dataclass(frozen=True, slots=True)
class Sign:
    """What stands over a request of another month."""

    words: str
    x: float
    left: bool  # the words end at x


@dataclass(frozen=True, slots=True)
class Ghost:
    """A request of another month: the window in which it leaves and the meeting to which it runs."""

    x1: float
    x2: float
    y1: float
    to: float
    y2: float
    label: str
    next: bool  # it is the one that is left when ours is missed
    sign: Sign | None = None  # where there is room for one


@dataclass(frozen=True, slots=True)
class Lane:
    """The milestones of one subject, and what leaves beside them."""

    label: tuple[str, ...]
    y: float
    marks: tuple[Mark, ...]
    ghosts: tuple[Ghost, ...] = ()
    fall: tuple[float, float, float] | None = None  # from our request to the next one: x, x, y

    @property
    def path(self) -> str:
        """The train itself, as points of a polyline."""
        return " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Diagram:
    """Everything that the picture needs, in its own units."""

    width: float
    height: float
    months: tuple[MonthLine, ...]
    lanes: tuple[Lane, ...]
    today: float


def months_of(numbered: Sequence[Numbered], today: dt.date) -> tuple[Month, Month] | None:
    """The first and the last month of the picture; None when nothing has a date."""
    days = [day for _, m, _, _ in numbered for day in (m.duty_day, m.latest, m.done_on) if day]
    if not days:
        return None
    first, last = Month.of(min([*days, today])), Month.of(max([*days, today]))
    fewest = first.plus(FEWEST_MONTHS - 1)
    return first, max(last, fewest)


def draw(
    numbered: Sequence[Numbered], today: dt.date, lines: Mapping[str, Line] | None = None, width: float = WIDE
) -> Diagram | None:
    """The diagram; None when nothing has a date. ``lines``: what else leaves, by subject."""
    dated = [entry for entry in numbered if entry[1].duty_day]
    span = months_of(dated, today)
    if span is None:
        return None
    scale = _Scale(*span, width)
    lanes, y = [], TOP
    for subject in dict.fromkeys(m.subject_id for _, m, _, _ in dated):
        own = sorted((entry for entry in dated if entry[1].subject_id == subject), key=lambda entry: entry[1].position)
        lane = _lane(own, y, scale, today, (lines or {}).get(subject))
        lanes.append(lane)
        y += TITLE * len(lane.label) + len(own) * ROW + GAP
    return Diagram(LEFT * 2 + width, y + FOOT, scale.months(), tuple(lanes), scale.at(today))


def _lane(own: Sequence[Numbered], y: float, scale: _Scale, today: dt.date, line: Line | None) -> Lane:
    name = min((each[3] for each in own), key=len)  # of a piece of evidence: 証拠(治験届), of the whole: 証拠
    label = text.wrap(name, 14, scale.width, bold=True)
    rows = {m.key: y + TITLE * len(label) + 6 + ROW * place + ROW / 2 for place, (_, m, _, _) in enumerate(own)}
    marks = tuple(_mark(entry, rows[entry[1].key], scale, today) for entry in own)
    lane = Lane(label, y, marks)
    if line is None or line.meeting not in rows or line.request not in rows:
        return lane
    by_key = {m.key: m for _, m, _, _ in own}
    request, meeting = by_key[line.request], by_key[line.meeting]
    ours = Month.of(meeting.done_on or meeting.duty_day or today)
    last = max(ours, Month.of(today)).plus(OTHERS)
    following = (
        None if request.done_on else next((t for t in line.trains if t.month > ours and t.latest >= today), None)
    )
    ghosts = tuple(
        _ghost(train, rows[line.request], rows[line.meeting], scale, train is following)
        for train in line.trains
        if train.month != ours and scale.holds(train.earliest) and (train is following or train.month <= last)
    )
    ghosts = _signed(ghosts, scale.right)
    after = next((ghost for ghost in ghosts if ghost.next), None)
    start = next(mark.x for mark, entry in zip(marks, own, strict=True) if entry[1] is request)
    fall = (start, after.x1, after.y1) if after and after.x1 > start else None
    return Lane(label, y, marks, ghosts, fall)


def _ghost(train: Train, y1: float, y2: float, scale: _Scale, is_next: bool) -> Ghost:
    middle = train.month.first + (train.month.plus(1).first - train.month.first) / 2
    to, x1 = scale.at(middle), scale.at(train.earliest)
    share = min(1.0, (scale.right - x1) / (to - x1)) if to > x1 else 1.0  # it ends where the picture ends
    return Ghost(
        x1,
        scale.at(train.latest),
        y1,
        x1 + (to - x1) * share,
        y1 + (y2 - y1) * share,
        formats.month(train.month),
        is_next,
    )


def _signed(ghosts: Sequence[Ghost], right: float) -> tuple[Ghost, ...]:
    """Each with its sign; where signs would cover each other the next request has its own, then the earlier ones."""
    taken: list[tuple[float, float]] = []
    signed = list(ghosts)
    for place, ghost in sorted(enumerate(ghosts), key=lambda each: not each[1].next):
        words = i18n.gettext("else %(month)s", month=ghost.label) if ghost.next else ghost.label
        x, long = ghost.x1 + 6, text.width(words, SMALL, bold=ghost.next)
        left = x + long > right + LEFT
        begins, ends = (x - long, x) if left else (x, x + long)
        if all(ends + SMALL / 2 <= first or last + SMALL / 2 <= begins for first, last in taken):
            taken.append((begins, ends))
            signed[place] = replace(ghost, sign=Sign(words, x, left))
    return tuple(signed)


def _mark(entry: Numbered, y: float, scale: _Scale, today: dt.date) -> Mark:
    number, milestone, title, _ = entry
    day = milestone.done_on or milestone.duty_day or today
    late = milestone.ours and not milestone.done_on and (milestone.latest or day) < today
    standing = "done" if milestone.done_on else "late" if late else "ours" if milestone.ours else "theirs"
    x, until = scale.at(day), scale.at(milestone.latest) if milestone.latest and not milestone.done_on else None
    name = _short(title, x, until or x, scale.right)
    return Mark(number, x, y, until, standing, milestone.basis, name, *_label(name, x, until or x, scale.right))


def _label(title: str, x: float, until: float, right: float) -> tuple[float, bool]:
    """Where a title begins, or ends when it stands before its mark: after the bar, else before, else over the bar."""
    long, edge = text.width(title, LETTERS), right + LEFT
    if long <= edge - until - BESIDE:
        return until + BESIDE, False
    if long <= x - BESIDE:
        return x - BESIDE, True
    return x + BESIDE, False


def _short(title: str, x: float, until: float, right: float) -> str:
    """A title that never covers a mark: cut where neither side holds it; the table has it whole under its number."""
    room = max(right + LEFT - until, right + LEFT - x, x) - BESIDE
    if text.width(title, LETTERS) <= room:
        return title
    while title and text.width(title + "…", LETTERS) > room:
        title = title[:-1]
    return title.rstrip() + "…"


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days to places; it begins with the first day of a month and ends with a last one."""

    first: Month
    last: Month
    width: float

    @property
    def right(self) -> float:
        return LEFT + self.width

    def at(self, day: dt.date) -> float:
        start, end = self.first.first, self.last.plus(1).first
        return LEFT + self.width * (day - start).days / (end - start).days

    def holds(self, day: dt.date) -> bool:
        return self.first.first <= day < self.last.plus(1).first

    def months(self) -> tuple[MonthLine, ...]:
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        step = next((step for step in STEPS if self.width / count * step >= 44), STEPS[-1])
        months = map(self.first.plus, range(count))
        named = [month for month in months if (month.year * 12 + month.month - 1) % step == 0]
        wide = self.width / count * step >= 76
        return tuple(
            MonthLine(
                self.at(month.first),
                formats.month(month) if wide and (month is named[0] or month.month == 1) else _name(month),
                month.month == 1,
            )
            for month in named
        )


def _name(month: Month) -> str:
    """A month without its year: 12月, Dec; a January says its year, too."""
    if month.month == 1:
        return f"{month.year}年" if language() == "ja" else f"{month.year}"
    return f"{month.month}月" if language() == "ja" else formats.month(month).split()[0]
