"""What everybody may read: public precedents, the sources, and the rules that are shipped with their marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.access.scope import Scope
from app.core import clock
from app.core.errors import NotFound
from app.core.i18n import Language
from app.core.i18n import gettext as _
from app.engine.definition.case import Case
from app.engine.definition.common import Confidence, Provenance, Source, Text
from app.engine.machine import Note, Track
from app.pathways import pictures, queries, reading
from app.pathways.history import EventView
from app.pathways.maps import line_map
from app.pathways.pictures import TrackRow
from app.pathways.precedents import cases
from app.pathways.rules import StationName, event_names, leading, library, station
from app.therapies import queries as therapies
from app.web.components import DateView, SourceMark
from app.web.linemap import LineMapView, line_map_view


@dataclass(frozen=True, slots=True)
class PrecedentRow:
    """A precedent in the list; ``here`` is None where nothing moved a line."""

    case: Case
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
    map: LineMapView | None
    tracks: tuple[TrackRow, ...]
    events: tuple[SourcedEvent, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule: where it leads or what it says, how it came to be known, and where it was read."""

    key: str
    names: Text
    origins: tuple[StationName, ...]
    to: StationName | None
    confidence: Confidence
    marks: tuple[SourceMark, ...]
    analogy: Text | None = None
    ask: Text | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A machine or a kind of consultation with its rules."""

    key: str
    names: Text
    version: int
    rules: tuple[RuleRow, ...]


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
    view = queries.overview_of(scope, therapies.by_reference(scope, case_id), clock.today())
    drawn = line_map(view)
    events = tuple(_sourced(event, speak) for event in view.history if event.stands)
    known = {each.event.id for each in events}
    return PrecedentPage(
        case,
        line_map_view(drawn, speak, _("Line map")) if drawn.lanes else None,
        pictures.track_rows(view.tracks),
        events,
        tuple(note for note in view.tracks.notes if note.event_id not in known),
    )


def sources(speak: Language) -> list[tuple[Source, SourceMark]]:
    """Every source with its mark, by number."""
    ordered = sorted(library().sources.values(), key=lambda each: (len(each.id), each.id))
    return [(source, reading.mark(source, speak)) for source in ordered]


def sources_by_tier(speak: Language, wanted: str = "") -> list[tuple[str | None, list[tuple[Source, SourceMark]]]]:
    """The sources by tier, best first and those without one last; ``wanted``: only where all its words occur."""
    words = wanted.casefold().split()
    rows = [each for each in sources(speak) if all(word in _said_of(each[0]) for word in words)]
    tiers = sorted({source.tier for source, _mark in rows}, key=lambda tier: (tier is None, tier or ""))
    return [(tier, [each for each in rows if each[0].tier == tier]) for tier in tiers]


def machines(speak: Language) -> list[RuleSet]:
    """Every kind of line with its transitions."""
    found = []
    for machine in library().machines.values():
        rows = [
            RuleRow(
                each.id,
                event_names(each.event),
                tuple(station(machine.key, state) for state in each.origins),
                station(machine.key, each.to) if each.to else None,
                *_mark(each.provenance, speak),
            )
            for each in machine.transitions
        ]
        found.append(RuleSet(machine.key, machine.names, machine.version, tuple(rows)))
    return found


def consultations(speak: Language) -> list[RuleSet]:
    """Every kind of consultation with its steps."""
    found = []
    for kind in library().consultations.values():
        rows = [RuleRow(step.key, step.name, (), None, *_mark(step.provenance, speak)) for step in kind.steps]
        found.append(RuleSet(kind.key, kind.name, kind.version, tuple(rows)))
    return found


def _said_of(source: Source) -> str:
    note = (source.note.ja, source.note.en) if source.note else ()
    return " ".join((source.id, source.title.ja, source.title.en, source.url or "", *note)).casefold()


def _mark(
    provenance: Provenance, speak: Language
) -> tuple[Confidence, tuple[SourceMark, ...], Text | None, Text | None]:
    return (
        provenance.confidence,
        reading.of_provenance(provenance, speak),
        provenance.analogy,
        provenance.ask,
    )


def _row(case: Case, track: Track | None) -> PrecedentRow:
    if track is None:
        return PrecedentRow(case, None, None, None)
    ends = pictures.date_of(track.term_end) if track.term_end and track.term_end.last >= clock.today() else None
    return PrecedentRow(case, station(track.machine, track.state), pictures.date_of(track.since), ends)


def _sourced(event: EventView, speak: Language) -> SourcedEvent:
    named: Sequence[str] = (event.source or "").split()
    marks = reading.marks(event.confidence, list(named), speak)
    return SourcedEvent(event, marks, event.confidence == Confidence.DERIVED)
