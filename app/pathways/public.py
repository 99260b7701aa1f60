"""What everybody may read: public precedents with their sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.access.scope import Scope
from app.core import clock
from app.core.errors import NotFound
from app.core.i18n import Language
from app.core.i18n import gettext as _
from app.engine.definition.case import Case
from app.engine.definition.common import Confidence, Text
from app.engine.machine import Note, Track
from app.pathways import pictures, queries
from app.pathways.history import EventView
from app.pathways.maps import line_map
from app.pathways.pictures import TrackRow
from app.pathways.precedents import cases
from app.pathways.rules import StationName, leading, station
from app.rules import reading
from app.therapies import queries as therapies
from app.therapies.kinds import classes
from app.web.components import DateView, SourceMark
from app.web.linemap import LineMapView, line_map_view


@dataclass(frozen=True, slots=True)
class PrecedentRow:
    """A precedent in the list; ``here`` is None where nothing moved a line."""

    case: Case
    kind: Text
    here: StationName | None
    since: DateView | None
    term_end: DateView | None


@dataclass(frozen=True, slots=True)
class SourcedEvent:
    """An event of a precedent with where it was read."""

    event: EventView
    marks: tuple[SourceMark, ...]
    derived: bool


@dataclass(frozen=True, slots=True)
class PrecedentPage:
    """One public history."""

    case: Case
    kind: Text
    map: LineMapView | None
    tracks: tuple[TrackRow, ...]
    events: tuple[SourcedEvent, ...]
    notes: tuple[Note, ...]


def precedents(scope: Scope) -> list[PrecedentRow]:
    """All public precedents by name, in two statements."""
    views = [view for view in therapies.public(scope) if view.reference in cases()]
    tracks = queries.tracks_of(views)
    return [_row(cases()[view.reference or ""], leading(tracks[view.id])) for view in views]


def precedent(scope: Scope, case_id: str, speak: Language) -> PrecedentPage:
    """One precedent; NotFound for a case that is not public or was not loaded."""
    case = cases().get(case_id)
    if case is None:
        raise NotFound
    view = queries.overview(scope, therapies.by_reference(scope, case_id).id, clock.today())
    drawn = line_map(view)
    events = tuple(_sourced(event, speak) for event in view.history if event.stands)
    known = {each.event.id for each in events}
    return PrecedentPage(
        case,
        classes()[case.product_class],
        line_map_view(drawn, speak, _("Line map")) if drawn.lanes else None,
        pictures.track_rows(view.tracks),
        events,
        tuple(note for note in view.tracks.notes if note.event_id not in known),
    )


def _row(case: Case, track: Track | None) -> PrecedentRow:
    kind = classes()[case.product_class]
    if track is None:
        return PrecedentRow(case, kind, None, None, None)
    ends = pictures.term_end_of(track) if track.term_end and track.term_end.last >= clock.today() else None
    return PrecedentRow(case, kind, station(track.machine, track.state), pictures.arrival_of(track.history[-1]), ends)


def _sourced(event: EventView, speak: Language) -> SourcedEvent:
    named: Sequence[str] = (event.source or "").split()
    marks = reading.marks(event.confidence, list(named), speak)
    return SourcedEvent(event, marks, event.confidence == Confidence.DERIVED)
