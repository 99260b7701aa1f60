"""The pipeline: every therapy that was granted, where it stands, what comes next and how late it is."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, Integer, Select, bindparam

from app.abroad import spoilt
from app.access.scope import Reads, Scope
from app.engine.calendar import japan
from app.engine.conflicts import Warned
from app.engine.definition.common import Language, Text
from app.engine.machine import Tracks
from app.pathways import log
from app.pathways.places import Followed, place_of
from app.schedule import ahead
from app.schedule.models import Milestone
from app.schedule.queries import MilestoneView, may_be_over
from app.therapies import queries as therapies
from app.therapies.places import Place
from app.therapies.queries import TherapyView


class Order(StrEnum):
    """By what the pipeline can be sorted."""

    LATE = "late"
    NEXT = "next"
    STAGE = "stage"
    COMPANY = "company"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class PipelineRow:
    """One therapy, with the days that the order of all needs; ``filled`` adds what is shown of the dates themselves.

    ``slack``: office days to the next duty that is not done; where one is late the office days since its last day as a
    negative number (0 before the first of them).
    """

    therapy: TherapyView
    place: Place | None
    next_day: dt.date | None  # of what comes next, whoever acts
    late_day: dt.date | None  # the last day of what of ours is late since longest
    slack: int | None
    conflicts: tuple[Warned, ...] = ()  # of its plans abroad
    logged: bool = False  # that the reader saw it today is written down
    next: MilestoneView | None = None
    late: MilestoneView | None = None
    perhaps_over: MilestoneView | None = None  # what of ours may be late already, and nobody can tell

    @property
    def is_late(self) -> bool:
        """Whether anything of ours is."""
        return self.late_day is not None

    @property
    def stage(self) -> str:
        """Letter and number of the station, for filters."""
        return f"{self.place.letter}{self.place.number}" if self.place else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows of the pipeline are shown: those of one stage, the late ones, those with conflicts abroad, or all."""

    stage: str = ""
    late: bool = False
    conflicts: bool = False

    @property
    def takes_all(self) -> bool:
        """Whether nothing was chosen."""
        return self == ALL

    def takes(self, row: PipelineRow) -> bool:
        """Whether the row is shown."""
        of_stage = not self.stage or row.stage == self.stage
        return of_stage and (not self.late or row.is_late) and (not self.conflicts or bool(row.conflicts))


ALL = Choice()


@dataclass(frozen=True)
class Stage:
    """A station at which therapies stand, and how many."""

    code: str
    names: Text
    count: int


def pipeline(scope: Scope, today: dt.date, page: str = "") -> list[PipelineRow]:
    """Every therapy granted to the reader's hubs, the latest first; one statement, and one for histories that are new.

    ``page`` is the list in which they are shown; the rows say whether that is written down.
    """
    days = (ahead.late_day(), ahead.duty_day(), ahead.next_day())
    listed = therapies.listed(scope, page, log.history(), spoilt.plans(), *days, day=today)
    stands = _stands([(view, history, plans) for view, _logged, history, plans, *_days in listed], today)
    rows = [
        PipelineRow(view, stands[view.id][0], coming, late, _slack(late, duty, today), stands[view.id][1], logged)
        for view, logged, _history, _plans, late, duty, coming in listed
    ]
    return sorted(rows, key=_KEYS[Order.LATE])


def filled(
    scope: Scope, rows: Sequence[PipelineRow], today: dt.date, *, days: int = 0, most: int = 0
) -> tuple[list[PipelineRow], list[MilestoneView]]:
    """The rows with their dates; with them, of the whole pipeline, the first ``most`` dates that lie at most ``days``
    calendar days ahead, late ones before all. One statement."""
    last = today + dt.timedelta(days=days)
    shown = [row.therapy.id for row in rows]
    found = ahead.read(scope, _parts, therapy_ids=shown, day=today, last=last, most=most)
    of_each: dict[str, list[MilestoneView]] = {}
    for milestone in found:
        of_each.setdefault(milestone.therapy_id, []).append(milestone)
    return [_filled(row, of_each.get(row.therapy.id, []), today) for row in rows], [
        milestone for milestone in found if milestone.duty_day and milestone.duty_day <= last
    ][:most]


def _parts(reader: Reads) -> tuple[Select[str], ...]:
    near = Milestone.duty_day <= bindparam("last", type_=Date)
    granted = therapies.granted_ids(reader)
    return ahead.heads(ahead.THESE), ahead.first(granted, bindparam("most", type_=Integer), near)


def arranged(
    rows: Sequence[PipelineRow], *, order: Order, choice: Choice = ALL, language: Language = "ja"
) -> list[PipelineRow]:
    """The chosen rows in the wished order."""
    chosen = [row for row in rows if choice.takes(row)]
    by_words: dict[Order, Callable[[PipelineRow], Any]] = {
        Order.COMPANY: lambda row: (row.therapy.organisation(language), row.therapy.name(language)),
        Order.NAME: lambda row: row.therapy.name(language),
    }
    return sorted(chosen, key=by_words.get(order) or _KEYS[order])


def conflicts(rows: Sequence[PipelineRow]) -> list[str]:
    """The names of all conflicts of these rows."""
    return sorted(spoilt.name(row.therapy.id, each) for row in rows for each in row.conflicts)


def stages(rows: Sequence[PipelineRow]) -> list[Stage]:
    """The stations at which therapies stand, in the order of their codes along the lines P, A, K."""
    places = {row.stage: row.place for row in rows if row.place}
    counts = Counter(row.stage for row in rows)
    found = [Stage(code, here.names, counts[code]) for code, here in places.items()]
    return sorted(found, key=lambda stage: _along(stage.code))


def _stand(therapy: TherapyView, tracks: Tracks, plans: str | None) -> tuple[Place | None, tuple[Warned, ...]]:
    """Where a therapy stands, and what of its plans abroad conflicts with that."""
    return place_of(tracks), spoilt.conflicts(therapy, tracks, plans)


_stands = Followed(_stand).of


def _slack(late: dt.date | None, duty: dt.date | None, today: dt.date) -> int | None:
    if late:
        return -japan().count(late, today)
    return japan().count(today, max(duty, today)) if duty else None


def _filled(row: PipelineRow, found: list[MilestoneView], today: dt.date) -> PipelineRow:
    """With the first of what was found, in the order of days, that has not passed, and what is late since longest."""
    dated = [(milestone.last_day, milestone) for milestone in found if milestone.last_day]
    late = [(last, milestone) for last, milestone in dated if milestone.ours and last < today]
    return replace(
        row,
        next=next((milestone for last, milestone in dated if last >= today), None),
        late=min(late, key=lambda one: one[0])[1] if late else None,
        perhaps_over=next((milestone for _last, milestone in dated if may_be_over(milestone, today)), None),
    )


def _along(code: str) -> tuple[int, str]:
    return ("PAKSY".find(code[:1]) if code[:1] in "PAKSY" else 9, code)


_FAR = dt.date.max
_KEYS: dict[Order, Callable[[PipelineRow], Any]] = {
    Order.LATE: lambda row: (
        not row.is_late,
        10_000 if row.slack is None else row.slack,
        row.therapy.name_ja,
        row.therapy.id,
    ),
    Order.NEXT: lambda row: (row.next_day or _FAR, row.therapy.name_ja),
    Order.STAGE: lambda row: (*_along(row.stage), row.therapy.name_ja),
}
