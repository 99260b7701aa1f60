"""Planning one consultation: facts, months, designations, assumed and unknown steps, warnings, the cost of missing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.answers import calendar_add, calendar_days, plan_steps
from app.engine.calendar import Month, japan
from app.engine.catalogue import consultation_type, consultation_types
from app.engine.consultation import ConsultationPlan, Fact, plan_consultation
from app.engine.definition.common import Basis, Confidence, Role
from app.engine.definition.consultation import PublishedReception
from app.engine.errors import CalendarRangeError, UnknownDefinitionError
from app.engine.trace import Span

CALENDAR = japan()
FEBRUARY = dt.date(2027, 2, 17)
AUTUMN = dt.date(2026, 11, 22)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def plan(kind: str = "drug_eop2", **given_: Any) -> ConsultationPlan:
    return plan_consultation(consultation_type(kind), **given_)


def codes(of: ConsultationPlan) -> list[str]:
    return [caution.code for caution in of.warnings]


# ---------------------------------------------------------------- facts


def test_fee_and_application_count_from_the_actual_notice() -> None:
    of = plan(meeting=FEBRUARY, facts={"date_notice": Fact(day=day("2026-12-09"))})
    fee = of.step("fee_and_application")
    assert (fee.span, fee.basis) == (Span.on(day("2027-01-05")), Basis.COMPUTED)
    assert of.step("date_notice").expected == Span.on(day("2026-12-07"))


def test_an_agreed_meeting_is_agreed_and_what_follows_is_likely() -> None:
    of = plan(facts={"meeting": Fact(day=FEBRUARY, basis=Basis.AGREED)})
    assert (of.step("meeting").basis, of.step("meeting").certainty) == (Basis.AGREED, "certain")
    assert (of.step("slides").basis, of.step("slides").certainty) == (Basis.COMPUTED, "likely")
    assert (of.step("materials_due").basis, of.step("materials_due").certainty) == (Basis.ASSUMED, "possible")
    assert plan(meeting=FEBRUARY).step("materials_due").certainty == "possible"
    assert of.missed is None  # the request must have been made
    assert of.first_step is not None
    assert of.first_step.key == "fee_and_application"


def test_an_actual_request_opens_what_the_window_had_closed() -> None:
    closed = plan(meeting=day("2027-03-18"))
    assert closed.step("date_notice").span is None
    assert closed.step("fee_and_application").span is None
    opened = plan(meeting=day("2027-03-18"), facts={"schedule_request": Fact(day=day("2027-01-06"))})
    assert (opened.step("date_notice").span, opened.step("date_notice").basis) == (
        Span.on(day("2027-01-13")),
        Basis.PREDICTED,
    )
    assert opened.step("schedule_request").alarm_from is None


def test_a_published_day_of_a_user_wins_and_carries() -> None:
    row = PublishedReception(meeting="2027-03", reception=day("2027-01-06"), notice=day("2027-01-13"))
    of = plan(meeting=day("2027-03-18"), published=[("drug_clinical_trial", row)])
    request, notice = of.step("schedule_request"), of.step("date_notice")
    assert (request.span, request.basis, request.alarm_from) == (Span.on(row.reception), Basis.PUBLISHED, row.reception)
    assert (notice.span, notice.basis) == (Span.on(row.notice), Basis.PUBLISHED)  # type: ignore[arg-type]
    assert (of.step("fee_and_application").span, of.step("fee_and_application").basis) == (
        Span.on(day("2027-02-03")),
        Basis.COMPUTED,
    )
    assert codes(of) == []


@pytest.mark.parametrize("read_in_a_table", [True, False])
def test_a_notice_published_in_principle_is_only_likely_until_it_has_come(read_in_a_table: bool) -> None:
    row = PublishedReception(meeting="2027-03", reception=day("2027-01-06"), notice=day("2027-01-13"))
    published = {"date_notice": Fact(day=day("2027-01-13"), basis=Basis.PUBLISHED)}
    of = plan(
        meeting=day("2027-03-18"),
        published=[("drug_clinical_trial", row)],
        facts={} if read_in_a_table else published,
    )
    assert of.step("schedule_request").certainty == "certain"
    assert [of.step(key).certainty for key in ("date_notice", "fee_and_application")] == ["likely", "likely"]
    assert "原則として" in of.step("date_notice").why.ja
    assert "may come later" in of.step("date_notice").why.en
    came = plan(meeting=day("2027-03-18"), facts={"date_notice": Fact(day=day("2027-01-14"))})
    assert came.step("date_notice").certainty == "certain"
    assert "原則" not in came.step("date_notice").why.ja


def test_a_published_day_entered_as_a_fact_stands_for_the_table() -> None:
    fact = Fact(day=day("2027-01-06"), basis=Basis.PUBLISHED)
    of = plan(meeting=day("2027-03-18"), facts={"schedule_request": fact}, today=day("2027-01-07"))
    assert of.step("schedule_request").basis is Basis.PUBLISHED
    assert codes(of) == ["window_missed"]
    assert of.last_safe_day == day("2027-01-06")


def test_shipped_tables_are_published_facts() -> None:
    of = plan(meeting=day("2024-09-11"))
    assert (of.step("schedule_request").span, of.step("schedule_request").basis) == (
        Span.on(day("2024-07-02")),
        Basis.PUBLISHED,
    )
    assert of.step("date_notice").basis is Basis.PUBLISHED
    other = plan(meeting=day("2024-09-11"), facts={"schedule_request": Fact(day=day("2024-07-03"))}).step("date_notice")
    assert (other.span, other.basis) == (Span.on(day("2024-07-09")), Basis.PREDICTED)  # not the notice of another day


def test_facts_that_cannot_be_are_refused_or_warned_of() -> None:
    with pytest.raises(ValueError, match="no step 'party'"):
        plan(meeting=FEBRUARY, facts={"party": Fact(day=FEBRUARY)})
    with pytest.raises(ValueError, match="not target"):
        plan(meeting=FEBRUARY, facts={"slides": Fact(day=FEBRUARY, basis=Basis.TARGET)})
    with pytest.raises(ValueError, match="does not lie in the month 2027-03"):
        plan(meeting=FEBRUARY, month=(2027, 3))
    late = plan(meeting=FEBRUARY, today=AUTUMN, facts={"materials_due": Fact(day=day("2027-01-12"))})
    assert {"done_late", "actual_in_future"} <= set(codes(late))
    facts = {"schedule_request": Fact(day=day("2026-12-01")), "date_notice": Fact(day=day("2026-11-30"))}
    assert "out_of_order" in codes(plan(meeting=FEBRUARY, facts=facts))


# ---------------------------------------------------------------- a month


def test_in_a_month_a_duty_obeys_the_earliest_day() -> None:
    of = plan(month=(2027, 4))
    assert of.meeting == Span(day("2027-04-01"), day("2027-04-30"))
    assert of.step("schedule_request").span == Span.on(day("2027-02-02"))
    assert of.step("fee_and_application").span == Span.on(day("2027-03-03"))
    materials, record = of.step("materials_due"), of.step("record")
    assert materials.span == Span(day("2027-02-22"), day("2027-03-19"))  # Monday 22 March is a holiday
    assert materials.safe == materials.span.earliest
    assert "2027年2月22日" in materials.why.ja
    assert record.safe == record.span.latest  # type: ignore[union-attr]
    assert "meeting_day_open" in codes(of)


# ---------------------------------------------------------------- assumed and unknown


@pytest.mark.parametrize("kind", ["rs_strategy_regen", "rs_quality_safety"])
def test_nothing_taken_by_analogy_looks_firmer_than_assumed(kind: str) -> None:
    of = plan(kind, meeting=day("2027-06-16"))
    bases = {step.key: step.basis for step in of.steps}
    assumed = {"schedule_request", "date_notice", "fee_and_application", "materials_due", "inquiries", "answers"}
    assert {key for key, basis in bases.items() if basis is Basis.ASSUMED} == assumed | {"preliminary_opinion"}
    assert {key for key, basis in bases.items() if basis is Basis.UNKNOWN} == {"pre_meeting", "slides", "record_check"}
    assert bases["record"] is Basis.COMPUTED
    for step in of.steps:
        if step.basis is Basis.ASSUMED:
            assert "類推による仮定" in step.why.ja
            assert "assumed by analogy with drug clinical-trial consultations" in step.why.en
            assert step.step.provenance.ask is not None
        if step.basis is Basis.UNKNOWN:
            assert step.span is None
            assert "確認" in step.why.ja
    assert "reception_assumed" in codes(of)


def test_what_was_inferred_or_stands_on_another_page_looks_no_firmer_on_a_plan() -> None:
    for kind in ("drug_eop2", "drug_pre_app"):
        of = plan(kind, meeting=FEBRUARY)
        for key in ("inquiries", "answers", "preliminary_opinion"):
            assert of.step(key).basis is Basis.PREDICTED, (kind, key)
        materials = of.step("materials_due")
        assert materials.basis is Basis.ASSUMED
        assert "assumed by analogy with reliability-assurance consultations" in materials.why.en
        assert "信頼性保証に関する相談" in materials.why.ja
        assert materials.step.hours
        assert materials.step.hours.provenance.confidence == "assumed"


@pytest.mark.parametrize("kind", ["rs_strategy_regen", "rs_strategy_drug", "rs_quality_safety"])
def test_an_assumed_reception_says_that_it_may_be_a_month_earlier(kind: str) -> None:
    why = plan(kind, meeting=day("2027-06-16")).step("schedule_request").why
    assert "ask early, for reception may be a month earlier" in why.en
    assert "もう一か月早いこともあり得る" in why.ja


def test_an_assumed_window_carries_nothing_either() -> None:
    of = plan("rs_strategy_regen", meeting=day("2027-07-14"))
    assert (of.step("schedule_request").basis, of.step("schedule_request").window) == (Basis.ASSUMED, True)
    assert of.step("date_notice").span is None


def test_reception_at_any_time_gives_no_day() -> None:
    general = plan("rs_general", meeting=day("2026-12-10"))
    assert (general.step("request").span, general.missed, general.last_safe_day) == (None, None, None)
    assert "随時" in general.step("request").why.ja
    contact = plan("rs_pre", facts={"request": Fact(day=day("2026-12-24"))}).step("contact")
    assert (contact.span, contact.role) == (Span.on(day("2027-01-04")), Role.THEIRS)
    waiting = plan("rs_pre").step("contact")
    assert waiting.span is None
    assert "事前面談質問申込書の提出の日から数える" in waiting.why.ja


def test_designated_items_may_ask_at_any_time() -> None:
    of = plan(meeting=FEBRUARY, holds={"PIONEER"})
    assert of.step("schedule_request").span is None
    assert of.step("date_notice").span is None
    assert of.step("materials_due").span == Span.on(day("2027-01-08"))
    assert plan(meeting=FEBRUARY, holds={"ORPHAN"}).step("schedule_request").span is not None


# ---------------------------------------------------------------- warnings and what missing costs


@pytest.mark.parametrize(
    ("today", "code"),
    [
        ("2027-02-01", "reception_predicted"),
        ("2027-02-02", "reception_may_have_passed"),
        ("2027-02-03", "window_missed"),
    ],
)
def test_around_the_day_of_reception(today: str, code: str) -> None:
    of = plan(meeting=day("2027-04-21"), today=day(today))
    assert code in codes(of)
    about_reception = {"reception_predicted", "reception_may_have_passed", "window_missed"}
    assert about_reception & set(codes(of)) == {code}
    assert of.last_safe_day == day("2027-02-01")
    assert of.first_step is not None
    assert of.first_step.key == "schedule_request"


def test_three_days_late_costs_a_month() -> None:
    of = plan(meeting=FEBRUARY, today=day("2026-12-04"))
    assert of.missed is not None
    assert (of.next_month, of.missed.months) == (Month(2027, 3), 1)
    assert "2026年12月1日(火)、予測" in of.missed.text.ja
    assert "2027年3月実施分" in of.missed.text.ja
    assert "1か月遅れます" in of.missed.text.ja
    assert "it costs 1 month." in of.missed.text.en
    missed = next(caution for caution in of.warnings if caution.code == "window_missed")
    assert (missed.level, missed.text) == ("stop", of.missed.text)
    much_later = plan(meeting=FEBRUARY, today=day("2027-02-03")).missed
    assert much_later is not None
    assert (much_later.next_month, much_later.months) == (Month(2027, 5), 3)


def test_days_that_are_past_and_answers_that_did_not_come() -> None:
    facts = {"schedule_request": Fact(day=day("2026-12-01")), "date_notice": Fact(day=day("2026-12-07"))}
    of = plan(meeting=FEBRUARY, facts=facts, today=day("2027-01-09"))
    assert [(c.code, c.step) for c in of.warnings] == [
        ("day_past", "fee_and_application"),
        ("day_past", "materials_due"),
    ]
    on_the_day = plan(meeting=FEBRUARY, facts=facts, today=day("2026-12-28"))
    assert codes(on_the_day) == []  # a duty is not past on its own day
    silent = plan(meeting=FEBRUARY, facts={"schedule_request": Fact(day=day("2026-12-01"))}, today=day("2027-01-05"))
    # the fee counts from a notice that has not come: its clock does not run, PMDA's silence is the thing to say
    assert [(c.code, c.step) for c in silent.warnings] == [("answer_overdue", "date_notice")]
    assert codes(plan(meeting=FEBRUARY, facts=facts)) == []  # without a today nothing is past


def test_a_closed_day_a_past_day_and_an_unpublished_year_are_said() -> None:
    holiday = plan(meeting=day("2027-02-11"))
    assert "建国記念の日" in next(c.text.ja for c in holiday.warnings if c.code == "meeting_on_closed_day")
    assert "meeting_past" in codes(plan(meeting=FEBRUARY, today=day("2027-02-18")))
    later = plan(meeting=day("2028-06-14"))
    assert "predicted_calendar" in codes(later)
    assert later.step("slides").basis is Basis.PREDICTED
    assert "predicted_calendar" not in codes(plan(meeting=FEBRUARY))


def test_before_the_window_everything_is_calm_but_honest() -> None:
    of = plan(meeting=day("2027-03-18"), today=AUTUMN)
    assert codes(of) == ["reception_window"]
    assert (of.last_safe_day, of.step("schedule_request").alarm_from) == (day("2027-01-04"), day("2027-01-04"))


# ---------------------------------------------------------------- properties over all types


@settings(max_examples=150)
@given(st.sampled_from(sorted(consultation_types())), st.dates(dt.date(2023, 1, 1), dt.date(2040, 12, 31)))
def test_no_duty_of_any_plan_is_on_a_closed_day_or_later_than_its_rule(kind: str, meeting: dt.date) -> None:
    of = plan(kind, meeting=meeting)
    for step in of.steps:
        if step.span is None:
            assert step.basis is Basis.UNKNOWN
            continue
        mark = step.step.provenance.confidence
        assert mark is not Confidence.ASSUMED or step.basis is Basis.ASSUMED
        if step.role is Role.NOT_AFTER:
            assert CALENDAR.is_open(step.span.earliest)
            assert CALENDAR.is_open(step.span.latest)
            ruled = step.trace.ruled
            assert ruled is None or (step.span.earliest <= ruled.earliest and step.span.latest <= ruled.latest)
    if of.step(of.steps[0].key).span is None and of.missed:
        assert of.missed.next_month > Month.of(meeting)


@settings(max_examples=60)
@given(st.integers(2024, 2040), st.integers(1, 12))
def test_the_safe_days_of_a_month_hold_for_every_day_of_it(year: int, month: int) -> None:
    whole = plan(month=(year, month))
    assert whole.meeting is not None
    for meeting in (whole.meeting.earliest, CALENDAR.add(whole.meeting.earliest, 9), whole.meeting.latest):
        single = plan(meeting=meeting)
        for step in single.steps:
            limit = whole.step(step.key)
            if step.role is Role.NOT_AFTER and step.safe and limit.safe:
                assert limit.safe <= step.safe
            if step.span and limit.span:
                assert limit.span.earliest <= step.span.earliest <= step.span.latest <= limit.span.latest


# ---------------------------------------------------------------- the commands


def test_the_answers_of_the_calendar_commands() -> None:
    first, last = calendar_days(day("2026-12-28"), day("2026-12-29"))
    assert first == {"date": "2026-12-28", "open": True, "name_ja": None, "name_en": None, "basis": "published"}
    assert last == {
        "date": "2026-12-29",
        "open": False,
        "name_ja": "年末年始の休日",
        "name_en": "Year-end closure",
        "basis": "published",
    }
    assert calendar_days(day("2028-01-04"), day("2028-01-04"))[0]["basis"] == "predicted"
    assert calendar_add(day("2026-12-25"), 4) == {"date": "2027-01-06"}
    with pytest.raises(ValueError, match="before the first day"):
        calendar_days(day("2027-01-02"), day("2027-01-01"))


def test_the_answer_for_a_month_and_its_refusals() -> None:
    answer = plan_steps("drug_eop2", month=Month(2027, 5))
    assert answer["meeting"] == "2027-05"
    assert answer["warnings"][0]["code"] == "meeting_day_open"
    with pytest.raises(UnknownDefinitionError, match="drug_eop2"):
        plan_steps("drug_eop3", month=Month(2027, 5))
    with pytest.raises(ValueError, match="either"):
        plan_steps("drug_eop2")
    with pytest.raises(CalendarRangeError):
        plan_steps("drug_eop2", meeting=day("2047-05-01"))
