"""State is the fold of events in the order in which they happened."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest

from app.engine.library import shipped
from app.engine.machine import RETRACTED, STATE_DECLARED, Days, Event, ImpossibleEventError, Precision, fold
from app.engine.machine.days import term_end
from app.engine.machine.moves import Moment
from app.engine.machine.routing import Plan, plan
from tests.engine.tracks import TODAY, folded, history, live, past, states


def test_the_order_of_typing_does_not_matter_but_that_of_days_does():
    events = [
        past(1, "TRIAL_PAUSED", "2025-06-16"),
        past(2, "CTN_FILED", "2018-06-04"),
        past(3, "TRIAL_START", "2018-08-01"),
    ]
    tracks = fold(shipped(), events, TODAY)
    assert states(tracks, "programme")[-3:] == ["TRIAL_CLEARED", "TRIAL_ACTIVE", "TRIAL_PAUSED"]
    assert tracks == fold(shipped(), events[::-1], TODAY)


def test_missing_predecessors_are_inferred_and_said():
    tracks = folded(("TRIAL_START", "2012"))
    programme = tracks.get("programme")
    assert programme is not None
    inferred = [visit.state for visit in programme.history if visit.inferred]
    assert inferred == ["NONCLINICAL", "CTN_READY", "CTN_CLOCK", "TRIAL_CLEARED"], "no consultation is invented"
    assert all(visit.since is None for visit in programme.history if visit.inferred)
    assert programme.since == Days.parse("2012")
    assert [note.kind for note in tracks.notes] == ["inferred"]


def test_an_event_that_is_no_history_must_fit():
    events = [live(1, "FIRST_PATIENT", "2026-05-01")]
    tracks = fold(shipped(), events, TODAY)
    assert tracks.tracks == ()
    assert "cannot happen" in tracks.refused[0].reason.en
    assert "起こり得ません" in tracks.refused[0].reason.ja
    with pytest.raises(ImpossibleEventError, match="cannot happen"):
        fold(shipped(), events, TODAY, strict=True)


def test_an_event_that_fits_nowhere_is_refused_even_in_a_history():
    tracks = folded(("LAUNCHED", "2020-06"), ("SALES_ENDED", "2022-03-31"), ("LAUNCHED", "2023-04-01"))
    assert states(tracks, "supply")[-1] == "SALES_ENDED"
    assert [each.event.on for each in tracks.refused] == [Days.parse("2023-04-01")]


def test_an_unknown_word_is_refused():
    tracks = folded(("FLEW_AWAY", "2020-06"))
    assert "vocabulary" in tracks.refused[0].reason.en


def test_another_name_of_an_event_means_the_same():
    assert folded(("SAKIGAKE_DESIGNATED", "2017-02-28")).get("designation", "PIONEER") is not None


def test_a_correction_takes_the_place_of_what_it_corrects():
    wrong = past(1, "CTN_FILED", "2026-04-01")
    right = Event("2", "CTN_FILED", Days.parse("2026-04-10"), supersedes="1", history=True)
    programme = fold(shipped(), [right, wrong], TODAY).get("programme")
    assert programme is not None
    assert programme.since == Days.parse("2026-04-10")


def test_of_two_corrections_the_one_recorded_last_stands():
    at = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
    wrong = past(1, "CTN_FILED", "2026-04-01")
    first = Event("2", "CTN_FILED", Days.parse("2026-04-10"), supersedes="1", recorded_at=at, history=True)
    later = Event(
        "3", "CTN_FILED", Days.parse("2026-04-11"), supersedes="1", recorded_at=at + dt.timedelta(1), history=True
    )
    for events in ([wrong, first, later], [later, first, wrong]):
        programme = fold(shipped(), events, TODAY).get("programme")
        assert programme is not None
        assert programme.since == Days.parse("2026-04-11")


def test_a_retraction_leaves_nothing_in_its_place():
    events = history(("CTN_FILED", "2026-04-01"), ("FIRST_PATIENT", "2026-06-01"))
    gone = Event("9", RETRACTED, Days.parse("2026-06-02"), supersedes="1")
    assert states(fold(shipped(), [*events, gone], TODAY), "programme")[-1] == "CTN_CLOCK"


def test_later_events_are_left_out():
    tracks = folded(("CTN_FILED", "2026-04-01"), ("FIRST_PATIENT", "2026-06-01"), as_of=dt.date(2026, 5, 1))
    assert states(tracks, "programme")[-1] == "CTN_CLOCK"


def test_a_declared_state_is_reached_by_inference_and_gives_way_to_real_events():
    stage = Event("1", STATE_DECLARED, Days.of(TODAY), {"state": "TRIAL_ACTIVE"}, machine="programme", history=True)
    declared = fold(shipped(), [stage], TODAY).get("programme")
    assert declared is not None
    assert (declared.state, declared.since, declared.inferred) == ("TRIAL_ACTIVE", None, True)
    both = fold(shipped(), [stage, past(2, "FIRST_PATIENT", "2026")], TODAY).get("programme")
    assert both is not None
    assert (both.state, both.since) == ("TRIAL_ACTIVE", Days.parse("2026"))
    further = fold(shipped(), [stage, past(2, "TRIAL_DONE", "2026-02")], TODAY)
    assert not further.refused
    assert [track.state for track in further.tracks] == ["TRIAL_DONE"]  # a dated fact says more than a declaration
    nowhere = Event("1", STATE_DECLARED, Days.of(TODAY), {"state": "MOON"}, machine="programme", history=True)
    assert "MOON" in fold(shipped(), [nowhere], TODAY).refused[0].reason.en


def test_of_three_words_for_the_first_patient_the_first_day_wins():
    tracks = folded(("FIRST_ENROLMENT", "2018-09-25"), ("TRIAL_START", "2018-08-01"), ("FIRST_PATIENT", "2018-09"))
    programme = tracks.get("programme")
    assert programme is not None
    assert programme.since == Days.parse("2018-08-01")
    assert [note.kind for note in tracks.notes] == ["inferred", "already", "already"]


def test_several_instances_are_named_after_their_kind():
    tracks = folded(
        ("APPROVED_FULL", "2014-01-03"),
        ("PCA_FILED", "2016-01-03"),
        ("PCA_FILED", "2016-02-03"),
        ("PCA_APPROVED", "2016"),
        ("PCA_WITHDRAWN", "2017"),
        ("PCA_APPROVED", "2019-05"),
    )
    found = [(track.instance, track.state) for track in tracks.of("application")]
    assert found == [
        ("NEW", "APPROVED_FULL"),
        ("PCA", "APPROVED_FULL"),
        ("PCA-2", "WITHDRAWN"),
        ("PCA-3", "APPROVED_FULL"),
    ]
    assert any(note.kind == "doubt" and "more than one" in note.text.en for note in tracks.notes)


def test_the_same_news_twice_opens_no_second_application():
    tracks = folded(
        ("MAA_FILED", "2018-06"), ("COMMITTEE_ENDORSED", "2018-11-21"), ("COMMITTEE_ENDORSED", "2018-11-22")
    )
    assert [(track.instance, track.since) for track in tracks.of("application")] == [("NEW", Days.parse("2018-11-21"))]
    assert tracks.refused == ()


def test_what_contradicts_an_open_application_invents_no_second_one():
    tracks = folded(("MAA_FILED", "2018-06"), ("COMMITTEE_ENDORSED", "2018-11-21"), ("CONTINUED", "2019-01-22"))
    assert [(track.instance, track.state) for track in tracks.of("application")] == [("NEW", "ENDORSED")]
    assert [each.event.name for each in tracks.refused] == ["CONTINUED"]


def test_designations_of_several_kinds_stand_side_by_side_and_are_revoked_alone():
    tracks = folded(
        ("ORPHAN_DESIGNATED", "2020"),
        ("PIONEER_DESIGNATED", "2019-03-01"),
        ("DESIGNATION_REVOKED", "2021-03", {"kind": "ORPHAN"}),
    )
    found = {track.instance: track.state for track in tracks.of("designation")}
    assert found == {"ORPHAN": "REVOKED", "PIONEER": "DESIGNATED"}


def test_a_committee_row_in_a_running_term_belongs_to_what_follows():
    begun = (("APPROVED_CTL", "2024-07-31", {"term": "7y"}), ("COMMITTEE_ENDORSED", "2025-10-09"))
    lifted = folded(*begun, ("SHIP_BAN_LIFTED", "2025-12-02"))
    assert [(t.instance, t.state) for t in lifted.of("application")][1] == ("PCA", "APPROVED_FULL")
    full = folded(*begun, ("APPROVED_FULL", "2025-12-02"))
    assert [(t.instance, t.state) for t in full.of("application")][1] == ("CTL_FULL", "APPROVED_FULL")


@pytest.mark.parametrize(
    ("written", "precision", "first", "last"),
    [
        ("2026-04-01", Precision.DAY, "2026-04-01", "2026-04-01"),
        ("2024-02", Precision.MONTH, "2024-02-01", "2024-02-29"),
        ("2026", Precision.YEAR, "2026-01-01", "2026-12-31"),
    ],
)
def test_days_are_intervals(written: str, precision: Precision, first: str, last: str):
    days = Days.parse(written)
    assert (days.precision, str(days)) == (precision, written)
    assert (days.first.isoformat(), days.last.isoformat()) == (first, last)


@pytest.mark.parametrize("written", ["2026-13", "2026-02-30", "26-01-01", "April 2026", "", "2026/04/01"])
def test_what_is_no_day_is_refused(written: str):
    with pytest.raises(ValueError, match=r"day|month|range"):
        Days.parse(written)


def test_before_cannot_always_be_told():
    month, day = Days.parse("2023-09"), Days.parse("2023-09-17")
    assert month.before(day) is None
    assert day.before(month) is None
    assert Days.parse("2023-08").before(day) is True
    assert Days.parse("2023-10").before(day) is False


def test_terms_end_on_the_day_before_the_corresponding_day():
    assert term_end(dt.date(2018, 12, 28), 7 * 12) == dt.date(2025, 12, 27)
    assert term_end(dt.date(2015, 9, 18), (5 + 3) * 12) == dt.date(2023, 9, 17)


def test_a_term_without_corresponding_day_ends_with_its_month():
    assert term_end(dt.date(2024, 2, 29), 12) == dt.date(2025, 2, 28)
    assert term_end(dt.date(2025, 8, 31), 6) == dt.date(2026, 2, 28)
    assert term_end(dt.date(2025, 3, 1), 12) == dt.date(2026, 2, 28)


def test_what_fits_by_itself_is_taken_without_asking_what_else_would(monkeypatch: pytest.MonkeyPatch):
    planned: list[str] = []

    def counting(moment: Moment) -> Plan:
        planned.append(moment.event.id)
        return plan(moment)

    monkeypatch.setattr(import_module("app.engine.machine.fold"), "plan", counting)
    notes = [past(number, "NOTE", "2020", text=str(number)) for number in range(40)]
    assert len(fold(shipped(), notes, TODAY).happened) == 40
    assert len(planned) == 40, "one year of events would be planned 820 times"
