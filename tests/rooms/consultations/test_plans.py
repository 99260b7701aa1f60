"""Planning, confirming, recording and changing a consultation: what moves, what stays, what is refused."""

from __future__ import annotations

import datetime as dt

import pytest

from app.consultations import planning, queries, services
from app.consultations.models import Status
from app.consultations.wish import Wish
from app.core.errors import Changed, NotFound, Refused
from app.engine.definition.common import Basis
from app.pathways import queries as pathways
from app.schedule import queries as schedule
from app.schedule import services as milestones
from tests.factories.world import World, scope_of
from tests.rooms.consultations.conftest import MEETING, move_to

GOLDEN = {
    "schedule_request": dt.date(2026, 12, 1),
    "date_notice": dt.date(2026, 12, 7),
    "fee_and_application": dt.date(2026, 12, 28),
    "materials_due": dt.date(2027, 1, 8),
    "preliminary_opinion": dt.date(2027, 2, 8),
    "slides": dt.date(2027, 2, 15),
    "record": dt.date(2027, 3, 17),
}


def days(scope, consultation: str) -> dict[str, dt.date | None]:
    return {m.key: m.duty_day for m in schedule.of_subject(scope, "consultation", consultation)}


def test_a_confirmed_plan_holds_the_golden_dates(scope, consultation: str) -> None:
    assert {key: day for key, day in days(scope, consultation).items() if key in GOLDEN} == GOLDEN


def test_milestones_keep_their_ids_when_the_plan_moves(scope, consultation: str) -> None:
    before = {m.key: m.id for m in schedule.of_subject(scope, "consultation", consultation)}
    services.change_wish(scope, consultation, Wish(meeting=dt.date(2027, 4, 21)))
    after = schedule.of_subject(scope, "consultation", consultation)
    assert {m.key: m.id for m in after} == before
    assert next(m for m in after if m.key == "schedule_request").on_day == dt.date(2027, 2, 2)


def test_a_late_notice_moves_the_fee_and_its_meeting_moves_the_rest(scope, consultation: str) -> None:
    move_to("2026-12-01")
    services.record_step(scope, consultation, "schedule_request", dt.date(2026, 12, 1))
    move_to("2026-12-10")
    notice, meeting = dt.date(2026, 12, 9), dt.date(2027, 2, 10)
    told = services.record_notice(scope, consultation, "date_notice", notice, meeting, dry=True)
    assert days(scope, consultation)["fee_and_application"] == GOLDEN["fee_and_application"]  # nothing saved yet
    assert told == services.record_notice(scope, consultation, "date_notice", notice, meeting)
    moved = days(scope, consultation)
    assert moved["fee_and_application"] == dt.date(2027, 1, 5)  # 15 office days after the actual notice
    assert moved["materials_due"] == dt.date(2027, 1, 4)
    assert moved["slides"] == dt.date(2027, 2, 8)
    assert {move.key for move in told} >= {"date_notice", "fee_and_application", "materials_due", "meeting", "record"}
    view = queries.get(scope, consultation)
    assert view.meeting_fact is not None
    assert view.meeting_fact.basis is Basis.AGREED


def test_what_happened_is_done_and_can_be_taken_back(scope, consultation: str) -> None:
    move_to("2026-12-01")
    services.record_step(scope, consultation, "schedule_request", dt.date(2026, 12, 1))
    (first,) = [m for m in schedule.of_subject(scope, "consultation", consultation) if m.key == "schedule_request"]
    assert first.done_on == dt.date(2026, 12, 1)
    services.reopen_step(scope, consultation, "schedule_request")
    (first,) = [m for m in schedule.of_subject(scope, "consultation", consultation) if m.key == "schedule_request"]
    assert first.done_on is None
    assert first.on_day == dt.date(2026, 12, 1)


def test_a_milestone_marked_done_is_recorded_by_the_consultation(scope, consultation: str) -> None:
    (first,) = [m for m in schedule.of_subject(scope, "consultation", consultation) if m.key == "schedule_request"]
    move_to("2026-12-02")
    milestones.mark_done(scope, first.id, dt.date(2026, 12, 1))
    assert queries.get(scope, consultation).facts["schedule_request"].day == dt.date(2026, 12, 1)
    milestones.reopen(scope, first.id)
    assert "schedule_request" not in queries.get(scope, consultation).facts


def test_the_track_of_the_consultation_follows(scope, therapy: str, consultation: str) -> None:
    assert pathways.tracks(scope, therapy).get("consultation").state == "PLANNED"
    move_to("2026-12-01")
    services.record_step(scope, consultation, "schedule_request", dt.date(2026, 12, 1))
    assert pathways.tracks(scope, therapy).get("consultation").state == "SCHEDULE_REQUESTED"
    services.reopen_step(scope, consultation, "schedule_request")
    assert pathways.tracks(scope, therapy).get("consultation").state == "PLANNED"


def test_two_consultations_of_one_kind_have_tracks_of_their_own(scope, therapy: str, consultation: str) -> None:
    second = services.confirm(scope, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 4, 21)))
    move_to("2027-02-02")
    services.record_step(scope, second, "schedule_request", dt.date(2027, 2, 2))
    states = {track.instance: track.state for track in pathways.tracks(scope, therapy).of("consultation")}
    assert states == {"drug_eop2": "PLANNED", "drug_eop2-2": "SCHEDULE_REQUESTED"}


def test_a_whole_consultation_ends_with_its_record(scope, therapy: str, consultation: str) -> None:
    told = {
        "pre_meeting": "2026-11-20",
        "schedule_request": "2026-12-01",
        "date_notice": "2026-12-07",
        "fee_and_application": "2026-12-25",
        "materials_due": "2027-01-08",
        "inquiries": "2027-01-21",
        "answers": "2027-01-28",
        "preliminary_opinion": "2027-02-08",
        "slides": "2027-02-15",
        "meeting": "2027-02-17",
        "record": "2027-03-16",
    }
    for key, day in told.items():
        move_to(max(day, "2026-11-24"))
        services.record_step(scope, consultation, key, dt.date.fromisoformat(day))
    view = queries.get(scope, consultation)
    assert (view.status, view.ended_on, view.held_on) == (Status.CLOSED, dt.date(2027, 3, 16), MEETING)
    assert pathways.tracks(scope, therapy).get("consultation").state == "RECORD_CONFIRMED"
    assert schedule.upcoming(scope, [therapy], dt.date(2027, 3, 17)) == []


def test_a_withdrawn_consultation_leaves_nothing_due(scope, therapy: str, consultation: str) -> None:
    services.withdraw(scope, consultation, dt.date(2026, 11, 24))
    assert schedule.upcoming(scope, [therapy], dt.date(2026, 11, 24)) == []
    assert pathways.tracks(scope, therapy).get("consultation").state == "WITHDRAWN_BY_APPLICANT"
    with pytest.raises(Refused):
        services.record_step(scope, consultation, "schedule_request", dt.date(2026, 11, 24))


def test_a_withdrawn_consultation_takes_no_other_wish(scope, therapy: str, consultation: str) -> None:
    services.withdraw(scope, consultation, dt.date(2026, 11, 24))
    for dry in (True, False):
        with pytest.raises(Refused, match="withdrawn"):
            services.change_wish(scope, consultation, Wish.read("2027-04", None), dry=dry)
    assert schedule.upcoming(scope, [therapy], dt.date(2026, 11, 24)) == []


def test_what_another_recorded_in_between_is_never_lost(scope, consultation: str, monkeypatch) -> None:
    """Also for a caller that names no version: the plan was made from what was read before."""
    move_to("2026-12-10")
    plan_of = planning.plan_of

    def meanwhile(*args):
        monkeypatch.setattr(planning, "plan_of", plan_of)
        services.record_step(scope, consultation, "schedule_request", dt.date(2026, 12, 1))
        return plan_of(*args)

    monkeypatch.setattr(planning, "plan_of", meanwhile)
    with pytest.raises(Changed):
        services.record_step(scope, consultation, "pre_meeting", dt.date(2026, 11, 20))
    assert set(queries.get(scope, consultation).facts) == {"schedule_request"}


@pytest.mark.parametrize(
    ("key", "day", "sentence"),
    [
        ("schedule_request", "2026-11-25", "まだ来ていません"),
        ("date_notice", "2026-11-24", "先に「日程調整依頼書の提出」"),
    ],
)
def test_days_that_cannot_be_are_refused_in_a_sentence(scope, consultation: str, key, day, sentence) -> None:
    with pytest.raises(Refused) as refusal:
        services.record_step(scope, consultation, key, dt.date.fromisoformat(day))
    assert sentence in refusal.value.sentence.ja
    assert refusal.value.field == "day"
    assert queries.get(scope, consultation).facts == {}


def test_a_closed_day_cannot_be_wished(scope, therapy: str) -> None:
    with pytest.raises(Refused, match="closed day"):
        services.confirm(scope, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 2, 11)))


def test_after_pmda_named_the_day_a_wish_no_longer_counts(scope, consultation: str) -> None:
    services.record_step(scope, consultation, "meeting", MEETING, basis=Basis.AGREED)
    with pytest.raises(Refused):
        services.change_wish(scope, consultation, Wish.read("2027-04", None))


def test_an_old_version_is_not_saved_over(scope, consultation: str) -> None:
    services.change_wish(scope, consultation, Wish.read("2027-04", None), version=1)
    with pytest.raises(Changed):
        services.change_wish(scope, consultation, Wish.read("2027-05", None), version=1)


def test_strangers_find_nothing(scope, world: World, therapy: str, consultation: str) -> None:
    stranger = scope_of(world.stranger)
    for attempt in (
        lambda: queries.get(stranger, consultation),
        lambda: services.preview(stranger, therapy, "drug_eop2", Wish(meeting=MEETING)),
        lambda: services.confirm(stranger, therapy, "drug_eop2", Wish(meeting=MEETING)),
        lambda: services.record_step(stranger, consultation, "schedule_request", dt.date(2026, 11, 24)),
        lambda: services.withdraw(stranger, consultation, dt.date(2026, 11, 24)),
        lambda: queries.questions(stranger, consultation),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert schedule.upcoming(stranger, None, dt.date(2026, 11, 24)) == []
