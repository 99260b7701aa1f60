"""The pages on which a consultation is planned, recorded, changed and withdrawn, in both languages."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from app.consultations import queries, services
from app.consultations.wish import Wish
from app.core.formats import day
from app.engine.catalogue import consultation_types
from app.schedule import queries as schedule
from app.therapies import services as therapies
from tests.factories.world import World, scope_of
from tests.rooms.consultations.conftest import MEETING, move_to
from tests.rooms.consultations.test_plans import GOLDEN
from tests.web.visitor import Visitor

PLAN = "/therapies/{therapy}/consultations/plan?kind={kind}&month={month}&meeting={meeting}"


@pytest.fixture
def lead(visit: Visitor, world: World, scope, request) -> Visitor:
    """The lead in a browser, in the language of the test."""
    return visit.as_(world.lead, getattr(request, "param", "ja"))


BOTH = pytest.mark.parametrize("lead", ["ja", "en"], indirect=True)


def plan(therapy: str, kind: str, *, month: str = "", meeting: str = "") -> str:
    return PLAN.format(therapy=therapy, kind=kind, month=month, meeting=meeting)


@BOTH
def test_the_golden_dates_stand_on_the_page(lead: Visitor, therapy: str) -> None:
    page = lead.get(plan(therapy, "drug_eop2", meeting="2027-02-17"))
    for date in GOLDEN.values():
        assert f'datetime="{date.isoformat()}"' in page
        assert day(date, "ja") in page or day(date, "en") in page
    assert "10:00–16:00" in page
    assert page.count('class="why-date"') == 13  # every step answers, also those without a date


def test_the_price_of_missing_the_first_step_is_computed(lead: Visitor, therapy: str) -> None:
    page = lead.get(plan(therapy, "drug_eop2", meeting="2027-02-17"))
    assert "2026年12月1日(火)に間に合わないと、面談は2027年3月になります。" in page
    page = lead.get(plan(therapy, "drug_eop2", meeting="2027-04-21"))
    assert "2027年2月2日(火)に間に合わないと、面談は2027年5月になります。" in page


@BOTH
@pytest.mark.parametrize("kind", ["rs_strategy_regen", "rs_quality_safety"])
def test_assumed_and_unknown_steps_are_unmistakable(lead: Visitor, therapy: str, kind: str) -> None:
    page = lead.get(plan(therapy, kind, month="2027-06"))
    assert page.count("basis-assumed") >= 6
    assert page.count("basis-unknown") >= 3
    assert (
        "drug clinical-trial consultations" in page or "医薬品の治験相談" in page
    )  # the analogy, without opening anything
    assert "innovation support and strategy" in page or "戦略相談課" in page  # whom to ask


@BOTH
def test_what_must_come_before_is_said_until_it_was_held(lead: Visitor, scope, therapy: str) -> None:
    address, first = plan(therapy, "rs_strategy_regen", month="2027-06"), "consultations/new?kind=rs_pre"
    assert first in lead.get(address)
    pre = services.confirm(scope, therapy, "rs_pre", Wish())
    for key in ("request", "meeting"):
        services.record_step(scope, pre, key, dt.date(2026, 11, 24))
    assert queries.get(scope, pre).status == "closed"
    assert first not in lead.get(address)


@BOTH
def test_who_is_sent_to_a_consultation_that_is_under_way_finds_it(lead: Visitor, scope, therapy: str) -> None:
    address = f"/therapies/{therapy}/consultations/new?kind=rs_pre"
    first = services.confirm(scope, therapy, "rs_pre", Wish())
    link = f'href="/consultations/{first}"'
    assert link in lead.get(address)
    assert link not in lead.get(address.replace("rs_pre", "rs_general")), "another kind is not under way"
    for key in ("request", "meeting"):
        services.record_step(scope, first, key, dt.date(2026, 11, 24))
    assert link not in lead.get(address), "what is over is nothing to go on with"


@BOTH
@pytest.mark.parametrize("kind", ["rs_general", "rs_pre"])
def test_what_is_received_at_any_time_needs_no_month(lead: Visitor, therapy: str, kind: str) -> None:
    assert "2027" not in re.sub(r"<select.*?</select>", "", lead.get(plan(therapy, kind)), flags=re.DOTALL).replace(
        "2027-02-17", ""
    )


def test_a_missed_month_offers_the_next_possible_one(lead: Visitor, therapy: str) -> None:
    move_to("2026-12-02")
    page = lead.get(plan(therapy, "drug_eop2", month="2027-02"))
    assert f"/therapies/{therapy}/consultations/plan?kind=drug_eop2&amp;month=2027-03" in page
    assert "2027年3月の面談で日程を見る" in page


@BOTH
def test_the_choice_says_what_each_kind_is_for(lead: Visitor, therapy: str) -> None:
    page = lead.get(f"/therapies/{therapy}/consultations/new")
    assert page.count('name="kind"') == len(consultation_types())
    assert page.count("fee-free") == 2


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("kind=drug_eop2", "面談を希望する月を選んでください"),
        ("kind=drug_eop2&month=2099-01", "範囲外"),
        ("kind=drug_eop2&meeting=soon", "読み取れません"),
        ("kind=drug_eop2&month=2027-03&meeting=2027-02-17", "選んだ月の日ではありません"),
        ("kind=nonsense&month=2027-03", "相談を計画する"),
        ("kind=drug_eop2&month=nonsense", "面談を希望する月を選んでください"),
    ],
)
def test_a_wish_that_cannot_be_planned_says_why(lead: Visitor, therapy: str, query: str, sentence: str) -> None:
    assert sentence in lead.get(f"/therapies/{therapy}/consultations/plan?{query}")


def test_a_plan_is_confirmed_and_looking_saves_nothing(lead: Visitor, scope, therapy: str) -> None:
    lead.get(plan(therapy, "drug_eop2", meeting="2027-02-17"))
    assert queries.of_therapy(scope, therapy) == []
    address = lead.post(
        f"/therapies/{therapy}/consultations", {"kind": "drug_eop2", "meeting": "2027-02-17", "place": "kansai"}
    )
    page = lead.get(address)
    assert "関西支部からテレビ会議で" in page
    assert [c.wish.meeting for c in queries.of_therapy(scope, therapy)] == [MEETING]


def test_a_closed_day_is_not_confirmed(lead: Visitor, scope, therapy: str) -> None:
    address = lead.post(
        f"/therapies/{therapy}/consultations", {"kind": "drug_eop2", "meeting": "2027-02-11", "place": ""}
    )
    assert "閉庁日(建国記念の日)" in lead.get(address)
    assert queries.of_therapy(scope, therapy) == []


@BOTH
def test_a_notice_shows_what_moves_before_it_is_saved(lead: Visitor, scope, consultation: str) -> None:
    move_to("2026-12-09")
    services.record_step(scope, consultation, "schedule_request", dt.date(2026, 12, 1))
    address = f"/consultations/{consultation}/steps/date_notice"
    version = queries.get(scope, consultation).version
    typed = {"what": "actual", "day": "2026-12-09", "meeting": "2027-02-10", "version": str(version)}
    page = lead.post(address, typed, status=200)
    assert 'datetime="2026-12-28"' in page  # the fee as it stands
    assert 'datetime="2027-01-05"' in page  # and as it would be
    assert "date_notice" not in queries.get(scope, consultation).facts
    assert lead.post(address, {**typed, "sure": "1"}) == f"/consultations/{consultation}"
    page = lead.get(f"/consultations/{consultation}")
    assert 'datetime="2027-01-05"' in page
    assert 'datetime="2027-01-04"' in page  # materials follow the agreed meeting


def test_a_record_that_moves_nothing_else_is_saved_at_once(lead: Visitor, scope, consultation: str) -> None:
    move_to("2026-12-01")
    typed = {"what": "actual", "day": "2026-12-01", "version": "1"}
    lead.post(f"/consultations/{consultation}/steps/schedule_request", typed)
    assert "schedule_request" in queries.get(scope, consultation).facts


def test_a_published_day_of_reception_can_be_entered(lead: Visitor, scope, consultation: str) -> None:
    typed = {"what": "published", "day": "2026-12-03", "version": "1", "sure": "1"}
    lead.post(f"/consultations/{consultation}/steps/schedule_request", typed)
    first = next(m for m in schedule.of_subject(scope, "consultation", consultation) if m.key == "schedule_request")
    assert (first.on_day, str(first.basis), first.done_on) == (dt.date(2026, 12, 3), "published", None)


def test_a_record_is_taken_back(lead: Visitor, scope, consultation: str) -> None:
    services.record_step(scope, consultation, "schedule_request", dt.date(2026, 11, 24))
    typed = {"what": "actual", "day": "2026-11-24", "version": "2", "reopen": "1", "sure": "1"}
    lead.post(f"/consultations/{consultation}/steps/schedule_request", typed)
    assert queries.get(scope, consultation).facts == {}


@BOTH
def test_another_wish_is_compared_before_it_is_saved(lead: Visitor, scope, consultation: str) -> None:
    address, typed = f"/consultations/{consultation}/wish", {"month": "", "meeting": "2027-04-21", "version": "1"}
    page = lead.post(address, typed, status=200)
    assert 'datetime="2026-12-01"' in page
    assert 'datetime="2027-02-02"' in page
    assert queries.get(scope, consultation).wish.meeting == MEETING
    lead.post(address, {**typed, "sure": "1"})
    assert queries.get(scope, consultation).wish.meeting == dt.date(2027, 4, 21)
    lead.post(address, {**typed, "sure": "1"}, status=409)  # the version is an old one


@BOTH
def test_withdrawing_asks_for_the_day(lead: Visitor, scope, consultation: str) -> None:
    address = f"/consultations/{consultation}/happened/CONSULTATION_WITHDRAWN"
    lead.get(address)
    lead.post(address, {"day": "2026-11-25", "version": "1"}, status=200)  # not yet
    lead.post(address, {"day": "2026-11-24", "version": "1"})
    lead.get(f"/consultations/{consultation}")
    assert queries.get(scope, consultation).status == "withdrawn"


@BOTH
@pytest.mark.parametrize("path", ["", "/steps/schedule_request", "/steps/meeting", "/steps/format_decision", "/wish"])
def test_pages_hold_the_contract(lead: Visitor, consultation: str, path: str) -> None:
    lead.get(f"/consultations/{consultation}{path}")


def test_the_hub_sees_the_steps_and_nothing_that_was_written(
    visit: Visitor, world: World, scope, therapy: str, consultation: str
) -> None:
    services.add_question(scope, consultation, question="秘密の質問")
    hub = visit.as_(world.staff)
    hub.get(f"/consultations/{consultation}", status=404)
    therapies.grant(scope, therapy, world.hub, None)
    page = hub.get(f"/consultations/{consultation}")
    assert 'datetime="2026-12-01"' in page
    assert f"/consultations/{consultation}/steps" not in page
    for path in (
        "/questions",
        "/attachments",
        "/briefing",
        "/wish",
        "/happened/CONSULTATION_WITHDRAWN",
        "/steps/meeting",
    ):
        hub.get(f"/consultations/{consultation}{path}", status=404)


def test_no_step_of_that_name(lead: Visitor, consultation: str) -> None:
    lead.get(f"/consultations/{consultation}/steps/nonsense", status=404)


def test_a_stranger_finds_no_page(visit: Visitor, world: World, scope, therapy: str, consultation: str) -> None:
    services.add_question(scope, consultation, question="秘密の質問")
    (question,) = queries.questions(scope, consultation)
    stranger = visit.as_(world.stranger)
    below = f"/consultations/{consultation}"
    for path in (
        plan(therapy, "drug_eop2", month="2027-02"),
        f"/therapies/{therapy}/consultations/new",
        f"/therapies/{therapy}/plan",
        below,
        *(
            below + p
            for p in (
                "/steps/meeting",
                "/wish",
                "/happened/CONSULTATION_WITHDRAWN",
                "/questions",
                "/questions/new",
                "/briefing",
            )
        ),
        f"{below}/questions/{question.id}",
        f"{below}/attachments",
    ):
        stranger.get(path, status=404)
    for path in (
        f"/therapies/{therapy}/consultations",
        *(
            below + p
            for p in (
                "/steps/meeting",
                "/wish",
                "/happened/CONSULTATION_WITHDRAWN",
                "/questions/new",
                "/briefing",
                "/attachments",
            )
        ),
        *(f"{below}/questions/{question.id}{p}" for p in ("", "/move", "/delete")),
    ):
        data = {"kind": "drug_eop2", "meeting": "2027-02-17", "place": "", "day": "2026-11-24", "version": "1"}
        stranger.post(path, {**data, "question": "?"}, status=404)
    assert len(queries.questions(scope, consultation)) == 1
    assert len(queries.of_therapy(scope_of(world.lead), therapy)) == 1
    assert Wish(meeting=MEETING) == queries.get(scope, consultation).wish
