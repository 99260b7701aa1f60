"""Which tracks would stand elsewhere, or end on another day, under other definitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.access.scope import Scope
from app.core import clock
from app.engine.library import Library
from app.engine.machine import Track, Tracks, fold
from app.pathways import log
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a track stands, since when, and when its term ends, as texts of days."""

    state: str
    since: str | None
    term_end: str | None


@dataclass(frozen=True, slots=True)
class TrackMove:
    """One track under the present definitions and under the others; None where it would not be."""

    therapy: TherapyView
    machine: str
    instance: str
    old: Standing | None
    new: Standing | None


def tracks_under(scope: Scope, library: Library) -> list[TrackMove]:
    """Every track of a company's therapy that ``library`` would put elsewhere. KeyError where it lacks a pathway."""
    found: list[TrackMove] = []
    views = [view for view in therapies.every(scope) if view.pathway]
    rows, today = log.rows_of_many([view.id for view in views]), clock.today()
    for view in views:
        events = log.events(rows.get(view.id, []))
        now = log.folded(view.pathway, events, today)
        then = fold(library.course(view.pathway), log.moving(events), today, running=True)
        found += _moves(view, now, then)
    return found


def _moves(view: TherapyView, now: Tracks, then: Tracks) -> Iterator[TrackMove]:
    old, new = (({(t.machine, t.instance): _standing(t) for t in tracks.tracks}) for tracks in (now, then))
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            yield TrackMove(view, *key, old.get(key), new.get(key))


def _standing(track: Track) -> Standing:
    since, term = track.since, track.term_end
    return Standing(track.state, str(since) if since else None, str(term) if term else None)
