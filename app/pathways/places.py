"""Where therapies stand: for lists of many, and for the room of therapies, which asks without knowing this one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import ScalarSelect

from app.access.scope import Scope
from app.core import clock
from app.core.kept import Kept, brief
from app.engine.courses import reachable
from app.engine.definition.common import Text
from app.engine.machine import Track, Tracks
from app.pathways import log, queries, services
from app.pathways.rules import PROGRAMME, leading, library, station
from app.rules import editions
from app.therapies import places
from app.therapies.places import Place
from app.therapies.queries import TherapyView

Value = TypeVar("Value")
MOST = 8192  # about a kilobyte each


class Followed(Generic[Value]):
    """What follows from where therapies stand, found once for all lists (see docs/decisions/0016).

    ``find`` gets a therapy, its tracks, and what came ``beside`` its history; the answer must follow from these alone.
    """

    def __init__(self, find: Callable[..., Value]) -> None:
        self._find, self._kept = find, Kept[Value](MOST)

    def of(self, told: Sequence[tuple[Any, ...]], as_of: dt.date) -> dict[str, Value]:
        """The answer for each therapy by its id; the caller has read them with a scope.

        Each comes with the value of ``log.history``, and with whatever else ``find`` is to know. One statement for
        those that this process has not folded yet, none where it knows all; one more where the rules have editions.
        """
        running = as_of >= clock.today()
        views = {view.id: view for view, *_rest in told}
        waits = editions.waiting({view.organisation_id for view in views.values()})
        besides = {view.id: beside for view, _history, *beside in told}
        keys = {
            view.id: (as_of, running, *_own(view), waits.get(view.organisation_id), *map(brief, rest))
            for view, *rest in told
        }

        def find(ids: list[str]) -> dict[str, Value]:
            found = queries.tracks_of([views[key] for key in ids], as_of, running=running)
            return {key: self._find(views[key], tracks, *besides[key]) for key, tracks in found.items()}

        return self._kept.each(keys, find)


def _own(therapy: TherapyView) -> tuple[object, ...]:
    """What of a therapy itself an answer may follow from."""
    return therapy.pathway, therapy.product_class, therapy.material, therapy.is_public


def place_of(tracks: Tracks) -> Place | None:
    """The present station of a therapy with these tracks; None where no line leads."""
    return place(lead) if (lead := leading(tracks)) else None


places_of = Followed(lambda _therapy, tracks: place_of(tracks)).of  # the present station of each therapy


class Histories:
    """See app.therapies.places.Places."""

    def start(self, scope: Scope, therapy_id: str, stage: str, because: str) -> None:
        """Declare where the programme stands today."""
        services.declare(scope, therapy_id, stage, because=because)

    def choices(self) -> Sequence[tuple[str, str, Text]]:
        """The states of the programme that are not of one class only, in the order of their line."""
        machine = library().machines[PROGRAMME]
        common = reachable(machine, [step for step in machine.transitions if not step.elective])
        states = [state for state in machine.states if state.key in common]
        return [(state.key, station(PROGRAMME, state.key).code, state.names) for state in states]

    def refusal(self, therapy: TherapyView, pathway: str) -> Text | None:
        """The first event that does not exist on the other pathway, with the reason."""
        return services.refused_on(therapy, pathway)

    def history(self) -> ScalarSelect[str]:
        """Which events a therapy has."""
        return log.history()

    def places(self, told: Sequence[tuple[TherapyView, str | None]]) -> Mapping[str, Place | None]:
        """Where each therapy stands today."""
        return places_of(told, clock.today())


def place(track: Track) -> Place:
    """Where a track stands."""
    here, last = station(track.machine, track.state), track.history[-1]
    first, final = (last.since.first, last.since.last) if last.since else (None, None)
    known = (first, final, last.inferred, last.certainty, bool(last.also))
    return Place(here.letter, here.number, track.state, here.names, *known)


places.register(Histories())
