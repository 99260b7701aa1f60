"""Reception days: the 26 published pairs, the pattern behind them, and where the pattern is refused."""

from __future__ import annotations

import datetime as dt

import pytest

from app.engine.calendar import Month, OfficeCalendar
from app.engine.catalogue import consultation_type, published_tables
from app.engine.definition.common import Basis
from app.engine.definition.consultation import MonthlyPattern, PublishedReception, PublishedTable
from app.engine.trace import Span
from app.engine.windows import next_month_still_open, reception, reception_table

ROWS = [(table, row) for table in published_tables() for row in table.rows]
pattern_of_drugs = consultation_type("drug_eop2").reception.pattern
assert pattern_of_drugs is not None
PATTERN: MonthlyPattern = pattern_of_drugs
every_row = pytest.mark.parametrize(("table", "row"), ROWS, ids=[f"{t.family}-{r.meeting}" for t, r in ROWS])


def pattern_for(table: PublishedTable) -> MonthlyPattern:
    return PATTERN.model_copy(update={"family": table.family, "lead_months": table.lead_months})


def test_there_are_26_published_pairs() -> None:
    assert len(ROWS) == 26
    assert {table.family: len(table.rows) for table in published_tables()} == {
        "drug_clinical_trial": 13,
        "package_insert_revision": 13,
    }


@every_row
def test_the_notice_comes_four_office_days_after_reception(
    table: PublishedTable, row: PublishedReception, calendar: OfficeCalendar
) -> None:
    assert calendar.add(row.reception, 4) == row.notice


@every_row
def test_the_pattern_meets_every_published_day_or_says_window(
    table: PublishedTable, row: PublishedReception, calendar: OfficeCalendar
) -> None:
    found = reception(pattern_for(table), Month.parse(row.meeting), calendar, {})
    assert found.alarm_from <= row.reception  # a person who is ready on that day is never late
    if row.reception.month in (1, 5):
        assert found.window
        assert found.span.earliest <= row.reception <= found.span.latest
    else:
        assert (found.span.day, found.window, found.basis) == (row.reception, False, Basis.PREDICTED)


def test_the_pattern_alone_would_miss_four_of_the_26_pairs(calendar: OfficeCalendar) -> None:
    missed = []
    for table, row in ROWS:
        careless = pattern_for(table).model_copy(update={"window_months": ()})
        if reception(careless, Month.parse(row.meeting), calendar, {}).span.day != row.reception:
            missed.append(row.reception)
    assert missed == [dt.date(2024, 1, 10), dt.date(2024, 5, 8), dt.date(2025, 1, 8), dt.date(2020, 5, 8)]


@every_row
def test_a_published_day_always_wins(table: PublishedTable, row: PublishedReception, calendar: OfficeCalendar) -> None:
    found = reception(pattern_for(table), Month.parse(row.meeting), calendar, reception_table(published_tables()))
    assert (found.span.day, found.basis, found.notice) == (row.reception, Basis.PUBLISHED, row.notice)
    assert found.alarm_from == row.reception
    assert not found.window


def test_rows_of_users_win_over_the_shipped_tables(calendar: OfficeCalendar) -> None:
    mine = PublishedReception(meeting="2024-06", reception=dt.date(2024, 4, 3))
    published = reception_table(published_tables(), [("drug_clinical_trial", mine)])
    found = reception(PATTERN, Month(2024, 6), calendar, published)
    assert (found.span.day, found.notice) == (dt.date(2024, 4, 3), None)


def test_a_table_of_another_family_reached_by_analogy_stays_assumed(calendar: OfficeCalendar) -> None:
    assumed = consultation_type("rs_strategy_regen").reception.pattern
    assert assumed is not None
    found = reception(assumed, Month(2024, 8), calendar, reception_table(published_tables()))
    assert (found.span.day, found.basis, found.notice) == (dt.date(2024, 6, 4), Basis.ASSUMED, None)
    assert found.alarm_from == dt.date(2024, 6, 3)


@pytest.mark.parametrize(
    ("meeting", "earliest", "latest"),
    [
        ("2027-03", "2027-01-04", "2027-01-08"),
        ("2027-07", "2027-05-06", "2027-05-10"),
        ("2026-03", "2026-01-05", "2026-01-09"),
    ],
)
def test_january_and_may_are_windows(meeting: str, earliest: str, latest: str, calendar: OfficeCalendar) -> None:
    found = reception(PATTERN, Month.parse(meeting), calendar, {})
    assert found.span == Span(dt.date.fromisoformat(earliest), dt.date.fromisoformat(latest))
    assert found.alarm_from == found.span.earliest
    assert found.window


def test_the_next_month_is_one_that_can_surely_still_be_ready(calendar: OfficeCalendar) -> None:
    def after(today: dt.date) -> Month:
        return next_month_still_open(PATTERN, Month(2027, 2), today, calendar, {}).month

    assert after(dt.date(2026, 12, 2)) == (2027, 3)
    assert after(dt.date(2027, 1, 4)) == (2027, 3)
    assert after(dt.date(2027, 1, 5)) == (2027, 4)  # one day inside the window may already be too late
    assert after(dt.date(2027, 2, 1)) == (2027, 4)
    assert after(dt.date(2027, 2, 2)) == (2027, 5)


def test_a_predicted_year_says_so(calendar: OfficeCalendar) -> None:
    found = reception(PATTERN, Month(2028, 6), calendar, {})
    assert (found.span.day, found.calendar) == (dt.date(2028, 4, 4), Basis.PREDICTED)
