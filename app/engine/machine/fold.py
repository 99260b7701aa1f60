"""State is the fold of events in the order in which they happened, not in which they were typed.

The order, when days do not decide it. At each step those events are candidates that no other remaining event certainly
precedes. Of the candidates first the one for which least has to be inferred; then the earliest possible day; then the
exacter day; then the usual course (the order of the vocabulary); then what the event says; last its id. Timers take
part on their day, after the events that may have happened on it. Where such a choice decides a guard, a note says that
the order cannot be told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from app.engine.calendar import DAY
from app.engine.definition.common import Text
from app.engine.definition.vocabulary import EventDefinition
from app.engine.errors import EngineError
from app.engine.machine.board import Board
from app.engine.machine.days import Days
from app.engine.machine.editions import held_back, of_day
from app.engine.machine.events import STATE_DECLARED, Event, effective
from app.engine.machine.guards import Situation, Verdict, ask
from app.engine.machine.late import Moved
from app.engine.machine.moves import Moment, Move
from app.engine.machine.remaining import Remaining
from app.engine.machine.routing import Plan, plan
from app.engine.machine.sentences import (
    already_there,
    impossible,
    length_unknown,
    not_as_recorded,
    one_of_several,
    passed_through,
)
from app.engine.machine.state_declared import declared
from app.engine.machine.steps import LENGTH_OF, begin, enter, pass_through
from app.engine.machine.timers import Timer, due, fire, taken_along
from app.engine.machine.tracks import Note, Refused, Rules, Track, Tracks
from app.engine.machine.words import event_text


class ImpossibleEventError(EngineError):
    """An event that cannot have happened as recorded; ``refused`` says why in both languages."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused
        super().__init__(refused.reason.en)


def fold(
    rules: Rules,
    events: Iterable[Event],
    as_of: dt.date,
    *,
    strict: bool = False,
    running: bool = False,
    watch: Callable[[Moved], None] | None = None,
) -> Tracks:
    """All tracks of one therapy as of the end of the day ``as_of``; later events are left out.

    With ``running`` the day ``as_of`` is not over yet: a term whose last day it is still runs.

    Events marked ``history`` may have holes before them: the missing states are inferred and shown as such. Other
    events must fit where they stand. An event that fits nowhere is listed in ``refused`` with the reason, or raises
    ImpossibleEventError when ``strict``. The result does not depend on the order of ``events``. ``watch`` is told of
    every event at its place, before it moves anything.
    """
    folding = _Folding(rules, as_of, over=as_of - DAY if running else as_of, watch=watch)
    folding.run([_named(rules, event) for event in effective(events) if event.on.first <= as_of])
    if strict and folding.refused:
        raise ImpossibleEventError(folding.refused[0])
    folding.notes.extend(held_back(rules, as_of, folding.board))
    places = {machine: place for place, machine in enumerate(rules.machines)}
    tracks = sorted(folding.board, key=lambda track: places[track.machine])
    return Tracks(as_of, tuple(tracks), tuple(folding.notes), tuple(folding.refused), tuple(folding.happened))


class _Candidate(NamedTuple):
    """An event that may come next, and what it would do."""

    event: Event
    plan: Plan

    @property
    def strain(self) -> int:
        """How much has to be presumed for it; a declared state gives way to whatever happened."""
        return 1000 if self.event.name == STATE_DECLARED else self.plan.strain


class _Folding:
    """One run of the fold; ``board`` holds the tracks as they stand."""

    def __init__(
        self, rules: Rules, as_of: dt.date, *, over: dt.date, watch: Callable[[Moved], None] | None = None
    ) -> None:
        self.rules, self.as_of, self.over, self.watch = rules, as_of, over, watch
        self.board = Board()
        self.notes: list[Note] = []
        self.refused: list[Refused] = []
        self.happened: list[Event] = []

    def run(self, events: Iterable[Event]) -> None:
        """Take one event or timer after the other until none is left."""
        remaining = Remaining(events, self.rules.vocabulary)
        while True:
            timers = due(self._on, self.board, self.over)
            if not remaining and not timers:
                return
            front, horizon = remaining.front(min(each.on.last for each in timers) if timers else dt.date.max)
            found = self._first(front, remaining)
            timer = _soonest(timers, horizon) if timers else None
            if timer and (found is None or _timer_first(timer, found)):
                self._fire(timer, remaining)
            elif found:
                remaining.remove(found.event)
                self._take(*found)

    def _on(self, on: Days) -> Rules:
        """The rules of a day, as the tracks stand now."""
        return of_day(self.rules, on.first, self.board)

    def _first(self, front: Sequence[Event], remaining: Remaining) -> _Candidate | None:
        """Of the events in front the one for which least has to be inferred, then the first."""
        candidates = []
        for event in front:
            candidate = _Candidate(event, self._plan(event, remaining))
            if len(front) == 1 or not candidate.strain:
                return candidate
            candidates.append(candidate)
        return min(candidates, key=lambda each: each.strain, default=None)

    def _plan(self, event: Event, remaining: Remaining) -> Plan:
        definition = self.rules.vocabulary.events.get(event.name)
        if definition is None:
            return Plan()
        return plan(Moment(self._on(event.on), event, definition, self.board, event.history, remaining))

    def _take(self, event: Event, planned: Plan) -> None:
        definition = self.rules.vocabulary.events.get(event.name)
        if event.name == STATE_DECLARED:
            self._declare(event)
        elif definition is None:
            self.refused.append(Refused(event, not_as_recorded(event.name)))
        elif not planned.possible:
            self.refused.append(Refused(event, impossible(self._on(event.on), event, planned)))
        elif reason := self._contradiction(event, planned):
            self.refused.append(Refused(event, reason))
        else:
            if self.watch:
                self.watch(Moved(event, planned, self._now(), self._on(event.on)))
            self.happened.append(event)
            self._note(event, definition, planned)
            for move in planned.moves:
                self._count(event, move)
                self._move(event, move)

    def _contradiction(self, event: Event, planned: Plan) -> Text | None:
        """A day that the order of other days rules out: no hole of a history, but a mistake in it."""
        for move in planned.moves:
            for guard in move.transition.orders:
                answer = ask(guard, Situation.of_move(self.rules, self._now(), move, event))
                if answer.verdict is Verdict.NOT_YET and answer.because:
                    return answer.because
                if answer.verdict is Verdict.CANNOT_TELL and answer.because:
                    self.notes.append(Note("doubt", answer.because, event.id, move.machine, move.instance))
        return None

    def _count(self, event: Event, move: Move) -> None:
        """A history is believed also where less was recorded than a step needs; but that is said."""
        for guard in move.transition.counts if event.history else ():
            answer = ask(guard, Situation.of_move(self.rules, self._now(), move, event))
            if answer.because:
                self.notes.append(Note("doubt", answer.because, event.id, move.machine, move.instance))

    def _now(self) -> Tracks:
        return Tracks(self.as_of, tuple(self.board), happened=tuple(self.happened))

    def _note(self, event: Event, definition: EventDefinition, planned: Plan) -> None:
        if not definition.acts_on and not definition.check:
            self.notes.append(Note("information", event_text(self.rules, event.name), event.id))
        for each in planned.stuck:
            if each.track:
                text = already_there(self.rules, event, each.track)
                self.notes.append(Note("already", text, event.id, each.machine, each.track.instance))
        for move in planned.moves:
            if move.ambiguous:
                text = one_of_several(self.rules, event, move)
                self.notes.append(Note("doubt", text, event.id, move.machine, move.instance))
            if move.transition.term in LENGTH_OF and LENGTH_OF[move.transition.term] not in event.attributes:
                text = length_unknown(self.rules, event)
                self.notes.append(Note("doubt", text, event.id, move.machine, move.instance))

    def _move(self, event: Event, move: Move) -> None:
        rules = self._on(event.on)
        track = move.track or begin(rules.machines[move.machine], move.instance, move.attributes)
        for transition in move.way:
            track = pass_through(rules, track, transition, event)
        if move.way:
            text = passed_through(rules, move.machine, move.way)
            self.notes.append(Note("inferred", text, event.id, move.machine, move.instance))
        self._put(enter(rules, track, move.transition, event))

    def _declare(self, event: Event) -> None:
        outcome = declared(self._on(event.on), event, self.board)
        if isinstance(outcome, Text):
            self.refused.append(Refused(event, outcome))
            return
        track, note = outcome
        self.happened.append(event)
        self._put(track)
        if note:
            self.notes.append(note)

    def _fire(self, timer: Timer, remaining: Remaining) -> None:
        fired = fire(self._on(timer.on), timer, self.board, list(remaining))
        self.notes.extend(fired.notes)
        for track in fired.tracks:
            self._put(track)

    def _put(self, track: Track) -> None:
        self.board.put(track)
        since = track.since or Days.of(self.as_of)
        for each in taken_along(self._on(since), track, self.board):
            self.board.put(each)


def _named(rules: Rules, event: Event) -> Event:
    """The event by its own name, when it was recorded by another of its names."""
    if event.name in rules.vocabulary.events:
        return event
    found = rules.vocabulary.find(event.name)
    return replace(event, name=found[0]) if found else event


def _soonest(timers: Iterable[Timer], horizon: dt.date) -> Timer | None:
    return min((each for each in timers if each.on.first <= horizon), key=_timer_order, default=None)


def _timer_first(timer: Timer, candidate: _Candidate) -> bool:
    on = candidate.event.on
    return not candidate.plan.direct and (timer.on.first, timer.on.last) < (on.first, on.last)


def _timer_order(timer: Timer) -> tuple[object, ...]:
    return (timer.on.first, timer.on.last, timer.track.machine, timer.track.instance)
