"""Reading histories, the tracks folded from them, and what may happen next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from app.access.scope import Scope
from app.core import clock
from app.engine.machine import Choice, KnownFacts, Note, Track, Tracks, Visit, available
from app.pathways import facts, log
from app.pathways.history import EventView, entries
from app.pathways.models import PathwayEvent
from app.pathways.rules import APPLICATION, CONSULTATION, PROGRAMME, leading, library, on_main_line, pathway
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView

BESIDE = (CONSULTATION, "designation", "post_market")  # lines that accompany the way and never lead it


@dataclass(frozen=True, slots=True)
class History:
    """Everything recorded about a therapy, newest day first, and what the fold had to say."""

    therapy: TherapyView
    entries: tuple[EventView, ...]
    tracks: Tracks
    general_notes: tuple[Note, ...] = ()  # notes that belong to no single event, such as the end of a term


@dataclass(frozen=True, slots=True)
class TherapyOverview:
    """How far a therapy has come and what may come next, as of ``today``."""

    therapy: TherapyView
    today: dt.date
    tracks: Tracks
    leading: Track | None  # the track that says best how far it is
    choices: tuple[Choice, ...]  # every next transition with the answers of its guards
    next: Choice | None  # the usual one of the leading track
    history: tuple[EventView, ...]
    facts: KnownFacts


def tracks(scope: Scope, therapy_id: str, as_of: dt.date | None = None) -> Tracks:
    """The tracks of a therapy that the reader may see, as of the end of a day (today when not given)."""
    _therapy, rows = _with_events(scope, therapy_id)
    return log.folded(log.events(rows), as_of or clock.today())


def tracks_of(views: Sequence[TherapyView], as_of: dt.date | None = None) -> dict[str, Tracks]:
    """The tracks of many therapies by their ids, in one statement; the caller has read them with a scope."""
    rows, day = log.rows_of_many([view.id for view in views]), as_of or clock.today()
    return {view.id: _begun(view, log.folded(log.events(rows.get(view.id, [])), day)) for view in views}


def history(scope: Scope, therapy_id: str) -> History:
    """The history of a therapy that the reader may see."""
    therapy, rows = _with_events(scope, therapy_id)
    found = log.folded(log.events(rows), clock.today())
    shown = entries(rows, found)
    known = {entry.id for entry in shown}
    return History(therapy, shown, found, tuple(note for note in found.notes if note.event_id not in known))


def event(scope: Scope, event_id: str) -> tuple[TherapyView, EventView]:
    """One event of an own therapy, for its correction; NotFound for everybody else."""
    therapy = therapies.own(scope, log.therapy_of(event_id))
    rows = log.rows_of(therapy.id)
    found = log.folded(log.events(rows), clock.today())
    return therapy, next(entry for entry in entries(rows, found) if entry.id == event_id)


def overview(scope: Scope, therapy_id: str, today: dt.date, *, own: bool = False) -> TherapyOverview:
    """How far a therapy has come and what may come next; raises NotFound for a reader who may not see it.

    With ``own`` only the owner's people may ask.
    """
    return _overview(scope, *_with_events(scope, therapy_id, own=own), today)


def overview_of(scope: Scope, therapy: TherapyView, today: dt.date) -> TherapyOverview:
    """The same for a therapy that was just read with that scope."""
    return _overview(scope, therapy, log.rows_of(therapy.id), today)


def _with_events(scope: Scope, therapy_id: str, *, own: bool = False) -> tuple[TherapyView, list[PathwayEvent]]:
    therapy, rows = therapies.get_with(scope, therapy_id, PathwayEvent, own=own)
    return therapy, sorted(rows, key=lambda row: (row.recorded_at, row.id))


def _overview(scope: Scope, therapy: TherapyView, rows: Sequence[PathwayEvent], today: dt.date) -> TherapyOverview:
    events = log.events(rows)
    found = _begun(therapy, log.folded(events, today))
    known = facts.of(scope, therapy, log.noted(events, today))
    choices = tuple(available(library(), pathway(therapy.pathway), found, known)) if therapy.pathway else ()
    lead = leading(found)
    return TherapyOverview(
        therapy, today, found, lead, choices, usual_next(therapy, choices, lead), entries(rows, found), known
    )


def _begun(therapy: TherapyView, found: Tracks) -> Tracks:
    """A programme without any event stands where every programme begins; of a precedent nothing is presumed."""
    if therapy.is_public or any(track.machine != CONSULTATION for track in found.tracks):
        return found
    initial = library().machines[PROGRAMME].initial
    begun = Track(PROGRAMME, "1", (Visit(initial or "", since=None),))
    return replace(found, tracks=(begun, *found.tracks))


def usual_next(therapy: TherapyView, choices: Sequence[Choice], lead: Track | None) -> Choice | None:
    """The step that usually follows: of the leading track along the usual course, else of a line that begins next.

    An approval with a running term waits for its full application when nothing else is usual.
    """
    if not therapy.pathway:
        return None
    course, machine = pathway(therapy.pathway), lead.machine if lead else PROGRAMME
    moving = [each for each in choices if each.transition.to and on_main_line(each.machine, each.transition.to)]
    usual = sorted(
        (each for each in moving if each.transition.id in course.likely),
        key=lambda each: course.likely.index(each.transition.id),
    )
    later = course.machines[course.machines.index(machine) + 1 :]
    begins = [each for each in usual if each.machine in later and each.instance is None and each.machine not in BESIDE]
    renewed = [each for each in moving if each.machine == APPLICATION and each.instance is None]
    return next(
        chain(
            (each for each in usual if each.machine == machine),
            begins,
            (each for each in moving if each.machine == machine),
            renewed if lead and lead.term_end else (),
        ),
        None,
    )
