"""Guards that can never be true: they speak of what does not exist, or contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from app.engine.courses import reachable
from app.engine.definition.common import Confidence
from app.engine.definition.consultation import ConsultationType
from app.engine.definition.guards import (
    AttributeEquals,
    ConsultationRecorded,
    Counted,
    DateOrder,
    DateRecorded,
    DesignationHeld,
    Elapsed,
    Guard,
    LicenceHeld,
    TrackInState,
    Unmet,
)
from app.engine.definition.machine import MachineDefinition, Multiplicity, Transition
from app.engine.definition.pathway import PathwayDefinition
from app.engine.definition.vocabulary import Vocabulary
from app.engine.lint.files import Built, Location, Shelf
from app.engine.lint.finding import Finding

NEVER = "Correct it, or remove the guard."


@dataclass(frozen=True, slots=True)
class _Known:
    """What guards may speak of."""

    machines: dict[str, MachineDefinition]
    types: frozenset[str]
    words: Vocabulary | None
    classes: frozenset[str]


def guard_findings(shelf: Shelf) -> Iterator[Finding]:
    """Each guard that cannot be met, of machines and of pathways."""
    known = _Known(
        shelf.machines(),
        frozenset(kind.key for _, kind in shelf.of(ConsultationType)),
        shelf.vocabulary(),
        frozenset(key for _, pathway in shelf.of(PathwayDefinition) for key in pathway.classes),
    )
    owners = {each.id: (machine, each) for machine in known.machines.values() for each in machine.transitions}
    for built, machine in shelf.of(MachineDefinition):
        for number, transition in enumerate(machine.transitions):
            place = ("transitions", number, "guards")
            yield from _of_transition(shelf, built, place, (machine, transition, transition.guards), known)
    for built, pathway in shelf.of(PathwayDefinition):
        for key, guards in pathway.guards.items():
            if key not in owners:
                continue
            machine, transition = owners[key]
            yield from _of_transition(shelf, built, ("guards", key), (machine, transition, guards), known)
            for first in transition.guards:
                for number, second in enumerate(guards):
                    if why := _contradict(first, second, known):
                        yield shelf.finding(built, ("guards", key, number), why, NEVER)


def _of_transition(
    shelf: Shelf,
    built: Built,
    place: Location,
    owner: tuple[MachineDefinition, Transition, tuple[Guard, ...]],
    known: _Known,
) -> Iterator[Finding]:
    machine, transition, guards = owner
    for number, guard in enumerate(guards):
        for what in _never(guard, machine, transition, known):
            yield shelf.finding(built, (*place, number), f"{transition.id}, {guard.kind}: {what}", NEVER)
        if guard.provenance.confidence is Confidence.UNKNOWN:
            what = f"{transition.id}, {guard.kind}: a rule that is not known must not guard a step."
            yield shelf.finding(built, (*place, number, "provenance"), what, "Remove the guard, or give its source.")
    for (_, one), (number, other) in combinations(enumerate(guards), 2):
        if why := _contradict(one, other, known):
            yield shelf.finding(built, (*place, number), f"{transition.id}: {why}", NEVER)


def _never(guard: Guard, machine: MachineDefinition, transition: Transition, known: _Known) -> Iterator[str]:
    strange = [each for each in guard.only_classes if known.classes and each not in known.classes]
    if strange and len(strange) == len(guard.only_classes):
        yield f"no pathway is for class {', '.join(strange)}."
    match guard:
        case TrackInState():
            yield from _states(guard, machine, transition, known)
        case AttributeEquals():
            yield from _attribute(guard, machine, transition, known)
        case Elapsed() if guard.since not in machine.by_key:
            yield f"{machine.key} has no state {guard.since}."
        case DateOrder():
            yield from _order(guard, known)
        case DateRecorded():
            yield from _recorded(guard, known)
        case _:
            yield from _elsewhere(guard, known)


def _elsewhere(guard: Guard, known: _Known) -> Iterator[str]:
    """Guards that speak of consultations, designations or counted events."""
    match guard:
        case ConsultationRecorded():
            yield from _absent(guard.types, known.types, "consultation type")
            consultation = known.machines.get("consultation")
            if consultation is None or not consultation.tagged(guard.tag):
                yield f"no state of the consultation is tagged {guard.tag}."
        case DesignationHeld():
            designation = known.machines.get("designation")
            kinds = designation.attribute("kind") if designation else None
            yield from _absent(guard.kinds, kinds.choices if kinds else (), "kind of designation")
        case LicenceHeld():
            machine = known.machines.get("licence")
            choices = machine.attribute("kind") if machine else None
            asked = [kind for licence in guard.licences for kind in guard.kinds(licence)]
            yield from _absent(asked, choices.choices if choices else (), "kind of licence")
        case Counted():
            yield from _absent([guard.event], known.words.events if known.words else (guard.event,), "event")
        case _:
            return


def _attribute(
    guard: AttributeEquals, machine: MachineDefinition, transition: Transition, known: _Known
) -> Iterator[str]:
    if guard.of == "event":
        yield from _carried(guard.attribute, transition, known)
    if guard.of != "track":
        return
    attribute = machine.attribute(guard.attribute)
    if attribute is None:
        yield f"{machine.key} has no attribute {guard.attribute}."
    elif attribute.choices:
        yield from _absent(guard.values, attribute.choices, guard.attribute)


def _states(guard: TrackInState, own: MachineDefinition, transition: Transition, known: _Known) -> Iterator[str]:
    machine = known.machines.get(guard.machine)
    if machine is None:
        yield f"there is no machine {guard.machine}."
        return
    if guard.own and machine.key != own.key:
        yield f"the track's own machine is {own.key}, not {machine.key}."
    if guard.own and transition.origins and not set(guard.states).intersection(transition.origins):
        yield f"the step starts from {', '.join(transition.origins)} only."
    strange = [state for state in guard.states if state not in machine.by_key]
    if strange:
        yield f"{machine.key} has no state {', '.join(strange)}."
    elif not set(guard.states).intersection(reachable(machine)):
        yield f"none of {', '.join(guard.states)} can be reached."
    for key, values in guard.where.items():
        attribute = machine.attribute(key)
        if attribute is None:
            yield f"{machine.key} has no attribute {key}."
        elif attribute.choices:
            yield from _absent(values, attribute.choices, key)


def _order(guard: DateOrder, known: _Known) -> Iterator[str]:
    machine = known.machines.get(guard.machine)
    if machine is None:
        yield f"there is no machine {guard.machine}."
    elif guard.before == "term_end" and not any(each.term == "starts" for each in machine.transitions):
        yield f"{machine.key} never has a term."
    elif guard.before == "entered" and (guard.state or "") not in machine.by_key:
        yield f"{machine.key} has no state {guard.state}."


def _recorded(guard: DateRecorded, known: _Known) -> Iterator[str]:
    machine = known.machines.get(guard.machine)
    if machine is None:
        yield f"there is no machine {guard.machine}."
    elif guard.state not in machine.by_key:
        yield f"{machine.key} has no state {guard.state}."


def _carried(attribute: str, transition: Transition, known: _Known) -> Iterator[str]:
    if known.words is None:
        return
    events = [known.words.events[event] for event in transition.events if event in known.words.events]
    if not any(attribute in event.attributes for event in events):
        yield f"no event of this step carries {attribute}."


def _absent(wanted: Iterable[str], known: Iterable[str], what: str) -> Iterator[str]:
    """Every value must exist: one that does not is a slip, even where another could be met."""
    strange = [value for value in wanted if value not in set(known)]
    if strange:
        yield f"there is no {what} {', '.join(strange)}."


def _contradict(one: Guard, other: Guard, known: _Known) -> str | None:
    """Why both cannot be met at once; guards that only warn contradict nothing."""
    if Unmet.WARNING in (one.unmet, other.unmet):
        return None
    if one.only_classes and other.only_classes and not set(one.only_classes).intersection(other.only_classes):
        return None
    match one, other:
        case TrackInState(), TrackInState():
            machine = known.machines.get(one.machine)
            single = machine is not None and machine.multiplicity is Multiplicity.ONE
            same = one.machine == other.machine and (single or (one.own and other.own))
            if same and not set(one.states).intersection(other.states):
                return f"{one.machine} cannot stand in {'/'.join(one.states)} and in {'/'.join(other.states)} at once."
        case AttributeEquals(), AttributeEquals():
            same = (one.of, one.attribute) == (other.of, other.attribute)
            if same and not set(one.values).intersection(other.values):
                return f"{one.attribute} cannot be {'/'.join(one.values)} and {'/'.join(other.values)} at once."
        case _:
            pass
    return None
