"""What a regulatory lead needs in the morning, composed from the rooms below."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, Select, bindparam

from app.access.scope import Reads, Scope
from app.core.i18n import Language
from app.engine.calendar import japan
from app.pathways import log
from app.pathways import queries as pathways
from app.pathways.links import help_for
from app.pathways.pictures import sign
from app.pathways.places import places_of
from app.pathways.queries import TherapyOverview
from app.schedule import ahead, boards
from app.schedule.models import Milestone
from app.schedule.queries import MilestoneView, may_be_over
from app.therapies import queries as therapies
from app.therapies.places import Place
from app.therapies.queries import TherapyView
from app.web.components import DateView, DepartureBoard, StationSign
from app.web.lists import Pagination

HORIZON = 365  # calendar days of plans that Today reads
ROWS = 6  # of the board and of what PMDA does next
PER_PAGE = 50  # therapies of the list
FAR = dt.date.max


@dataclass(frozen=True)
class Line:
    """One date in the lists of Today."""

    milestone: MilestoneView
    date: DateView
    business_days: int  # office days left; of a day that has passed, how many have passed since, as a negative number
    late: bool = False  # its last day has passed, also when no office day has since
    may_be_over: bool = False  # nobody can tell whether its day has passed


@dataclass(frozen=True)
class Journey:
    """One therapy in short: where it is and what comes next."""

    therapy: TherapyView
    place: Place | None
    next: Line | None


@dataclass(frozen=True)
class Today:
    """The first page of a lead."""

    first: TherapyView | None  # the therapy whose duty comes soonest
    sign: StationSign | None
    board: DepartureBoard
    late: tuple[Line, ...]
    this_week: tuple[Line, ...]
    next_week: tuple[Line, ...]
    waiting: tuple[Line, ...]  # what PMDA does next, soonest first
    journeys: tuple[Journey, ...]  # those of one page, what comes next first
    pages: Pagination
    next_duty: Line | None


def today(scope: Scope, day: dt.date, language: Language, page: int = 1, address: Callable[[int], str] = str) -> Today:
    """Compose Today from the reader's own therapies; the number of statements does not grow with them.

    The list of all therapies comes in pages, of which ``page`` is shown; ``address`` is where another one is.
    """
    shown = therapies.own_page(scope, page, PER_PAGE, log.history(), by=ahead.duty_day(), day=day)
    week_ends = day + dt.timedelta(days=6 - day.weekday())
    next_ends, last = week_ends + dt.timedelta(days=7), day + dt.timedelta(days=HORIZON)
    found = _ahead(scope, [view.id for view, _history in shown.rows], day, next_ends, last)
    ours = [_line(m, day, language) for m in found if m.ours]
    theirs = [_line(m, day, language) for m in found if not m.ours and m.duty_day and m.duty_day <= last]
    late = tuple(line for line in ours if line.late)
    coming = [line for line in ours if not line.late]
    near = [line for line in coming if _starts(line) <= last]
    first = near[0].milestone.therapy_id if near else shown.first
    overview = pathways.overview(scope, first, day) if first else None
    return Today(
        first=overview.therapy if overview else None,
        sign=_sign(overview),
        board=boards.departure_board([line.milestone for line in near[:ROWS]], day, language),
        late=late,
        this_week=tuple(line for line in coming if _starts(line) <= week_ends),
        next_week=tuple(line for line in coming if week_ends < _starts(line) <= next_ends),
        waiting=tuple(theirs[:ROWS]),
        journeys=_journeys(shown.rows, coming, day),
        pages=Pagination.of(page, PER_PAGE, shown.total, address),
        next_duty=near[0] if near else None,
    )


def _ahead(scope: Scope, shown: Sequence[str], day: dt.date, next_ends: dt.date, last: dt.date) -> list[MilestoneView]:
    """Everything until the end of next week; of what is later what the board and the list of PMDA need, and what is
    next of the therapies that are shown."""
    return ahead.read(scope, _parts, therapy_ids=list(shown), day=day, next_ends=next_ends, last=last)


def _parts(reader: Reads) -> tuple[Select[str], ...]:
    own, next_ends = therapies.owned_ids(reader), bindparam("next_ends", type_=Date)
    later = (Milestone.duty_day > next_ends, Milestone.duty_day <= bindparam("last", type_=Date))
    return (
        ahead.until(own, next_ends),
        ahead.first(own, ROWS, *later, ahead.OURS),
        ahead.first(own, ROWS, *later, ahead.THEIRS),
        ahead.heads(ahead.THESE, ahead.OURS),
    )


def _line(milestone: MilestoneView, day: dt.date, language: Language) -> Line:
    starts, ends = milestone.duty_day or FAR, milestone.last_day or FAR
    left = -japan().count(ends, day) if ends < day else japan().count(day, max(starts, day))
    date = boards.date_view(milestone, language, why=False)
    return Line(milestone, date, left, ends < day, may_be_over(milestone, day))


def _starts(line: Line) -> dt.date:
    return line.milestone.duty_day or FAR


def _sign(overview: TherapyOverview | None) -> StationSign | None:
    return sign(overview, help_for(overview.therapy)) if overview else None


def _journeys(shown: Sequence[tuple[Any, ...]], coming: Sequence[Line], day: dt.date) -> tuple[Journey, ...]:
    places, nexts = places_of(shown, day), dict[str, Line]()
    for line in coming:
        nexts.setdefault(line.milestone.therapy_id, line)
    return tuple(Journey(view, places[view.id], nexts.get(view.id)) for view, _history in shown)
