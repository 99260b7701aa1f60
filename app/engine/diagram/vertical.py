"""The line map from top to bottom, as above the doors of a train: every station a row, the lines beside each other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.engine.definition.common import Language
from app.engine.diagram import text
from app.engine.diagram.axis import arrivals
from app.engine.diagram.horizontal import DayText
from app.engine.diagram.model import (
    Drawing,
    Lane,
    LaneHead,
    LineMap,
    PlacedStation,
    Rule,
    Station,
    Stretch,
    TransferPath,
)
from app.engine.diagram.paths import pieces

RAIL = 132.0  # at most this much of the width goes to the lines
PITCH = 26.0
RADIUS = 8.0
CODE = 40.0  # the code in front of a name
YEAR_ROW = 34.0
TODAY_ROW = 34.0
PADDING = 16.0


@dataclass(frozen=True, slots=True)
class _Stop:
    day: float
    lane: int
    station: Station


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What all labels share: ``left`` is where they begin."""

    line_map: LineMap
    language: Language
    day_text: DayText
    left: float
    width: float


def down(line_map: LineMap, language: Language, day_text: DayText, today_text: str, width: float = 344.0) -> Drawing:
    """The geometry of ``line_map`` in a column of ``width`` pixels; time runs down, lanes share rails."""
    stops = sorted(
        (_Stop(day, n, s) for n, lane in enumerate(line_map.lanes) for day, s in arrivals(lane, line_map.today)),
        key=lambda stop: (stop.day, stop.lane),
    )
    columns = _columns(line_map, stops)
    rails = max(columns.values(), default=0) + 1
    pitch = min(PITCH, RAIL / rails)
    sheet = _Sheet(line_map, language, day_text, PADDING + rails * pitch, width)
    now = float(line_map.today.toordinal())
    y, year, now_y = 4.0, 0, 0.0
    years: list[Rule] = []
    placed: dict[str, PlacedStation] = {}
    for stop in stops:
        if not now_y and stop.day > now:
            now_y, y = y + TODAY_ROW / 2, y + TODAY_ROW
        if dt.date.fromordinal(int(stop.day)).year != year:
            year = dt.date.fromordinal(int(stop.day)).year
            years.append(Rule(y + YEAR_ROW / 2 + 6, str(year)))
            y += YEAR_ROW
        at = PADDING / 2 + columns[stop.lane] * pitch + pitch / 2
        one = _placed(stop, sheet, at, y)
        placed[stop.station.key] = one
        y += max(54.0, _height(one) + 18)
    if not now_y:
        now_y, y = y + TODAY_ROW / 2, y + TODAY_ROW
    return Drawing(
        width=width,
        height=y + 4,
        lanes=_heads(line_map, language, placed),
        stations=tuple(placed.values()),
        stretches=tuple(piece for lane in line_map.lanes for piece in _stretches(lane, line_map, placed, now_y)),
        transfers=_transfers(line_map, language, placed),
        years=tuple(years),
        today=Rule(now_y, today_text),
    )


def _columns(line_map: LineMap, stops: list[_Stop]) -> dict[int, int]:
    """A rail for every lane: the first one that is free from its first to its last row."""
    ends: list[int] = []
    found: dict[int, int] = {}
    today_row = sum(stop.day <= line_map.today.toordinal() for stop in stops)
    for lane in sorted({s.lane for s in stops}, key=lambda n: min(i for i, s in enumerate(stops) if s.lane == n)):
        rows = [i for i, stop in enumerate(stops) if stop.lane == lane]
        waits = not line_map.lanes[lane].ended and any(stops[i].station.standing == "current" for i in rows)
        last = max(rows[-1], today_row) if waits else rows[-1]
        for column, end in enumerate(ends):
            if end < rows[0]:
                ends[column] = last
                found[lane] = column
                break
        else:
            found[lane] = len(ends)
            ends.append(last)
    return found


def _placed(stop: _Stop, sheet: _Sheet, x: float, y: float) -> PlacedStation:
    lane, station = sheet.line_map.lanes[stop.lane], stop.station
    other: Language = "en" if sheet.language == "ja" else "ja"
    room = sheet.width - sheet.left - 8
    return PlacedStation(
        key=station.key,
        letter=lane.letter,
        number=station.number,
        standing=station.standing,
        basis=station.rests_on,
        x=x,
        y=y + 20,
        radius=RADIUS,
        label_x=sheet.left,
        label_y=y + 25,
        label_width=room,
        name=text.wrap(station.names.say(sheet.language), 15, room - CODE, bold=True, lines=3),
        second=text.wrap(station.names.say(other), 12, room - CODE, lines=2),
        day=text.wrap(" · ".join(sheet.day_text(station)), 12.5, room - CODE, bold=True),
    )


def _height(one: PlacedStation) -> float:
    return 20.0 * len(one.name) + 16.0 * len(one.second) + 16.0 * len(one.day) + 2


def _heads(line_map: LineMap, language: Language, placed: dict[str, PlacedStation]) -> tuple[LaneHead, ...]:
    """Where each line begins; its names go into the legend above the map."""
    heads = []
    for lane in line_map.lanes:
        first = min((placed[s.key] for s in lane.stations), key=lambda one: one.y, default=None)
        other: Language = "en" if language == "ja" else "ja"
        x, y = (first.x, first.y) if first else (0.0, 0.0)
        heads.append(LaneHead(lane.letter, x, y, (lane.names.say(language),), (lane.names.say(other),)))
    return tuple(heads)


def _stretches(lane: Lane, line_map: LineMap, placed: dict[str, PlacedStation], now_y: float) -> list[Stretch]:
    order = [placed[station.key] for _, station in arrivals(lane, line_map.today)]
    return [
        Stretch(lane.letter, kind, order[0].x, start, order[0].x, end)
        for kind, start, end in pieces([(one.y, one.standing) for one in order], now_y, ended=lane.ended)
    ]


def _transfers(line_map: LineMap, language: Language, placed: dict[str, PlacedStation]) -> tuple[TransferPath, ...]:
    """A curve from the station that must be reached to the line just before the station that waits for it."""
    paths = []
    for transfer in line_map.transfers:
        source, to = placed[transfer.source], placed[transfer.to]
        end = to.y - 22
        bend = f"{to.x:.1f} {source.y + 10:.1f} {to.x:.1f} {end - 20:.1f} {to.x:.1f} {end:.1f}"
        path = f"M{source.x:.1f} {source.y:.1f}C{bend}"
        paths.append(TransferPath(path, source.x, source.y, transfer.names.say(language) if transfer.names else ""))
    return tuple(paths)
