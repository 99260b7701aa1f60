"""Rounds of inquiries and what happens beside the steps: the plan, the history, the mails and the calendar follow."""

from __future__ import annotations

import datetime as dt

import pytest

from app.audit import queries as audit
from app.consultations import catalogue, queries, services
from app.consultations.models import Status
from app.consultations.occasions import occasions
from app.consultations.services import Told
from app.consultations.wish import Wish
from app.core.errors import Changed, NotFound, Refused
from app.engine.catalogue import consultation_types
from app.engine.definition.common import Basis
from app.notices.ics import IN_MAILS, calendar_file
from app.pathways import queries as pathways
from app.schedule import queries as schedule
from app.schedule import services as milestones
from tests.factories.world import World, scope_of
from tests.rooms.consultations.conftest import move_to

D = dt.date.fromisoformat
UP_TO_MATERIALS = {
    "schedule_request": "2026-12-01",
    "date_notice": "2026-12-07",
    "fee_and_application": "2026-12-25",
    "materials_due": "2027-01-08",
}
CLOSED, CANCELLED = "CLOSED_IN_WRITING", "CONSULTATION_CANCELLED"


def tell(scope, consultation: str, **days: str) -> None:
    for key, day in days.items():
        move_to(day)
        services.record_step(scope, consultation, key, D(day))


@pytest.fixture
def submitted(scope, consultation: str) -> str:
    """The consultation with its materials handed in."""
    tell(scope, consultation, **UP_TO_MATERIALS)
    return consultation


@pytest.fixture
def opinion(scope, submitted: str) -> str:
    """The consultation with its preliminary opinion."""
    tell(scope, submitted, preliminary_opinion="2027-02-08")
    return submitted


def by_key(scope, consultation: str) -> dict[str, schedule.MilestoneView]:
    return {m.key: m for m in schedule.of_subject(scope, "consultation", consultation)}


def open_keys(scope, consultation: str) -> set[str]:
    return {key for key, m in by_key(scope, consultation).items() if m.done_on is None}


def state(scope, therapy: str) -> str:
    return pathways.tracks(scope, therapy).get("consultation").state


def visits(scope, therapy: str) -> list[tuple[str, str]]:
    track = pathways.tracks(scope, therapy).get("consultation")
    return [(visit.state, str(visit.since)) for visit in track.history]


def test_every_round_has_its_clock_and_its_place_in_the_history(scope, therapy: str, submitted: str) -> None:
    move_to("2027-01-21")
    first = services.add_inquiry(scope, submitted, Told(D("2027-01-21"), asked="規格の根拠"))
    due = by_key(scope, submitted)["answers"]
    assert (due.on_day, due.basis, str(due.role)) == (D("2027-01-28"), Basis.COMPUTED, "not_after")
    move_to("2027-01-27")
    told = Told(D("2027-01-21"), answered_on=D("2027-01-27"), asked="規格の根拠", answer="別紙のとおり")
    services.edit_inquiry(scope, submitted, first, told, version=1)
    move_to("2027-02-03")
    services.add_inquiry(scope, submitted, Told(D("2027-02-02"), answer_by=D("2027-02-05")))
    found = by_key(scope, submitted)
    assert (found["answers"].done_on, found["inquiries_2"].done_on) == (D("2027-01-27"), D("2027-02-02"))
    assert (found["answers_2"].on_day, found["answers_2"].basis) == (D("2027-02-05"), Basis.AGREED)
    assert visits(scope, therapy)[-3:] == [
        ("INQUIRIES_RECEIVED", "2027-01-21"),
        ("ANSWERS_SUBMITTED", "2027-01-27"),
        ("INQUIRIES_RECEIVED", "2027-02-02"),
    ]
    milestones.mark_done(scope, found["answers_2"].id, D("2027-02-03"))  # as Today does
    move_to("2027-02-04")
    services.record_step(scope, submitted, "inquiries_3", D("2027-02-04"))
    assert by_key(scope, submitted)["answers_3"].on_day == D("2027-02-12")  # five office days; 11 February is closed
    assert [one.days.answered_on for one in queries.inquiries(scope, submitted)][1] == D("2027-02-03")


def test_an_assumed_clock_stays_assumed(scope, therapy: str) -> None:
    talk = services.confirm(scope, therapy, "rs_quality_safety", Wish(meeting=D("2027-02-17")))
    services.add_inquiry(scope, talk, Told(D("2026-11-24")))
    due = by_key(scope, talk)["answers"]
    assert (due.on_day, due.basis) == (D("2026-12-01"), Basis.ASSUMED)


@pytest.mark.parametrize(
    ("told", "field", "sentence"),
    [
        (Told(D("2027-02-20")), "received_on", "まだ来ていません"),
        (Told(D("2027-01-21"), answer_by=D("2027-01-20")), "answer_by", "より前の日は"),
        (Told(D("2027-01-21"), answered_on=D("2027-01-20")), "answered_on", "より前の日は"),
        (Told(D("2027-01-21"), asked="あ" * 20_001), "asked", "20,000文字"),
    ],
)
def test_days_of_a_round_that_cannot_be(scope, submitted: str, told: Told, field: str, sentence: str) -> None:
    move_to("2027-02-03")
    with pytest.raises(Refused) as refusal:
        services.add_inquiry(scope, submitted, told)
    assert sentence in refusal.value.sentence.ja
    assert refusal.value.field == field
    assert queries.inquiries(scope, submitted) == []


def test_rounds_come_one_after_the_other_and_go_from_the_end(scope, therapy: str, submitted: str) -> None:
    move_to("2027-02-05")
    first = services.add_inquiry(scope, submitted, Told(D("2027-01-21")))
    with pytest.raises(Refused, match="round 1 was answered"):
        services.add_inquiry(scope, submitted, Told(D("2027-02-02")))
    services.edit_inquiry(scope, submitted, first, Told(D("2027-01-21"), answered_on=D("2027-01-27")), version=1)
    second = services.add_inquiry(scope, submitted, Told(D("2027-02-02")))
    with pytest.raises(Refused, match="take back round 2"):
        services.delete_inquiry(scope, submitted, first)
    with pytest.raises(Refused, match="Round 2 came"):
        services.edit_inquiry(scope, submitted, first, Told(D("2027-01-21")), version=2)
    with pytest.raises(Changed):
        services.edit_inquiry(scope, submitted, first, Told(D("2027-01-21")), version=1)
    services.delete_inquiry(scope, submitted, second)
    assert state(scope, therapy) == "ANSWERS_SUBMITTED"
    assert "answers_2" not in by_key(scope, submitted)


def test_both_days_of_a_round_can_be_corrected_at_once(scope, therapy: str, submitted: str) -> None:
    move_to("2027-02-05")
    told = Told(D("2027-01-12"), answered_on=D("2027-01-14"))
    one = services.add_inquiry(scope, submitted, told)
    services.edit_inquiry(scope, submitted, one, Told(D("2027-01-21"), answered_on=D("2027-01-27")), version=1)
    services.edit_inquiry(scope, submitted, one, told, version=2)
    assert visits(scope, therapy)[-2:] == [("INQUIRIES_RECEIVED", "2027-01-12"), ("ANSWERS_SUBMITTED", "2027-01-14")]


def test_a_free_meeting_has_no_inquiries(scope, therapy: str) -> None:
    talk = services.confirm(scope, therapy, "rs_general", Wish())
    with pytest.raises(Refused):
        services.add_inquiry(scope, talk, Told(D("2026-11-24")))
    found = {one.event: one for one in occasions(scope, queries.get(scope, talk))}
    assert not found["INQUIRIES_RECEIVED"].possible
    assert found["SCHEDULE_REQUESTED"].step == "request"


def test_closed_in_writing_ends_the_way_to_the_meeting_and_waits_for_the_record(
    scope, therapy: str, opinion: str
) -> None:
    move_to("2027-02-10")
    told = services.record_turn(scope, opinion, CLOSED, D("2027-02-10"), dry=True)
    assert {"meeting", "slides", "format_decision"} <= {move.key for move in told if move.new is None}
    assert state(scope, therapy) == "PRELIMINARY_OPINION_RECEIVED"  # nothing saved yet
    services.record_turn(scope, opinion, CLOSED, D("2027-02-10"), note="事前見解に同意")
    assert open_keys(scope, opinion) == {"record", "record_check"}
    record = by_key(scope, opinion)["record"]
    assert (record.basis, record.duty_day) == (Basis.UNKNOWN, None)  # the facts count it from a meeting
    assert state(scope, therapy) == CLOSED
    view = queries.get(scope, opinion)
    assert (view.status, view.held_on) == (Status.CONFIRMED, D("2027-02-10"))
    with pytest.raises(Refused, match="closed"):
        services.change_wish(scope, opinion, Wish(meeting=D("2027-04-21")))
    with pytest.raises(Refused, match="before"):
        services.record_step(scope, opinion, "record", D("2027-02-09"))
    move_to("2027-03-12")
    services.record_turn(scope, opinion, "RECORD_DRAFT_RECEIVED", D("2027-03-05"))
    services.record_step(scope, opinion, "record", D("2027-03-12"))
    assert (queries.get(scope, opinion).status, state(scope, therapy)) == (Status.CLOSED, "RECORD_CONFIRMED")
    written = next(turn for turn in queries.get(scope, opinion).turns if turn.event == CLOSED)
    with pytest.raises(Refused):
        services.take_back_turn(scope, opinion, written.id)


def test_what_was_closed_in_writing_counts_as_held_before_another_kind(scope, therapy: str, opinion: str) -> None:
    move_to("2027-02-10")
    kind = consultation_types()["drug_eop2"].model_copy(update={"requires": ("drug_eop2",)})
    assert catalogue.missing_before(scope, therapy, kind)
    services.record_turn(scope, opinion, CLOSED, D("2027-02-10"))
    assert catalogue.missing_before(scope, therapy, kind) == []


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("CONSULTATION_WITHDRAWN", Status.WITHDRAWN),
        (CANCELLED, Status.CANCELLED),
        ("CONSULTATION_REJECTED", Status.REJECTED),
    ],
)
def test_an_end_leaves_nothing_due_and_can_be_taken_back(scope, therapy: str, consultation: str, event, status) -> None:
    tell(scope, consultation, schedule_request="2026-12-01")
    before = {key: m.duty_day for key, m in by_key(scope, consultation).items()}
    assert "materials_due" in before
    services.record_turn(scope, consultation, event, D("2026-12-01"), note="PMDAの都合")
    view = queries.get(scope, consultation)
    assert (view.status, view.ended_on) == (status, D("2026-12-01"))
    assert open_keys(scope, consultation) == set()
    left = schedule.of_subject(scope, "consultation", consultation)
    feed = calendar_file(left, dt.datetime.now(dt.UTC), IN_MAILS)
    assert feed.count("BEGIN:VEVENT") == 1  # the request that was made; nothing to come
    with pytest.raises(Refused, match="over"):
        services.record_step(scope, consultation, "date_notice", D("2026-12-01"))
    with pytest.raises(Refused, match="over"):
        services.add_inquiry(scope, consultation, Told(D("2026-12-01")))
    (turn,) = view.turns
    services.correct_turn(scope, consultation, turn.id, D("2026-12-01"), note="電話で連絡")
    services.take_back_turn(scope, consultation, turn.id)
    assert {key: m.duty_day for key, m in by_key(scope, consultation).items()} == before
    assert (state(scope, therapy), queries.get(scope, consultation).status) == ("SCHEDULE_REQUESTED", "confirmed")
    gone = [entry for entry in pathways.history(scope, therapy).entries if entry.event == event]
    assert len(gone) == 1  # it stays in the history, struck out
    trail = [entry.action for entry in audit.of_subject(scope, consultation)]
    assert "consultations:turn:taken_back" in trail
    assert "consultations:turn:corrected" in trail


def test_another_day_makes_the_open_dates_unknown_until_pmda_names_one(scope, therapy: str, submitted: str) -> None:
    services.record_step(scope, submitted, "meeting", D("2027-02-17"), basis=Basis.AGREED)
    services.record_turn(scope, submitted, "RESCHEDULE_REQUESTED", D("2027-01-08"))
    assert state(scope, therapy) == "RESCHEDULE_REQUESTED"
    undated = {key for key, m in by_key(scope, submitted).items() if m.done_on is None and m.duty_day is None}
    assert undated == open_keys(scope, submitted) >= {"date_notice", "fee_and_application", "materials_due", "meeting"}
    move_to("2027-01-13")
    services.record_notice(scope, submitted, "date_notice", D("2027-01-13"), D("2027-03-17"))
    found = by_key(scope, submitted)
    assert found["fee_and_application"].on_day == D("2027-02-03")  # 15 office days after the new notice
    assert [day for name, day in visits(scope, therapy) if name == "DATE_OFFERED"] == ["2026-12-07", "2027-01-13"]
    (turn,) = queries.get(scope, submitted).turns
    with pytest.raises(Refused, match="newer record"):
        services.take_back_turn(scope, submitted, turn.id)
    for key in ("meeting", "date_notice"):
        services.reopen_step(scope, submitted, key)
    services.take_back_turn(scope, submitted, turn.id)
    assert (state(scope, therapy), open_keys(scope, submitted) & {"date_notice", "materials_due"}) == (
        "MATERIALS_SUBMITTED",
        set(),
    )


def test_a_second_pre_meeting(scope, therapy: str, consultation: str) -> None:
    services.record_step(scope, consultation, "pre_meeting", D("2026-11-20"))
    services.record_turn(scope, consultation, "PRE_MEETING_REQUESTED", D("2026-11-22"))
    assert "pre_meeting" in open_keys(scope, consultation)
    services.record_step(scope, consultation, "pre_meeting", D("2026-11-24"))
    held = [day for name, day in visits(scope, therapy) if name == "PRE_MEETING_HELD"]
    assert held == ["2026-11-20", "2026-11-24"]


def test_what_is_not_possible_now_says_why(scope, consultation: str) -> None:
    found = {one.event: one for one in occasions(scope, queries.get(scope, consultation))}
    assert {name for name, one in found.items() if one.possible} == {
        "PRE_MEETING_REQUESTED",
        "SCHEDULE_REQUESTED",
        "CONSULTATION_WITHDRAWN",
        CANCELLED,
    }
    assert "事前面談の申込み" in found[CLOSED].why.ja
    with pytest.raises(Refused) as refusal:
        services.record_turn(scope, consultation, CLOSED, D("2026-11-24"))
    assert refusal.value.sentence == found[CLOSED].why
    for nothing in ("CTN_FILED", "SCHEDULE_REQUESTED"):  # of another machine; recorded at its step
        with pytest.raises(NotFound):
            services.record_turn(scope, consultation, nothing, D("2026-11-24"))
    tell(scope, consultation, schedule_request="2026-12-01")
    found = {one.event: one for one in occasions(scope, queries.get(scope, consultation))}
    assert "すでに" in found["SCHEDULE_REQUESTED"].why.ja  # already there


def test_strangers_and_outside_readers_find_no_rounds(scope, world: World, submitted: str) -> None:
    one = services.add_inquiry(scope, submitted, Told(D("2027-01-08"), asked="極秘"))
    for person in (world.stranger, world.staff):
        other = scope_of(person)
        for attempt in (
            lambda other=other: queries.inquiries(other, submitted),
            lambda other=other: queries.rounds(other, submitted),
            lambda other=other: services.add_inquiry(other, submitted, Told(D("2027-01-08"))),
            lambda other=other: services.edit_inquiry(other, submitted, one, Told(D("2027-01-08")), version=1),
            lambda other=other: services.delete_inquiry(other, submitted, one),
            lambda other=other: services.record_turn(other, submitted, CANCELLED, D("2027-01-08")),
        ):
            with pytest.raises(NotFound):
                attempt()
