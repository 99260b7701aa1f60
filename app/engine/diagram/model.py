"""What goes into a line map and what comes out of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from app.engine.definition.common import Basis, Text


class Standing(StrEnum):
    """How sure it is that the track stops at a station."""

    VISITED = "visited"
    CURRENT = "current"
    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"

    @property
    def past(self) -> bool:
        """Whether the track has already arrived there."""
        return self in (Standing.VISITED, Standing.CURRENT)


@dataclass(frozen=True, slots=True)
class Station:
    """A stop of a lane. ``key`` is unique in the whole map.

    The arrival is a ``day``, or somewhere from ``earliest`` to ``latest``, or (all None) not known.
    """

    key: str
    number: str  # two digits, "04"
    names: Text
    standing: Standing
    day: dt.date | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None
    basis: Basis = Basis.UNKNOWN
    certainty: str | None = None  # of a recorded day: high, medium or low
    also: tuple[tuple[dt.date, dt.date], ...] = ()  # days that other sources give: first and last possible

    @property
    def rests_on(self) -> Basis:
        """The basis of the arrival; without a day it is unknown, whatever was said."""
        return self.basis if self.ordinal is not None else Basis.UNKNOWN

    @property
    def ordinal(self) -> float | None:
        """The arrival as a day number; the middle of an interval; None when not known."""
        if self.day:
            return float(self.day.toordinal())
        ends = [d.toordinal() for d in (self.earliest, self.latest) if d]
        return sum(ends) / len(ends) if ends else None


@dataclass(frozen=True, slots=True)
class Lane:
    """One track. ``letter`` names its kind for people (P programme, C consultation, …) and picks its colour.

    ``stations`` stand in the order of travel; known days are obeyed, unknown ones keep their place in this order.
    ``not_before``: stations ahead whose day nobody knows are drawn after this day (another line comes first).
    ``ended``: nothing more is expected, so the line stops at its last station and does not wait until today.
    """

    key: str
    letter: str
    names: Text
    stations: tuple[Station, ...]
    not_before: dt.date | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """A guard across tracks: the lane of ``to`` goes on to that station only after ``source`` was reached."""

    source: str  # key of a station
    to: str  # key of a station
    names: Text | None = None  # the condition in words


@dataclass(frozen=True, slots=True)
class LineMap:
    """All tracks of one therapy, as of ``today``."""

    lanes: tuple[Lane, ...]
    today: dt.date
    transfers: tuple[Transfer, ...] = ()


class StretchKind(StrEnum):
    """How a stretch between stations is drawn: thick, thick and pale, solid, dashed, dotted."""

    TRAVELLED = "travelled"
    WAITING = "waiting"  # from the arrival at the present station until today
    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the map at a year's beginning, or at today."""

    at: float
    label: str  # empty when there is no room for it


@dataclass(frozen=True, slots=True)
class LaneHead:
    """The name plate of a lane; for the map that runs down, the place where its line begins."""

    letter: str
    x: float
    y: float
    name: tuple[str, ...]
    second: tuple[str, ...]
    height: float = 0.0  # of the words beside it
    full: str = ""  # the name in one piece


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of line between two points."""

    letter: str
    kind: StretchKind
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class PlacedStation:
    """A station with its place and the lines of its label; ``label_y`` is the baseline of the first line.

    In a crowd a station may have no label: it shows its number only, and the table beside the map names it.
    """

    key: str
    letter: str
    number: str
    standing: Standing
    basis: Basis
    x: float
    y: float
    radius: float
    label_x: float
    label_y: float
    label_width: float
    name: tuple[str, ...]
    second: tuple[str, ...]
    day: tuple[str, ...]
    span: tuple[float, float] | None = None  # where the arrival may lie, along the direction of time

    @property
    def code(self) -> str:
        """Letter and number, as on a station sign."""
        return f"{self.letter}{self.number}"


@dataclass(frozen=True, slots=True)
class TransferPath:
    """The path of a transfer (SVG path data) and the dot at its beginning."""

    path: str
    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The geometry of one rendering. ``today`` is None when today lies outside the picture."""

    width: float
    height: float
    lanes: tuple[LaneHead, ...]
    stations: tuple[PlacedStation, ...]
    stretches: tuple[Stretch, ...]
    transfers: tuple[TransferPath, ...]
    years: tuple[Rule, ...]
    today: Rule

    def stations_of(self, lane: LaneHead) -> list[PlacedStation]:
        """The stations of a lane of the map from left to right, in time."""
        return sorted((station for station in self.stations if station.y == lane.y), key=lambda station: station.x)

    @property
    def thinned(self) -> bool:
        """Whether some stations show their numbers only."""
        return not all(station.name for station in self.stations)
