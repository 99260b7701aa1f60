"""How an event moves one track: directly where the machine allows it, along the missing states where not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.engine.definition.machine import MachineDefinition, Multiplicity, Transition
from app.engine.definition.vocabulary import EventDefinition
from app.engine.machine.board import Board
from app.engine.machine.events import Event
from app.engine.machine.remaining import Remaining
from app.engine.machine.tracks import Rules, Track
from app.engine.machine.ways import Way, fits, way_to

ONLY = "1"  # the instance of a machine of which a therapy has one track


class Move(NamedTuple):
    """One track moved by an event: ``way`` are the inferred transitions before ``transition``."""

    machine: str
    instance: str
    transition: Transition
    way: Way
    track: Track | None  # as it stood before; None when it has not begun
    attributes: Mapping[str, str]  # of the track, before the event
    ambiguous: bool = False  # another open track could have answered as well


class NoMove(NamedTuple):
    """Why an act moves nothing: ``already`` there, or not possible from where ``track`` stands."""

    machine: str
    track: Track | None
    already: bool
    outside: Transition | None = None  # it would answer, but is not the law on the day of the event


class Moment(NamedTuple):
    """An event about to happen: the tracks before it, and the events that may follow."""

    rules: Rules
    event: Event
    definition: EventDefinition
    board: Board
    infer: bool = False  # whether missing predecessors may be inferred
    later: Remaining | None = None

    def followed_by(self, names: Iterable[str]) -> bool:
        """Whether an event of one of the names may come later."""
        return self.later is not None and self.later.holds_besides(self.event, names)


def led_on(moment: Moment, machine: MachineDefinition, track: Track, *, infer: bool) -> Move | NoMove:
    """What the event would do to a track that runs."""
    attributes = track.attributes
    if moment.event.attributes:
        attributes = {**attributes, **stated(machine, moment.event)}
    return _answered(moment, machine, track, attributes, track.instance, infer=infer)


def begun(
    moment: Moment, machine: MachineDefinition, given: Mapping[str, str], named: str | None = None, *, infer: bool
) -> Move | NoMove:
    """What it would do to a track that has not begun; ``given`` are its attributes beside those that it states."""
    attributes = {**given, **stated(machine, moment.event)}
    instance = named or instance_name(machine, attributes, moment.board)
    return _answered(moment, machine, None, attributes, instance, infer=infer)


def _answered(
    moment: Moment,
    machine: MachineDefinition,
    track: Track | None,
    attributes: Mapping[str, str],
    instance: str,
    *,
    infer: bool,
) -> Move | NoMove:
    event = moment.event
    state = track.state if track else machine.initial
    outside = None
    for transition in machine.answers.get((state, event.name), ()):
        if transition.unconditional or (
            fits(transition, attributes) and transition.in_force(event.on.first, event.on.last)
        ):
            return Move(machine.key, instance, transition, (), track, attributes)
        if outside is None and fits(transition, attributes):
            outside = transition
    already = is_there(moment, machine, track)
    if infer and not already and state not in machine.ends and (found := _inferred(event, machine, state, attributes)):
        way, transition = found
        return Move(machine.key, instance, transition, way, track, attributes)
    return NoMove(machine.key, track, already, outside)


def _inferred(
    event: Event, machine: MachineDefinition, state: str | None, attributes: Mapping[str, str]
) -> tuple[Way, Transition] | None:
    """The shortest way to a transition that the event may fire, and that transition."""
    ways = [
        (way, each)
        for each in machine.by_event.get(event.name, ())
        if not each.timer and fits(each, attributes) and each.in_force(event.on.first, event.on.last)
        if (way := way_to(machine, state, each, attributes)) is not None
    ]
    return min(ways, key=lambda pair: len(pair[0]), default=None)


def stated(machine: MachineDefinition, event: Event) -> dict[str, str]:
    """What the event states about a track of the machine."""
    if not event.attributes:
        return {}
    return {key: value for key, value in event.attributes.items() if key in machine.by_attribute}


def is_there(moment: Moment, machine: MachineDefinition, track: Track | None) -> bool:
    """Whether the track is where the event would bring it (or, for events of which the first counts, has been)."""
    if track is None:
        return False
    targets = machine.targets.get(moment.event.name, frozenset())
    return track.state in targets or (moment.definition.first_wins and any(map(track.visited, targets)))


def instance_name(machine: MachineDefinition, attributes: Mapping[str, str], board: Board) -> str:
    """The name of a new track: the value of the naming attribute, with a number from the second on."""
    if machine.multiplicity is Multiplicity.ONE:
        return ONLY
    base = attributes.get(machine.named_by or "", "1")
    name, number = base, 1
    while board.get(machine.key, name):
        number += 1
        name = f"{base}-{number}"
    return name
