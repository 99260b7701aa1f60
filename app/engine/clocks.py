"""Running one clock of ``workflows/clocks.yaml`` from one day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.engine.bounds import Given, Milestone, Rule
from app.engine.calendar import OfficeCalendar
from app.engine.definition.clock import Clock
from app.engine.definition.common import Basis, Role
from app.engine.definition.rules import Roll
from app.engine.schedule import forward
from app.engine.trace import Dated, Span


@dataclass(frozen=True, slots=True)
class ClockDay:
    """What a clock gives. ``act_by``: for a duty, the last office day up to the law's own day; else None."""

    dated: Dated
    act_by: dt.date | None


def run_clock(
    clock: Clock,
    start: dt.date,
    calendar: OfficeCalendar,
    *,
    amount: int | None = None,
    basis: Basis = Basis.ACTUAL,
) -> ClockDay:
    """The day that ``clock`` gives from ``start``, whose own basis is ``basis``.

    ``amount`` replaces the clock's number, in its own unit, where that number is an upper limit; ValueError when it
    is above the limit or the clock is fixed. CalendarRangeError where an office day is needed outside the calendar.
    """
    rule = clock.rule
    if amount is not None:
        if not clock.at_most or not 0 < amount <= rule.offset:
            raise ValueError(f"{clock.key}: the amount must be {'1 to ' if clock.at_most else ''}{rule.offset}")
        rule = rule.model_copy(update={"offset": amount})
    milestones = (
        Milestone(rule.anchor, clock.start, Role.OWN),
        Milestone(
            clock.key, clock.name, clock.role, (Rule(rule, clock.role, clock.provenance, clock.note),), clock.provenance
        ),
    )
    dated = forward(milestones, {rule.anchor: Given(Span.on(start), basis)}, calendar)[clock.key]
    duty = clock.role is Role.NOT_AFTER and not clock.term and dated.day is not None
    return ClockDay(dated, calendar.roll(dated.day, Roll.PREVIOUS) if duty and dated.day else None)
