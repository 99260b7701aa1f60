"""The day on which PMDA receives schedule requests: published, predicted by a pattern, or only a window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.engine.calendar import Month, OfficeCalendar
from app.engine.definition.common import Basis, Provenance
from app.engine.definition.consultation import ConsultationType, MonthlyPattern, PublishedReception, PublishedTable
from app.engine.definition.rules import Roll
from app.engine.law import in_force
from app.engine.trace import BASIS_OF_RULE, Span, weakest

MONDAY = 0


@dataclass(frozen=True, slots=True)
class PublishedDay:
    """One published reception day with the notice day that was published beside it, and where it was read.

    ``own``: published for this very family, though its pattern was only taken from another one.
    """

    reception: dt.date
    notice: dt.date | None
    provenance: Provenance | None
    own: bool = False


ReceptionTable = Mapping[tuple[str, Month], PublishedDay]  # by family and month of the meeting


@dataclass(frozen=True, slots=True)
class Reception:
    """When a request for a meeting in ``month`` is received.

    ``span``: the day, or the window where no day can be predicted (then nothing is derived from it). ``alarm_from``:
    from this day on the request must be ready, for the true day may be it. ``notice``: only when published.
    ``borrowed``: the day was published, but for another family, and is taken from there by analogy.
    """

    month: Month
    span: Span
    alarm_from: dt.date
    basis: Basis
    provenance: Provenance | None
    window: bool = False
    notice: dt.date | None = None
    calendar: Basis | None = None
    borrowed: bool = False


def reception_table(
    tables: Iterable[PublishedTable], more: Iterable[tuple[str, PublishedReception]] = ()
) -> dict[tuple[str, Month], PublishedDay]:
    """Published tables as one look-up; ``more`` are rows (with their family) that users entered, and they win.

    Of several tables of one family the one counts that is in force on the first day of the month of the meeting.
    """
    days: dict[tuple[str, Month], PublishedDay] = {}
    families: dict[str, list[PublishedTable]] = {}
    for table in tables:
        families.setdefault(table.family, []).append(table)
    for table in (table for of_family in families.values() for table in of_family):
        for row in table.rows:
            month = Month.parse(row.meeting)
            if in_force(families[table.family], month.first) is table:
                days[table.family, month] = PublishedDay(row.reception, row.notice, table.provenance)
    for family, row in more:
        days[family, Month.parse(row.meeting)] = PublishedDay(row.reception, row.notice, None)
    return days


def table_for(kind: ConsultationType, days: ReceptionTable) -> ReceptionTable:
    """The look-up for one kind: what was published for its own family stands before what its pattern borrows."""
    pattern = kind.reception.pattern
    if pattern is None or pattern.family == kind.family:
        return days
    own = {month: day for (family, month), day in days.items() if family == kind.family}
    return {**days, **{(pattern.family, month): replace(day, own=True) for month, day in own.items()}}


def reception(pattern: MonthlyPattern, month: Month, calendar: OfficeCalendar, published: ReceptionTable) -> Reception:
    """When a request for a meeting in ``month`` is received. A published day always wins.

    By the pattern: the first office day of the month ``lead_months`` earlier, the next office day if that is a Monday;
    in the pattern's window months only a window up to the last office day not after ``window_last_day``. A table of
    another family, reached by analogy, leaves the day assumed. Source: the pattern's own.
    """
    firmness = BASIS_OF_RULE[pattern.provenance.confidence]
    row = published.get((pattern.family, month))
    if row is not None:
        basis = Basis.ASSUMED if firmness is Basis.ASSUMED and not row.own else Basis.PUBLISHED
        provenance = _borrowed(pattern.provenance, row) if basis is Basis.ASSUMED else row.provenance
        day = row.reception
        if basis is Basis.ASSUMED:
            alarm = min(day, calendar.first_office_day(day.year, day.month))
            return Reception(month, Span.on(day), alarm, basis, provenance, borrowed=True)
        return Reception(month, Span.on(day), day, basis, provenance, notice=row.notice)
    asked_in = month.plus(-pattern.lead_months)
    first = calendar.first_office_day(*asked_in)
    basis = weakest(firmness, Basis.PREDICTED)
    if asked_in.month in pattern.window_months:
        last = calendar.roll(dt.date(*asked_in, pattern.window_last_day), Roll.PREVIOUS)
        return Reception(
            month, Span(first, last), first, basis, pattern.provenance, window=True, calendar=calendar.basis(last)
        )
    day = calendar.add(first, 1) if pattern.never_on_monday and first.weekday() == MONDAY else first
    return Reception(month, Span.on(day), first, basis, pattern.provenance, calendar=calendar.basis(day))


def _borrowed(analogy: Provenance, row: PublishedDay) -> Provenance:
    """The mark of the analogy with the source of the table that the day was taken from."""
    read = row.provenance.sources if row.provenance else ()
    return analogy.model_copy(update={"sources": tuple(dict.fromkeys((*read, *analogy.sources)))})


def next_month_still_open(
    pattern: MonthlyPattern, after: Month, today: dt.date, calendar: OfficeCalendar, published: ReceptionTable
) -> Reception:
    """The first month after ``after`` whose request can surely still be ready: its alarm lies today or later."""
    month = after.plus(1)
    while True:
        found = reception(pattern, month, calendar, published)
        if found.alarm_from >= today:
            return found
        month = month.plus(1)
