"""Time as a position: in order, to scale where there is room, and never closer than the labels allow."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.engine.diagram.model import Lane, LineMap, Station

UNKNOWN_STEP = 60.0  # days put between stations whose day nobody knows
SAME_DAY = 0.01  # keeps stations of one lane in order that share a day


def arrivals(lane: Lane, today: dt.date) -> list[tuple[float, Station]]:
    """The stations of a lane with a day number each, in time.

    A station without a day is put between its neighbours: before today when visited, after today when it lies ahead.
    """
    now = float(today.toordinal())
    ahead = max(now, float(lane.not_before.toordinal())) if lane.not_before else now
    known = [station.ordinal for station in lane.stations]
    placed: list[tuple[float, Station]] = []
    for i, station in enumerate(lane.stations):
        at = known[i]
        if at is None:
            before = placed[-1][0] if placed else None
            after = next((k for k in known[i + 1 :] if k is not None), None)
            gaps = 1 + next((n for n, k in enumerate(known[i:]) if k is not None), len(known) - i)
            at = _between(before, after, now if station.standing.past else ahead, gaps, past=station.standing.past)
        if placed and at <= placed[-1][0] and known[i] is None:
            at = placed[-1][0] + SAME_DAY
        placed.append((at, station))
    placed.sort(key=lambda pair: pair[0])
    for i in range(1, len(placed)):
        if placed[i][0] < placed[i - 1][0] + SAME_DAY:
            placed[i] = (placed[i - 1][0] + SAME_DAY, placed[i][1])
    return placed


def _between(before: float | None, after: float | None, now: float, gaps: int, *, past: bool) -> float:
    """A day number for an unknown day; ``gaps`` counts the steps up to the next known day."""
    if past:
        upper = min(after, now) if after is not None else now
        lower = before if before is not None else upper - UNKNOWN_STEP * gaps
    else:
        lower = max(before, now) if before is not None else now
        upper = after if after is not None else lower + UNKNOWN_STEP * gaps
    return lower + (upper - lower) / gaps if upper > lower else lower + SAME_DAY


@dataclass(frozen=True, slots=True)
class Axis:
    """A monotone map from day numbers to positions, straight between its nodes."""

    days: tuple[float, ...]
    places: tuple[float, ...]

    def at(self, day: float) -> float:
        """The position of a day number; outside the nodes it stops at the ends."""
        if day <= self.days[0]:
            return self.places[0]
        if day >= self.days[-1]:
            return self.places[-1]
        i = bisect_right(self.days, day) - 1
        share = (day - self.days[i]) / (self.days[i + 1] - self.days[i])
        return self.places[i] + share * (self.places[i + 1] - self.places[i])

    @property
    def end(self) -> float:
        """The last position."""
        return self.places[-1]


Gap = tuple[float, float, float]  # (earlier day, later day, least distance between them)


class Grid:
    """Days in order, and how far apart they must stand."""

    def __init__(self, days: Iterable[float], gaps: Iterable[Gap]) -> None:
        gaps = tuple(gaps)
        self.nodes = sorted({*days} | {day for gap in gaps for day in gap[:2]})
        index = {day: i for i, day in enumerate(self.nodes)}
        self._into: list[list[tuple[int, float]]] = [[] for _ in self.nodes]
        for earlier, later, least in gaps:
            self._into[index[later]].append((index[earlier], least))

    def packed(self, scale: float = 0.0) -> list[float]:
        """The leftmost positions when a day takes at least ``scale`` pixels."""
        places = [0.0]
        for i in range(1, len(self.nodes)):
            to_scale = places[i - 1] + (self.nodes[i] - self.nodes[i - 1]) * scale
            places.append(max([to_scale, *(places[j] + least for j, least in self._into[i])]))
        return places

    def fits(self, length: float) -> bool:
        """Whether ``length`` is enough for all gaps."""
        return self.packed()[-1] <= length

    def axis(self, start: float, length: float) -> Axis:
        """The axis from ``start`` that keeps every gap and, as far as that leaves room in ``length``, is to scale.

        When the gaps alone need more than ``length`` it becomes longer: legible is worth more than narrow.
        """
        best = self.packed()
        low, high = 0.0, length / (self.nodes[-1] - self.nodes[0] or 1.0)
        if best[-1] < length:
            for _ in range(30):
                middle = (low + high) / 2
                places = self.packed(middle)
                if places[-1] <= length:
                    low, best = middle, places
                else:
                    high = middle
        return Axis(tuple(self.nodes), tuple(start + place for place in best))


def years(line_map: LineMap, days: Sequence[float]) -> list[tuple[int, float]]:
    """The first days of all years in the picture, as (year, day number)."""
    first = dt.date.fromordinal(int(min([*days, line_map.today.toordinal()]))).year
    last = dt.date.fromordinal(int(max([*days, line_map.today.toordinal()]))).year
    return [(year, float(dt.date(year, 1, 1).toordinal())) for year in range(first, last + 2)]
