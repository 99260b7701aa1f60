"""The line map from left to right, for pages at least as wide as a tablet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from app.engine.definition.common import Language
from app.engine.diagram import text
from app.engine.diagram.axis import Axis, Gap, arrivals, fit, years
from app.engine.diagram.model import (
    Drawing,
    Lane,
    LaneHead,
    LineMap,
    PlacedStation,
    Rule,
    Station,
    Stretch,
    Transfer,
    TransferPath,
)
from app.engine.diagram.paths import bent, pieces

HEAD = 168.0  # the column of the lane names
MARGIN = 64.0  # right of the last station
TOP = 64.0  # years and the flag of today
RADIUS = 15.0
LABEL_LIMIT = 104.0
LABEL_GAP = 14.0
STATION_GAP = 46.0
YEAR_GAP = 22.0
YEAR_LABEL = 40.0
LANE_GAP = 30.0

DayText = Callable[[Station], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Row:
    """A lane with its arrivals and labels; ``swaying`` labels stand below and above the line by turns."""

    lane: Lane
    stops: tuple[tuple[float, Station], ...]
    blocks: tuple[text.Block, ...]
    swaying: bool
    y: float = 0.0

    def above(self, i: int) -> bool:
        return self.swaying and i % 2 == 1

    @property
    def room_above(self) -> float:
        heights = [b.height for i, b in enumerate(self.blocks) if self.above(i)]
        return RADIUS + 10 + (max(heights) + 8 if heights else 0)

    @property
    def room_below(self) -> float:
        heights = [b.height for i, b in enumerate(self.blocks) if not self.above(i)]
        return RADIUS + 10 + max(heights, default=0)

    def gaps(self) -> list[Gap]:
        """How far apart stations must be so that no label touches its neighbour on the same side."""
        found: list[Gap] = []
        for i in range(1, len(self.stops)):
            for j in range(i):
                if self.above(i) != self.above(j):
                    least = STATION_GAP if j == i - 1 else 0.0
                else:
                    least = (self.blocks[i].width + self.blocks[j].width) / 2 + LABEL_GAP
                if least:
                    found.append((self.stops[j][0], self.stops[i][0], max(least, STATION_GAP)))
        return found


def across(line_map: LineMap, language: Language, day_text: DayText, today_text: str, width: float = 1240.0) -> Drawing:
    """The geometry of ``line_map`` for readers of ``language``.

    ``day_text`` prints the arrival of a station in lines; ``width`` (px) is kept unless the labels need more.
    Labels go below their station; where that is too narrow, below and above by turns.
    """
    rows, axis = _fitted(line_map, language, day_text, width)
    rows, height = _stacked(rows)
    now = axis.at(float(line_map.today.toordinal()))
    stations = {station.key: _placed(row, i, axis) for row in rows for i, (_, station) in enumerate(row.stops)}
    return Drawing(
        width=max(width, axis.end + MARGIN),
        height=height,
        lanes=tuple(_head(row, language) for row in rows),
        stations=tuple(stations.values()),
        stretches=tuple(
            Stretch(row.lane.letter, kind, start, row.y, end, row.y)
            for row in rows
            for kind, start, end in pieces([(axis.at(day), station.standing) for day, station in row.stops], now)
        ),
        transfers=tuple(_transfer(transfer, language, rows, stations) for transfer in line_map.transfers),
        years=_ruled(line_map, rows, axis),
        today=Rule(now, today_text),
    )


def _stacked(rows: list[_Row]) -> tuple[list[_Row], float]:
    """The rows with their places from the top, and the height of all."""
    y, stacked = TOP, []
    for row in rows:
        stacked.append(replace(row, y=y + row.room_above))
        y += row.room_above + row.room_below + LANE_GAP
    return stacked, y


def _fitted(line_map: LineMap, language: Language, day_text: DayText, width: float) -> tuple[list[_Row], Axis]:
    """The rows and the axis: calm labels when they fit, swaying ones in the crowded lanes when not."""
    length = width - HEAD - MARGIN
    calm = [_row(lane, line_map, language, day_text, swaying=False) for lane in line_map.lanes]
    axis = _axis(line_map, calm, length)
    if axis.end <= HEAD + length + 0.5:
        return calm, axis
    rows = [_row(row.lane, line_map, language, day_text, swaying=len(row.stops) > 2) for row in calm]
    return rows, _axis(line_map, rows, length)


def _row(lane: Lane, line_map: LineMap, language: Language, day_text: DayText, *, swaying: bool) -> _Row:
    stops = tuple(arrivals(lane, line_map.today))
    other: Language = "en" if language == "ja" else "ja"
    blocks = tuple(text.block(s.names.say(language), s.names.say(other), day_text(s), LABEL_LIMIT) for _, s in stops)
    return _Row(lane, stops, blocks, swaying)


def _axis(line_map: LineMap, rows: list[_Row], length: float) -> Axis:
    days = [day for row in rows for day, _ in row.stops]
    starts = [day for _, day in years(line_map, days)]
    first = min([*days, starts[0]])
    lead = max([row.blocks[0].width / 2 for row in rows if row.stops], default=0.0)
    gaps: list[Gap] = [(a, b, YEAR_GAP) for a, b in pairwise(starts)]
    gaps += [(first - 1, row.stops[0][0], lead - 20) for row in rows if row.stops]  # labels keep off the lane names
    gaps += [gap for row in rows for gap in row.gaps()]
    now = float(line_map.today.toordinal())
    gaps += [(min(day, now), max(day, now), RADIUS + 10) for day in days if day != now]  # no station under today's line
    return fit([*days, *starts, now], gaps, HEAD, length)


def _head(row: _Row, language: Language) -> LaneHead:
    other: Language = "en" if language == "ja" else "ja"
    name = text.wrap(row.lane.names.say(language), 14, HEAD - 68, bold=True, lines=2)
    second = text.wrap(row.lane.names.say(other), 11, HEAD - 68, lines=2)
    return LaneHead(row.lane.letter, 25.0, row.y, name, second)


def _placed(row: _Row, i: int, axis: Axis) -> PlacedStation:
    (day, station), block = row.stops[i], row.blocks[i]
    x = axis.at(day)
    span = None
    if station.earliest and station.latest and station.latest > station.earliest:
        start, end = axis.at(station.earliest.toordinal()), axis.at(station.latest.toordinal())
        span = (start, end) if end - start > 3 * RADIUS else None  # a shorter one hides behind the station
    return PlacedStation(
        key=station.key,
        letter=row.lane.letter,
        number=station.number,
        standing=station.standing,
        basis=station.rests_on,
        x=x,
        y=row.y,
        label_x=x,
        label_y=row.y - RADIUS - 8 - block.height + 14 if row.above(i) else row.y + RADIUS + 8 + 14,
        label_width=block.width,
        name=block.name,
        second=block.second,
        day=block.day,
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
    before = stations[row.stops[place - 1][1].key].x if place else to.x - 2 * STATION_GAP
    join = max(to.x - to.label_width / 2 - LABEL_GAP / 2, (before + to.x) / 2)
    title = transfer.names.say(language) if transfer.names else ""
    if to.y < source.y:
        channel = source.y - own.room_above - LANE_GAP / 3
        path = bent((source.x, source.y - RADIUS), channel, (join, to.y))
        path += "" if place else f"H{to.x - RADIUS:.1f}"  # no line leads there yet
        return TransferPath(path, source.x, source.y - RADIUS, title)
    edge, aside = source.x + RADIUS, source.x + max(source.label_width / 2 + LABEL_GAP / 2, RADIUS + 10)
    channel = row.y - row.room_above - LANE_GAP / 3
    landing = (join, to.y) if place else (to.x, to.y - RADIUS)
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
