"""What a guard is asked about, and what it finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from app.engine.definition.common import Text
from app.engine.machine.days import Days
from app.engine.machine.events import Event
from app.engine.machine.facts import NOTHING_KNOWN, Facts
from app.engine.machine.moves import Move
from app.engine.machine.tracks import Rules, Track, Tracks


class Verdict(StrEnum):
    """The four answers of a guard."""

    YES = "yes"
    NOT_YET = "not_yet"
    CANNOT_TELL = "cannot_tell"
    WARNING = "warning"


class Situation(NamedTuple):
    """What a guard is asked about: the tracks, the one that would move, other rooms' facts, and the day of the step."""

    rules: Rules
    tracks: Tracks
    machine: str
    track: Track | None
    on: Days
    facts: Facts = NOTHING_KNOWN
    given: Mapping[str, str] = MappingProxyType({})  # what the event states
    attributes: Mapping[str, str] = MappingProxyType({})  # of the track, also when it has not begun
    also: tuple[Days, ...] = ()  # days that other sources give for the step

    @property
    def readings(self) -> tuple[Days, ...]:
        """Every day that some source gives for the step, the one that counts first."""
        return (self.on, *self.also)

    @classmethod
    def of_move(cls, rules: Rules, tracks: Tracks, move: Move, event: Event, facts: Facts = NOTHING_KNOWN) -> Situation:
        """The situation of one track that ``event`` would move."""
        return cls(
            rules, tracks, move.machine, move.track, event.on, facts, event.attributes, move.attributes, event.also
        )


class Finding(NamedTuple):
    """What a guard found: the verdict, and more to say than the guard's own text where days or names matter.

    ``blocks``: it does so also where the guard, not met, would only warn. ``do``: what to do, and ``record`` the event
    whose record would answer, where that is not what the guard itself asks for.
    """

    verdict: Verdict
    because: Text | None = None
    possible_from: dt.date | None = None
    blocks: bool = False
    do: Text | None = None
    record: str | None = None


MET, UNMET, UNSURE = (Finding(each) for each in (Verdict.YES, Verdict.NOT_YET, Verdict.CANNOT_TELL))
