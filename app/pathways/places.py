"""Where therapies stand, for the room of therapies, which asks without knowing this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.access.scope import Scope
from app.engine.courses import reachable
from app.engine.definition.common import Text
from app.engine.machine import Track
from app.pathways import queries, services
from app.pathways.rules import PROGRAMME, leading, library, station
from app.therapies import places
from app.therapies.places import Place
from app.therapies.queries import TherapyView


class Histories:
    """See app.therapies.places.Places."""

    def start(self, scope: Scope, therapy_id: str, stage: str) -> None:
        """Declare where the programme stands today."""
        services.declare(scope, therapy_id, stage)

    def choices(self) -> Sequence[tuple[str, str, Text]]:
        """The states of the programme that are not of one class only, in the order of their line."""
        machine = library().machines[PROGRAMME]
        common = reachable(machine, [step for step in machine.transitions if not step.elective])
        states = [state for state in machine.states if state.key in common]
        return [(state.key, station(PROGRAMME, state.key).code, state.names) for state in states]

    def refusal(self, therapy: TherapyView, pathway: str) -> Text | None:
        """The first event that does not exist on the other pathway, with the reason."""
        return services.refused_on(therapy, pathway)

    def places(self, therapies: Sequence[TherapyView]) -> Mapping[str, Place]:
        """The present station of each therapy."""
        found = {key: leading(tracks) for key, tracks in queries.tracks_of(therapies).items()}
        return {key: place(track) for key, track in found.items() if track}


def place(track: Track) -> Place:
    """Where a track stands."""
    here, last = station(track.machine, track.state), track.history[-1]
    first, final = (last.since.first, last.since.last) if last.since else (None, None)
    known = (first, final, last.inferred, last.certainty, bool(last.also))
    return Place(here.letter, here.number, track.state, here.names, *known)


places.register(Histories())
