"""Today: what comes first, what is late, what waits for PMDA; nothing of anybody else."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import event

from app.consultations import services as consultations
from app.consultations.wish import Wish
from app.core import clock, db
from app.desk import today as morning
from app.engine.calendar import DAY, Month
from app.engine.definition.common import Basis, Language, Role, Text
from app.schedule import services as milestones
from app.schedule.services import Draft
from app.therapies import services as therapies
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


@pytest.fixture
def planned(app: Flask, world: World) -> str:
    """A therapy with advice wished for 17 February 2027, on 24 November 2026."""
    with app.app_context():
        clock.move_to(dt.datetime.fromisoformat("2026-11-24T09:00:00+09:00"))
        lead = scope_of(world.lead)
        therapy = therapies.add(lead, name_ja="心筋シート", product_class="RMP-C", material="allogeneic_ips")
        consultations.confirm(lead, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 2, 17)))
    return therapy


def test_the_next_duty_leads_and_pmda_is_waited_for(planned: str, world: World) -> None:
    view = morning.today(scope_of(world.lead), clock.today(), "ja")
    assert view.next_duty is not None
    assert view.next_duty.milestone.key == "schedule_request"
    assert view.next_duty.business_days == 5  # 25, 26, 27, 30 November, 1 December
    assert [line.milestone.key for line in view.next_week] == ["schedule_request"]
    assert view.waiting[0].milestone.key == "date_notice"
    assert not view.late
    assert view.sign is not None


def test_a_missed_day_is_late_not_gone(planned: str, world: World) -> None:
    clock.move_to(dt.datetime.fromisoformat("2026-12-03T09:00:00+09:00"))
    view = morning.today(scope_of(world.lead), clock.today(), "ja")
    assert [(line.milestone.key, line.business_days) for line in view.late] == [("schedule_request", -2)]


def test_a_day_missed_on_friday_is_late_on_saturday(visit: Visitor, planned: str, world: World) -> None:
    """No office day has passed since, but the day itself has."""
    title = Text(ja="届出", en="Filing")
    friday = Draft("filing", title, Role.NOT_AFTER, Basis.COMPUTED, on_day=dt.date(2026, 11, 27))
    milestones.put("filing", "s1", planned, [friday])
    clock.move_to(dt.datetime.fromisoformat("2026-11-28T09:00:00+09:00"))
    view = morning.today(scope_of(world.lead), clock.today(), "ja")
    assert [(line.milestone.key, line.business_days) for line in view.late] == [("filing", 0)]
    assert view.next_duty is not None
    assert view.next_duty.milestone.key == "schedule_request"
    assert "その日は過ぎています" in visit.as_(world.lead, "ja").get("/")


def test_what_pmda_does_within_a_range_is_not_overdue_before_its_end(planned: str, world: World) -> None:
    expected = Draft(
        "opinion",
        Text(ja="見解", en="Opinion"),
        Role.THEIRS,
        Basis.COMPUTED,
        earliest=dt.date(2026, 11, 16),
        latest=dt.date(2026, 11, 30),
    )
    milestones.put("filing", "s1", planned, [expected])
    waiting = morning.today(scope_of(world.lead), clock.today(), "ja").waiting
    assert next((line.milestone.key, line.late) for line in waiting) == ("opinion", False)
    clock.move_to(dt.datetime.fromisoformat("2026-12-02T09:00:00+09:00"))
    waiting = morning.today(scope_of(world.lead), clock.today(), "ja").waiting
    assert next((line.milestone.key, line.late, line.business_days) for line in waiting) == ("opinion", True, -2)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_in_both_languages_full_and_empty(
    visit: Visitor, planned: str, world: World, language: Language
) -> None:
    page = visit.as_(world.lead, language).get("/")
    assert ("2026年12月1日(火)" if language == "ja" else "1 Dec 2026 (Tue)") in page
    empty = visit.as_(world.stranger, language).get("/")
    assert "心筋シート" not in empty


def test_many_dates_of_one_therapy_hide_none_of_another(planned: str, world: World) -> None:
    """The board shows the first of all; the list of therapies the next of each, however far it is."""
    lead, title = scope_of(world.lead), Text(ja="届出", en="Filing")
    other = therapies.add(lead, name_ja="遠い品", product_class="RMP-C", material="allogeneic_ips")
    days = [dt.date(2026, 12, 20) + dt.timedelta(days=n) for n in range(30)]
    drafts = [Draft(f"filing_{day}", title, Role.OWN, Basis.COMPUTED, on_day=day) for day in days]
    milestones.put("filing", "s1", planned, drafts)
    far = [Draft("far", title, Role.OWN, Basis.COMPUTED, on_day=day) for day in [dt.date(2027, 10, 1)]]
    milestones.put("filing", "s2", other, far)
    view = morning.today(lead, clock.today(), "ja")
    nexts = {journey.therapy.id: journey.next.milestone.key for journey in view.journeys if journey.next}
    assert nexts == {planned: "schedule_request", other: "far"}
    assert [line.milestone.key for line in view.waiting][:1] == ["date_notice"]
    assert len(view.board.departures) == 6
    milestones.put("filing", "s3", other, [Draft("late", title, Role.OWN, Basis.COMPUTED, on_day=days[0] - 60 * DAY)])
    assert [line.milestone.key for line in morning.today(lead, clock.today(), "ja").late] == ["late"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_long_list_of_therapies_comes_in_pages_and_what_is_due_stays_on_each(
    visit: Visitor, planned: str, world: World, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(morning, "PER_PAGE", 2)
    lead = scope_of(world.lead)
    for name, month in (("遠い品", Month(2028, 4)), ("近い品", Month(2027, 4)), ("予定のない品", None)):
        therapy = therapies.add(lead, name_ja=name, product_class="RMP-C", material="allogeneic_ips")
        if month:
            consultations.confirm(lead, therapy, "drug_eop2", Wish(month=month))
    lists = [[j.therapy.name_ja for j in morning.today(lead, clock.today(), "ja", n).journeys] for n in (1, 2, 9)]
    assert lists == [["心筋シート", "近い品"], ["遠い品", "予定のない品"], ["遠い品", "予定のない品"]]
    reader = visit.as_(world.lead, language)
    second = reader.get("/?page=2")
    assert "心筋シート" in second  # whose request is due next week
    assert "近い品" not in second.partition('id="therapies"')[2]
    assert 'href="/?page=1#therapies"' in second
    assert 'href="/?page=2#therapies"' in reader.get("/?page=nonsense")


def test_the_hub_is_sent_to_its_pipeline(visit: Visitor, world: World) -> None:
    answer = visit.as_(world.staff).client.get("/")
    assert answer.location == "/hub"


def test_the_number_of_statements_does_not_grow(visit: Visitor, planned: str, world: World, app: Flask) -> None:
    lead = visit.as_(world.lead)
    lead.get("/")
    few = statements(lead)
    with app.app_context():
        for number in range(6):
            therapy = therapies.add(
                scope_of(world.lead), name_ja=f"品目{number}", product_class="RMP-C", material="allogeneic_ips"
            )
            consultations.confirm(scope_of(world.lead), therapy, "drug_eop2", Wish(month=Month(2027, 4)))
    lead.get("/")  # as before: histories that are new to this process are read once
    assert statements(lead) == few


def statements(visitor: Visitor) -> int:
    """How many SQL statements Today takes, without BEGIN and the session."""
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            said.append(statement)

    engine = db.session.get_bind()
    event.listen(engine, "before_cursor_execute", listen)
    try:
        visitor.get("/")
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return len(said)
