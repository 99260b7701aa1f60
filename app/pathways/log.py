"""The stored history as the engine reads it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select

from app.core import clock
from app.core.db import session
from app.engine.machine import RETRACTED, Days, Event, KnownFacts, Moved, Rules, Tracks, effective, fold
from app.pathways.models import PathwayEvent
from app.therapies.models import Therapy

FACT_NOTED = "FACT_NOTED"  # attributes: kind (fact, document, licence, licence_applied), keys, holds (yes or no)
ALSO_READ = "ALSO_READ"  # another source gives another day for the event ``about_id``
ASIDE = (FACT_NOTED, ALSO_READ)  # said beside the events of the lines; they move no track
LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


_ORDER = (PathwayEvent.recorded_at, PathwayEvent.id)
_COUNTS = (
    PathwayEvent.id,
    PathwayEvent.event,
    PathwayEvent.first_day,
    PathwayEvent.last_day,
    PathwayEvent.attributes,
    PathwayEvent.machine,
    PathwayEvent.instance,
    PathwayEvent.recorded_at,
    PathwayEvent.source,
    PathwayEvent.confidence,
    PathwayEvent.supersedes_id,
    PathwayEvent.about_id,
    PathwayEvent.history,
    PathwayEvent.certainty,
)


def told(therapy_id: str) -> list[Event]:
    """The history of one therapy as the engine reads it; of a row only what counts there is read."""
    chosen = select(*_COUNTS).where(PathwayEvent.therapy_id == therapy_id).order_by(*_ORDER)
    rows: Sequence[Any] = session.execute(chosen).all()  # they have these columns by the same names
    return events(rows)


def rows_of(therapy_id: str) -> list[PathwayEvent]:
    """All rows of one therapy, also corrected ones, in the order of recording."""
    return list(session.scalars(_rows().where(PathwayEvent.therapy_id == therapy_id)))


def rows_of_many(therapy_ids: Sequence[str]) -> dict[str, list[PathwayEvent]]:
    """The same for many therapies in one statement."""
    found: dict[str, list[PathwayEvent]] = defaultdict(list)
    for row in session.scalars(_rows().where(PathwayEvent.therapy_id.in_(therapy_ids))):
        found[row.therapy_id].append(row)
    return found


@cache
def history() -> ScalarSelect[str]:
    """Which events a therapy has, as a value of the statement that reads the therapy.

    An event is never changed and never taken away (see the models), and no other will ever have its id: so the same
    value is the same history, down to every day, and a correction, a withdrawal or another source's day is another one.
    """
    ids = select(func.aggregate_strings(PathwayEvent.id, " ")).where(PathwayEvent.therapy_id == Therapy.id)
    return ids.correlate(Therapy).scalar_subquery()


def therapy_of(event_id: str) -> ScalarSelect[str]:
    """The id of the therapy that an event belongs to, for use inside a statement that asks whether one may see it."""
    return select(PathwayEvent.therapy_id).where(PathwayEvent.id == event_id).scalar_subquery()


def row(event_id: str) -> PathwayEvent:
    """The row of an event that the caller has found by a scope."""
    return session.scalars(select(PathwayEvent).where(PathwayEvent.id == event_id)).one()


def events(rows: Sequence[PathwayEvent]) -> list[Event]:
    """The rows as events of the engine, each with the other readings of its day; what is said beside them included."""
    other, gone = readings(rows), {row.supersedes_id for row in rows}
    return [
        Event(
            id=row.id,
            name=row.event,
            on=Days(row.first_day, row.last_day),
            attributes=row.attributes,
            machine=row.machine,
            instance=row.instance,
            recorded_at=row.recorded_at,
            source=row.source,
            confidence=row.confidence,
            supersedes=row.supersedes_id,
            history=row.history,
            also=tuple(Days(each.first_day, each.last_day) for each in other.get(row.id, ()) if each.id not in gone),
            certainty=row.certainty,
        )
        for row in rows
    ]


def readings(rows: Sequence[PathwayEvent]) -> dict[str, list[PathwayEvent]]:
    """The rows that give another day for an event, by the event, also those taken back; they follow its corrections."""
    after = {row.supersedes_id: row.id for row in rows if row.supersedes_id and row.event != RETRACTED}
    found: dict[str, list[PathwayEvent]] = {}
    for row in rows:
        if row.event == ALSO_READ and row.about_id:
            for about in _corrections(row.about_id, after):
                found.setdefault(about, []).append(row)
    return found


def _corrections(event_id: str, after: dict[str, str]) -> Iterator[str]:
    """The event, and whatever was put in its place, one after the other."""
    here: str | None = event_id
    while here:
        yield here
        here = after.get(here)


def folded(
    rules: Rules,
    found: Sequence[Event],
    as_of: dt.date,
    *,
    running: bool | None = None,
    watch: Callable[[Moved], None] | None = None,
    only: Collection[str] | None = None,
) -> Tracks:
    """The tracks on ``as_of`` by the rules of a therapy; what is said beside the events does not concern them.

    ``running``: whether that day is not over (by the clock when not given). Until midnight in Japan the present day is
    not: an approval is in force on the last day of its term.
    """
    still = as_of >= clock.today() if running is None else running
    return fold(rules, moving(found), as_of, running=still, watch=watch, only=only)


def moving(found: Sequence[Event]) -> list[Event]:
    """The events that may move a track: not what is said beside them, nor its corrections."""
    aside = {event.id for event in found if event.name in ASIDE}
    return [event for event in found if event.id not in aside and event.supersedes not in aside]


def noted(found: Sequence[Event], as_of: dt.date) -> KnownFacts:
    """What people noted for guards until ``as_of``; the newest day decides, then what was recorded last."""
    shelves: dict[str, dict[str, bool]] = {"fact": {}, "document": {}, "licence": {}, "licence_applied": {}}
    facts = [event for event in effective(found) if event.name == FACT_NOTED and event.on.first <= as_of]
    for event in sorted(facts, key=lambda each: (each.on.last, each.recorded_at or LONG_AGO, each.id)):
        for key in event.attributes["keys"].split():
            shelves[event.attributes["kind"]][key] = event.attributes["holds"] == "yes"
    return KnownFacts(shelves["fact"], shelves["document"], shelves["licence"], shelves["licence_applied"])


def _rows() -> Select[PathwayEvent]:
    return select(PathwayEvent).order_by(*_ORDER)
