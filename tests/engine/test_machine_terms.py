"""Terms of limited approvals: the fold computes their end itself and knows what follows."""

from __future__ import annotations

import datetime as dt

import pytest

from app.engine.calendar import japan
from app.engine.catalogue import clock
from app.engine.clocks import run_clock
from app.engine.library import shipped
from app.engine.machine import NOTHING_KNOWN, Advanced, Days, Event, Verdict, advance, fold
from tests.engine.tracks import folded, history, states

CTL = ("APPROVED_CTL", "2015-09-18", {"term": "5y"})
FULL = {"kind": "CTL_FULL"}


def approval(*entries, as_of: dt.date = dt.date(2026, 11, 22)):
    track = folded(*entries, as_of=as_of).get("approval")
    assert track is not None
    return track


def test_before_its_end_an_approval_runs():
    track = approval(CTL, as_of=dt.date(2020, 9, 16))
    assert (track.state, track.term_end) == ("CTL_RUNNING", Days.parse("2020-09-17"))


def test_on_the_day_of_its_end_it_lapses_without_an_application():
    track = approval(CTL, as_of=dt.date(2020, 9, 17))
    assert (track.state, track.since, track.term_end) == ("LAPSED", Days.parse("2020-09-17"), None)


def test_while_its_last_day_lasts_it_is_in_force():
    last = dt.date(2020, 9, 17)
    for day, state in ((last, "CTL_RUNNING"), (dt.date(2020, 9, 18), "LAPSED")):
        track = fold(shipped(), history(CTL), day, running=True).get("approval")
        assert track is not None
        assert track.state == state
    assert track.since == Days.of(last)


def test_with_an_application_pending_it_stays_in_force():
    track = approval(CTL, ("MAA_FILED", "2020-09-17", FULL))
    assert (track.state, track.since) == ("CTL_DEEMED", Days.parse("2020-09-17"))


LAST_DAY = pytest.mark.parametrize(("given", "kind"), [("APPROVED_CTL", "CTL_FULL"), ("APPROVED_EMERG", "EMERG_FULL")])


@LAST_DAY
def test_a_filing_on_the_very_last_day_stands_in_a_history_with_a_doubt(given: str, kind: str):
    limited = (given, "2023-09-19", {"term": "1y"})
    for day, doubts in (("2024-09-17", 0), ("2024-09-18", 2)):  # at the filing, and when the term ends
        tracks = folded(limited, ("MAA_FILED", day, {"kind": kind}))
        told = [note.text for note in tracks.notes if note.kind == "doubt"]
        assert len(told) == doubts, day
        assert all("not certain" in text.en and "当日" in text.ja for text in told), day
        assert states(tracks, "approval")[-1].endswith("_DEEMED"), day
    refused = folded(limited, ("MAA_FILED", "2024-09-19", {"kind": kind})).refused[0]
    assert "must be filed before it" in refused.reason.en
    assert "期限より前に" in refused.reason.ja


@LAST_DAY
def test_a_filing_on_the_very_last_day_is_recorded_with_a_warning_and_planned_a_day_earlier(given: str, kind: str):
    end = dt.date(2024, 9, 18)
    assert run_clock(clock("ctl_full_application"), end, japan()).dated.day == dt.date(2024, 9, 17)
    running = fold(shipped(), history((given, "2023-09-19", {"term": "1y"})), end, running=True)
    for day, verdicts in (("2024-09-17", []), ("2024-09-18", [Verdict.WARNING])):
        filing = Event("n", "MAA_FILED", Days.parse(day), {"kind": kind})
        taken = advance(shipped(), shipped().pathways["regenerative_cell"], running, filing, NOTHING_KNOWN)
        assert isinstance(taken, Advanced), day
        said = [answer.verdict for answer in taken.warnings if answer.because and "last day" in answer.because.en]
        assert said == verdicts, day


def test_an_extension_moves_the_end():
    track = approval(CTL, ("CTL_EXTENDED", "2019-01-24", {"extension": "3y"}), as_of=dt.date(2023, 9, 16))
    assert (track.state, track.term_end) == ("CTL_EXTENDED", Days.parse("2023-09-17"))
    assert track.past_term_ends == (Days.parse("2020-09-17"),)


def test_a_partial_change_does_not_keep_it_in_force():
    assert approval(CTL, ("PCA_FILED", "2020-01-10")).state == "LAPSED"


def test_a_filing_after_the_end_is_refused_with_both_days():
    tracks = folded(CTL, ("MAA_FILED", "2020-10-01", FULL))
    assert tracks.get("application", "CTL_FULL") is None
    assert "17 Sep 2020" in tracks.refused[0].reason.en
    assert "2020年9月17日" in tracks.refused[0].reason.ja


def test_a_filing_in_the_month_of_the_end_cannot_be_told_and_is_said():
    tracks = folded(CTL, ("MAA_FILED", "2020-09", FULL))
    track = tracks.get("approval")
    assert track is not None
    assert track.state == "CTL_DEEMED"
    assert track.history[-1].doubt is not None
    assert "presumed to be in time" in track.history[-1].doubt.en
    decided = folded(CTL, ("MAA_FILED", "2020-09", FULL), ("COMMITTEE_NEGATIVE", "2021-07-19")).get("approval")
    assert decided is not None
    assert decided.history[-1].doubt is not None
    assert "known to have continued" in decided.history[-1].doubt.en


def test_what_happens_after_the_end_shows_that_the_filing_was_in_time():
    tracks = folded(CTL, ("APPROVED_FULL", "2021-02-01"))
    assert states(tracks, "approval") == ["CTL_RUNNING", "CTL_DEEMED", "FULL_IN_FORCE"]
    filed = tracks.get("application", "CTL_FULL")
    assert filed is not None
    assert filed.inferred
    assert filed.state == "APPROVED_FULL"


def test_a_lapse_reported_the_day_after_the_end_proves_nothing():
    tracks = folded(CTL, ("LAPSED", "2020-09-18"))
    assert states(tracks, "approval") == ["CTL_RUNNING", "LAPSED"]
    assert tracks.get("application", "CTL_FULL") is None


@pytest.mark.parametrize("event", ["COMMITTEE_SET", "COMMITTEE_ENDORSED", "COMMITTEE_NEGATIVE", "APPROVED_FULL"])
@pytest.mark.parametrize("day", ["2020-09-18", "2020-09-19"])
def test_a_step_of_the_review_shows_from_the_first_day_after_the_end_that_the_approval_went_on(event: str, day: str):
    tracks = folded(CTL, (event, day))
    assert tracks.refused == ()
    assert states(tracks, "approval")[:2] == ["CTL_RUNNING", "CTL_DEEMED"]
    filed = tracks.get("application", "CTL_FULL")
    assert filed
    assert filed.inferred
    assert "inferred" in [note.kind for note in tracks.notes]


def test_a_lapse_from_the_second_day_after_the_end_shows_it_too():
    assert states(folded(CTL, ("LAPSED", "2020-09-19")), "approval") == ["CTL_RUNNING", "CTL_DEEMED", "LAPSED"]


def test_withdrawal_or_refusal_after_the_end_is_the_end():
    pending = (CTL, ("MAA_FILED", "2020-03-01", FULL))
    assert approval(*pending, ("LAPSED", "2021-06-27")).state == "LAPSED"
    assert states(folded(*pending, ("LAPSED", "2021-06-27")), "application", "CTL_FULL")[-1] == "WITHDRAWN"
    assert approval(*pending, ("MAA_WITHDRAWN", "2021-06-27", FULL)).since == Days.parse("2021-06-27")
    assert approval(*pending, ("COMMITTEE_NEGATIVE", "2021-06-27"), ("DISAPPROVED", "2021-08-01")).state == "LAPSED"


def test_withdrawal_before_the_end_leaves_the_term_running():
    track = approval(CTL, ("MAA_FILED", "2019-03-01", FULL), ("MAA_WITHDRAWN", "2019-06-27"), as_of=dt.date(2020, 1, 1))
    assert track.state == "CTL_RUNNING"


def test_emergency_approvals_have_terms_too():
    given = ("APPROVED_EMERG", "2022-11-22", {"term": "1y"})
    assert approval(given).state == "LAPSED"
    pending = (given, ("MAA_FILED", "2023-06", {"kind": "EMERG_FULL"}))
    assert approval(*pending).since == Days.parse("2023-11-21")
    tracks = folded(*pending, ("APPROVED_FULL", "2024-03-05"))
    assert states(tracks, "approval") == ["EMERG_RUNNING", "EMERG_DEEMED", "FULL_IN_FORCE"]


def test_a_term_that_nobody_stated_is_said_and_never_ends():
    tracks = folded(("APPROVED_CTL", "2015-09-18"))
    track = tracks.get("approval")
    assert track is not None
    assert (track.state, track.term_end) == ("CTL_RUNNING", None)
    assert any("does not state how long" in note.text.en for note in tracks.notes)


def test_an_approval_known_by_its_month_has_an_interval_as_its_end():
    track = approval(("APPROVED_CTL", "2015-09", {"term": "5y"}), as_of=dt.date(2020, 9, 10))
    assert (track.state, str(track.term_end)) == ("CTL_RUNNING", "2020-08-31/2020-09-29")


@pytest.mark.parametrize(
    ("day", "state", "untold"),
    [
        ("2020-08-31", "CTL_RUNNING", False),
        ("2020-09-01", "CTL_RUNNING", True),
        ("2020-09-29", "CTL_RUNNING", True),
        ("2020-09-30", "LAPSED", False),
    ],
)
def test_between_the_earliest_and_the_latest_end_nobody_can_tell_whether_a_term_is_over(day, state, untold):
    given = history(("APPROVED_CTL", "2015-09", {"term": "5y"}))
    tracks = fold(shipped(), given, dt.date.fromisoformat(day), running=True)
    assert states(tracks, "approval")[-1] == state
    told = [note for note in tracks.notes if note.kind == "untold"]
    assert [(note.machine, "cannot be told" in note.text.en, "分かりません" in note.text.ja) for note in told] == [
        ("approval", True, True)
    ] * untold


@pytest.mark.parametrize(
    ("how", "day"),
    [
        ((), "2020-09-17"),
        ((("APPROVAL_REVOKED", "2018-03-01"),), "2018-03-01"),
        ((("APPROVAL_RETURNED", "2018-04"),), "2018-04"),
        ((("MAA_FILED", "2020-01-10", FULL), ("MAA_WITHDRAWN", "2021-06-27", FULL)), "2021-06-27"),
    ],
)
def test_the_evaluation_of_conditions_ends_with_the_approval(how, day: str):
    track = folded(CTL, *how).get("post_market")
    assert track is not None
    assert (track.state, track.since, track.ended) == ("EVAL_ENDED", Days.parse(day), True)


def test_a_transfer_or_a_deemed_term_ends_no_evaluation():
    tracks = folded(CTL, ("APPROVAL_TRANSFERRED", "2018-03-01"), ("MAA_FILED", "2020-01-10", FULL))
    assert states(tracks, "post_market") == ["CONDITION_EVAL"]


def test_full_approval_starts_the_re_examination_period_and_conditional_approval_does_not():
    assert states(folded(CTL, as_of=dt.date(2016, 1, 1)), "post_market") == ["CONDITION_EVAL"]
    tracks = folded(CTL, ("APPROVED_FULL", "2019-02-01"))
    assert states(tracks, "post_market") == ["CONDITION_EVAL", "REEXAM_PERIOD"]
