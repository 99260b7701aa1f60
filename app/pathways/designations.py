"""The designations that a therapy holds, for rooms whose rules ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.core import clock
from app.core.db import session
from app.engine.machine import Event
from app.pathways import log
from app.pathways.models import PathwayEvent
from app.pathways.rules import library

MACHINE = "designation"


def held(therapy_id: str) -> frozenset[str]:
    """The kinds of designation in force today, by the choices of their machine; the caller has read the therapy."""
    return of_rows(session.scalars(select(PathwayEvent).where(told(therapy_id))))


def concerned(event: Event) -> bool:
    """Whether an event that was just stored is about a designation, or corrects or takes back one that is."""
    return event.name in _events() or (event.supersedes is not None and log.row(event.supersedes).event in _events())


def told(therapy_id: str | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The events about designations of a therapy that were neither corrected nor taken back."""
    later = aliased(PathwayEvent)
    superseded = select(later.id).where(later.supersedes_id == PathwayEvent.id).exists()
    return and_(PathwayEvent.therapy_id == therapy_id, PathwayEvent.event.in_(_events()), ~superseded)


def of_rows(rows: Iterable[PathwayEvent | None]) -> frozenset[str]:
    """Joined rows, which may come several times, as the kinds in force today.

    A designation follows from its own events alone, on every pathway.
    """
    events = {row.id: row for row in rows if row is not None}
    if not events:
        return frozenset()
    in_force = library().machines[MACHINE].tagged("in_force")
    tracks = log.folded(library(), log.events([*events.values()]), clock.today()).of(MACHINE)
    return frozenset(track.attributes["kind"] for track in tracks if track.state in in_force)


@cache
def _events() -> tuple[str, ...]:
    events = library().vocabulary.events.items()
    return tuple(name for name, event in events if any(act.machine == MACHINE for act in event.acts_on))
