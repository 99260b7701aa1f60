"""Where therapies stand: for lists of many, and for the room of therapies, which asks without knowing this one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import ScalarSelect

from app.access.scope import Scope
from app.core import clock
from app.core.kept import Kept
from app.engine.courses import reachable
from app.engine.definition.common import Text
from app.engine.machine import Track
from app.pathways import log, queries, services
from app.pathways.rules import PROGRAMME, leading, library, station
from app.rules import editions
from app.therapies import places
from app.therapies.places import Place
from app.therapies.queries import TherapyView

_kept: Kept[Place | None] = Kept(8192)  # about a kilobyte each


def places_of(told: Sequence[tuple[TherapyView, str | None]], as_of: dt.date) -> dict[str, Place | None]:
    """The present station of each therapy by its id; the caller has read them with a scope.

    Each comes with the value of ``log.history``. Where a therapy stands follows from that, from its pathway, from the
    day and whether it is over, and from the rules, which a process reads once, without the editions that its hub has
    not accepted: so it is folded once. One statement for those that this process has not folded yet, none where it
    knows all; one more where the rules have editions.
    """
    running, views = as_of >= clock.today(), {view.id: view for view, _history in told}
    waits = editions.waiting({view.organisation_id for view in views.values()})
    keys = {
        view.id: (view.pathway, view.is_public, as_of, running, history, waits.get(view.organisation_id))
        for view, history in told
    }

    def find(ids: list[str]) -> dict[str, Place | None]:
        tracks = queries.tracks_of([views[key] for key in ids], as_of, running=running)
        return {key: place(lead) if (lead := leading(found)) else None for key, found in tracks.items()}

    return _kept.each(keys, find)


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
