"""The timetable's picture over spans of months and of years: its words can be told apart."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise

import pytest

from app.core.i18n import speaking
from app.engine.calendar import Month
from app.engine.definition.common import Basis, Role, Text
from app.engine.diagram import text
from app.schedule import diagram
from app.schedule.departures import Line, Train
from app.schedule.queries import MilestoneView

TODAY = dt.date(2026, 11, 24)


def milestone(key: str, day: dt.date, position: int) -> MilestoneView:
    """A step of ours on a day that is known."""
    names = Text(ja="日程調整依頼書の提出", en="Schedule request")
    fields = dict.fromkeys(MilestoneView.__dataclass_fields__)
    told = {"key": key, "title": names, "role": Role.NOT_AFTER, "basis": Basis.COMPUTED, "subject_id": "s"}
    return MilestoneView(**fields | told | {"on_day": day, "duty_day": day, "latest": day, "position": position})  # type: ignore[arg-type]


def picture(years: int, width: float) -> diagram.Diagram:
    """A consultation in February 2027, a date so many years on, and a request leaving every month."""
    steps = [milestone("request", dt.date(2026, 12, 1), 0), milestone("meeting", dt.date(2027, 2, 17), 1)]
    steps.append(milestone("far", dt.date(2027 + years, 3, 20), 2))
    months = [Month(2027, 1).plus(each) for each in range(12 * years)]
    trains = tuple(Train(m, m.plus(-2).first, m.plus(-2).first, Basis.PREDICTED) for m in months)
    names = ["lane (one of it)", "lane", "lane"]
    numbered = [(n, m, m.title.ja, name) for n, (m, name) in enumerate(zip(steps, names, strict=True), start=1)]
    drawn = diagram.draw(numbered, TODAY, {"s": Line("request", "meeting", trains)}, width)
    assert drawn is not None
    return drawn


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("width", [diagram.WIDE, diagram.NARROW])
def test_months_are_named_with_their_years_and_apart(width: float, language) -> None:
    for years in (1, 2, 4, 9, 20):
        with speaking(language):
            named = picture(years, width).months
        labels = [(month.x + 4, month.x + 4 + text.width(month.label, 13, bold=True)) for month in named]
        assert all(before[1] <= after[0] for before, after in pairwise(labels)), named
        assert any(re.search(r"20\d\d", month.label) for month in named), named
        within: set[str] = set()  # the same name twice means another year, which is told in between
        for month in named:
            within = within if not month.year else set()
            assert month.label not in within, named
            within.add(month.label)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("width", [diagram.WIDE, diagram.NARROW])
def test_no_sign_of_another_request_covers_another(width: float, language) -> None:
    for years in (1, 4, 20):
        with speaking(language):
            (lane,) = picture(years, width).lanes
        assert lane.label == ("lane",), "the name of the whole"
        signs = [ghost.sign for ghost in lane.ghosts if ghost.sign]
        reach = [
            (sign.x - long, sign.x) if sign.left else (sign.x, sign.x + long)
            for sign in signs
            for long in [text.width(sign.words, diagram.SMALL)]
        ]
        reach.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(reach)), signs
        assert [ghost.sign is not None for ghost in lane.ghosts if ghost.next] == [True]
        assert all(ghost.label in ghost.sign.words for ghost in lane.ghosts if ghost.sign)


def test_requests_are_drawn_for_a_year_and_no_further() -> None:
    """Somebody who misses one asks for the next; a date years ahead does not hatch the whole picture."""
    with speaking("en"):
        few, many = (picture(years, diagram.WIDE).lanes[0].ghosts for years in (4, 20))
    assert len(few) == len(many) == 13  # January 2027 and the twelve after our February
    assert [ghost.next for ghost in many].count(True) == 1
