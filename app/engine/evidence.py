"""Which evidence a product needs by which gate, and what of it is missing. Pure reading of the definitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.engine.courses import Course
from app.engine.definition.evidence import EvidenceItem, EvidenceSet, Gate, Gates, Missing, Part
from app.engine.definition.guards import EvidenceComplete
from app.engine.definition.machine import Transition
from app.engine.machine.facts import Lack

Place = tuple[str, str]  # the keys of an item and of a gate


class EvidenceRules(Protocol):
    """What this needs of the library."""

    @property
    def gates(self) -> Gates:
        """The gates and their order."""
        ...

    @property
    def evidence(self) -> Sequence[EvidenceSet]:
        """All editions of the sets."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """One item that a product needs, with the gates that ask for it in their order."""

    set: EvidenceSet
    item: EvidenceItem
    parts: tuple[tuple[Gate, Part], ...]

    def part(self, gate: str) -> Part | None:
        """What is asked at ``gate``, if anything."""
        return next((part for at, part in self.parts if at.key == gate), None)


def asked(rules: EvidenceRules, product_class: str, material: str, on: dt.date) -> tuple[Asked, ...]:
    """What a product of that class and material needs by the rules of a day, in the order of the sets."""
    order = rules.gates.order
    found: dict[str, Asked] = {}
    for one in _of_the_day(rules.evidence, on):
        if not any(each.include(product_class, material) for each in one.products):
            continue
        for item in one.items:
            if item.products and not any(each.include(product_class, material) for each in item.products):
                continue
            parts = sorted(item.parts, key=lambda part: order.index(part.gate))
            at = tuple((rules.gates.gate(part.gate), part) for part in parts)
            found.setdefault(item.key, Asked(one, item, at))
    return tuple(found.values())


def satisfied(needed: Asked, gate: str, done: Collection[Place]) -> bool:
    """Whether the item is there at ``gate``: what is accepted at a later gate is more than what an earlier one asks."""
    gates = [at.key for at, _part in needed.parts]
    return any((needed.item.key, later) in done for later in gates[gates.index(gate) :])


def lacking(rules: EvidenceRules, needed: Sequence[Asked], done: Collection[Place]) -> dict[str, list[Lack]]:
    """By gate, what is missing, the blocking ones first; a gate at which nothing is missing has an empty list.

    A product of which nothing at all is needed has no gates: there is no list for it, and nobody can tell.
    """
    found: dict[str, list[Lack]] = {gate: [] for gate in rules.gates.order} if needed else {}
    for each in needed:
        for gate, part in each.parts:
            if not satisfied(each, gate.key, done):
                blocks = part.missing is Missing.BLOCKS
                found[gate.key].append(Lack(each.item.key, each.item.names, blocks, gate.notes_count))
    for at in found.values():
        at.sort(key=lambda lack: not lack.blocks)
    return found


def guarded(course: Course, gate: str) -> Iterator[Transition]:
    """The steps of a pathway that ask for all evidence of a gate."""
    for machine in course.own.values():
        for transition in machine.transitions:
            guards = (*transition.guards, *course.pathway.guards.get(transition.id, ()))
            if any(isinstance(each, EvidenceComplete) and each.gate == gate and not each.items for each in guards):
                yield transition


def _of_the_day(editions: Sequence[EvidenceSet], on: dt.date) -> Iterable[EvidenceSet]:
    """Of each set the newest edition that is the law on a day."""
    found: dict[str, EvidenceSet] = {}
    for each in sorted(editions, key=lambda one: one.version):
        if each.in_force(on):
            found[each.key] = each
    return [found[key] for key in dict.fromkeys(each.key for each in editions) if key in found]
