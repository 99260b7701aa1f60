"""A machine: the definition of one kind of track; small, flat, and data."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from app.engine.definition.common import Dated, Definition, Key, Provenance, Text
from app.engine.definition.guards import EventName, Guard

StateKey = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=48)]
TransitionId = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9_]*$", max_length=16)]


def _one_or_several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class StateKind(StrEnum):
    """Where a state stands on its line."""

    START = "start"  # where a track is before anything happened
    NORMAL = "normal"  # on the main line
    SIDE = "side"  # beside the main line; a history with holes is never led through it
    END = "end"  # nothing more is expected
    RETIRED = "retired"  # of an earlier edition; kept so that histories can be read, nothing leads there any more


class Multiplicity(StrEnum):
    """How many tracks of this machine one therapy may have."""

    ONE = "one"
    SEVERAL = "several"


class State(Definition):
    """One station. ``tags`` let guards of other tracks speak of several states by one word."""

    key: StateKey
    names: Text
    kind: StateKind = StateKind.NORMAL
    tags: tuple[Literal["recorded", "held", "in_force", "pending"], ...] = ()
    note: Text | None = None


class Attribute(Definition):
    """Something a track remembers: ``kind`` of an application, ``type`` of a consultation …

    ``choices`` is empty where any value is allowed; ``default`` is taken when an event that opens the track is silent.
    """

    key: Key
    names: Text
    choices: dict[str, Text] = Field(default_factory=dict)
    default: str | None = None


class Pending(Definition):
    """A track of ``machine`` with one of ``kinds`` that is not yet decided. ``state`` is where it begins."""

    machine: Key
    kinds: tuple[str, ...] = Field(min_length=1)
    state: StateKey


class Follows(Definition):
    """Another line: its arrival in one of ``states`` takes a track of this one along, on the same day."""

    machine: Key
    states: tuple[StateKey, ...] = Field(min_length=1)


class Transition(Dated):
    """An answer of the machine to an event: from one of ``origins`` to ``to`` when all guards agree.

    Empty ``origins`` open the track. Several events may fire it; the first is the usual one. An ``elective`` one
    belongs only to the pathways that take it by name. It answers on the days on which it is the law.
    """

    id: TransitionId
    events: Annotated[tuple[EventName, ...], BeforeValidator(_one_or_several), Field(min_length=1, alias="event")]
    names: Text
    origins: tuple[StateKey, ...] = Field(default=(), alias="from")
    to: StateKey | None = None  # none: an internal event, the state and its day stay
    where: dict[str, tuple[str, ...]] = Field(
        default_factory=dict
    )  # only for tracks (or events) whose attributes have one of these values
    guards: tuple[Guard, ...] = ()
    term: Literal["starts", "extends", "ends"] | None = None  # what it does to the term of a limited approval
    timer: Literal["term_end", "follows"] | None = None  # fired by the fold itself: a term ends, or see ``follows``
    follows: Follows | None = None
    pending: Pending | None = None  # a timer's condition; the timer without one fires when it does not hold
    proven_by: tuple[EventName, ...] = ()  # later events that show that the timer's condition was met
    inferable: bool = True  # may a history with holes be led through it
    elective: bool = False
    clocks: tuple[str, ...] = ()
    provenance: Provenance

    @property
    def event(self) -> str:
        """The event that usually fires it."""
        return self.events[0]

    @property
    def opens(self) -> bool:
        """Whether the transition begins a track."""
        return not self.origins


class MachineDefinition(Dated):
    """One edition of one kind of track with its states and transitions; a regulator changes it by the next version.

    A later edition keeps every state of the earlier ones; what no longer exists is ``retired`` there.
    """

    key: Key
    version: int = Field(ge=1)
    names: Text
    multiplicity: Multiplicity
    named_by: Key | None = None  # the attribute that names its instances when there may be several
    initial: StateKey | None = None  # none: the track begins with its first event
    attributes: tuple[Attribute, ...] = ()
    states: tuple[State, ...] = Field(min_length=1)
    transitions: tuple[Transition, ...] = Field(min_length=1)

    @cached_property
    def by_key(self) -> dict[str, State]:
        """The states by their keys."""
        return {state.key: state for state in self.states}

    def state(self, key: str) -> State:
        """The state ``key``; KeyError when the machine has none of that name."""
        return self.by_key[key]

    @cached_property
    def by_event(self) -> dict[str, tuple[Transition, ...]]:
        """The transitions by the event that fires them, in the order of the file."""
        events = dict.fromkeys(event for transition in self.transitions for event in transition.events)
        return {event: tuple(each for each in self.transitions if event in each.events) for event in events}

    def attribute(self, key: str) -> Attribute | None:
        """The declared attribute ``key``, if any."""
        return next((attribute for attribute in self.attributes if attribute.key == key), None)

    def tagged(self, tag: str) -> frozenset[str]:
        """The keys of the states that carry ``tag``."""
        return frozenset(state.key for state in self.states if tag in state.tags)
