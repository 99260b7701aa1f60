"""When a mail is due: the ladder of rules before, on and after a day."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.clock import TOKYO
from app.engine.calendar import japan
from app.engine.definition.common import Role
from app.notices import rules
from app.notices.rules import Due, Rule, Subject

CALENDAR = japan()
DAYS = st.dates(dt.date(2026, 1, 10), dt.date(2029, 12, 1))


def duty(day: str, alarm: str | None = None) -> Subject:
    date = dt.date.fromisoformat(day)
    return Subject(Role.NOT_AFTER, date, date, dt.date.fromisoformat(alarm) if alarm else None)


def days(subject: Subject) -> dict[Rule, str]:
    return {due.rule: due.on.isoformat() for due in rules.ladder(subject, CALENDAR)}


def test_every_rule_of_a_duty_has_its_day() -> None:
    assert days(duty("2026-12-16")) == {
        Rule.DAYS_14: "2026-12-02",
        Rule.DAYS_7: "2026-12-09",
        Rule.OFFICE_3: "2026-12-11",
        Rule.OFFICE_1: "2026-12-15",
        Rule.ON_DAY: "2026-12-16",
        Rule.OVERDUE: "2026-12-17",
    }


def test_office_days_pass_over_weekends_and_the_turn_of_the_year() -> None:
    found = days(duty("2027-01-05"))  # offices are closed from 29 December to 3 January
    assert found[Rule.OFFICE_1] == "2027-01-04"
    assert found[Rule.OFFICE_3] == "2026-12-25"
    assert found[Rule.OVERDUE] == "2027-01-06"
    assert Rule.DAYS_7 not in found, "three office days before came first, so seven days before says nothing new"


def test_an_overdue_mail_comes_on_an_office_day() -> None:
    assert days(duty("2026-12-18"))[Rule.OVERDUE] == "2026-12-21"  # Friday, then Monday


def test_a_window_that_may_open_early_is_announced_on_its_first_day() -> None:
    assert days(duty("2026-12-10", alarm="2026-12-04"))[Rule.OPENS] == "2026-12-04"


def test_an_early_opening_on_the_day_of_another_mail_is_one_mail() -> None:
    found = days(duty("2027-02-02", alarm="2027-02-01"))
    assert Rule.OPENS not in found
    assert found[Rule.OFFICE_1] == "2027-02-01"


def test_the_regulator_is_silent_one_office_day_after_the_last_expected_day() -> None:
    subject = Subject(Role.THEIRS, dt.date(2026, 12, 14), dt.date(2026, 12, 18))
    assert rules.ladder(subject, CALENDAR) == [Due(Rule.SILENCE, dt.date(2026, 12, 21))]


def test_a_waiting_period_gives_no_mail() -> None:
    assert rules.ladder(Subject(Role.NOT_BEFORE, dt.date(2026, 12, 16), dt.date(2026, 12, 16)), CALENDAR) == []


@pytest.mark.parametrize(
    ("today", "rule"),
    [
        ("2026-12-01", None),
        ("2026-12-02", Rule.DAYS_14),
        ("2026-12-08", Rule.DAYS_14),
        ("2026-12-13", Rule.OFFICE_3),
        ("2026-12-16", Rule.ON_DAY),
        ("2027-11-30", Rule.OVERDUE),
    ],
)
def test_only_the_most_urgent_mail_is_due(today: str, rule: Rule | None) -> None:
    due = rules.current(duty("2026-12-16"), dt.date.fromisoformat(today), CALENDAR)
    assert (due.rule if due else None) == rule


def test_mails_leave_from_half_past_eight_in_japan() -> None:
    early, late = (dt.datetime(2026, 12, 16, 8, minute, tzinfo=TOKYO) for minute in (29, 30))
    assert not rules.awake(early)
    assert rules.awake(late)
    assert rules.awake(late.astimezone(dt.UTC))


@given(DAYS, st.none() | st.integers(0, 40))
def test_the_ladder_only_climbs(day: dt.date, alarm: int | None) -> None:
    subject = Subject(Role.OWN, day, day, day - dt.timedelta(days=alarm) if alarm is not None else None)
    found = rules.ladder(subject, CALENDAR)
    assert [due.on for due in found] == sorted({due.on for due in found})
    assert found[-1].rule is Rule.OVERDUE
    assert found[-1].on > day


@settings(max_examples=40)
@given(DAYS)
def test_the_look_up_by_day_agrees_with_the_rules(today: dt.date) -> None:
    for days_away in range(-10, 25):
        day = today + dt.timedelta(days=days_away)
        due = rules.current(Subject(Role.NOT_AFTER, day, day), today, CALENDAR)
        overdue = rules.last_overdue_day(today, CALENDAR)
        looked_up = Rule.OVERDUE if day <= overdue else rules.rules_by_day(today, CALENDAR).get(day)
        assert looked_up == (due.rule if due else None)
