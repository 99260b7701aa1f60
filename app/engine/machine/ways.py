"""The way of a track through states that nobody recorded.

It is the shortest one along transitions that may be inferred; among equally short ones the one written first in the
machine's file. So it is the same on every machine and in every order of typing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from functools import lru_cache

from app.engine.definition.machine import MachineDefinition, Transition

Way = tuple[Transition, ...]


def way_to(
    machine: MachineDefinition, state: str | None, transition: Transition, attributes: Mapping[str, str]
) -> Way | None:
    """The inferred transitions from ``state`` (None: not begun) to where ``transition`` starts; None without a way."""
    return _way(_Graph(machine), state, frozenset(transition.leaves), frozenset(attributes.items()))


def way_into(machine: MachineDefinition, state: str | None, target: str, attributes: Mapping[str, str]) -> Way | None:
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


def fits(transition: Transition, attributes: Mapping[str, str]) -> bool:
    """Whether the transition is meant for a track with such attributes."""
    return not transition.where or all(attributes.get(key) in values for key, values in transition.where.items())


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
) -> Way | None:
    machine, known = graph.machine, dict(attributes)
    if state in goals:
        return ()
    seen: set[str | None] = {state}
    queue: deque[tuple[str | None, Way]] = deque([(state, ())])
    while queue:
        here, way = queue.popleft()
        for each in machine.leaving.get(here, ()):
            if each.to is None or each.to in seen or not _inferable(machine, each, known):
                continue
            if each.to in goals:
                return (*way, each)
            seen.add(each.to)
            queue.append((each.to, (*way, each)))
    return None


def _inferable(machine: MachineDefinition, transition: Transition, attributes: Mapping[str, str]) -> bool:
    return transition.to in machine.main_line and transition.inferable and fits(transition, attributes)
