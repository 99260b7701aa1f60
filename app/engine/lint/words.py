"""The vocabulary against the machines, and cases against both."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.definition.case import Case
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.vocabulary import Act, Vocabulary
from app.engine.lint.files import Built, Location, Shelf
from app.engine.lint.finding import Finding

MISSING_WORD = "Add it to events of vocabulary.yaml, or use one that is there."


def word_findings(shelf: Shelf) -> Iterator[Finding]:
    """Events that nobody routes or answers, names twice, and references of cases to nothing."""
    for built, words in shelf.of(Vocabulary):
        yield from _events(shelf, built, words)
    vocabulary = shelf.vocabulary()
    if vocabulary:
        yield from _answers(shelf, vocabulary)
        yield from _cases(shelf, vocabulary)


def _events(shelf: Shelf, built: Built, words: Vocabulary) -> Iterator[Finding]:
    machines = shelf.machines()
    names: dict[str, str] = {name: name for name in words.events}
    known = {rule.key for rule in words.attributes}
    for name, event in words.events.items():
        place: Location = ("events", name)
        for other in event.also:
            if other in names:
                what = f"{other} already means {names[other]}."
                yield shelf.finding(built, (*place, "also"), what, "One word means one event.")
            names.setdefault(other, name)
        for key in event.attributes:
            if key not in known:
                what = f"{name} carries {key}, which is no declared attribute."
                yield shelf.finding(built, (*place, "attributes"), what, "Declare it under attributes.")
        for number, act in enumerate(event.acts_on):
            for what, to_do in _act(shelf, machines, name, act):
                yield shelf.finding(built, (*place, "acts_on", number), what, to_do)


def _act(shelf: Shelf, machines: dict[str, MachineDefinition], name: str, act: Act) -> Iterator[tuple[str, str]]:
    machine = machines.get(act.machine)
    if machine is None:
        yield f"{name} moves a machine {act.machine} that does not exist.", "Name a machine of machines/."
        return
    editions = (each for _, each in shelf.of(MachineDefinition) if each.key == act.machine)
    if not any(name in each.by_event for each in editions):
        yield f"{name} moves {act.machine}, but no transition there answers it.", "Add one, or remove the act."
    settings = [act.sets, *(rule.sets for rule in act.missing), *({machine.named_by or "": one} for one in act.prefers)]
    for sets in settings:
        for key, value in sets.items():
            attribute = machine.attribute(key)
            if attribute is None or (attribute.choices and value not in attribute.choices):
                yield f"{name}: {act.machine} knows no {key or 'name'} {value}.", "Use a declared choice."
    for rule in act.missing:
        other = machines.get(rule.machine) if rule.machine else None
        if rule.machine and (other is None or set(rule.states) - other.by_key.keys()):
            yield f"{name}: `missing` speaks of states that {rule.machine} does not have.", "Correct the states."


def _answers(shelf: Shelf, words: Vocabulary) -> Iterator[Finding]:
    for built, machine in shelf.of(MachineDefinition):
        for number, transition in enumerate(machine.transitions):
            place = ("transitions", number, "event")
            for event in (*transition.events, *transition.proven_by, *transition.told_by):
                found = words.events.get(event)
                if found is None:
                    yield shelf.finding(built, place, f"The vocabulary has no event {event}.", MISSING_WORD)
                elif event in transition.events and not transition.timer and not _routed(found.acts_on, machine.key):
                    what = f"{event} never reaches {machine.key}: its acts do not name this machine."
                    yield shelf.finding(built, place, what, "Add the machine to acts_on of the event.")


def _routed(acts: tuple[Act, ...], machine: str) -> bool:
    return any(act.machine == machine for act in acts)


def _cases(shelf: Shelf, words: Vocabulary) -> Iterator[Finding]:
    machines = shelf.machines()
    for built, case in shelf.of(Case):
        for number, event in enumerate(case.events):
            if words.find(event.event) is None and event.event not in case.refused:
                what = f"The vocabulary has no event {event.event}."
                yield shelf.finding(built, ("events", number, "event"), what, MISSING_WORD)
        for number, track in enumerate(case.expected):
            machine = machines.get(track.machine)
            strange = [s for s in (track.state, *track.through) if machine is None or s not in machine.by_key]
            if strange:
                what = f"{track.machine} has no state {', '.join(strange)}."
                yield shelf.finding(built, ("expected", number), what, "Correct the expectation.")
