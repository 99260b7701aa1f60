"""What a regulatory lead needs in the morning, composed from the rooms below."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.access.scope import Scope
from app.core.i18n import Language
from app.engine.calendar import japan
from app.pathways import queries as pathways
from app.pathways.links import help_for
from app.pathways.pictures import sign
from app.pathways.places import place
from app.pathways.queries import TherapyOverview
from app.pathways.rules import leading
from app.schedule import boards
from app.schedule import queries as schedule
from app.schedule.queries import MilestoneView
from app.therapies import queries as therapies
from app.therapies.places import Place
from app.therapies.queries import TherapyView
from app.web.components import DateView, DepartureBoard, StationSign

HORIZON = 365  # calendar days of plans that Today reads
ROWS = 6  # of the board and of what PMDA does next
FAR = dt.date.max


@dataclass(frozen=True)
class Line:
    """One date in the lists of Today."""

    milestone: MilestoneView
    date: DateView
    business_days: int  # office days left; of a day that has passed, how many have passed since, as a negative number
    late: bool = False  # its last day has passed, also when no office day has since


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
    journeys: tuple[Journey, ...]
    next_duty: Line | None


def today(scope: Scope, day: dt.date, language: Language) -> Today:
    """Compose Today from the reader's own therapies; the number of statements does not grow with them."""
    own = therapies.of_own(scope)
    week_ends = day + dt.timedelta(days=6 - day.weekday())
    next_ends, last = week_ends + dt.timedelta(days=7), day + dt.timedelta(days=HORIZON)
    ahead = schedule.agenda(scope, [view.id for view in own], next_ends, last, most=ROWS)
    ours = [_line(m, day, language) for m in ahead if m.ours]
    late = tuple(line for line in ours if line.late)
    coming = [line for line in ours if not line.late]
    first = _soonest(own, coming)
    overview = pathways.overview_of(scope, first, day) if first else None
    return Today(
        first=first,
        sign=_sign(overview),
        board=boards.departure_board([line.milestone for line in coming[:ROWS]], day, language),
        late=late,
        this_week=tuple(line for line in coming if _starts(line) <= week_ends),
        next_week=tuple(line for line in coming if week_ends < _starts(line) <= next_ends),
        waiting=tuple(_line(m, day, language) for m in ahead if not m.ours)[:ROWS],
        journeys=_journeys(own, coming, day),
        next_duty=coming[0] if coming else None,
    )


def _line(milestone: MilestoneView, day: dt.date, language: Language) -> Line:
    starts, ends = milestone.duty_day or FAR, milestone.last_day or FAR
    left = -japan().count(ends, day) if ends < day else japan().count(day, max(starts, day))
    return Line(milestone, boards.date_view(milestone, language), left, ends < day)


def _starts(line: Line) -> dt.date:
    return line.milestone.duty_day or FAR


def _soonest(own: Sequence[TherapyView], coming: Sequence[Line]) -> TherapyView | None:
    by_id = {view.id: view for view in own}
    busy = next((by_id[line.milestone.therapy_id] for line in coming if line.milestone.therapy_id in by_id), None)
    return busy or (own[0] if own else None)


def _sign(overview: TherapyOverview | None) -> StationSign | None:
    return sign(overview, help_for(overview.therapy)) if overview else None


def _journeys(own: Sequence[TherapyView], coming: Sequence[Line], day: dt.date) -> tuple[Journey, ...]:
    tracks = pathways.tracks_of(own, day)
    nexts: dict[str, Line] = {}
    for line in coming:
        nexts.setdefault(line.milestone.therapy_id, line)
    found = []
    for view in own:
        lead = leading(tracks[view.id])
        found.append(Journey(view, place(lead) if lead else None, nexts.get(view.id)))
    return tuple(sorted(found, key=lambda j: (_starts(j.next) if j.next else FAR, j.therapy.name_ja)))
