"""What may happen next, and the recording of a step: guards are asked here, and only here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from app.engine.definition.common import Text
from app.engine.definition.machine import MachineDefinition, Multiplicity, Transition
from app.engine.definition.pathway import PathwayDefinition
from app.engine.machine.board import Board
from app.engine.machine.days import Days
from app.engine.machine.editions import of_day
from app.engine.machine.events import Event
from app.engine.machine.facts import Facts
from app.engine.machine.guards import Answer, Situation, Verdict, ask
from app.engine.machine.moves import Moment, Move
from app.engine.machine.routing import Plan, plan
from app.engine.machine.sentences import already_there, impossible, not_as_recorded
from app.engine.machine.tracks import Rules, Tracks
from app.engine.machine.words import days_text


class Choice(NamedTuple):
    """One step that a track may take next, with the answers of all its guards.

    ``machine`` and ``instance`` name the first track it moves (instance None: a new one); ``moves`` all of them.
    """

    event: str
    machine: str
    instance: str | None
    transition: Transition
    answers: tuple[Answer, ...]
    moves: tuple[Move, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether nothing blocks it; warnings do not, and what nobody can tell does not block either."""
        return not any(answer.verdict is Verdict.NOT_YET for answer in self.answers)

    @property
    def unmet(self) -> tuple[Answer, ...]:
        """The answers other than yes: blocking ones first, then what cannot be told, then warnings."""
        order = (Verdict.NOT_YET, Verdict.CANNOT_TELL, Verdict.WARNING)
        return tuple(answer for verdict in order for answer in self.answers if answer.verdict is verdict)


@dataclass(frozen=True, slots=True)
class Advanced:
    """A step taken: the event to record, the tracks it moves, and what has to be said with it."""

    event: Event
    moves: tuple[Move, ...]
    warnings: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step not taken: sentences that say why, with the guards' answers (with what to do) where guards refused."""

    reasons: tuple[Text, ...]
    answers: tuple[Answer, ...] = field(default=())


def available(rules: Rules, pathway: PathwayDefinition, tracks: Tracks, facts: Facts) -> list[Choice]:
    """Every step that the tracks of the pathway may take next on their day, in the order of the machines' files.

    A machine with several instances gives one choice for each open one; a step that opens a new track comes with
    instance None. Steps that only inform are not listed: they are always possible.
    """
    board, today = Board(tracks.tracks), Days.of(tracks.as_of)
    rules = of_day(rules, tracks.as_of, board)
    choices = []
    for key, machine in rules.machines.items():
        if key in pathway.machines:
            moments = (
                Moment(rules, event, rules.vocabulary.events[event.name], board)
                for event in _candidates(rules, machine, board, today)
            )
            found = [choice for each in moments if (choice := _choice(each, pathway, tracks, facts))]
            places = machine.places
            choices += sorted(found, key=lambda each: (places[each.transition.id], each.instance or "~", _usual(each)))
    offered: dict[object, Choice] = {}
    for choice in choices:  # several events may say the same; the usual one is offered
        kind = tuple(sorted(choice.moves[0].attributes.items()))
        offered.setdefault((choice.transition.id, choice.instance, kind), choice)
    return list(offered.values())


def _choice(moment: Moment, pathway: PathwayDefinition, tracks: Tracks, facts: Facts) -> Choice | None:
    """The step that an event would be; None where it does not fit by itself."""
    planned = plan(moment)
    if not planned.direct or not planned.moves:
        return None
    move = planned.moves[0]
    instance = move.instance if move.track else None
    answers = _answers(moment, planned, pathway, tracks, facts)
    return Choice(moment.event.name, move.machine, instance, move.transition, answers, planned.moves)


def _usual(choice: Choice) -> int:
    return choice.transition.events.index(choice.event)


def _candidates(rules: Rules, machine: MachineDefinition, board: Board, on: Days) -> Iterator[Event]:
    """What may happen to the machine's open tracks where they stand, and what may begin another one."""
    running = board.of(machine.key)
    if machine.multiplicity is Multiplicity.ONE:
        state = next((track.state for track in running), machine.initial)
        yield from (Event("", name, on) for name, _ in _leading(rules, machine, state))
        return
    for track in running:
        if not track.ended:
            yield from (
                Event("", name, on, instance=track.instance) for name, _ in _leading(rules, machine, track.state)
            )
    for name, opening in _leading(rules, machine, None):
        for transition in opening:
            values = transition.where.get(machine.named_by or "", ())
            kinds = [{machine.named_by: value} for value in values if machine.named_by] or [{}]
            yield from (Event("", name, on, attributes=attributes) for attributes in kinds)


def _leading(
    rules: Rules, machine: MachineDefinition, state: str | None
) -> Iterator[tuple[str, tuple[Transition, ...]]]:
    """The events that are about the machine and may fire something in the state, each with what they may fire."""
    about = rules.vocabulary.leading.get(machine.key, frozenset())
    for name in dict.fromkeys(name for each in machine.leaving.get(state, ()) for name in each.events):
        if name in about and (answers := machine.answers.get((state, name))):
            yield name, answers


def advance(rules: Rules, pathway: PathwayDefinition, tracks: Tracks, event: Event, facts: Facts) -> Advanced | Refusal:
    """The step that ``event`` is, or why it is refused. Records nothing; the caller records the event returned.

    A day after that of the tracks is refused: only what has happened is an event. Holes are never inferred here.
    """
    if event.on.first > tracks.as_of:
        return Refusal((_future(event.on),))
    found = rules.vocabulary.find(event.name)
    if found is None:
        return Refusal((not_as_recorded(event.name),))
    event = replace(event, name=found[0])
    board = Board(tracks.tracks)
    rules = of_day(rules, event.on.first, board)
    moment = Moment(rules, event, found[1], board)
    planned = plan(moment)
    there = next((each.track for each in planned.stuck if each.already), None)
    if planned.possible and not planned.moves and there:
        return Refusal((already_there(rules, event, there),))
    if not planned.possible or (found[1].acts_on and not planned.moves):
        return Refusal((impossible(rules, event, planned),))
    answers = _answers(moment, planned, pathway, tracks, facts)
    blocking = tuple(answer for answer in answers if answer.verdict is Verdict.NOT_YET)
    if blocking:
        return Refusal(tuple(answer.because for answer in blocking if answer.because), blocking)
    return Advanced(event, planned.moves, tuple(each for each in answers if each.verdict is not Verdict.YES))


def _answers(
    moment: Moment, planned: Plan, pathway: PathwayDefinition, tracks: Tracks, facts: Facts
) -> tuple[Answer, ...]:
    answers: list[Answer] = []
    for move in planned.moves:
        if guards := (*move.transition.guards, *pathway.guards.get(move.transition.id, ())):
            situation = Situation.of_move(moment.rules, tracks, move, moment.event, facts)
            answers += [ask(guard, situation) for guard in guards]
    return tuple(answers)


def _future(on: Days) -> Text:
    day = days_text(on)
    return Text(
        ja=f"{day.ja}はまだ来ていません。予定は計画に記入し、出来事は起きた後に記録してください。",
        en=f"{day.en} has not come yet. Put what is intended into the plan; record an event once it has happened.",
    )
