"""The rules as one class of product has them: its pathway, and the machines cut to the steps that exist for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from app.engine.definition.machine import MachineDefinition, StateKind, Transition
from app.engine.definition.pathway import PathwayDefinition
from app.engine.definition.vocabulary import Vocabulary
from app.engine.errors import UnknownDefinitionError

Edition = TypeVar("Edition", MachineDefinition, PathwayDefinition)


@dataclass(frozen=True, slots=True)
class Course:
    """The rules of one edition of a pathway. Machines that are not of the pathway are there, too, as they are.

    It is what the kernel asks (see app.engine.machine.Rules).
    """

    pathway: PathwayDefinition
    machines: Mapping[str, MachineDefinition]
    editions: Mapping[str, tuple[MachineDefinition, ...]]
    vocabulary: Vocabulary

    @property
    def own(self) -> dict[str, MachineDefinition]:
        """The machines of the pathway, in its order."""
        return {key: self.machines[key] for key in self.pathway.machines if key in self.machines}


def resolved(pathways: Mapping[str, Sequence[PathwayDefinition]]) -> dict[str, tuple[PathwayDefinition, ...]]:
    """Every edition with what it extends filled in, oldest first.

    An edition extends the edition of its base that is the law when it begins. Raises UnknownDefinitionError for a base
    that does not exist and for a ring.
    """
    return {key: tuple(_resolved(each, pathways, (key,)) for each in ordered(found)) for key, found in pathways.items()}


def _resolved(
    pathway: PathwayDefinition, pathways: Mapping[str, Sequence[PathwayDefinition]], way: tuple[str, ...]
) -> PathwayDefinition:
    if pathway.extends is None:
        return pathway
    if pathway.extends not in pathways or pathway.extends in way:
        raise UnknownDefinitionError(f"Pathway {pathway.key} extends {pathway.extends}, which is none or itself")
    editions = ordered(pathways[pathway.extends])
    base = on_day(editions, pathway.valid_from) if pathway.valid_from else editions[-1]
    return pathway.over(_resolved(base, pathways, (*way, pathway.extends)))


def ordered(editions: Iterable[Edition]) -> tuple[Edition, ...]:
    """Editions by their versions."""
    return tuple(sorted(editions, key=lambda each: each.version))


def on_day(editions: Sequence[Edition], on: dt.date) -> Edition:
    """The edition that is the law on a day: the newest that has begun; before all of them, the oldest."""
    begun = [each for each in editions if each.valid_from is None or each.valid_from <= on]
    return begun[-1] if begun else editions[0]


def course(
    pathway: PathwayDefinition, machines: Mapping[str, Sequence[MachineDefinition]], vocabulary: Vocabulary
) -> Course:
    """The rules of a resolved pathway."""
    cut = {
        key: tuple(_cut(each, pathway) for each in editions) if key in pathway.machines else tuple(editions)
        for key, editions in machines.items()
    }
    return Course(
        pathway,
        {key: editions[-1] for key, editions in cut.items()},
        {key: editions for key, editions in cut.items() if len(editions) > 1},
        vocabulary,
    )


def without(rules: Course, waiting: Collection[tuple[str, int]]) -> Course:
    """The rules as if these editions, each a machine and a version, did not exist; the first always does."""
    if not waiting:
        return rules
    left = {
        key: tuple(each for each in editions if (key, each.version) not in waiting)
        for key, editions in rules.editions.items()
    }
    return replace(
        rules,
        machines={**rules.machines, **{key: editions[-1] for key, editions in left.items()}},
        editions={key: editions for key, editions in left.items() if len(editions) > 1},
    )


def _cut(machine: MachineDefinition, pathway: PathwayDefinition) -> MachineDefinition:
    """The machine with the steps of the pathway, called as it calls them, and the states that they lead to."""
    steps = tuple(_called(each, pathway) for each in machine.transitions if has(pathway, each))
    reached = reachable(machine, steps)
    states = tuple(each for each in machine.states if each.key in reached or each.kind is StateKind.RETIRED)
    return MachineDefinition.model_construct(**{**dict(machine), "transitions": steps, "states": states})


def has(pathway: PathwayDefinition, transition: Transition) -> bool:
    """Whether the step exists on the pathway."""
    chosen = not transition.elective or transition.id in pathway.takes
    return chosen and transition.id not in pathway.leaves_out


def _called(transition: Transition, pathway: PathwayDefinition) -> Transition:
    names = pathway.steps.get(transition.id)
    return transition.model_copy(update={"names": names}) if names else transition


def reachable(machine: MachineDefinition, transitions: Iterable[Transition] | None = None) -> frozenset[str]:
    """The states that some way of ``transitions`` (all when not given) leads to."""
    steps = tuple(machine.transitions if transitions is None else transitions)
    reached = {machine.initial} if machine.initial else {each.to for each in steps if each.opens and each.to}
    while True:
        further = {each.to for each in steps if each.to and (each.opens or reached.intersection(each.origins))}
        if further <= reached:
            return frozenset(state for state in reached if state)
        reached |= further
