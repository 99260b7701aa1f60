"""The duties that run on the lines of a therapy, for the room of schedules, which asks without being known here.

They are said anew with every event; once a day, and when a hub accepts rules, for every therapy: a term ends by itself.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

from app.access.scope import EVERYTHING, Scope
from app.core import clock
from app.core.db import session, transaction
from app.engine.calendar import japan
from app.engine.catalogue import clock_entries
from app.engine.clocks import Duty, concern, duties
from app.engine.definition.common import Basis
from app.engine.definition.published import Published
from app.engine.explain import explain
from app.engine.loader import WORKFLOWS
from app.engine.machine import Tracks
from app.pathways import log as histories
from app.pathways.rules import library, rules_of
from app.rules import moving
from app.rules.moving import DateMove, Moved
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView

log = logging.getLogger(__name__)


class Timetable(Protocol):
    """Who keeps the dates of therapies."""

    def __call__(self, scope: Scope | None, therapy_id: str, found: Sequence[Duty]) -> None:
        """Make the dates of a therapy's duties those of ``found``; joins the caller's transaction."""


_timetables: list[Timetable] = []


def register(timetable: Timetable) -> None:
    """Let ``timetable`` keep the days; registering the same one twice changes nothing."""
    if timetable not in _timetables:
        _timetables.append(timetable)


def of(tracks: Tracks, root: Path = WORKFLOWS) -> tuple[Duty, ...]:
    """What runs on the lines as they stand; ``root``: by the clocks and the calendar of another folder."""
    return tuple(duties(clock_entries(root), tracks, japan(root)))


def moves(before: Sequence[Duty], after: Sequence[Duty]) -> dict[tuple[str, str], tuple[DateMove, ...]]:
    """By track, the duties whose day would be another one, would come, or would be none any more."""
    old, new = ({(one.machine, one.instance, one.clock.key): one for one in found} for found in (before, after))
    moved: dict[tuple[str, str], tuple[DateMove, ...]] = {}
    for key in dict.fromkeys([*old, *new]):
        was, will = (each.dated if each else None for each in (old.get(key), new.get(key)))
        if (was and was.span) != (will and will.span):
            name = (new.get(key) or old[key]).clock.name
            why = explain(will.trace, library().sources) if will else None
            basis = will.basis if will else Basis.UNKNOWN
            days = was.span if was else None, will.span if will else None
            date = DateMove(name, *days, was.basis if was else None, basis, why)
            moved[key[:2]] = (*moved.get(key[:2], ()), date)
    return moved


def tell(scope: Scope | None, therapy: TherapyView, tracks: Tracks, *, added: bool = False) -> None:
    """Say what runs on the lines as they stand to whoever keeps dates; joins the caller's transaction.

    ``added``: the history only grew, so that nobody needs to look where no duty has ever run.
    """
    if added and not concern(clock_entries(), tracks):
        return
    for timetable in _timetables:
        timetable(scope, therapy.id, of(tracks))


class EveryDay:
    """Once on each day in Japan, and when a worker starts, what runs on the lines of every therapy."""

    def __init__(self) -> None:
        self._seen: dt.date | None = None

    def look(self) -> int:
        """Say it where this day was not looked at yet; returns for how many therapies."""
        if self._seen == (today := clock.today()):
            return 0
        found = [each for each in therapies.every(EVERYTHING) if each.pathway]
        for view in found:
            try:
                with transaction():  # one by one: nobody who records an event waits for all of them
                    tell_anew(None, view)
            except Exception:  # what is wrong with one therapy keeps no date from the others
                log.exception("the duties of therapy %s could not be told", view.id)
        self._seen = today
        return len(found)


class Duties:
    """See app.rules.moving.Plans; what a hub enters is no clock, so that only an edition of a machine moves one."""

    def would_move(self, _scope: Scope, _companies: Collection[str], _published: Published) -> Sequence[Moved]:
        """Nothing."""
        return ()

    def compute_anew(self, companies: Collection[str]) -> None:
        """Say what runs on the lines of these companies' therapies."""
        for view in therapies.every(EVERYTHING):
            if view.pathway and view.organisation_id in companies:
                tell_anew(None, view)


def tell_anew(scope: Scope | None, therapy: TherapyView) -> None:
    """Say what runs on the lines as the stored history has them; joins the caller's transaction."""
    session.flush()
    rows = histories.rows_of(therapy.id)
    tell(scope, therapy, histories.folded(rules_of(therapy), histories.events(rows), clock.today()))


moving.register(Duties())
