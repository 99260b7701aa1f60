"""What must hold for any history."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.library import shipped
from app.engine.machine import Days, Event, Track, Tracks, fold
from tests.engine.tracks import TODAY

EVENTS = [name for name, each in shipped().vocabulary.events.items() if each.acts_on and "CONSULT" not in name]
KINDS = ["NEW", "PCA", "CTL_FULL", "EMERG_FULL", "ORPHAN", "PIONEER"]


@st.composite
def days(draw: st.DrawFn) -> Days:
    day = draw(st.dates(dt.date(2014, 1, 1), dt.date(2027, 6, 1)))
    return Days.parse(draw(st.sampled_from([f"{day:%Y-%m-%d}", f"{day:%Y-%m}", f"{day:%Y}"])))


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    count = draw(st.integers(1, 9))
    attributes = st.fixed_dictionaries(
        {},
        optional={
            "kind": st.sampled_from(KINDS),
            "term": st.sampled_from(["1y", "5y", "7y"]),
            "extension": st.just("3y"),
        },
    )
    events: list[Event] = []
    for number in range(count):
        name = draw(st.sampled_from(EVENTS))
        supersedes = draw(st.sampled_from([None, None, None, *(event.id for event in events)]))
        late = draw(st.booleans())
        events.append(Event(f"e{number}", name, draw(days()), draw(attributes), supersedes=supersedes, history=late))
    return events


def meaning(tracks: Tracks) -> tuple[object, ...]:
    return (tracks.tracks, tracks.notes, tracks.refused, tracks.happened)


@settings(max_examples=150)
@given(data=st.data(), events=histories())
def test_the_fold_is_independent_of_the_order_of_typing(data: st.DataObject, events: list[Event]):
    shuffled = data.draw(st.permutations(events))
    assert meaning(fold(shipped(), events, TODAY)) == meaning(fold(shipped(), shuffled, TODAY))


@settings(max_examples=100)
@given(events=histories())
def test_nothing_is_silently_ignored(events: list[Event]):
    tracks = fold(shipped(), events, TODAY)
    superseded = {event.supersedes for event in events if event.supersedes}
    told = {event.id for event in tracks.happened} | {each.event.id for each in tracks.refused}
    for event in events:
        rivals = [other for other in events if other.supersedes == event.supersedes and other is not event]
        replaced = event.id in superseded or (event.supersedes and rivals)
        assert replaced or event.on.first > TODAY or event.id in told, event


@settings(max_examples=100)
@given(events=histories())
def test_every_way_is_one_that_the_machine_allows(events: list[Event]):
    for track in fold(shipped(), events, TODAY).tracks:
        assert_allowed(track)


def assert_allowed(track: Track) -> None:
    machine = shipped().machines[track.machine]
    transitions = {each.id: each for each in machine.transitions}
    here = machine.initial
    for number, visit in enumerate(track.history):
        if visit.transition is None:
            assert number == 0
            assert visit.state == machine.initial
        else:
            fired = transitions[visit.transition]
            assert here in fired.origins if here else fired.opens
        here = visit.state
    known = [visit.since for visit in track.history if visit.since]
    assert all(first.first <= second.last for first, second in pairwise(known))
