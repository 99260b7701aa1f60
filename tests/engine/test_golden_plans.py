"""The monthly family against the golden cases, through the answer of the command itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

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
    assert [step["key"] for step in answer["steps"]][0] == "pre_meeting"
    for step in answer["steps"]:
        assert set(step) >= {"key", "role", "basis", "trace", "why_ja", "why_en"}
        assert step["why_ja"].endswith("。")
        assert step["why_ja"].count("。") == 1
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
