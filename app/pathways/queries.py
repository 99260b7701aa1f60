"""Reading histories, the tracks folded from them, and what may happen next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement

from app.access.scope import Scope
from app.core import clock
from app.core.errors import NotFound, Refused
from app.engine.definition.guards import DateOrder
from app.engine.machine import Choice, KnownFacts, Note, Rules, Track, Tracks, Visit, available
from app.pathways import facts, log, sentences
from app.pathways.history import EventView, entries
from app.pathways.models import PathwayEvent
from app.pathways.rules import (
    APPLICATION,
    CONSULTATION,
    PROGRAMME,
    leading,
    library,
    on_main_line,
    pathway,
    rules_of,
    rules_of_many,
)
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView

BESIDE = (CONSULTATION, "designation", "post_market")  # lines that accompany the way and never lead it


@dataclass(frozen=True, slots=True)
class Look:
    """From where a history is looked at; without days, from today.

    ``known``: only with what had been recorded by the end of that day in Japan, whatever was corrected later.
    ``stood``: as the lines stood at the end of that day. With ``known`` alone they stand as on that day, too.
    """

    known: dt.date | None = None
    stood: dt.date | None = None

    @property
    def back(self) -> bool:
        """Whether it is the past that one sees."""
        return self.known is not None or self.stood is not None

    def day(self, today: dt.date) -> dt.date:
        """The day on which the lines stand."""
        return self.stood or self.known or today

    def told(self, row: PathwayEvent) -> bool:
        """Whether the row had been recorded by then."""
        return self.known is None or row.recorded_at.astimezone(clock.TOKYO).date() <= self.known


TODAY = Look()


@dataclass(frozen=True, slots=True)
class History:
    """Everything recorded about a therapy, newest day first, and what the fold had to say."""

    therapy: TherapyView
    entries: tuple[EventView, ...]
    tracks: Tracks
    general_notes: tuple[Note, ...] = ()  # notes that belong to no single event, such as the end of a term
    look: Look = TODAY


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
    beside: tuple[Any, ...] = ()  # the values of the columns that were asked for


def tracks(scope: Scope, therapy_id: str, as_of: dt.date | None = None) -> Tracks:
    """The tracks of a therapy that the reader may see, as of the end of a day (today when not given)."""
    therapy, rows = _with_events(scope, therapy_id)
    return log.folded(rules_of(therapy), log.events(rows), as_of or clock.today())


def tracks_of(
    views: Sequence[TherapyView], as_of: dt.date | None = None, *, running: bool | None = None
) -> dict[str, Tracks]:
    """The tracks of many therapies by their ids, in one statement; the caller has read them with a scope.

    ``running`` as for ``log.folded``.
    """
    today, rules = clock.today(), rules_of_many(views)
    day = as_of or today
    still, rows = day >= today if running is None else running, log.rows_of_many([view.id for view in views])
    return {
        view.id: _begun(view, log.folded(rules[view.id], log.events(rows.get(view.id, [])), day, running=still))
        for view in views
    }


def history(scope: Scope, therapy_id: str, look: Look = TODAY) -> History:
    """The history of a therapy that the reader may see, as the reader wants to look at it.

    Raises Refused for a day that has not come.
    """
    therapy, rows = _with_events(scope, therapy_id)
    today = clock.today()
    for day, field in ((look.known, "known"), (look.stood, "stood")):
        if day and day > today:
            raise Refused(sentences.not_looked_at(day), field=field)
    told = [row for row in rows if look.told(row)]
    found = log.folded(rules_of(therapy), log.events(told), look.day(today))
    shown = tuple(entry for entry in entries(told, found) if entry.on.first <= look.day(today))
    known = {entry.id for entry in shown}
    notes = tuple(note for note in found.notes if note.event_id not in known)
    return History(therapy, shown, found, notes, look)


def event(scope: Scope, event_id: str) -> tuple[TherapyView, EventView]:
    """One event of an own therapy, for its correction; NotFound for everybody else."""
    therapy = therapies.own(scope, log.therapy_of(event_id))
    rows = log.rows_of(therapy.id)
    found = log.folded(rules_of(therapy), log.events(rows), clock.today())
    shown = entries(rows, found)
    for each in (*shown, *(reading for entry in shown for reading in entry.readings)):
        if each.id == event_id:
            return therapy, each
    raise NotFound  # what nobody typed as an event, such as a noted fact


def overview(
    scope: Scope, therapy_id: str, today: dt.date, *beside: ColumnElement[Any], own: bool = False
) -> TherapyOverview:
    """How far a therapy has come and what may come next; raises NotFound for a reader who may not see it.

    ``beside`` are values that a page reads of the therapy with it. With ``own`` only the owner's people may ask.
    """
    columns = (*beside, *facts.columns())
    therapy, found = therapies.get_with_more(scope, therapy_id, PathwayEvent, *columns, own=own)
    rows, values = [row for row, *_values in found if row is not None], found[0][1:]
    known = _overview(scope, therapy, _in_order(rows), today, values[len(beside) :])
    return replace(known, beside=tuple(values[: len(beside)]))


def noted(therapy: TherapyView) -> KnownFacts:
    """What people noted as conditions of a therapy that the caller has read with a scope."""
    return log.noted(log.events(log.rows_of(therapy.id)), clock.today())


def _with_events(scope: Scope, therapy_id: str, *, own: bool = False) -> tuple[TherapyView, list[PathwayEvent]]:
    therapy, rows = therapies.get_with(scope, therapy_id, PathwayEvent, own=own)
    return therapy, _in_order(rows)


def _in_order(rows: Sequence[PathwayEvent]) -> list[PathwayEvent]:
    return sorted(rows, key=lambda row: (row.recorded_at, row.id))


def _overview(
    scope: Scope, therapy: TherapyView, rows: Sequence[PathwayEvent], today: dt.date, told: Sequence[Any]
) -> TherapyOverview:
    events = log.events(rows)
    rules = rules_of(therapy)
    found = _begun(therapy, log.folded(rules, events, today))
    known = facts.of(scope, therapy, log.noted(events, today), today, told)
    choices = _choices(therapy, rules, found, known)
    lead = leading(found)
    return TherapyOverview(
        therapy, today, found, lead, choices, usual_next(therapy, choices, lead), entries(rows, found), known
    )


def _choices(therapy: TherapyView, rules: Rules, found: Tracks, known: KnownFacts) -> tuple[Choice, ...]:
    if not therapy.pathway:
        return ()
    return tuple(available(rules, pathway(therapy.pathway), found, known))


def _begun(therapy: TherapyView, found: Tracks) -> Tracks:
    """A programme without any event stands where every programme begins; of a precedent nothing is presumed."""
    if therapy.is_public or any(track.machine != CONSULTATION for track in found.tracks):
        return found
    initial = library().machines[PROGRAMME].initial
    begun = Track(PROGRAMME, "1", (Visit(initial or "", since=None),))
    return replace(found, tracks=(begun, *found.tracks))


def usual_next(therapy: TherapyView, choices: Sequence[Choice], lead: Track | None) -> Choice | None:
    """The step that usually follows: of the leading track along the usual course, else of a line that begins next.

    An approval with a running term waits for its full application; a track beside its main line goes back to it, or
    to its only end; where several ends are possible none is the usual one.
    """
    if not therapy.pathway or lead is None or lead.ended:
        return None
    path = pathway(therapy.pathway)
    ahead = [each for each in choices if each.transition.to and on_main_line(each.machine, each.transition.to)]
    course = (*path.likely, *path.detour)
    usual = sorted(
        (each for each in ahead if each.transition.id in course), key=lambda each: course.index(each.transition.id)
    )
    later = path.machines[path.machines.index(lead.machine) + 1 :]
    aside = not on_main_line(lead.machine, lead.state)
    renewals = [each for each in ahead if each.instance is None and each.possible and _before_the_term_ends(each)]
    own = [each for each in choices if each.transition.to and _moves(each, lead)]
    back = [each for each in own if aside and lead.visited(each.transition.to or "")]
    begins = [each for each in usual if each.machine in later and each.instance is None and each.machine not in BESIDE]
    return next(
        chain(
            renewals,
            back,
            (each for each in usual if _moves(each, lead)),
            () if aside else begins,
            (each for each in ahead if _moves(each, lead)),
            own if aside and len({each.transition.to for each in own}) == 1 else (),
        ),
        None,
    )


def _before_the_term_ends(choice: Choice) -> bool:
    guards = choice.transition.guards
    return choice.machine == APPLICATION and any(isinstance(g, DateOrder) and g.before == "term_end" for g in guards)


def _moves(choice: Choice, track: Track) -> bool:
    return (choice.machine, choice.instance) == (track.machine, track.instance)
