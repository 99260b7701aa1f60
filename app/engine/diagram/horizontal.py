"""The line map from left to right, for pages at least as wide as a tablet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from app.engine.definition.common import Language, Text
from app.engine.diagram import text
from app.engine.diagram.axis import Axis, Gap, Grid, arrivals, years
from app.engine.diagram.crowd import as_many_as_fit, by_rank
from app.engine.diagram.model import (
    Drawing,
    Lane,
    LaneHead,
    LineMap,
    PlacedStation,
    Rule,
    Standing,
    Station,
    Stretch,
    Transfer,
    TransferPath,
)
from app.engine.diagram.paths import bent, pieces

HEAD = 184.0  # the column of the lane names
HEAD_TEXT = 120.0  # what of it is left for the words
EDGE = 8.0  # between the drawing and its frame
TOP = 64.0  # years and the flag of today
RADIUS, SMALL = 15.0, 9.0  # of a station with its code, of one that shows its number only
HALO = 6.0  # around the present station
LABEL_LIMIT = 104.0
LABEL_GAP = 14.0
STATION_GAP = 4.0
YEAR_GAP = 20.0
YEAR_LABEL = 40.0
FLAG = 72.0  # half the flag of today
CHANNEL = 10.0  # a transfer's way between lanes, above the lane below
NAME_STEP, SECOND_STEP = 17.0, 14.0  # the lines of a lane's name
FEW = 6  # lanes; more of them are drawn lower, so that all fit on a screen and a sheet

DayText = Callable[[Station], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a map is labelled: in both languages or the reader's only, on both sides of a line or below it only."""

    both_languages: bool
    sways: bool
    lines: int  # of a station's name
    lane_gap: float


ROOMY, LOW = _Manner(True, True, 3, 30.0), _Manner(False, False, 3, 14.0)


@dataclass(frozen=True, slots=True)
class _Row:
    """A lane with its arrivals and labels; ``swaying`` labels stand below and above the line by turns.

    ``blocks`` has None where a station shows its number only.
    """

    lane: Lane
    stops: tuple[tuple[float, Station], ...]
    blocks: tuple[text.Block | None, ...]
    head: LaneHead
    swaying: bool = False
    y: float = 0.0

    def labels(self, *, above: bool) -> list[tuple[int, text.Block]]:
        """The labels on one side of the line, with the places of their stations."""
        found = [(i, block) for i, block in enumerate(self.blocks) if block]
        return found[above::2] if self.swaying else [] if above else found

    def showing(self, keys: set[str]) -> _Row:
        """The row with the labels of these stations only."""
        pairs = zip(self.stops, self.blocks, strict=True)
        return replace(self, blocks=tuple(block if stop.key in keys else None for (_, stop), block in pairs))

    def radius(self, i: int) -> float:
        """Of the station at place ``i``."""
        return RADIUS if self.blocks[i] else SMALL

    @property
    def room_above(self) -> float:
        heights = [block.height for _, block in self.labels(above=True)]
        return max(RADIUS + 10 + (max(heights) + 8 if heights else 0), self.head.height / 2)

    @property
    def room_below(self) -> float:
        heights = [block.height for _, block in self.labels(above=False)]
        return max(RADIUS + 10 + max(heights, default=0), self.head.height / 2)

    def gaps(self, first: float, last: float) -> list[Gap]:
        """How far apart stations must be so that no label touches its neighbour or leaves the map."""
        days = [day for day, _ in self.stops]
        sizes = [
            self.radius(i) + (HALO if s.standing is Standing.CURRENT else 0) for i, (_, s) in enumerate(self.stops)
        ]
        ends = [(first, 0.0), *zip(days, sizes, strict=True), (last, 0.0)]
        found = [(a, b, r + q + STATION_GAP) for (a, r), (b, q) in pairwise(ends)]
        for side in (self.labels(above=False), self.labels(above=True)):
            for (i, one), (j, other) in pairwise(side):
                found.append((days[i], days[j], (one.width + other.width) / 2 + LABEL_GAP))
            for i, block in side:
                found += [(first, days[i], block.width / 2), (days[i], last, block.width / 2)]
        return found


def across(line_map: LineMap, language: Language, day_text: DayText, today_text: str, width: float = 1240.0) -> Drawing:
    """The geometry of ``line_map`` for readers of ``language``.

    ``day_text`` prints the arrival of a station in lines; ``width`` (px) is kept unless the stations need more.
    Labels go below their station; where that is too narrow, below and above by turns; where that is too narrow, too,
    the stations far from the present one show their numbers only (see ``by_rank``).
    """
    manner = ROOMY if len(line_map.lanes) <= FEW else LOW
    labelled = [_row(lane, line_map, language, day_text, manner) for lane in line_map.lanes]
    rows, axis = _fitted(line_map, labelled, manner, width - HEAD - EDGE)
    rows, height = _stacked(rows, manner)
    now = axis.at(float(line_map.today.toordinal()))
    stations = {station.key: _placed(row, i, axis) for row in rows for i, (_, station) in enumerate(row.stops)}
    return Drawing(
        width=max(width, axis.end + EDGE),
        height=height,
        lanes=tuple(replace(row.head, y=row.y) for row in rows),
        stations=tuple(stations.values()),
        stretches=tuple(
            Stretch(row.lane.letter, kind, start, row.y, end, row.y)
            for row in rows
            for kind, start, end in pieces(
                [(axis.at(day), station.standing) for day, station in row.stops], now, ended=row.lane.ended
            )
        ),
        transfers=tuple(_transfer(transfer, language, rows, stations) for transfer in line_map.transfers),
        years=_ruled(line_map, rows, axis),
        today=Rule(now, today_text),
    )


def _stacked(rows: list[_Row], manner: _Manner) -> tuple[list[_Row], float]:
    """The rows with their places from the top, and the height of all."""
    y, stacked = TOP, []
    for row in rows:
        stacked.append(replace(row, y=y + row.room_above))
        y += row.room_above + row.room_below + manner.lane_gap
    return stacked, y


def _fitted(line_map: LineMap, rows: list[_Row], manner: _Manner, length: float) -> tuple[list[_Row], Axis]:
    """The rows and the axis: every label if possible, else as many as fit, nearest to the present first."""
    swaying = [replace(row, swaying=manner.sways and len(row.stops) > 2) for row in rows]
    for tried in (rows, swaying):
        if (grid := _grid(line_map, tried)).fits(length):
            return tried, grid.axis(HEAD, length)

    def thinned(shown: set[str]) -> list[_Row]:
        return [row.showing(shown) for row in swaying]

    always, others = by_rank([[station for _, station in row.stops] for row in rows])
    length = max(length, _grid(line_map, thinned(set(always))).packed()[-1])
    shown = as_many_as_fit(always, others, lambda keys: _grid(line_map, thinned(keys)).fits(length))
    return thinned(shown), _grid(line_map, thinned(shown)).axis(HEAD, length)


def _row(lane: Lane, line_map: LineMap, language: Language, day_text: DayText, manner: _Manner) -> _Row:
    stops = tuple(arrivals(lane, line_map.today))
    other: Language = "en" if language == "ja" else "ja"

    def second_of(names: Text) -> str:
        return names.say(other) if manner.both_languages else ""

    blocks = tuple(
        text.block(s.names.say(language), second_of(s.names), day_text(s), LABEL_LIMIT, manner.lines) for _, s in stops
    )
    name = text.wrap(lane.names.say(language), 14, HEAD_TEXT, bold=True, lines=4)
    second = text.wrap(second_of(lane.names), 11, HEAD_TEXT, lines=2) if manner.both_languages else ()
    height = len(name) * NAME_STEP + len(second) * SECOND_STEP
    return _Row(lane, stops, blocks, LaneHead(lane.letter, 25.0, 0.0, name, second, height, lane.names.say(language)))


def _grid(line_map: LineMap, rows: list[_Row]) -> Grid:
    days = [day for row in rows for day, _ in row.stops]
    starts = [day for _, day in years(line_map, days)]
    now = float(line_map.today.toordinal())
    first, last = min([*days, *starts]) - 1, max([*days, *starts]) + 1
    gaps: list[Gap] = [(a, b, YEAR_GAP) for a, b in pairwise(starts)]
    gaps += [(starts[-1], last, YEAR_LABEL), (now, last, FLAG)]
    gaps += [gap for row in rows for gap in row.gaps(first, last)]
    gaps += [  # no station under the line of today
        (min(day, now), max(day, now), row.radius(i) + 10)
        for row in rows
        for i, (day, _) in enumerate(row.stops)
        if day != now
    ]
    return Grid([*days, *starts, now], gaps)


def _placed(row: _Row, i: int, axis: Axis) -> PlacedStation:
    (day, station), block = row.stops[i], row.blocks[i]
    x = axis.at(day)
    span = None
    if station.earliest and station.latest and station.latest > station.earliest:
        start, end = axis.at(station.earliest.toordinal()), axis.at(station.latest.toordinal())
        span = (start, end) if end - start > 3 * RADIUS else None  # a shorter one hides behind the station
    above = any(i == place for place, _ in row.labels(above=True))
    return PlacedStation(
        key=station.key,
        letter=row.lane.letter,
        number=station.number,
        standing=station.standing,
        basis=station.rests_on,
        x=x,
        y=row.y,
        radius=row.radius(i),
        label_x=x,
        label_y=row.y - RADIUS - 8 - block.height + 14 if block and above else row.y + RADIUS + 8 + 14,
        label_width=block.width if block else 0.0,
        name=block.name if block else (),
        second=block.second if block else (),
        day=block.day if block else (),
        span=span,
    )


def _transfer(
    transfer: Transfer, language: Language, rows: list[_Row], stations: dict[str, PlacedStation]
) -> TransferPath:
    """A path from the station that must be reached to the line just before the station that waits for it."""
    for end in (transfer.source, transfer.to):
        if end not in stations:
            raise KeyError(f"a transfer names a station that is not on the map: {end}")
    source, to = stations[transfer.source], stations[transfer.to]
    own = next(row for row in rows if row.y == source.y)
    row = next(row for row in rows if row.y == to.y)
    place = [station.key for _, station in row.stops].index(to.key)
    before = stations[row.stops[place - 1][1].key].x if place else to.x - 4 * RADIUS
    join = max(to.x - to.label_width / 2 - LABEL_GAP / 2, (before + to.x) / 2)
    title = transfer.names.say(language) if transfer.names else ""
    if to.y < source.y:
        channel = source.y - own.room_above - CHANNEL
        path = bent((source.x, source.y - source.radius), channel, (join, to.y))
        path += "" if place else f"H{to.x - to.radius:.1f}"  # no line leads there yet
        return TransferPath(path, source.x, source.y - source.radius, title)
    edge, aside = source.x + source.radius, source.x + max(source.label_width / 2 + LABEL_GAP / 2, RADIUS + 10)
    channel = row.y - row.room_above - CHANNEL
    landing = (join, to.y) if place else (to.x, to.y - to.radius)
    path = f"M{edge:.1f} {source.y:.1f}L" + bent((aside, source.y), channel, landing)[1:]
    return TransferPath(path, edge, source.y, title)


def _ruled(line_map: LineMap, rows: list[_Row], axis: Axis) -> tuple[Rule, ...]:
    """The beginnings of the years; where they stand close, only some carry their number."""
    rules: list[Rule] = []
    labelled = -YEAR_LABEL
    for year, day in years(line_map, [day for row in rows for day, _ in row.stops]):
        x = axis.at(day)
        roomy = x - labelled >= YEAR_LABEL
        labelled = x if roomy else labelled
        rules.append(Rule(x, str(year) if roomy else ""))
    return tuple(rules)
