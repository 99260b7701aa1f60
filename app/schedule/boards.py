"""Milestones as the components of pages show them: dates with their derivation, and the departure board."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.core.i18n import Language
from app.engine.calendar import OfficeCalendar, japan
from app.engine.definition.common import Basis, Text
from app.rules import reading
from app.schedule.queries import MilestoneView, follows_the_history, last_day, may_be_over, to_its_end
from app.schedule.services import Draft, path_of
from app.web.components import (
    DateView,
    Departure,
    DepartureBoard,
    DepartureState,
    Link,
    SourceMark,
    Why,
)

FIRMEST_FIRST = tuple(Basis)
STATE_OF_BASIS = {Basis.PREDICTED: DepartureState.PREDICTED, Basis.ASSUMED: DepartureState.ASSUMED}


def date_view(milestone: MilestoneView | Draft, language: Language, *, why: bool = True) -> DateView:
    """The date of a milestone with its basis and, where the page has room for it, the answer to "why this date?"."""
    if milestone.done_on:
        return DateView(Basis.ACTUAL, day=milestone.done_on)
    answer = why_view(milestone, language) if why else None
    if milestone.on_day:
        return DateView(milestone.basis, day=milestone.on_day, why=answer)
    return DateView(milestone.basis, earliest=milestone.earliest, latest=milestone.latest, why=answer)


def why_view(milestone: MilestoneView | Draft, language: Language) -> Why | None:
    """The sentence of the derivation, its parts, its sources, and what to ask where nobody knows."""
    if milestone.why is None:
        return None
    trace = milestone.trace
    return Why(
        sentence=milestone.why.say(language),
        inputs=tuple((name[language], value[language]) for name, value in trace.get("pairs", ())),
        sources=source_marks(trace, language),
        analogy=_said(trace.get("analogy"), language),
        ask=_said(trace.get("ask"), language),
        rule=reading.address(trace["entry"]) if trace.get("entry") else None,
    )


def source_marks(trace: dict[str, Any], language: Language) -> tuple[SourceMark, ...]:
    """The sources of a derivation in their look; recalled facts say so."""
    return reading.marks(trace.get("confidence"), list(trace.get("sources", ())), language)


def departure(
    milestone: MilestoneView, today: dt.date, language: Language, calendar: OfficeCalendar, *, therapy: bool = True
) -> Departure:
    """One row of the board; business days are office days of the government."""
    state, days = _state(milestone, today, calendar)
    return Departure(
        date=_bare(milestone),
        what=milestone.title.say(language),
        state=state,
        hours=milestone.hours,
        meeting=milestone.about.say(language) if milestone.about else None,
        therapy=Link(milestone.therapy.say(language), f"/therapies/{milestone.therapy_id}") if therapy else None,
        business_days=days,
        href=path_of(milestone),
    )


def plan_board(
    drafts: Sequence[Draft],
    today: dt.date,
    language: Language,
    *,
    heading: str | None = None,
    empty: str | None = None,
    foot: Text | None = None,
    most: int = 7,
) -> DepartureBoard:
    """The board of one plan, also of one that is not saved: what is not done and has a date, soonest first."""
    calendar = japan()
    rows = sorted((d for d in drafts if d.duty_day and not d.done_on), key=lambda d: d.duty_day or dt.date.max)[:most]
    departures, mixed = [], len({draft.ours for draft in rows}) > 1
    for draft in rows:
        state, days = _state(draft, today, calendar)
        whose = (
            (Text(ja="当方", en="we") if draft.ours else Text(ja="PMDA", en="PMDA")).say(language) if mixed else None
        )
        departures.append(Departure(_bare(draft), draft.title.say(language), state, draft.hours, whose, None, days))
    ahead = [d.duty_day for d in rows if d.ours and d.duty_day and d.duty_day > today]
    return DepartureBoard(
        departures=tuple(departures),
        foot=foot.say(language) if foot else None,
        heading=heading,
        empty=empty,
        next_business_days=calendar.count(today, ahead[0]) if ahead else None,
    )


def departure_board(
    milestones: Sequence[MilestoneView],
    today: dt.date,
    language: Language,
    *,
    therapy: bool = True,
    heading: str | None = None,
    empty: str | None = None,
    more: Link | None = None,
) -> DepartureBoard:
    """The board of ``milestones`` (from ``queries.upcoming``); its foot is the price of missing the first.

    Of several on one day the least certain says the price: nothing may look surer than it is.
    """
    calendar = japan()
    ahead = [m for m in milestones if m.duty_day and m.duty_day >= today]
    costly = first_that_costs(ahead)
    return DepartureBoard(
        departures=tuple(departure(m, today, language, calendar, therapy=therapy) for m in milestones),
        foot=costly.price.say(language) if costly and costly.price else None,
        heading=heading,
        empty=empty,
        next_business_days=calendar.count(today, ahead[0].duty_day) if ahead and ahead[0].duty_day else None,
        next_is_today=bool(ahead) and ahead[0].duty_day == today,
        more=more,
    )


def first_that_costs(ahead: Sequence[MilestoneView]) -> MilestoneView | None:
    """The first, in the order of days, that it costs something to miss; of those on its day the least certain one."""
    priced = [m for m in ahead if m.price]
    first = [m for m in priced if m.duty_day == priced[0].duty_day]
    return max(first, key=lambda m: FIRMEST_FIRST.index(m.basis), default=None)


def to_read(board: DepartureBoard) -> DepartureBoard:
    """The board for readers who may change nothing: its rows lead to the consultation, not to the form of a step."""
    rows = tuple(replace(row, href=row.href and row.href.partition("/steps/")[0]) for row in board.departures)
    return replace(board, departures=rows)


def days_left(milestone: MilestoneView | Draft, today: dt.date, calendar: OfficeCalendar) -> int | None:
    """Office days from today to the duty day; once it is late, those since its last day as a negative number, and
    within a range that counts to its end none. None without a date or when done."""
    first, last = milestone.duty_day, last_day(milestone)
    if first is None or last is None or milestone.done_on:
        return None
    return calendar.count(today, last if last < today else max(first, today))


def _state(
    milestone: MilestoneView | Draft, today: dt.date, calendar: OfficeCalendar
) -> tuple[DepartureState, int | None]:
    first = milestone.duty_day
    if first is None:
        return DepartureState.NOT_PUBLISHED, None
    last = last_day(milestone) or first
    if last < today:
        return DepartureState.OVERDUE, calendar.count(last, today)
    if may_be_over(milestone, today):
        return DepartureState.MAY_BE_OVER, None
    if first <= today:
        return DepartureState.TODAY, 0
    left = calendar.count(today, first)
    if milestone.is_window and not follows_the_history(milestone):
        return DepartureState.NOT_PUBLISHED, left
    usual = DepartureState.COUNTED if milestone.on_day else DepartureState.EARLIEST  # its true day is still open
    return STATE_OF_BASIS.get(milestone.basis, usual), left


def _bare(milestone: MilestoneView | Draft) -> DateView:
    """The date without its derivation; of ours whose day is open the earliest, which is the one to keep, unless the
    range counts to its end."""
    kept = milestone.on_day or (None if to_its_end(milestone) else milestone.earliest)
    if kept:
        return DateView(milestone.basis, day=kept)
    return DateView(milestone.basis, earliest=milestone.earliest, latest=milestone.latest)


def _said(text: dict[str, str] | None, language: Language) -> str | None:
    return text[language] if text else None
