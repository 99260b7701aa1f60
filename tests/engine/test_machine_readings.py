"""Two sources that disagree: the fold goes by one day, and what depends on the other says that it cannot be told."""

from __future__ import annotations

import datetime as dt

import pytest

from app.engine.definition.guards import Unmet
from app.engine.histories import BadRow, UnreadableError, decoded, read_rows
from app.engine.library import shipped
from app.engine.machine import (
    Days,
    Event,
    KnownFacts,
    Moved,
    Precision,
    Situation,
    Verdict,
    ask,
    available,
    fold,
    passed_over,
)

PATHWAY = shipped().pathways["regenerative_cell"]
CLOSED = KnownFacts(facts={"ctn_queries_closed": True})


def filed(on: str, *also: str) -> Event:
    return Event("1", "CTN_FILED", Days.parse(on), history=True, also=tuple(Days.parse(day) for day in also))


@pytest.mark.parametrize(
    ("event", "verdict"),
    [
        (filed("2026-03-01"), Verdict.YES),
        (filed("2026-03-01", "2026-03-02"), Verdict.YES),  # both are thirty days ago
        (filed("2026-03-01", "2026-03-20"), Verdict.CANNOT_TELL),
        (filed("2026-03-20", "2026-03-01"), Verdict.CANNOT_TELL),
        (filed("2026-03-20", "2026-03-21"), Verdict.NOT_YET),
    ],
)
def test_a_waiting_period_that_is_over_by_one_source_only(event: Event, verdict: Verdict):
    day = dt.date(2026, 4, 10)
    tracks = fold(shipped(), [event], day)
    assert tracks.get("programme").since == event.on
    step = next(each for each in available(shipped(), PATHWAY, tracks, CLOSED) if each.event == "CTN_CLEARED")
    waited = next(answer for answer in step.answers if answer.guard.kind == "elapsed")
    assert waited.verdict is verdict
    if verdict is Verdict.CANNOT_TELL:
        assert waited.because.en.startswith("The sources give different days")
        assert waited.because.ja.startswith("出典によって日付が異なり、「")


def limited(*also: str) -> Event:
    other = tuple(Days.parse(day) for day in also)
    return Event("1", "APPROVED_CTL", Days.parse("2019-03-26"), {"term": "5y"}, history=True, also=other)


@pytest.mark.parametrize(
    ("approved", "filing", "doubted"),
    [
        (limited(), ("2024-03-20",), False),
        (limited(), ("2024-03-20", "2024-04-03"), True),  # filed after the term by the other source
        (limited("2019-03-10"), ("2024-03-20",), True),  # the term ended earlier by the other source
        (limited("2019-03-27"), ("2024-03-20",), False),
    ],
)
def test_whether_a_filing_was_in_time(approved: Event, filing: tuple[str, ...], doubted: bool):
    days = [Days.parse(day) for day in filing]
    event = Event("2", "MAA_FILED", days[0], {"kind": "CTL_FULL"}, history=True, also=tuple(days[1:]))
    tracks = fold(shipped(), [approved, event], dt.date(2026, 11, 27))
    assert tracks.get("approval").state == "CTL_DEEMED"
    assert tracks.get("approval").since == Days.parse("2024-03-25")  # the day that counts
    assert any(note.kind == "doubt" and note.event_id == "2" for note in tracks.notes) is doubted
    assert bool(tracks.get("approval").history[-1].doubt) is doubted


@pytest.mark.parametrize(
    ("also", "verdict"),
    [
        ((), Verdict.YES),
        (("2019-03-26",), Verdict.YES),
        (("2019-03",), Verdict.YES),  # less exact, but it agrees
        (("2019-04",), Verdict.CANNOT_TELL),
        (("2019-03-26", "2019-03-28"), Verdict.CANNOT_TELL),
    ],
)
def test_a_day_on_which_sources_disagree_is_not_recorded_to_the_day(also: tuple[str, ...], verdict: Verdict):
    tracks = fold(shipped(), [limited(*also)], dt.date(2020, 1, 1))
    guard = next(
        each
        for step in shipped().machines["application"].transitions
        for each in step.guards
        if each.kind == "date_recorded"
    ).model_copy(update={"unmet": Unmet.NOT_YET})
    answer = ask(guard, Situation(shipped(), tracks, "application", None, Days.parse("2020-01-01")))
    assert answer.verdict is verdict
    if verdict is Verdict.CANNOT_TELL:
        assert "出典によって日付が異なる" in answer.because.ja
        assert answer.because.en.count("26 Mar 2019") == 1, "each day once"


def test_an_interval_is_written_and_read():
    days = Days.parse("2018-11-20/2018-11-22")
    assert (days.precision, str(days)) == (Precision.INTERVAL, "2018-11-20/2018-11-22")
    assert Days.parse("2018-11/2018-12").last == dt.date(2018, 12, 31)
    for wrong in ("2018-11-22/2018-11-20", "2018/", "2018-11-20/soon"):
        with pytest.raises(ValueError, match=r"ends|not a day"):
            Days.parse(wrong)


def test_a_late_event_passes_over_the_guards_of_inferred_steps_too():
    seen: list[Moved] = []
    event = Event("1", "TRIAL_START", Days.parse("2026-03-01"), history=True)
    fold(shipped(), [event], dt.date(2026, 4, 10), watch=seen.append)
    (moved,) = seen
    assert moved.before.tracks == ()
    paused = Event("2", "TRIAL_PAUSED", Days.parse("2026-03-09"), history=True)
    fold(shipped(), [event, paused], dt.date(2026, 4, 10), watch=seen.append, only={"2"})
    assert [each.event.id for each in seen] == ["1", "2"], "only what is asked for is told"
    assert passed_over(PATHWAY, moved, KnownFacts()) == (), "what nobody can tell does not block"
    (passed,) = passed_over(PATHWAY, moved, KnownFacts(facts={"ctn_queries_closed": False}))
    assert passed.transition.event == "CTN_CLEARED", "nobody recorded this step, but its guard says not yet"
    assert passed.answer.verdict is Verdict.NOT_YET


def test_an_unknown_event_comes_with_the_one_that_was_meant():
    (bad,) = read_rows("case_id,date,precision,event\n\nA,2026,Y,MAA_FILD\n", shipped())
    assert isinstance(bad, BadRow)
    assert bad.line == 3
    assert "MAA_FILED" in bad.reason.en
    assert "MAA_FILED" in bad.reason.ja
    (bad,) = read_rows("case_id,date,precision,event\nA,2026,Y,月面着陸\n", shipped())
    assert "?" not in bad.reason.en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_encodings_of_japanese_offices(encoding: str):
    assert decoded("案件,届出①".encode(encoding)) == "案件,届出①"


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", "案件".encode("utf-16"), b"\x89PNG\r\n\x1a\n\0\xff\xfe"])
def test_what_is_no_text_is_refused(data: bytes):
    with pytest.raises(UnreadableError, match="CSV"):
        decoded(data)
