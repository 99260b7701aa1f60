"""The line map is legible, in order, and honest about days that nobody knows."""

from __future__ import annotations

import datetime as dt
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.definition.common import Basis, Language, Text
from app.engine.diagram import Drawing, Lane, LineMap, Standing, Station, StretchKind, Transfer, across, down
from app.engine.diagram.text import block, width, wrap

TODAY = dt.date(2026, 11, 24)
NAMES = (
    Text(ja="治験届準備", en="CTN in preparation"),
    Text(ja="条件及び期限付承認", en="Conditional and time-limited approval"),
    Text(
        ja="再生医療等製品等の品質及び安全性に係る相談",
        en="Consultation on quality and safety of regenerative products",
    ),
    Text(ja="部会", en="Committee"),
)


def days(station: Station) -> tuple[str, ...]:
    return ("2026年11月24日", "予測") if station.ordinal else ("日付不明",)


def station(lane: str, number: int, day: dt.date | None, standing: Standing | None = None) -> Station:
    sure = standing or (Standing.VISITED if day and day <= TODAY else Standing.LIKELY)
    key = f"{lane}-{number}"
    return Station(key, f"{number:02}", NAMES[number % 4], sure, day, basis=Basis.PREDICTED)


def crowd(lanes: int = 12, years: int = 20, stops: int = 8) -> LineMap:
    """``lanes`` tracks over ``years`` years, every third station without a day."""
    found = []
    for n in range(lanes):
        begin = dt.date(2015, 1, 15) + dt.timedelta(days=211 * n)
        step = (years * 365 - 211 * n) // stops
        found.append(
            Lane(
                f"L{n}",
                "PCAKSYMGLBRP"[n],
                NAMES[n % 4],
                tuple(
                    station(f"L{n}", i, None if i % 3 == 2 else begin + dt.timedelta(days=step * i))
                    for i in range(stops)
                ),
            )
        )
    crossing = (Transfer("L1-1", "L0-2"), Transfer("L0-1", "L3-2")) if lanes > 3 else ()
    return LineMap(tuple(found), TODAY, crossing)


def draw(line_map: LineMap, language: Language = "ja") -> Drawing:
    return across(line_map, language, days, "今日")


def boxes(drawing: Drawing) -> list[tuple[str, float, float, float, float]]:
    """Label boxes as (key, left, top, right, bottom)."""
    found = []
    for s in [station for station in drawing.stations if station.name]:
        height = 18 * len(s.name) + 14 * len(s.second) + 16 * len(s.day)
        found.append(
            (
                s.key,
                s.label_x - s.label_width / 2,
                s.label_y - 14,
                s.label_x + s.label_width / 2,
                s.label_y - 14 + height,
            )
        )
    return found


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("line_map", [crowd(), crowd(5, 6, 5), crowd(1, 1, 12), crowd(12, 20, 3), crowd(3, 6, 24)])
def test_no_label_touches_another_or_leaves_the_picture(line_map: LineMap, language: Language) -> None:
    drawing = draw(line_map, language)
    for a, b in combinations(boxes(drawing), 2):
        apart = a[3] <= b[1] or b[3] <= a[1] or a[4] <= b[2] or b[4] <= a[2]
        assert apart, f"{a[0]} and {b[0]} overlap"
    assert all(
        left >= 0 and top >= 0 and right <= drawing.width and bottom <= drawing.height
        for _, left, top, right, bottom in boxes(drawing)
    )


def test_a_calm_map_names_every_station_a_crowded_one_keeps_its_width_and_the_fullest_grows() -> None:
    calm, crowded, full = draw(crowd(5, 6, 4)), draw(crowd(3, 6, 24)), draw(crowd(1, 2, 70))
    assert (calm.width, calm.thinned) == (1240, False)
    assert (crowded.width, crowded.thinned) == (1240, True)
    assert full.width > 1240


def test_years_are_ruled_in_order_and_their_numbers_have_room() -> None:
    rules = draw(crowd()).years
    assert all(b.at - a.at >= 20 for a, b in pairwise(rules))
    labelled = [rule for rule in rules if rule.label]
    assert labelled[0].label == "2015"
    assert all(b.at - a.at >= 40 for a, b in pairwise(labelled))


def lane(*stations: Station) -> LineMap:
    return LineMap((Lane("x", "P", NAMES[0], stations),), TODAY)


def test_past_is_left_of_today_and_future_right_of_it() -> None:
    drawing = draw(lane(station("x", 1, dt.date(2026, 11, 20)), station("x", 2, dt.date(2026, 11, 25))))
    first, second = drawing.stations
    assert first.x + 15 < drawing.today.at < second.x - 15


def test_an_unknown_day_keeps_its_order_and_its_side_of_today() -> None:
    known = dt.date(2026, 1, 10)
    stops = (
        station("x", 1, None, Standing.VISITED),
        station("x", 2, known),
        station("x", 3, None, Standing.VISITED),
        station("x", 4, None, Standing.POSSIBLE),
        station("x", 5, dt.date(2028, 5, 1)),
    )
    drawing = draw(lane(*stops))
    xs = [s.x for s in drawing.stations]
    assert xs == sorted(xs)
    assert len(set(xs)) == 5
    assert xs[2] < drawing.today.at < xs[3] < xs[4]
    assert [s.basis for s in drawing.stations] == [
        Basis.UNKNOWN,
        Basis.PREDICTED,
        Basis.UNKNOWN,
        Basis.UNKNOWN,
        Basis.PREDICTED,
    ]


def test_stations_of_one_day_stand_side_by_side_in_the_order_of_travel() -> None:
    day = dt.date(2026, 5, 1)
    drawing = draw(lane(station("x", 1, day), station("x", 2, day), station("x", 3, day)))
    assert [s.key for s in sorted(drawing.stations, key=lambda s: s.x)] == ["x-1", "x-2", "x-3"]


def test_the_line_is_travelled_then_waits_until_today_then_is_as_sure_as_the_next_stop() -> None:
    stops = (
        station("x", 1, dt.date(2025, 3, 1)),
        station("x", 2, dt.date(2026, 3, 1), Standing.CURRENT),
        station("x", 3, dt.date(2027, 3, 1), Standing.CERTAIN),
        station("x", 4, dt.date(2028, 3, 1), Standing.POSSIBLE),
    )
    for drawing in (draw(lane(*stops)), down(lane(*stops), "ja", days, "今日")):
        kinds = [s.kind for s in drawing.stretches]
        assert kinds == [StretchKind.TRAVELLED, StretchKind.WAITING, StretchKind.CERTAIN, StretchKind.POSSIBLE]
        waiting = drawing.stretches[1]
        assert drawing.today.at in (waiting.x2, waiting.y2)


def test_an_overdue_next_station_is_left_of_today_and_nothing_is_drawn_backwards() -> None:
    stops = (
        station("x", 1, dt.date(2026, 3, 1), Standing.CURRENT),
        station("x", 2, dt.date(2026, 6, 1), Standing.CERTAIN),
    )
    drawing = draw(lane(*stops))
    assert drawing.stations[1].x < drawing.today.at
    assert all(s.x2 > s.x1 for s in drawing.stretches)


def test_a_month_is_shown_as_a_span_where_there_is_room() -> None:
    month = Station(
        "m", "01", NAMES[3], Standing.LIKELY, None, dt.date(2027, 1, 1), dt.date(2027, 12, 31), Basis.PREDICTED
    )
    drawing = draw(lane(station("x", 1, dt.date(2026, 1, 1)), month))
    span = drawing.stations[1].span
    assert span is not None
    assert span[0] < drawing.stations[1].x < span[1]


def test_a_transfer_ends_on_the_line_before_the_station_that_waits() -> None:
    drawing = draw(crowd(5, 6, 6))
    assert len(drawing.transfers) == 2
    with pytest.raises(KeyError, match="nowhere"):
        draw(LineMap(crowd().lanes, TODAY, (Transfer("nowhere", "L0-1"),)))


def test_the_narrow_map_has_every_station_in_its_own_row_inside_its_width() -> None:
    drawing = down(crowd(), "ja", days, "今日")
    rows = sorted((s.label_y, s.label_y + 20 * len(s.name) + 16 * len(s.second)) for s in drawing.stations)
    assert len(rows) == 96
    assert all(a[1] <= b[0] for a, b in pairwise(rows))
    assert all(s.x < s.label_x <= drawing.width - 120 for s in drawing.stations)


def test_lines_that_do_not_meet_in_time_share_a_rail_in_the_narrow_map() -> None:
    early = Lane("a", "P", NAMES[0], (station("a", 1, dt.date(2024, 1, 1)), station("a", 2, dt.date(2025, 1, 1))))
    late = Lane("b", "A", NAMES[0], (station("b", 1, dt.date(2028, 1, 1)), station("b", 2, dt.date(2029, 1, 1))))
    beside = Lane("c", "C", NAMES[0], (station("c", 1, dt.date(2024, 6, 1)), station("c", 2, dt.date(2028, 6, 1))))
    drawing = down(LineMap((early, late, beside), TODAY), "ja", days, "今日")
    x = {s.letter: s.x for s in drawing.stations}
    assert x["P"] == x["A"] != x["C"]


def test_an_empty_map_and_an_empty_lane_can_be_drawn() -> None:
    for line_map in (LineMap((), TODAY), LineMap((Lane("x", "P", NAMES[0], ()),), TODAY)):
        assert draw(line_map).stations == ()
        assert down(line_map, "ja", days, "今日").stations == ()


def test_names_break_at_phrases_and_signs_do_not_begin_a_line() -> None:
    assert wrap("条件及び期限付承認", 14, 104, bold=True) == ("条件及び", "期限付承認")
    assert wrap("品質・安全性相談", 14, 104, bold=True) == ("品質・", "安全性相談")
    assert wrap("再生医療等製品戦略相談", 14, 120, bold=True) == ("再生医療等製品", "戦略相談")
    assert wrap("医薬品第Ⅱ相試験終了後相談", 14, 120, bold=True) == ("医薬品第Ⅱ相", "試験終了後相談")
    assert wrap("製造販売後承認条件評価", 14, 104, bold=True) == ("製造販売後", "承認条件評価")
    assert all(row[0] not in "、。・)" for row in wrap("細胞・組織(他家)、同種移植", 14, 60))
    long = wrap("再生医療等製品等の品質及び安全性に係る相談", 14, 60)
    assert len(long) == 3
    assert long[-1].endswith("…")


@settings(max_examples=40)
@given(st.text("治験届準備ABC def・()の。", min_size=1, max_size=40).filter(str.strip), st.integers(60, 200))
def test_no_line_of_a_label_is_wider_than_its_limit(text: str, limit: int) -> None:
    for row in wrap(text, 14, limit, lines=99):
        assert width(row, 14) <= limit or " " not in row.strip()
    assert block(text, text, ("2026年",), limit).height > 0
