"""Two editions of a machine compared: what changed, and in which states a running track may go over.

Going over is proven safe where nothing that was possible in the state becomes impossible or leads elsewhere, and
nothing that fires by itself changes. Conditions (guards) may change: a step is judged by the conditions of its day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.engine.definition.common import Text
from app.engine.definition.machine import MachineDefinition, StateKind, Transition


@dataclass(frozen=True, slots=True)
class Difference:
    """What the later edition has, has no more and has otherwise; ``unsafe``: why, by the state a track stands in."""

    added_states: tuple[str, ...]
    retired_states: tuple[str, ...]
    added: tuple[str, ...]  # ids of transitions
    removed: tuple[str, ...]
    changed: tuple[str, ...]  # other events, origins or target
    conditions: tuple[str, ...]  # other guards
    unsafe: dict[str, tuple[Text, ...]]


def compare(old: MachineDefinition, new: MachineDefinition) -> Difference:
    """The difference between two editions of one machine."""
    before, after = _by_id(old), _by_id(new)
    both = [key for key in before if key in after]
    living = [each.key for each in old.states if each.kind is not StateKind.RETIRED]
    return Difference(
        added_states=tuple(key for key in new.by_key if key not in old.by_key),
        retired_states=tuple(key for key in living if _gone(new, key)),
        added=tuple(key for key in after if key not in before),
        removed=tuple(key for key in before if key not in after),
        changed=tuple(key for key in both if _shape(before[key]) != _shape(after[key])),
        conditions=tuple(key for key in both if before[key].guards != after[key].guards),
        unsafe={key: reasons for key in living if (reasons := unsafe(old, new, key))},
    )


def unsafe(old: MachineDefinition, new: MachineDefinition, state: str) -> tuple[Text, ...]:
    """Why a track of ``old`` that stands in ``state`` must not go over to ``new``; empty when it may."""
    names = old.state(state).names
    if _gone(new, state):
        return (
            Text(
                ja=f"「{names.ja}」という状態は第{new.version}版にありません。",
                en=f"Version {new.version} has no state “{names.en}”.",
            ),
        )
    return tuple(_differences(old, new, state))


def _differences(old: MachineDefinition, new: MachineDefinition, state: str) -> Iterator[Text]:
    here, after = old.state(state).names, _by_id(new)
    for step in old.transitions:
        if state not in step.origins:
            continue
        same = after.get(step.id)
        if same is None or state not in same.origins or not set(step.events) <= set(same.events):
            yield Text(
                ja=f"「{here.ja}」からの「{step.names.ja}」は第{new.version}版にありません。",
                en=f"From “{here.en}”, “{step.names.en}” does not exist in version {new.version}.",
            )
        elif _effect(step) != _effect(same):
            yield Text(
                ja=f"「{here.ja}」からの「{step.names.ja}」は、第{new.version}版では行き先又は期間が異なります。",
                en=f"From “{here.en}”, “{step.names.en}” leads elsewhere or runs otherwise in version {new.version}.",
            )
    timers = {step.id for step in old.transitions if step.timer}
    for step in new.transitions:
        if step.timer and state in step.origins and step.id not in timers:
            yield Text(
                ja=f"第{new.version}版では「{here.ja}」から「{step.names.ja}」が自動で起こります。",
                en=f"In version {new.version}, “{step.names.en}” happens by itself in “{here.en}”.",
            )


def _gone(new: MachineDefinition, state: str) -> bool:
    return state not in new.by_key or new.state(state).kind is StateKind.RETIRED


def _by_id(machine: MachineDefinition) -> dict[str, Transition]:
    return {each.id: each for each in machine.transitions}


def _shape(step: Transition) -> object:
    return (set(step.events), set(step.origins), _effect(step))


def _effect(step: Transition) -> object:
    """What the step does to a track, without who may take it and when."""
    return (step.to, step.where, step.term, step.timer, step.follows, step.pending)
