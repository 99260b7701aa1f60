"""What a fact recorded after it happened passes over: the guards that said "not yet" on its day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.engine.definition.machine import Transition
from app.engine.definition.pathway import PathwayDefinition
from app.engine.machine.events import Event
from app.engine.machine.facts import Facts
from app.engine.machine.guards import Answer, Situation, Verdict, ask
from app.engine.machine.moves import Move
from app.engine.machine.routing import Plan
from app.engine.machine.steps import begin, pass_through
from app.engine.machine.tracks import Rules, Track, Tracks


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A guard that said "not yet" to a step which history says was taken, or inferred to be taken, all the same."""

    transition: Transition
    answer: Answer


@dataclass(frozen=True, slots=True)
class Moved:
    """An event at its place in a history: the tracks right before it, and what it moved."""

    event: Event
    plan: Plan
    before: Tracks
    rules: Rules  # as they were on its day


def passed_over(pathway: PathwayDefinition, moved: Moved, facts: Facts) -> tuple[PassedOver, ...]:
    """The blocking guards of every step that the event takes, the inferred ones before it included."""
    return tuple(
        PassedOver(transition, answer)
        for move in moved.plan.moves
        for transition, track in _steps(moved, move)
        for guard in (*transition.guards, *pathway.guards.get(transition.id, ()))
        if (answer := ask(guard, _situation(moved, move, track, facts))).verdict is Verdict.NOT_YET
    )


def _steps(moved: Moved, move: Move) -> Iterator[tuple[Transition, Track | None]]:
    """The transitions of a move in their order, each with the track as it stands before it."""
    rules, track = moved.rules, move.track
    for step in move.way:
        yield step, track
        track = pass_through(
            rules, track or begin(rules.machines[move.machine], move.instance, move.attributes), step, moved.event
        )
    yield move.transition, track


def _situation(moved: Moved, move: Move, track: Track | None, facts: Facts) -> Situation:
    event = moved.event
    return Situation(
        moved.rules, moved.before, move.machine, track, event.on, facts, event.attributes, move.attributes, event.also
    )
