"""A machine: the definition of one kind of track; small, flat, and data."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field

from app.engine.definition.common import Dated, Definition, Key, Provenance, Text
from app.engine.definition.guards import Counted, DateOrder, EventName, Guard

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
    """One station. ``tags`` let guards of other tracks speak of several states by one word.

    ``untold``: whether what the track is about is in force there cannot be told.
    """

    key: StateKey
    names: Text
    kind: StateKind = StateKind.NORMAL
    tags: tuple[Literal["recorded", "held", "in_force", "pending", "untold"], ...] = ()
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
    length: Key | None = None  # the attribute of an event that gives the length of a term; the usual one without
    timer: Literal["term_end", "follows"] | None = None  # fired by the fold itself: a term ends, or see ``follows``
    follows: Follows | None = None
    pending: Pending | None = None  # a timer's condition; the timer without one fires when it does not hold
    proven_by: tuple[EventName, ...] = ()  # events after the term that show that the timer's condition was met
    told_by: tuple[EventName, ...] = ()  # those that, on the first day after the term, may only tell its end itself
    inferable: bool = True  # may a history with holes be led through it
    elective: bool = False
    clocks: tuple[str, ...] = ()
    provenance: Provenance

    @property
    def event(self) -> str:
        """The event that usually fires it."""
        return self.events[0]

    @cached_property
    def orders(self) -> tuple[DateOrder, ...]:
        """Those of its guards that also a history must keep: an order of days that no hole explains."""
        return tuple(guard for guard in self.guards if isinstance(guard, DateOrder))

    @cached_property
    def counts(self) -> tuple[Counted, ...]:
        """Those of its guards that count what was recorded."""
        return tuple(guard for guard in self.guards if isinstance(guard, Counted))

    @cached_property
    def unconditional(self) -> bool:
        """Whether it is for every track and every day."""
        return not self.where and self.valid_from is None and self.valid_to is None

    @property
    def opens(self) -> bool:
        """Whether the transition begins a track."""
        return not self.origins

    @property
    def leaves(self) -> tuple[StateKey | None, ...]:
        """The states in which it may fire; None stands for a track that has not begun."""
        return self.origins or (None,)


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

    # What only the definition decides is looked up once: a history asks it for every event.

    @cached_property
    def by_key(self) -> dict[str, State]:
        """The states by their keys."""
        return {state.key: state for state in self.states}

    def state(self, key: str) -> State:
        """The state ``key``; KeyError when the machine has none of that name."""
        return self.by_key[key]

    @cached_property
    def places(self) -> dict[str, int]:
        """The places of the transitions in the file, by their ids."""
        return {each.id: place for place, each in enumerate(self.transitions)}

    @cached_property
    def ends(self) -> frozenset[str]:
        """The states in which nothing more is expected of a track."""
        return frozenset(state.key for state in self.states if state.kind is StateKind.END)

    @cached_property
    def main_line(self) -> frozenset[str]:
        """The states through which a history with holes may be led."""
        return frozenset(state.key for state in self.states if state.kind in (StateKind.START, StateKind.NORMAL))

    @cached_property
    def _tagged(self) -> dict[str, frozenset[str]]:
        tags = {tag for state in self.states for tag in state.tags}
        return {tag: frozenset(state.key for state in self.states if tag in state.tags) for tag in tags}

    def tagged(self, tag: str) -> frozenset[str]:
        """The keys of the states that carry ``tag``."""
        return self._tagged.get(tag, frozenset())

    @cached_property
    def by_event(self) -> dict[str, tuple[Transition, ...]]:
        """The transitions by the event that fires them, in the order of the file."""
        return _grouped((event, each) for each in self.transitions for event in each.events)

    @cached_property
    def answers(self) -> dict[tuple[str | None, str], tuple[Transition, ...]]:
        """What an event may fire in a state (None: before the track has begun), in the order of the file."""
        return _grouped(
            ((origin, event), each)
            for each in self.transitions
            if not each.timer
            for origin in each.leaves
            for event in each.events
        )

    @cached_property
    def targets(self) -> dict[str, frozenset[str]]:
        """Where an event may lead."""
        return {event: frozenset(each.to for each in found if each.to) for event, found in self.by_event.items()}

    @cached_property
    def leaving(self) -> dict[str | None, tuple[Transition, ...]]:
        """The transitions by the state that they leave (None: before the track has begun), timers included."""
        return _grouped((origin, each) for each in self.transitions for origin in each.leaves)

    @cached_property
    def terms(self) -> dict[str | None, tuple[Transition, ...]]:
        """What the end of a term fires in a state."""
        return {
            state: tuple(each for each in found if each.timer == "term_end") for state, found in self.leaving.items()
        }

    @cached_property
    def followers(self) -> dict[tuple[str, str], tuple[Transition, ...]]:
        """The transitions that another machine's arrival in a state fires."""
        return _grouped(
            ((each.follows.machine, state), each)
            for each in self.transitions
            if each.follows
            for state in each.follows.states
        )

    @cached_property
    def by_attribute(self) -> dict[str, Attribute]:
        """The declared attributes by their keys."""
        return {attribute.key: attribute for attribute in self.attributes}

    @cached_property
    def defaults(self) -> dict[str, str]:
        """What an event that opens a track says of it when it is silent."""
        return {attribute.key: attribute.default for attribute in self.attributes if attribute.default}

    def attribute(self, key: str) -> Attribute | None:
        """The declared attribute ``key``, if any."""
        return self.by_attribute.get(key)


Name = TypeVar("Name")


def _grouped(pairs: Iterable[tuple[Name, Transition]]) -> dict[Name, tuple[Transition, ...]]:
    """The transitions of each name, in the order of the pairs."""
    found: dict[Name, list[Transition]] = {}
    for name, transition in pairs:
        found.setdefault(name, []).append(transition)
    return {name: tuple(transitions) for name, transitions in found.items()}
