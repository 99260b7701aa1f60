"""However many lines, years and long names: nothing overlaps or leaves the frame, and what matters keeps its name."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.definition.common import Basis, Language, Text
from app.engine.diagram import Drawing, Lane, LineMap, PlacedStation, Standing, Station, across, down
from app.engine.diagram.crowd import as_many_as_fit, by_rank
from app.engine.diagram.text import NAME, width
from app.engine.library import shipped

TODAY = dt.date(2026, 11, 24)
Box = tuple[str, float, float, float, float]  # what it is; left, top, right, bottom


def longest(language: Language, count: int) -> list[Text]:
    """The longest names that the shipped lines and consultations have."""
    states = [state.names for machine in shipped().machines.values() for state in machine.states]
    kinds = [kind.name for kind in shipped().consultations.values()]
    return sorted([*states, *kinds], key=lambda names: -width(names.say(language), NAME))[:count]


NAMES = [*longest("ja", 12), *longest("en", 12), Text(ja="部会", en="Committee")]


@st.composite
def maps(draw: st.DrawFn) -> LineMap:
    """1 to 12 lines of up to 9 stations within 0 to 20 years around today; days, months, years and unknown days."""
    years = draw(st.integers(0, 20))
    begin = TODAY - dt.timedelta(days=draw(st.integers(0, years * 365)))
    lanes = []
    for n in range(draw(st.integers(1, 12))):
        offsets = sorted(draw(st.lists(st.integers(0, years * 365), min_size=0, max_size=9)))
        days = [begin + dt.timedelta(days=offset) for offset in offsets]
        past = sum(day <= TODAY for day in days)
        stations = tuple(
            _station(draw, f"{n}-{i}", day, Standing.VISITED if i < past - 1 else Standing.CURRENT)
            if i < past
            else _station(draw, f"{n}-{i}", day, draw(st.sampled_from([Standing.CERTAIN, Standing.POSSIBLE])))
            for i, day in enumerate(days)
        )
        lanes.append(Lane(str(n), "PCAKSYMGLBRV"[n], draw(st.sampled_from(NAMES)), stations, ended=draw(st.booleans())))
    return LineMap(tuple(lanes), TODAY)


def _station(draw: st.DrawFn, key: str, day: dt.date, standing: Standing) -> Station:
    names, known = draw(st.sampled_from(NAMES)), draw(st.sampled_from(["day", "day", "month", "year", "unknown"]))
    first, last = day - dt.timedelta(days=15), day + dt.timedelta(days=15)
    if known == "year":
        first, last = day - dt.timedelta(days=180), day + dt.timedelta(days=180)
    station = Station(key, f"{len(key):02}x", names, standing, basis=Basis.PREDICTED)
    if known == "day":
        return replace(station, day=day)
    return station if known == "unknown" else replace(station, earliest=first, latest=last)


def day_text(station: Station) -> tuple[str, ...]:
    return (
        ("2026年11月24日", "予測") if station.day else ("2026年11月–2027年11月", "予測") if station.earliest else ("?",)
    )


def label(s: PlacedStation, steps: tuple[int, int, int], ascent: int, indent: float = 0.0) -> Box:
    height = steps[0] * len(s.name) + steps[1] * len(s.second) + steps[2] * len(s.day)
    left = s.label_x - s.label_width / 2 if not indent else s.label_x
    return (f"label {s.key}", left, s.label_y - ascent, left + s.label_width, s.label_y - ascent + height)


def disc(s: PlacedStation) -> Box:
    return (f"station {s.key}", s.x - s.radius, s.y - s.radius, s.x + s.radius, s.y + s.radius)


def wide_boxes(drawing: Drawing) -> list[Box]:
    """Labels, stations, the names of lines, years and today of a map from left to right."""
    found = [label(s, (18, 14, 16), 14) for s in drawing.stations if s.name]
    found += [disc(s) for s in drawing.stations]
    for lane in drawing.lanes:
        widest = max([width(row, 14, bold=True) for row in lane.name] + [width(row, 11) for row in lane.second])
        found.append((f"line {lane.letter}", 0, lane.y - lane.height / 2, 52 + widest, lane.y + lane.height / 2))
    found += [(f"year {y.label}", y.at + 6, 36, y.at + 40, 52) for y in drawing.years if y.label]
    return [*found, ("today", drawing.today.at - 72, 2, drawing.today.at + 72, 26)]


def check(boxes: list[Box], drawing: Drawing) -> None:
    for one, other in combinations(boxes, 2):
        apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2]
        assert apart, f"{one} touches {other}"
    for what, left, top, right, bottom in boxes:
        assert left >= 0, what
        assert top >= 0, what
        assert right <= drawing.width, what
        assert bottom <= drawing.height, what


@settings(max_examples=25)
@given(maps(), st.sampled_from(["ja", "en"]), st.sampled_from([1240.0, 2400.0]))
def test_nothing_overlaps_or_leaves_the_frame(line_map: LineMap, language: Language, wide: float) -> None:
    drawing = across(line_map, language, day_text, "今日 2026年11月24日", wide)
    check(wide_boxes(drawing), drawing)
    for s in drawing.stations:
        assert s.span is None or 0 <= s.span[0] < s.span[1] <= drawing.width
    assert all(0 <= piece.x1 < piece.x2 <= drawing.width for piece in drawing.stretches)


@settings(max_examples=12)
@given(maps(), st.sampled_from(["ja", "en"]))
def test_on_a_telephone_nothing_overlaps_or_leaves_the_frame(line_map: LineMap, language: Language) -> None:
    drawing = down(line_map, language, day_text, "今日")
    boxes = [label(s, (20, 16, 16), 15, indent=1) for s in drawing.stations]
    check(
        [*boxes, ("today", drawing.width - 132, drawing.today.at - 12, drawing.width, drawing.today.at + 12)], drawing
    )
    for s in drawing.stations:
        assert s.x + s.radius <= s.label_x
        sizes = [(s.name, 15, True), (s.second, 12, False), (s.day, 12.5, True)]
        assert all(width(row, size, bold=bold) <= s.label_width - 40 for rows, size, bold in sizes for row in rows)
    assert all(b - a >= 0 for a, b in pairwise(s.y for s in drawing.stations))


def stops(*standings: Standing) -> list[Station]:
    return [Station(str(i), f"{i:02}", NAMES[-1], standing) for i, standing in enumerate(standings)]


V, C, L = Standing.VISITED, Standing.CURRENT, Standing.LIKELY


@pytest.mark.parametrize(
    ("lane", "always", "others"),
    [
        (stops(V, V, V, C, L, L, L), "34", "25160"),
        (stops(L, L, L), "0", "12"),
        (stops(V, V, V), "2", "10"),  # ended: the last one reached
        (stops(C), "0", ""),
        ([], "", ""),
    ],
)
def test_the_present_and_the_next_station_keep_their_names_then_the_nearest(
    lane: list[Station], always: str, others: str
) -> None:
    assert by_rank([lane]) == (list(always), [list(others)])


def test_every_line_gets_equally_many_names_and_then_what_is_left() -> None:
    room = as_many_as_fit("x", ["abcd", "12"], lambda keys: len(keys) <= 6)
    assert room == set("xabc12")
    assert as_many_as_fit("x", ["abcd", "1234"], lambda keys: len(keys) <= 6) == set("xabc12")
    assert as_many_as_fit("x", ["abcd"], lambda keys: len(keys) <= 0) == {"x"}


def test_a_station_without_a_name_is_smaller_and_stays_in_its_place() -> None:
    lane = Lane(
        "p", "P", NAMES[-1],
        tuple(Station(f"{i}", f"{i:02}", NAMES[i % 24], C if i == 20 else V if i < 20 else L,
                      TODAY + dt.timedelta(days=9 * (i - 20))) for i in range(40)),
    )  # fmt: skip
    drawing = across(LineMap((lane,), TODAY), "ja", day_text, "今日")
    named = [s.key for s in drawing.stations if s.name]
    assert {"20", "21"} <= set(named)
    assert len(named) < 40
    assert drawing.thinned
    assert [s.key for s in drawing.stations_of(drawing.lanes[0])] == [str(i) for i in range(40)]
    assert all((s.radius < 15) == (not s.name) for s in drawing.stations)
    assert drawing.width == 1240
