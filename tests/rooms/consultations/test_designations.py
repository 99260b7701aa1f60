"""A designation may free a request from the monthly calendar, and the dates follow when it is recorded or ends."""

from __future__ import annotations

import datetime as dt

import pytest

from app.access.scope import Scope
from app.consultations import queries, services
from app.consultations.views import parts
from app.consultations.wish import Wish
from app.core import clock
from app.engine.calendar import Month
from app.engine.catalogue import consultation_types
from app.engine.library import shipped
from app.engine.machine import Days
from app.pathways import services as pathways
from app.schedule import queries as schedule
from app.therapies import services as therapies
from tests.factories.world import World, scope_of

MEETING = dt.date(2027, 7, 14)


@pytest.fixture
def lead(world: World) -> Scope:
    clock.move_to(dt.datetime.fromisoformat("2026-12-15T09:00:00+09:00"))
    return scope_of(world.lead)


@pytest.fixture
def therapy(lead: Scope) -> str:
    return therapies.add(lead, name_ja="心筋シート", product_class="RMP-C", material="allogeneic_ips")


@pytest.fixture
def talk(lead: Scope, therapy: str) -> str:
    return services.confirm(lead, therapy, "drug_eop2", Wish(meeting=MEETING))


def asked(lead: Scope, talk: str) -> dt.date | None:
    """The stored day of the request."""
    return next(
        one.duty_day for one in schedule.of_subject(lead, "consultation", talk) if one.key == "schedule_request"
    )


def codes(lead: Scope, talk: str) -> set[str]:
    return {caution.code for caution in services.current_plan(lead, queries.get(lead, talk)).warnings}


def happened(lead: Scope, therapy: str, event: str) -> str:
    return pathways.record(lead, therapy, event=event, on=Days.parse("2026-11-02"), late=True).event_id


@pytest.mark.parametrize("event", ["PIONEER_DESIGNATED", "SPECIFIC_USE_DESIGNATED"])
def test_whoever_may_ask_at_any_time_has_no_monthly_day_and_misses_none(
    lead: Scope, therapy: str, talk: str, event: str
) -> None:
    assert asked(lead, talk) is not None
    designated = happened(lead, therapy, event)
    assert asked(lead, talk) is None
    assert "any_time_by_designation" in codes(lead, talk)
    preview = services.preview(lead, therapy, "drug_eop2", Wish(meeting=MEETING))
    assert preview.step("schedule_request").span is None, "also before it is saved"
    pathways.withdraw(lead, designated, reason="of another product")
    assert asked(lead, talk) is not None, "the monthly day is back as soon as the designation is not"
    assert "any_time_by_designation" not in codes(lead, talk)


def test_a_designation_that_is_revoked_frees_nobody(lead: Scope, therapy: str, talk: str) -> None:
    happened(lead, therapy, "PIONEER_DESIGNATED")
    assert asked(lead, talk) is None
    pathways.record(lead, therapy, event="PIONEER_REVOKED", on=Days.parse("2026-12-01"), late=True)
    assert asked(lead, talk) is not None


def test_an_orphan_keeps_to_the_monthly_day_until_pmda_says_otherwise(lead: Scope, therapy: str, talk: str) -> None:
    before = asked(lead, talk)
    happened(lead, therapy, "ORPHAN_DESIGNATED")
    assert asked(lead, talk) == before
    assert "any_time_perhaps" in codes(lead, talk)


def test_a_window_that_was_missed_by_the_calendar_is_still_open(lead: Scope, therapy: str, talk: str) -> None:
    clock.move_to(dt.datetime.fromisoformat("2027-06-01T09:00:00+09:00"))
    assert "window_missed" in codes(lead, talk)
    happened(lead, therapy, "PIONEER_DESIGNATED")
    assert "window_missed" not in codes(lead, talk)


def test_other_months_are_compared_by_the_same_rules(lead: Scope, therapy: str) -> None:
    plan_of, months = services.previewing(lead, therapy, "drug_eop2"), [Month(2027, 7), Month(2027, 9)]
    assert all(plan_of(Wish(month=month)).step("schedule_request").span for month in months)
    happened(lead, therapy, "PIONEER_DESIGNATED")
    plan_of = services.previewing(lead, therapy, "drug_eop2")
    rows = parts.months(plan_of, Wish(month=months[0]), clock.today())
    assert len(rows) == 4
    assert [row.request.day or row.request.earliest for row in rows if row.request] == [None] * 4


def test_rules_name_designations_that_there_are() -> None:
    kinds = next(each for each in shipped().machines["designation"].attributes if each.key == "kind").choices
    named = {
        kind
        for each in consultation_types().values()
        for kind in (*each.reception.any_time_if, *each.reception.any_time_perhaps_if)
    }
    assert named
    assert named <= set(kinds)
