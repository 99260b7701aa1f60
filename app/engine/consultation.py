"""The plan of one consultation: its steps, its warnings, the last safe day, and what missing it would cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.engine.calendar import Month, OfficeCalendar
from app.engine.cautions import Caution, cautions
from app.engine.definition.common import Role
from app.engine.definition.consultation import ConsultationType, PublishedReception
from app.engine.definition.published import NOTHING, Published
from app.engine.loader import WORKFLOWS
from app.engine.missing import Consequence, missing_reception
from app.engine.planning import Fact, PlannedStep, frame, plan_steps
from app.engine.trace import Span

__all__ = ["Caution", "Consequence", "ConsultationPlan", "Fact", "PlannedStep", "plan_consultation"]


@dataclass(frozen=True, slots=True)
class ConsultationPlan:
    """The plan of one consultation.

    ``meeting``: the day or the range of office days of the wished month. ``first_step``: the next duty not yet done
    that has a date, and ``last_safe_day`` the last day on which it is surely in time. ``missed``: what it costs to
    miss the reception, with the next possible month; None where requests are received at any time.
    """

    kind: ConsultationType
    meeting: Span | None
    month: Month | None
    steps: tuple[PlannedStep, ...]
    warnings: tuple[Caution, ...]
    first_step: PlannedStep | None
    last_safe_day: dt.date | None
    missed: Consequence | None

    def step(self, key: str) -> PlannedStep:
        """The step called ``key``; KeyError when there is none."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)

    @property
    def next_month(self) -> Month | None:
        """The month of the meeting when this reception is missed."""
        return self.missed.next_month if self.missed else None


def plan_consultation(
    kind: ConsultationType,
    *,
    meeting: dt.date | None = None,
    month: tuple[int, int] | None = None,
    today: dt.date | None = None,
    facts: Mapping[str, Fact] | None = None,
    published: Iterable[tuple[str, PublishedReception]] = (),
    more: Published = NOTHING,
    holds: Collection[str] = (),
    calendar: OfficeCalendar | None = None,
    root: Path = WORKFLOWS,
) -> ConsultationPlan:
    """Plan one consultation for a wished day, or for a wished month of the meeting.

    ``facts``: by step, the day that happened, was agreed or was published; everything else follows from them.
    ``published``: reception days that users entered, each with its family; they win over the shipped tables.
    ``more``: what was published and is not shipped (a hub entered it), with its sources; it counts like shipped tables.
    ``holds``: kinds of designation that the therapy holds, some of which let it ask at any time. ``today``: without it
    nothing is past.
    In a wished month the day of the meeting is open: dates that depend on it are ranges, and a duty obeys the
    earliest day (``PlannedStep.safe``).

    Raises ValueError for a fact about no step or a day outside the month, CalendarRangeError outside the calendar.
    """
    base = frame(
        kind,
        meeting=meeting,
        month=month,
        today=today,
        facts=facts,
        published=published,
        more=more,
        holds=holds,
        calendar=calendar,
        root=root,
    )
    steps = plan_steps(base)
    open_duties = [
        step
        for step in steps
        if step.role is Role.NOT_AFTER and not step.done and step.safe and not (base.asked and step.step.place)
    ]
    first = min(open_duties, key=lambda step: step.safe or dt.date.max, default=None)
    missed = missing_reception(base)
    return ConsultationPlan(
        kind,
        base.meeting,
        base.month,
        steps,
        cautions(base, steps, missed),
        first,
        first.safe if first else None,
        missed,
    )
