"""Which tracks an event moves and how: direct where the machine allows it, along the missing states where not.

The way through missing states is the shortest one along transitions that may be inferred; among equally short ones the
one written first in the machine's file. So it is the same on every machine and in every order of typing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from app.engine.definition.machine import MachineDefinition, Multiplicity, StateKind, Transition
from app.engine.definition.vocabulary import Act, EventDefinition
from app.engine.machine.events import Event
from app.engine.machine.tracks import Rules, Track, is_end

Board = Mapping[tuple[str, str], Track]


@dataclass(frozen=True, slots=True)
class Move:
    """One track moved by an event: ``way`` are the inferred transitions before ``transition``."""

    machine: str
    instance: str
    transition: Transition
    way: tuple[Transition, ...] = ()
    track: Track | None = None  # as it stood before; None when it has not begun
    attributes: Mapping[str, str] = field(default_factory=dict)  # of the track, before the event
    ambiguous: bool = False  # another open track could have answered as well


@dataclass(frozen=True, slots=True)
class NoMove:
    """Why an act moves nothing: ``already`` there, or not possible from where ``track`` stands."""

    machine: str
    track: Track | None
    already: bool
    outside: Transition | None = None  # it would answer, but is not the law on the day of the event


@dataclass(frozen=True, slots=True)
class Plan:
    """What an event would do. It is impossible as soon as one act that is not optional cannot be done."""

    moves: tuple[Move, ...] = ()
    stuck: tuple[NoMove, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether nothing stands in the way."""
        return not any(not each.already for each in self.stuck)

    @property
    def direct(self) -> bool:
        """Whether it fits without inferring anything."""
        return not self.stuck and not any(move.way for move in self.moves)

    @property
    def strain(self) -> int:
        """How much has to be presumed: each inferred step, each track already there, above all what cannot be."""
        steps = sum(len(move.way) for move in self.moves) + len(self.stuck)
        return steps if self.possible else 1000 + steps


@dataclass(frozen=True, slots=True)
class Moment:
    """An event about to happen: the tracks before it, and the names of events that may follow."""

    rules: Rules
    event: Event
    definition: EventDefinition
    board: Board
    infer: bool
    later: frozenset[str] = frozenset()


def plan(moment: Moment) -> Plan:
    """What the event would move; missing predecessors only when the moment allows to infer them."""
    moves: list[Move] = []
    stuck: list[NoMove] = []
    for act in moment.definition.acts_on:
        if moment.event.machine and act.machine != moment.event.machine and not act.optional:
            continue
        if act.beside and not any(_kind(moment, move) in act.beside for move in moves):
            continue
        outcome = _act(moment, act)
        if isinstance(outcome, Move):
            moves.append(outcome)
        elif not act.optional:
            stuck.append(outcome)
    return Plan(tuple(moves), tuple(stuck))


def _kind(moment: Moment, move: Move) -> str | None:
    return move.attributes.get(moment.rules.machines[move.machine].named_by or "")


def _act(moment: Moment, act: Act) -> Move | NoMove:
    machine, event, board = moment.rules.machines[act.machine], moment.event, moment.board
    if act.when == "if_possible":
        moment = replace(moment, infer=False)
    if machine.multiplicity is Multiplicity.ONE:
        track = board.get((act.machine, "1"))
        return _move(
            replace(moment, infer=moment.infer and (act.when == "always" or track is not None)), machine, track
        )
    named = event.instance if not event.machine or event.machine == act.machine else None
    if named is not None and (act.machine, named) in board:
        track = board[act.machine, named]
        meant = track.matches({key: (value,) for key, value in act.sets.items()})
        return _move(moment, machine, track) if meant else NoMove(machine.key, track, already=False)
    if act.opens or named is not None:
        given = {**_given(machine, event, defaults=True), **act.sets}
        return _move(moment, machine, None, given, named)
    return _pick(moment, act, machine)


def _pick(moment: Moment, act: Act, machine: MachineDefinition) -> Move | NoMove:
    """Among several tracks: first who answers directly, then by preference, then who began first."""
    asked = {**act.sets, **_given(machine, moment.event, defaults=False)}
    where = {key: (value,) for key, value in asked.items()}
    tracks = [track for (key, _), track in moment.board.items() if key == machine.key and track.matches(where)]
    wanted = [track for track in tracks if not track.ended and _preference(machine, act, track) is not None]
    outcomes = [_move(moment, machine, track) for track in wanted]
    found = [each for each in outcomes if isinstance(each, Move)]
    if found:
        best = min(found, key=lambda move: (bool(move.way), _preference(machine, act, move.track)))
        rivals = [move for move in found if move is not best and bool(move.way) == bool(best.way)]
        return replace(best, ambiguous=bool(rivals))
    if told := _told_before(moment, machine, wanted, tracks):
        return NoMove(machine.key, told, already=True)
    if too_early := next((each for each in outcomes if isinstance(each, NoMove) and each.outside), None):
        return too_early
    missing = _missing(act, moment)
    given = {**(missing or {}), **asked}
    stands = any(track.attributes.get(machine.named_by or "") == given.get(machine.named_by or "") for track in wanted)
    if moment.infer and missing is not None and not act.optional and not stands:
        return _move(moment, machine, None, given)
    last = next(iter([*wanted, *tracks[::-1]]), None)
    return NoMove(machine.key, last, already=_already(moment, machine, last))


def _told_before(moment: Moment, machine: MachineDefinition, wanted: list[Track], tracks: list[Track]) -> Track | None:
    """An open track that is already there, or one that was decided so on the very same day."""
    targets = _targets(machine, moment.event.name)
    there = [track for track in wanted if track.state in targets]
    same = [track for track in tracks if track.state in targets and track.since == moment.event.on]
    return next(iter([*there, *same]), None)


def _preference(machine: MachineDefinition, act: Act, track: Track | None) -> int | None:
    """The place of the track's kind in the act's preferences; None when it is not wanted at all."""
    if track is None or not act.prefers:
        return 0
    value = track.attributes.get(machine.named_by or "")
    return act.prefers.index(value) if value in act.prefers else None


def _missing(act: Act, moment: Moment) -> dict[str, str] | None:
    for rule in act.missing:
        stands = rule.machine is None or any(
            key == rule.machine and track.state in rule.states for (key, _), track in moment.board.items()
        )
        told = all(key in moment.event.attributes for key in rule.needs)
        if stands and told and (not rule.followed_by or moment.later.intersection(rule.followed_by)):
            return dict(rule.sets)
    return None


def _given(machine: MachineDefinition, event: Event, *, defaults: bool) -> dict[str, str]:
    given = {key: value for key, value in event.attributes.items() if machine.attribute(key)}
    if defaults:
        silent = {each.key: each.default for each in machine.attributes if each.default and each.key not in given}
        return {**silent, **given}
    return given


def _move(
    moment: Moment,
    machine: MachineDefinition,
    track: Track | None,
    given: Mapping[str, str] | None = None,
    named: str | None = None,
) -> Move | NoMove:
    event = moment.event
    state = track.state if track else machine.initial
    attributes = {**(track.attributes if track else given or {}), **_given(machine, event, defaults=False)}
    fitting = [each for each in machine.by_event.get(event.name, ()) if not each.timer and fits(each, attributes)]
    answers = [each for each in fitting if each.in_force(event.on.first, event.on.last)]
    already = _already(moment, machine, track)
    direct = next((each for each in answers if _leaves(each, state)), None)
    way: tuple[Transition, ...] = ()
    if direct is None and moment.infer and not already and not (track and is_end(machine, track.state)):
        ways = [(found, each) for each in answers if (found := way_to(machine, state, each, attributes)) is not None]
        way, direct = min(ways, key=lambda pair: len(pair[0]), default=((), None))
    if direct is None:
        outside = next((each for each in fitting if each not in answers and _leaves(each, state)), None)
        return NoMove(machine.key, track, already, outside)
    instance = track.instance if track else named or instance_name(machine, attributes, moment.board)
    return Move(machine.key, instance, direct, way, track, attributes)


def _leaves(transition: Transition, state: str | None) -> bool:
    """Whether the transition starts from the state (None: from where a track has not begun)."""
    return state in transition.origins if state else transition.opens


def fits(transition: Transition, attributes: Mapping[str, str]) -> bool:
    """Whether the transition is meant for a track with such attributes."""
    return all(attributes.get(key) in values for key, values in transition.where.items())


def instance_name(machine: MachineDefinition, attributes: Mapping[str, str], board: Board) -> str:
    """The name of a new track: the value of the naming attribute, with a number from the second on."""
    if machine.multiplicity is Multiplicity.ONE:
        return "1"
    base = attributes.get(machine.named_by or "", "1")
    name, number = base, 1
    while (machine.key, name) in board:
        number += 1
        name = f"{base}-{number}"
    return name


def _already(moment: Moment, machine: MachineDefinition, track: Track | None) -> bool:
    """Whether the track is where the event would bring it (or, for events of which the first counts, has been)."""
    if track is None:
        return False
    targets = _targets(machine, moment.event.name)
    return track.state in targets or (moment.definition.first_wins and any(map(track.visited, targets)))


def _targets(machine: MachineDefinition, event: str) -> list[str]:
    return [each.to for each in machine.by_event.get(event, ()) if each.to]


def way_to(
    machine: MachineDefinition, state: str | None, transition: Transition, attributes: Mapping[str, str]
) -> tuple[Transition, ...] | None:
    """The inferred transitions from ``state`` (None: not begun) to where ``transition`` starts; None without a way."""
    goals = frozenset(transition.origins) if transition.origins else frozenset((None,))
    return _way(_Graph(machine), state, goals, frozenset(attributes.items()))


def way_into(
    machine: MachineDefinition, state: str | None, target: str, attributes: Mapping[str, str]
) -> tuple[Transition, ...] | None:
    """The inferred transitions that lead from ``state`` into ``target``, which may itself lie beside the main line."""
    found = _way(_Graph(machine), state, frozenset((target,)), frozenset(attributes.items()))
    if found is not None:
        return found
    ways = [
        (*way, each)
        for each in machine.transitions
        if each.to == target and (way := way_to(machine, state, each, attributes)) is not None
    ]
    return min(ways, key=len) if ways else None


class _Graph:
    """A machine hashed by its identity, so that ways are found once."""

    __slots__ = ("machine",)

    def __init__(self, machine: MachineDefinition) -> None:
        self.machine = machine

    def __hash__(self) -> int:
        return id(self.machine)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Graph) and other.machine is self.machine


@lru_cache(maxsize=4096)
def _way(
    graph: _Graph, state: str | None, goals: frozenset[str | None], attributes: frozenset[tuple[str, str]]
) -> tuple[Transition, ...] | None:
    machine, known = graph.machine, dict(attributes)
    if state in goals:
        return ()
    seen: set[str | None] = {state}
    queue: deque[tuple[str | None, tuple[Transition, ...]]] = deque([(state, ())])
    while queue:
        here, way = queue.popleft()
        for each in machine.transitions:
            if not _leaves(each, here) or each.to is None or each.to in seen or not _inferable(machine, each, known):
                continue
            if each.to in goals:
                return (*way, each)
            seen.add(each.to)
            queue.append((each.to, (*way, each)))
    return None


def _inferable(machine: MachineDefinition, transition: Transition, attributes: Mapping[str, str]) -> bool:
    on_main_line = transition.to is not None and machine.state(transition.to).kind in (
        StateKind.START,
        StateKind.NORMAL,
    )
    return on_main_line and transition.inferable and fits(transition, attributes)
