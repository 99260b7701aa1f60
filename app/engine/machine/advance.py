"""What may happen next, and the recording of a step: guards are asked here, and only here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.engine.definition.common import Text
from app.engine.definition.machine import Multiplicity, Transition
from app.engine.definition.pathway import PathwayDefinition
from app.engine.machine.days import Days
from app.engine.machine.editions import of_day
from app.engine.machine.events import Event
from app.engine.machine.facts import Facts
from app.engine.machine.guards import Answer, Situation, Verdict, ask
from app.engine.machine.moves import Board, Moment, Move, Plan, plan
from app.engine.machine.sentences import already_there, impossible, not_as_recorded
from app.engine.machine.tracks import Rules, Tracks
from app.engine.machine.words import days_text


@dataclass(frozen=True, slots=True)
class Choice:
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
    board = _board(tracks)
    rules = of_day(rules, tracks.as_of, board)
    choices: list[Choice] = []
    for name, definition in rules.vocabulary.events.items():
        first = next((act for act in definition.acts_on if not act.optional), None)
        if first is None or first.machine not in pathway.machines:
            continue
        for event in _candidates(rules, name, first.machine, tracks):
            planned = plan(Moment(rules, event, definition, board, infer=False))
            if not planned.direct or not planned.moves:
                continue
            move = planned.moves[0]
            answers = _answers(rules, pathway, planned, _Asked(tracks, event, facts))
            instance = move.instance if move.track else None
            choices.append(Choice(name, move.machine, instance, move.transition, answers, planned.moves))
    places = {
        each.id: (place, number)
        for place, machine in enumerate(rules.machines.values())
        for number, each in enumerate(machine.transitions)
    }
    ordered = sorted(choices, key=lambda each: (places[each.transition.id], each.instance or "~", _usual(each)))
    offered: dict[object, Choice] = {}
    for choice in ordered:  # several events may say the same; the usual one is offered
        kind = tuple(sorted(choice.moves[0].attributes.items()))
        offered.setdefault((choice.transition.id, choice.instance, kind), choice)
    return list(offered.values())


def _usual(choice: Choice) -> int:
    return choice.transition.events.index(choice.event)


def _candidates(rules: Rules, name: str, machine: str, tracks: Tracks) -> list[Event]:
    """The event put to each open track that could answer it, and once more for a track that would be new."""
    definition = rules.machines[machine]
    on = Days.of(tracks.as_of)
    if definition.multiplicity is Multiplicity.ONE:
        return [Event("", name, on)]
    open_tracks = [track for track in tracks.of(machine) if not track.ended]
    put = [Event("", name, on, instance=track.instance) for track in open_tracks]
    opening = [each for each in definition.by_event.get(name, ()) if each.opens]
    kinds = [attributes for each in opening for attributes in _kinds(definition.named_by, each)]
    return put + [Event("", name, on, attributes=attributes) for attributes in kinds]


def _kinds(named_by: str | None, transition: Transition) -> list[Mapping[str, str]]:
    values = transition.where.get(named_by or "", ())
    return [{named_by: value} for value in values if named_by] or [{}]


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
    rules = of_day(rules, event.on.first, _board(tracks))
    planned = plan(Moment(rules, event, found[1], _board(tracks), infer=False))
    there = next((each.track for each in planned.stuck if each.already), None)
    if planned.possible and not planned.moves and there:
        return Refusal((already_there(rules, event, there),))
    if not planned.possible or (found[1].acts_on and not planned.moves):
        return Refusal((impossible(rules, event, planned),))
    answers = _answers(rules, pathway, planned, _Asked(tracks, event, facts))
    blocking = tuple(answer for answer in answers if answer.verdict is Verdict.NOT_YET)
    if blocking:
        return Refusal(tuple(answer.because for answer in blocking if answer.because), blocking)
    return Advanced(event, planned.moves, tuple(each for each in answers if each.verdict is not Verdict.YES))


@dataclass(frozen=True, slots=True)
class _Asked:
    tracks: Tracks
    event: Event
    facts: Facts


def _answers(rules: Rules, pathway: PathwayDefinition, planned: Plan, asked: _Asked) -> tuple[Answer, ...]:
    answers: list[Answer] = []
    for move in planned.moves:
        situation = Situation.of_move(rules, asked.tracks, move, asked.event, asked.facts)
        guards = (*move.transition.guards, *pathway.guards.get(move.transition.id, ()))
        answers.extend(ask(guard, situation) for guard in guards)
    return tuple(answers)


def _board(tracks: Tracks) -> Board:
    return {(track.machine, track.instance): track for track in tracks.tracks}


def _future(on: Days) -> Text:
    day = days_text(on)
    return Text(
        ja=f"{day.ja}はまだ来ていません。予定は計画に記入し、出来事は起きた後に記録してください。",
        en=f"{day.en} has not come yet. Put what is intended into the plan; record an event once it has happened.",
    )
