"""The monthly family against the golden cases, through the answer of the command itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.answers import plan_steps
from app.engine.definition.common import Basis

STEPS = (
    "schedule_request",
    "date_notice",
    "fee_and_application",
    "materials_due",
    "preliminary_opinion",
    "slides",
    "record",
)


def test_golden_monthly_family(golden_monthly_family: dict[str, Any]) -> None:
    answer = plan_steps(golden_monthly_family["type"], meeting=dt.date.fromisoformat(golden_monthly_family["meeting"]))
    steps = {step["key"]: step for step in answer["steps"]}
    assert answer["type"] == golden_monthly_family["type"]
    assert answer["meeting"] == golden_monthly_family["meeting"]
    for key, expected in golden_monthly_family["steps"].items():
        wanted = expected if isinstance(expected, dict) else {"date": expected}
        got = {part: steps[key][part] for part in ("date", "earliest", "latest", "alarm_from") if part in steps[key]}
        assert got == wanted, key
    for key in set(STEPS) - set(golden_monthly_family["steps"]):  # after a window nothing is predicted
        assert (steps[key]["date"], steps[key]["basis"]) == (None, Basis.UNKNOWN)


def test_the_worked_example_of_the_inquiries() -> None:
    steps = {step["key"]: step for step in plan_steps("drug_eop2", meeting=dt.date(2027, 2, 17))["steps"]}
    assert (steps["inquiries"]["earliest"], steps["inquiries"]["latest"]) == ("2027-01-20", "2027-01-27")
    assert (steps["answers"]["earliest"], steps["answers"]["latest"]) == ("2027-01-27", "2027-02-03")


def test_every_step_says_why_in_both_languages_and_carries_its_trace() -> None:
    answer = plan_steps("drug_eop2", meeting=dt.date(2027, 2, 17))
    assert answer["steps"][0]["key"] == "pre_meeting"
    for step in answer["steps"]:
        assert set(step) >= {"key", "role", "basis", "trace", "why_ja", "why_en"}
        assert step["why_ja"].endswith("。")
        assert step["why_ja"].count("。") == (2 if step["basis"] == Basis.ASSUMED else 1), (
            "what is assumed says what to ask"
        )
        assert step["why_en"].endswith(".")
        assert step["trace"]["version"] == 1
    materials = next(step for step in answer["steps"] if step["key"] == "materials_due")
    assert materials["trace"]["rule"] == {
        "anchor": "meeting",
        "offset": -5,
        "unit": "week_monday",
        "count_from": "apart",
        "after_period": False,
        "roll": "previous",
    }
    assert materials["trace"]["inputs"] == [{"key": "meeting", "basis": "target", "date": "2027-02-17"}]
    assert materials["trace"]["before_rolling"] == {"date": "2027-01-11"}
    assert materials["trace"]["rolled_over"] == [
        {"date": "2027-01-11", "ja": "成人の日", "en": "Coming of Age Day"},
    ]
    assert materials["trace"]["sources"] == ["C14", "C17", "D01"]


# ---------------------------------------------------------------- a second opinion: the rules in words, day by day

JAPAN = holidays.country_holidays("JP", years=range(2025, 2031))
ONE = dt.timedelta(days=1)


def is_office_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in JAPAN and "01-03" < f"{day:%m-%d}" < "12-29"


def walk(day: dt.date, step: dt.timedelta) -> Iterator[dt.date]:
    while True:
        if is_office_day(day):
            yield day
        day += step


def oracle(meeting: dt.date) -> dict[str, str | None]:
    """The monthly family by the rules in words, without the engine; None where nothing is predicted."""
    asked = dt.date(meeting.year - (meeting.month < 3), (meeting.month - 3) % 12 + 1, 1)
    request = next(walk(asked, ONE))
    if request.weekday() == 0:
        request = next(walk(request + ONE, ONE))
    notice = [day for day, _ in zip(walk(request + ONE, ONE), range(4), strict=False)][-1]
    fee = [day for day, _ in zip(walk(notice + ONE, ONE), range(15), strict=False)][-1]
    monday = meeting - dt.timedelta(days=35)
    while monday.weekday() != 0:
        monday -= ONE
    following = dt.date(meeting.year + meeting.month // 12, meeting.month % 12 + 1, 1)
    same = meeting.day
    while True:
        try:
            record = following.replace(day=same)
            break
        except ValueError:
            same -= 1
    dates: dict[str, dt.date | None] = {
        "schedule_request": request,
        "date_notice": notice,
        "fee_and_application": fee,
        "materials_due": next(walk(monday, -ONE)),
        "preliminary_opinion": next(walk(meeting - 10 * ONE, ONE)),
        "slides": next(walk(meeting - 2 * ONE, -ONE)),
        "record": next(walk(record, ONE)),
    }
    if asked.month in (1, 5):
        dates |= {"schedule_request": None, "date_notice": None, "fee_and_application": None}
    return {key: day.isoformat() if day else None for key, day in dates.items()}


@settings(max_examples=400)
@given(st.dates(dt.date(2025, 4, 1), dt.date(2030, 10, 31)))
def test_a_second_opinion_on_every_meeting_day(meeting: dt.date) -> None:
    steps = {step["key"]: step.get("date") for step in plan_steps("drug_eop2", meeting=meeting)["steps"]}
    assert {key: steps[key] for key in STEPS} == oracle(meeting)
