"""The words of the history: each event's name, what it carries, and which tracks it moves."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from app.engine.definition.common import Definition, Key, Provenance, Text
from app.engine.definition.guards import EventName


class AttributeRule(Definition):
    """How an attribute is written in the free text of a history: ``kind=CTL_FULL``, ``term=7y``, ``+3y``."""

    key: Key
    names: Text
    written: str  # the sign that stands right before the value
    type: Literal["word", "duration"]


class WhenMissing(Definition):
    """Attributes of an instance whose opening was never recorded, decided by where another track stands then."""

    machine: Key | None = None  # none: always
    states: tuple[str, ...] = ()
    followed_by: tuple[EventName, ...] = ()  # only when one of these events comes later
    needs: tuple[Key, ...] = ()  # only when the event itself carries these attributes
    sets: dict[str, str] = Field(default_factory=dict)


class Act(Definition):
    """One track that an event moves, and how that track is picked among several."""

    machine: Key
    opens: bool = False  # begins a new track each time it happens
    sets: dict[str, str] = Field(
        default_factory=dict
    )  # attributes given to the track it opens, and asked of the track it picks
    prefers: tuple[str, ...] = ()  # values of the naming attribute, the first that is open is picked
    missing: tuple[WhenMissing, ...] = ()  # what the track is when its opening was never recorded
    when: Literal["always", "if_possible", "if_open"] = "always"
    beside: tuple[str, ...] = ()  # only when a track that the event moves before this one is of such a kind

    @property
    def optional(self) -> bool:
        """A side effect, left out where no track answers directly (if_possible) or none is open (if_open)."""
        return self.when != "always"


class EventDefinition(Definition):
    """One event of the vocabulary. Without ``acts_on`` it informs and moves nothing."""

    names: Text
    acts_on: tuple[Act, ...] = ()
    attributes: tuple[Key, ...] = ()
    also: tuple[EventName, ...] = ()  # other names that say the same
    check: Literal["term_end"] | None = None  # a row that states a day which the fold computes itself
    first_wins: bool = False  # happening again while the track is already there is information
    counts: bool = False  # guards may count it
    note: Text | None = None

    @cached_property
    def leads(self) -> Act | None:
        """The track that it is about: the first that it moves not only by the way."""
        return next((act for act in self.acts_on if not act.optional), None)


UNKNOWN = EventDefinition(names=Text(ja="語彙にない出来事", en="An event that is not in the vocabulary"))


class Vocabulary(Definition):
    """All events. Their order in the file is the order in which they follow each other when days do not tell.

    ``provenance`` speaks of the words; what an event does stands with its transitions.
    """

    provenance: Provenance
    attributes: tuple[AttributeRule, ...]
    events: dict[EventName, EventDefinition]

    def find(self, name: str) -> tuple[str, EventDefinition] | None:
        """The event's own name and definition, also when called by another of its names."""
        own = name if name in self.events else self._also.get(name)
        return (own, self.events[own]) if own else None

    @cached_property
    def _also(self) -> dict[str, str]:
        """An own name by each other name; of several events that claim one, the first of the file has it."""
        return {other: name for name, event in reversed(self.events.items()) for other in event.also}

    @cached_property
    def leading(self) -> dict[str, frozenset[str]]:
        """The events that are about a machine, by the machine."""
        found: dict[str, set[str]] = {}
        for name, event in self.events.items():
            if event.leads:
                found.setdefault(event.leads.machine, set()).add(name)
        return {machine: frozenset(names) for machine, names in found.items()}

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The places of the events in the usual course of things."""
        return {name: place for place, name in enumerate(self.events)}


class Line(Definition):
    """The line of one machine: letter and colour token, and the number of each station."""

    letter: Annotated[str, Field(pattern=r"^[A-Z]$")]
    colour: Key
    stations: dict[str, Annotated[str, Field(pattern=r"^\d\d[a-z]?$")]]


class Stations(Definition):
    """The one table that says which key is which station. People read the codes; data uses the keys."""

    provenance: Provenance
    lines: dict[Key, Line]

    def code(self, machine: str, state: str) -> str:
        """The station's code for people, such as ``P04``; KeyError where there is no such station."""
        line = self.lines[machine]
        return f"{line.letter}{line.stations[state]}"
