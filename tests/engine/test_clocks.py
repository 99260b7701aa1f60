"""Statutory clocks: the golden cases, and what their counting means."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.calendar import OfficeCalendar, japan
from app.engine.catalogue import clock, clocks
from app.engine.clocks import run_clock
from app.engine.definition.common import Basis, Role
from app.engine.errors import UnknownDefinitionError

DAYS = {  # the fields of the golden file: which clock leads from which field to which
    "contract_not_before": ("ctn_first_contract", "filed"),
    "file_not_after": ("ctn_first_file", "planned_start"),
    "due": ("", "aware"),
    "apply_not_after": ("reexamination_application", "period_end"),
}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def run(key: str, start: dt.date, amount: int | None = None) -> dt.date | None:
    return run_clock(clock(key), start, japan(), amount=amount).dated.day


def test_golden_clocks(golden_other: dict[str, Any]) -> None:
    case = {name: day(text) for name, text in golden_other.items() if name not in ("what", "note")}
    what = golden_other["what"]
    if "contract_not_before" in case:
        assert run("ctn_first_contract", case["filed"]) == case["contract_not_before"]
    elif "file_not_after" in case:
        assert run("ctn_first_file", case["planned_start"]) == case["file_not_after"]
    elif "aware" in case:
        key = "safety_report_7" if what.startswith("7-day") else "safety_report_15"
        assert run(key, case["aware"]) == case["due"]
    elif "changed" in case:
        assert run("minor_change", case["changed"]) == case["due"]
    elif "apply_not_after" in case:
        assert run("reexamination_period", case["approved"], 10) == case["period_end"]
        assert run("reexamination_application", case["period_end"]) == case["apply_not_after"]
    elif "extended" in what:
        first_end = run("ctl_term", case["approved"], 5)
        assert first_end is not None
        assert run("ctl_extension", first_end, 3) == case["term_end"]
    else:
        assert run("ctl_term", case["approved"], 7) == case["term_end"]


def test_a_duty_on_a_closed_day_keeps_the_days_of_the_law_and_tells_the_office_day_before() -> None:
    due = run_clock(clock("minor_change"), dt.date(2026, 12, 1), japan())
    assert due.dated.day == dt.date(2026, 12, 31)
    assert due.act_by == dt.date(2026, 12, 28)
    assert run_clock(clock("ctl_term"), dt.date(2018, 12, 28), japan()).act_by is None  # a term is no duty
    assert run_clock(clock("ctn_first_contract"), dt.date(2026, 4, 1), japan()).act_by is None


def test_an_amount_is_only_accepted_up_to_the_limit_of_the_law() -> None:
    for key, amount in (("ctl_term", 8), ("ctl_extension", 4), ("ctl_term", 0), ("safety_report_7", 5)):
        with pytest.raises(ValueError, match="amount must be"):
            run(key, dt.date(2026, 4, 1), amount)
    with pytest.raises(UnknownDefinitionError, match="ctl_term"):
        clock("none")


def test_what_follows_from_a_wish_is_not_called_actual() -> None:
    dated = run_clock(clock("ctn_first_file"), dt.date(2027, 3, 31), japan(), basis=Basis.TARGET).dated
    assert (dated.basis, dated.certainty, dated.trace.calendar) == (Basis.COMPUTED, "possible", Basis.PUBLISHED)
    dated = run_clock(clock("ctn_first_contract"), dt.date(2026, 4, 1), japan()).dated
    assert (dated.basis, dated.certainty, dated.trace.calendar) == (Basis.COMPUTED, "likely", None)


@pytest.mark.parametrize(
    ("start", "months_end"),
    [("2026-02-28", "2026-05-29"), ("2025-11-30", "2026-02-27"), ("2025-11-29", "2026-02-27")],
)
def test_periods_of_months_end_as_in_the_civil_code(start: str, months_end: str) -> None:
    # 28 Feb: day 1 is 1 Mar, so three whole months end on Sunday 31 May; the duty moves to Friday 29 May.
    # 30 and 29 Nov: day 1 is 1 Dec / 30 Nov; the period ends on Saturday 28 Feb, the duty on Friday 27 Feb.
    assert run("reexamination_application", day(start)) == day(months_end)


@given(st.dates(dt.date(2002, 1, 1), dt.date(2035, 12, 31)), st.sampled_from(sorted(clocks())))
def test_no_clock_is_later_than_its_rule_nor_a_waiting_period_early(start: dt.date, key: str) -> None:
    calendar: OfficeCalendar = japan()
    result = run_clock(clock(key), start, calendar)
    dated, ruled = result.dated, result.dated.trace.ruled
    assert ruled
    assert dated.span.earliest
    assert ruled.earliest
    if clock(key).role is Role.NOT_AFTER:
        assert dated.span.earliest <= ruled.earliest
    else:
        assert dated.span.earliest >= ruled.earliest
    if result.act_by:
        assert calendar.is_open(result.act_by)
        assert result.act_by <= dated.span.earliest


@given(st.dates(dt.date(2002, 1, 1), dt.date(2040, 1, 1)))
def test_thirty_days_have_really_passed_before_the_contract(filed: dt.date) -> None:
    contract = run("ctn_first_contract", filed)
    assert contract is not None
    passed = [filed + dt.timedelta(days=n) for n in range(30)]  # the filing day is day 1
    assert contract == passed[-1] + dt.timedelta(days=1)
