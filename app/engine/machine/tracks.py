"""Tracks: where each line of a therapy stands, and the way it came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol

from app.engine.definition.common import Text
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.vocabulary import Vocabulary
from app.engine.machine.days import Days, term_end
from app.engine.machine.events import Event


class Rules(Protocol):
    """What the kernel needs of the library: the machines and the words."""

    @property
    def machines(self) -> Mapping[str, MachineDefinition]:
        """The machines by their keys."""
        ...

    @property
    def editions(self) -> Mapping[str, tuple[MachineDefinition, ...]]:
        """All editions, oldest first, of the machines that have more than one; ``machines`` has their newest."""
        ...

    @property
    def vocabulary(self) -> Vocabulary:
        """All events."""
        ...


class Visit(NamedTuple):
    """One stay of a track in a state. ``since`` is None when the day is not known.

    ``inferred``: nobody recorded it, but the track must have passed (or the day rests on a presumption).
    ``event_id`` is the event that brought it there, or that shows that it must have been there; None for a timer.
    """

    state: str
    since: Days | None
    inferred: bool = False
    event_id: str | None = None
    event: str | None = None
    transition: str | None = None
    source: str | None = None
    confidence: str | None = None
    not_after: dt.date | None = None  # for an unknown day: the last day on which it can have happened
    doubt: Text | None = None  # why the order of days cannot be told
    certainty: str | None = None  # of the day: high, medium or low
    also: tuple[Days, ...] = ()  # days that other sources give

    @property
    def readings(self) -> tuple[Days, ...]:
        """Every day that some source gives, the one that counts first; none when the day is not known."""
        return (self.since, *self.also) if self.since else ()


class Track(NamedTuple):
    """One running instance of a machine."""

    machine: str
    instance: str
    history: tuple[Visit, ...]
    attributes: Mapping[str, str] = MappingProxyType({})
    ended: bool = False  # stands in an end state
    term_start: Days | None = None
    term_months: int | None = None
    past_term_ends: tuple[Days, ...] = ()
    version: int = 1  # of the edition of its machine by which it runs
    term_start_also: tuple[Days, ...] = ()  # days that other sources give for the start of the term

    @property
    def state(self) -> str:
        """The state it stands in."""
        return self.history[-1].state

    @property
    def since(self) -> Days | None:
        """The day on which it came there; None when unknown."""
        return self.history[-1].since

    @property
    def inferred(self) -> bool:
        """Whether any part of the way is inferred."""
        return any(visit.inferred for visit in self.history)

    @property
    def term_end(self) -> Days | None:
        """The last day of the running term; None without a term or when its start or length is not known."""
        ends = self.term_ends
        return ends[0] if ends else None

    @property
    def term_ends(self) -> tuple[Days, ...]:
        """The last day of the running term, then what it is when other sources are right about its start."""
        if self.term_start is None or self.term_months is None:
            return ()
        return tuple(
            Days(term_end(start.first, self.term_months), term_end(start.last, self.term_months))
            for start in (self.term_start, *self.term_start_also)
        )

    def visited(self, state: str) -> Visit | None:
        """The first stay in ``state``, if any."""
        return next((visit for visit in self.history if visit.state == state), None)

    def matches(self, where: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether each named attribute has one of the values."""
        return not where or all(self.attributes.get(key) in values for key, values in where.items())


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell the reader of a history that moves no track, or that moved one by presumption."""

    kind: Literal["information", "inferred", "already", "term", "doubt", "check", "edition", "untold"]
    text: Text
    event_id: str | None = None
    machine: str | None = None
    instance: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that cannot have happened as recorded, and why."""

    event: Event
    reason: Text


@dataclass(frozen=True, slots=True)
class Tracks:
    """All tracks of one therapy on one day, with everything that has to be said about the fold."""

    as_of: dt.date
    tracks: tuple[Track, ...] = ()
    notes: tuple[Note, ...] = ()
    refused: tuple[Refused, ...] = ()
    happened: tuple[Event, ...] = ()  # the events that stand, in the order in which they were folded

    def get(self, machine: str, instance: str | None = None) -> Track | None:
        """The track of ``machine`` (the instance named, or the only or newest one)."""
        found = self.of(machine)
        if instance is None:
            return found[-1] if found else None
        return next((track for track in found if track.instance == instance), None)

    def of(self, machine: str) -> tuple[Track, ...]:
        """All tracks of ``machine`` in the order in which they began."""
        return tuple(track for track in self.tracks if track.machine == machine)

    def count(self, event: str) -> int:
        """How often ``event`` happened."""
        return sum(each.name == event for each in self.happened)
