"""The events that can be recorded, in the order and groups in which people look for them, and what each can state."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from app.core.errors import NotFound
from app.engine.definition.common import Text
from app.engine.definition.vocabulary import EventDefinition
from app.engine.machine import Choice
from app.pathways.rules import CONSULTATION, library, line_names
from app.therapies.queries import TherapyView

INFORMATION = Text(ja="情報・特記事項(線は動きません)", en="Information (moves no line)")


@dataclass(frozen=True, slots=True)
class Carried:
    """Something that an event can state."""

    key: str
    names: Text
    choices: Mapping[str, Text] = field(default_factory=dict)
    default: str | None = None
    duration: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """An event that may be recorded."""

    event: str
    names: Text
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The events of one line."""

    key: str
    names: Text
    offers: tuple[Offer, ...]


def definition(event: str) -> EventDefinition:
    """The definition of an event; NotFound for a word that no history uses, or for a day that is only computed."""
    found = library().vocabulary.events.get(event)
    if found is None or found.check:
        raise NotFound
    return found


def carried(event: str) -> tuple[Carried, ...]:
    """What an event can state, with its choices."""
    found = definition(event)
    machine = library().machines[found.acts_on[0].machine] if found.acts_on else None
    rules = {rule.key: rule for rule in library().vocabulary.attributes}
    fixed = {key for act in found.acts_on for key in act.sets}
    fields = []
    for key in found.attributes:
        if key in fixed:
            continue
        declared = machine.attribute(key) if machine else None
        choices: Mapping[str, Text] = declared.choices if declared else {}
        if machine and machine.key == CONSULTATION and key == "type":
            choices = {kind: each.name for kind, each in library().consultations.items()}
        opens = any(act.opens for act in found.acts_on)
        default = declared.default if declared and opens else None
        fields.append(Carried(key, rules[key].names, choices, default, rules[key].type == "duration"))
    return tuple(fields)


def groups(therapy: TherapyView) -> tuple[Group, ...]:
    """Every event of the therapy's lines, by line, then what only informs."""
    course = library().course(therapy.pathway)
    return _by_line({machine: course.machines[machine].by_event for machine in course.own})


def vocabulary() -> tuple[Group, ...]:
    """Every event that a history may hold, whatever the therapy."""
    return _by_line({key: each.by_event for key, each in library().machines.items()})


def _by_line(lines_events: Mapping[str, Container[str]]) -> tuple[Group, ...]:
    found: dict[str, list[Offer]] = {machine: [] for machine in lines_events}
    information: list[Offer] = []
    for name, each in library().vocabulary.events.items():
        if each.check:
            continue
        offer = Offer(name, each.names, each.note)
        machine = each.acts_on[0].machine if each.acts_on else None
        if machine is None:
            information.append(offer)
        elif machine in found and name in lines_events[machine]:
            found[machine].append(offer)
    lines = [Group(machine, line_names(machine), tuple(offers)) for machine, offers in found.items()]
    return (*lines, Group("information", INFORMATION, tuple(information)))


def next_steps(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The steps to offer now: one for each event and track, possible ones first, each kind of new track once."""
    seen: set[tuple[str, str | None]] = set()
    offered = []
    for choice in sorted(choices, key=lambda each: (not each.possible, each.transition.to is None)):
        if (choice.event, choice.instance) not in seen:
            seen.add((choice.event, choice.instance))
            offered.append(choice)
    return tuple(offered)
