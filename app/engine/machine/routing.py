"""Which tracks an event moves: those that the vocabulary names for it, picked among several of one machine."""

from __future__ import annotations

from typing import NamedTuple

from app.engine.definition.machine import MachineDefinition, Multiplicity
from app.engine.definition.vocabulary import Act
from app.engine.machine.moves import ONLY, Moment, Move, NoMove, begun, is_there, led_on, stated
from app.engine.machine.tracks import Track


class Plan(NamedTuple):
    """What an event would do. It is impossible as soon as one act that is not optional cannot be done."""

    moves: tuple[Move, ...] = ()
    stuck: tuple[NoMove, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.stuck or all(each.already for each in self.stuck)

    @property
    def direct(self) -> bool:
        """Whether it fits without inferring anything."""
        return not self.stuck and all(not move.way for move in self.moves)

    @property
    def strain(self) -> int:
        """How much has to be presumed: each inferred step, each track already there, above all what cannot be."""
        if self.direct:
            return 0
        steps = sum(len(move.way) for move in self.moves) + len(self.stuck)
        return steps if self.possible else 1000 + steps


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
    machine, event = moment.rules.machines[act.machine], moment.event
    infer = moment.infer and act.when != "if_possible"
    if machine.multiplicity is Multiplicity.ONE:
        track = moment.board.get(act.machine, ONLY)
        if track is None:
            return begun(moment, machine, {}, infer=infer and act.when == "always")
        return led_on(moment, machine, track, infer=infer)
    named = event.instance if not event.machine or event.machine == act.machine else None
    if named is not None and (track := moment.board.get(act.machine, named)):
        meant = track.matches({key: (value,) for key, value in act.sets.items()})
        return led_on(moment, machine, track, infer=infer) if meant else NoMove(machine.key, track, already=False)
    if act.opens or named is not None:
        return begun(moment, machine, {**machine.defaults, **act.sets}, named, infer=infer)
    return _pick(moment, act, machine, infer=infer)


def _pick(moment: Moment, act: Act, machine: MachineDefinition, *, infer: bool) -> Move | NoMove:
    """Among several tracks: first who answers directly, then by preference, then who began first."""
    asked = {**act.sets, **stated(machine, moment.event)}
    where = {key: (value,) for key, value in asked.items()}
    tracks = [track for track in moment.board.of(machine.key) if track.matches(where)]
    wanted = [track for track in tracks if not track.ended and _preference(machine, act, track) is not None]
    outcomes = [led_on(moment, machine, track, infer=infer) for track in wanted]
    found = [each for each in outcomes if isinstance(each, Move)]
    if found:
        best = min(found, key=lambda move: (bool(move.way), _preference(machine, act, move.track)))
        rivals = any(move is not best and bool(move.way) == bool(best.way) for move in found)
        return best._replace(ambiguous=rivals)
    if told := _told_before(moment, machine, wanted, tracks):
        return NoMove(machine.key, told, already=True)
    if too_early := next((each for each in outcomes if isinstance(each, NoMove) and each.outside), None):
        return too_early
    missing = _missing(act, moment)
    given = {**(missing or {}), **asked}
    stands = any(track.attributes.get(machine.named_by or "") == given.get(machine.named_by or "") for track in wanted)
    if infer and missing is not None and not act.optional and not stands:
        return begun(moment, machine, given, infer=infer)
    last = next(iter([*wanted, *tracks[::-1]]), None)
    return NoMove(machine.key, last, already=is_there(moment, machine, last))


def _told_before(moment: Moment, machine: MachineDefinition, wanted: list[Track], tracks: list[Track]) -> Track | None:
    """An open track that is already there, or one that was decided so on the very same day."""
    targets = machine.targets.get(moment.event.name, frozenset())
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
    """What the track is whose opening was never recorded; None where the act does not say."""
    for rule in act.missing:
        stands = rule.machine is None or any(track.state in rule.states for track in moment.board.of(rule.machine))
        told = all(key in moment.event.attributes for key in rule.needs)
        if stands and told and (not rule.followed_by or moment.followed_by(rule.followed_by)):
            return dict(rule.sets)
    return None
