"""Machines as graphs: states nobody reaches, dead ends, two answers to one event, keys and stations twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from app.engine.courses import has, reachable
from app.engine.definition.clock import Clock
from app.engine.definition.machine import MachineDefinition, Multiplicity, StateKind, Transition
from app.engine.definition.vocabulary import Stations
from app.engine.lint.files import Built, Shelf
from app.engine.lint.finding import Finding


def machine_findings(shelf: Shelf) -> Iterator[Finding]:
    """Everything that is wrong with a machine by itself, and with the table of stations."""
    ids: dict[str, str] = {}
    for built, machine in shelf.of(MachineDefinition):
        yield from _twice(shelf, built, machine, ids)
        yield from _unknown(shelf, built, machine)
        yield from _follows(shelf, built, machine)
        yield from _graph(shelf, built, machine)
        yield from _two_answers(shelf, built, machine)
    yield from _stations(shelf)
    yield from _duties(shelf)


def _duties(shelf: Shelf) -> Iterator[Finding]:
    """Clocks that run on lines, by states and events that exist."""
    vocabulary = shelf.vocabulary()
    for built, clock in shelf.of(Clock):
        if (runs := clock.runs) is None:
            continue
        lines = [(runs.machine, runs.states)]
        lines += [(runs.pending.machine, (runs.pending.state,))] if runs.pending else []
        if not all(_knows(shelf, machine, states) for machine, states in lines):
            what = f"{clock.key} runs on states that do not exist."
            yield shelf.finding(built, ("runs",), what, "Name a machine of machines/ and its states.")
        strange = [event for event in (*runs.events, *runs.until) if vocabulary and event not in vocabulary.events]
        if strange:
            what = f"{clock.key} runs by {', '.join(strange)}, which is no event."
            yield shelf.finding(built, ("runs",), what, "Name events of vocabulary.yaml.")


def _twice(shelf: Shelf, built: Built, machine: MachineDefinition, ids: dict[str, str]) -> Iterator[Finding]:
    seen: set[str] = set()
    own: set[str] = set()
    for number, state in enumerate(machine.states):
        if state.key in seen:
            what = f"State {state.key} stands twice."
            yield shelf.finding(built, ("states", number), what, "Give it another key.")
        seen.add(state.key)
    for number, transition in enumerate(machine.transitions):
        if ids.get(transition.id, machine.key) != machine.key or transition.id in own:
            what = f"Transition {transition.id} stands twice (also in {ids[transition.id]})."
            yield shelf.finding(built, ("transitions", number, "id"), what, "Give it another id.")
        own.add(transition.id)
        ids.setdefault(transition.id, machine.key)


def _unknown(shelf: Shelf, built: Built, machine: MachineDefinition) -> Iterator[Finding]:
    clocks = {clock.id for _, clock in shelf.of(Clock)} | {clock.key for _, clock in shelf.of(Clock)}
    if machine.initial and machine.initial not in machine.by_key:
        yield shelf.finding(built, ("initial",), f"There is no state {machine.initial}.", "Name one of the states.")
    if machine.multiplicity is Multiplicity.SEVERAL and not machine.attribute(machine.named_by or ""):
        what = "A machine with several tracks must say which attribute names them."
        yield shelf.finding(built, ("multiplicity",), what, "Set named_by to one of its attributes.")
    for number, transition in enumerate(machine.transitions):
        place = ("transitions", number)
        for state in filter(None, (*transition.origins, transition.to)):
            if state not in machine.by_key:
                what = f"{transition.id} speaks of a state {state} that does not exist."
                yield shelf.finding(built, place, what, "Name one of the states, or add it.")
        for key, values in transition.where.items():
            attribute = machine.attribute(key)
            strange = [value for value in values if attribute and attribute.choices and value not in attribute.choices]
            if attribute is None or strange:
                what = f"{transition.id}: {key} can never be {', '.join(strange or values)}."
                yield shelf.finding(built, (*place, "where"), what, "Use a declared attribute and its choices.")
        for clock in transition.clocks:
            if clock not in clocks:
                what = f"{transition.id} names clock {clock}, which is not in clocks.yaml."
                yield shelf.finding(built, (*place, "clocks"), what, "Add the clock, or leave the reference out.")


def _follows(shelf: Shelf, built: Built, machine: MachineDefinition) -> Iterator[Finding]:
    """Transitions that are taken along by another line."""
    for number, transition in enumerate(machine.transitions):
        place = ("transitions", number)
        if (after := transition.follows) and not _knows(shelf, after.machine, after.states):
            what = f"{transition.id} follows states that {after.machine} does not have."
            yield shelf.finding(built, (*place, "follows"), what, "Name a machine of machines/ and its states.")
        if (transition.timer == "follows") != (transition.follows is not None):
            what = f"{transition.id}: `timer: follows` and `follows` belong together."
            yield shelf.finding(built, (*place, "timer"), what, "Give both or neither.")


def _knows(shelf: Shelf, machine: str, states: Iterable[str]) -> bool:
    found = shelf.machines().get(machine)
    return found is not None and not set(states) - found.by_key.keys()


def _graph(shelf: Shelf, built: Built, machine: MachineDefinition) -> Iterator[Finding]:
    reached = reachable(machine)
    for number, state in enumerate(machine.states):
        place = ("states", number)
        if state.kind is StateKind.RETIRED:
            if state.key in reached:
                what = f"State {state.key} is retired, but a transition leads to it."
                yield shelf.finding(built, place, what, "Remove the transition, or the mark.")
            continue
        if state.key not in reached:
            what = f"State {state.key} can never be reached."
            yield shelf.finding(built, place, what, "Add a transition that leads to it, or remove it.")
        ways_out = any(state.key in each.origins and each.to not in (None, state.key) for each in machine.transitions)
        if state.kind is not StateKind.END and not ways_out:
            what = f"State {state.key} is a dead end."
            yield shelf.finding(built, place, what, "Add a way out, or mark it as an end (kind: end).")
        if state.kind is StateKind.END and ways_out:
            what = f"State {state.key} is marked as an end, but a transition leaves it."
            yield shelf.finding(built, place, what, "Give it another kind, or remove the transition.")


def _two_answers(shelf: Shelf, built: Built, machine: MachineDefinition) -> Iterator[Finding]:
    for first, second in combinations(range(len(machine.transitions)), 2):
        one, other = machine.transitions[first], machine.transitions[second]
        events = set(one.events).intersection(other.events)
        if not events or not _meet(one, other) or not _together(shelf, one, other):
            continue
        if one.timer and other.timer and (one.pending is None) != (other.pending is None):
            continue  # one fires while something is pending, the other when nothing is
        event = min(events)
        states = ", ".join(sorted(set(one.origins).intersection(other.origins))) or "the beginning"
        what = f"Two answers to {event} in {states}: {one.id} and {other.id}."
        to_do = "Tell them apart by their states or by `where`, or remove one."
        yield shelf.finding(built, ("transitions", second), what, to_do)


def _meet(one: Transition, other: Transition) -> bool:
    """Whether both can be possible at once."""
    states = set(one.origins).intersection(other.origins) or (one.opens and other.opens)
    apart = any(not set(values).intersection(other.where.get(key, values)) for key, values in one.where.items())
    return bool(states) and not apart


def _together(shelf: Shelf, one: Transition, other: Transition) -> bool:
    """Whether there is a day and a pathway on which both exist."""
    apart = any(first.valid_to and second.valid_from and first.valid_to < second.valid_from for first, second in
                ((one, other), (other, one)))  # fmt: skip
    shared = any(has(each, one) and has(each, other) for each in shelf.pathways()) or not (
        one.elective or other.elective
    )
    return shared and not apart


def _stations(shelf: Shelf) -> Iterator[Finding]:
    machines = shelf.machines()
    for built, table in shelf.of(Stations):
        letters: dict[str, str] = {}
        for key, line in table.lines.items():
            place = ("lines", key)
            if line.letter in letters:
                what = f"Letter {line.letter} is the line of {letters[line.letter]} already."
                yield shelf.finding(built, (*place, "letter"), what, "Give each line its own letter.")
            letters.setdefault(line.letter, key)
            for code in _repeated(line.stations.values()):
                what = f"Two stations are {line.letter}{code}."
                yield shelf.finding(built, (*place, "stations"), what, "Give each station its own number.")
            machine = machines.get(key)
            if machine is None:
                what = f"There is no machine {key} for this line."
                yield shelf.finding(built, place, what, "Add the machine, or remove the line.")
                continue
            for state in line.stations.keys() - machine.by_key.keys():
                what = f"{key} has no state {state}."
                yield shelf.finding(built, (*place, "stations", state), what, "Remove the station, or add the state.")
            for state in sorted(machine.by_key.keys() - line.stations.keys()):
                what = f"State {state} of {key} is no station."
                yield shelf.finding(built, (*place, "stations"), what, "Give it a number.")
        for key in sorted(machines.keys() - table.lines.keys()):
            yield shelf.finding(built, ("lines",), f"Machine {key} has no line.", "Give it a letter and stations.")


def _repeated(values: Iterable[str]) -> list[str]:
    values = list(values)
    return sorted({value for value in values if values.count(value) > 1})
