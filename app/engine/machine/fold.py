"""State is the fold of events in the order in which they happened, not in which they were typed.

The order, when days do not decide it. At each step those events are candidates that no other remaining event certainly
precedes. Of the candidates first the one for which least has to be inferred; then the earliest possible day; then the
exacter day; then the usual course (the order of the vocabulary); then what the event says; last its id. Timers take
part on their day, after the events that may have happened on it. Where such a choice decides a guard, a note says that
the order cannot be told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from app.engine.calendar import DAY
from app.engine.definition.common import Text
from app.engine.definition.vocabulary import UNKNOWN
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
from app.engine.machine.timers import Timer, due, fire, leaders, open_ends, taken_along
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
    only: Collection[str] | None = None,
) -> Tracks:
    """All tracks of one therapy as of the end of the day ``as_of``; later events are left out.

    With ``running`` the day ``as_of`` is not over yet: a term whose last day it is still runs.

    Events marked ``history`` may have holes before them: the missing states are inferred and shown as such. Other
    events must fit where they stand. An event that fits nowhere is listed in ``refused`` with the reason, or raises
    ImpossibleEventError when ``strict``. The result does not depend on the order of ``events``. ``watch`` is told of
    every event (of ``only``, by their ids, where given) at its place, before it moves anything.
    """
    folding = _Folding(rules, as_of, over=as_of - DAY if running else as_of, watch=watch, only=only)
    words = rules.vocabulary.events
    happened = (event for event in effective(events) if event.on.first <= as_of)
    folding.run([event if event.name in words else _named(rules, event) for event in happened])
    if strict and folding.refused:
        raise ImpossibleEventError(folding.refused[0])
    folding.notes.extend(folding.open_ends())
    folding.notes.extend(held_back(rules, as_of, folding.board))
    places = {machine: place for place, machine in enumerate(rules.machines)}
    tracks = sorted(folding.board, key=lambda track: places[track.machine])
    return Tracks(as_of, tuple(tracks), tuple(folding.notes), tuple(folding.refused), tuple(folding.happened))


class _Folding:
    """One run of the fold; ``board`` holds the tracks as they stand."""

    def __init__(
        self,
        rules: Rules,
        as_of: dt.date,
        *,
        over: dt.date,
        watch: Callable[[Moved], None] | None,
        only: Collection[str] | None,
    ) -> None:
        self.rules, self.as_of, self.over, self.watch, self.only = rules, as_of, over, watch, only
        self.leading = leaders(rules)
        self.board = Board()
        self.notes: list[Note] = []
        self.refused: list[Refused] = []
        self.happened: list[Event] = []

    def run(self, events: Iterable[Event]) -> None:
        """Take one event or timer after the other until none is left."""
        remaining, limited = Remaining(events, self.rules.vocabulary), self.board.limited
        while True:
            timers = due(self._on, limited, self.over) if limited else []
            front, horizon = remaining.front(min(each.on.last for each in timers)) if timers else remaining.front()
            if not front and not timers:
                return
            moment, planned = self._first(front, remaining)
            timer = _soonest(timers, horizon) if timers else None
            if timer and (moment is None or _timer_first(timer, moment, planned)):
                self._fire(timer, remaining)
            elif moment:
                remaining.remove(moment.event)
                self._take(moment, planned)

    def open_ends(self) -> list[Note]:
        """What to say of the terms that may be over."""
        return open_ends(self._on, self.board, self.over)

    def _on(self, on: Days) -> Rules:
        """The rules of a day, as the tracks stand now."""
        return of_day(self.rules, on.first, self.board) if self.rules.editions else self.rules

    def _first(self, front: Sequence[Event], remaining: Remaining) -> tuple[Moment | None, Plan]:
        """Of the events in front the one for which least has to be inferred, then the first; with what it would do."""
        words, candidates = self.rules.vocabulary.events, []
        for event in front:
            definition = words.get(event.name, UNKNOWN)
            moment = Moment(self._on(event.on), event, definition, self.board, event.history, remaining)
            planned = plan(moment)
            if len(front) == 1 or not _strain(moment, planned):
                return moment, planned
            candidates.append((moment, planned))
        return min(candidates, key=lambda each: _strain(*each), default=(None, Plan()))

    def _take(self, moment: Moment, planned: Plan) -> None:
        event = moment.event
        if event.name == STATE_DECLARED:
            self._declare(moment.rules, event)
        elif moment.definition is UNKNOWN:
            self.refused.append(Refused(event, not_as_recorded(event.name)))
        elif not planned.possible:
            self.refused.append(Refused(event, impossible(moment.rules, event, planned)))
        elif reason := self._contradiction(event, planned):
            self.refused.append(Refused(event, reason))
        else:
            if self.watch and (self.only is None or event.id in self.only):
                self.watch(Moved(event, planned, self._now(), moment.rules))
            self.happened.append(event)
            if planned.stuck or not planned.moves:
                self._note(moment, planned)
            for move in planned.moves:
                self._move(moment.rules, event, move)

    def _contradiction(self, event: Event, planned: Plan) -> Text | None:
        """A day that the order of other days rules out: no hole of a history, but a mistake in it."""
        for move in planned.moves:
            for guard in move.transition.orders:
                answer = ask(guard, Situation.of_move(self.rules, self._now(), move, event))
                if answer.verdict is Verdict.NOT_YET and answer.because:
                    return answer.because
                if answer.verdict in (Verdict.CANNOT_TELL, Verdict.WARNING) and answer.because:
                    self.notes.append(Note("doubt", answer.because, event.id, move.machine, move.instance))
        return None

    def _now(self) -> Tracks:
        return Tracks(self.as_of, tuple(self.board), happened=tuple(self.happened))

    def _note(self, moment: Moment, planned: Plan) -> None:
        event, definition = moment.event, moment.definition
        if not definition.acts_on and not definition.check:
            self.notes.append(Note("information", event_text(self.rules, event.name), event.id))
        for each in planned.stuck:
            if each.track:
                text = already_there(self.rules, event, each.track)
                self.notes.append(Note("already", text, event.id, each.machine, each.track.instance))

    def _move(self, rules: Rules, event: Event, move: Move) -> None:
        if move.ambiguous or move.transition.term or move.transition.counts:
            self._doubt(event, move)
        track = move.track or begin(rules.machines[move.machine], move.instance, move.attributes)
        if move.way:
            for transition in move.way:
                track = pass_through(rules, track, transition, event)
            text = passed_through(rules, move.machine, move.way)
            self.notes.append(Note("inferred", text, event.id, move.machine, move.instance))
        self._put(enter(rules, track, move.transition, event))

    def _doubt(self, event: Event, move: Move) -> None:
        """What has to be said of a move: a track picked among several, a term of unknown length, too little before.

        A history is believed also where less was recorded than a step needs.
        """
        transition, doubts = move.transition, []
        if move.ambiguous:
            doubts.append(one_of_several(self.rules, event, move))
        if transition.term in LENGTH_OF and LENGTH_OF[transition.term] not in event.attributes:
            doubts.append(length_unknown(self.rules, event))
        if event.history and transition.counts:
            at = Situation.of_move(self.rules, self._now(), move, event)
            doubts += filter(None, (ask(guard, at).because for guard in transition.counts))
        self.notes.extend(Note("doubt", text, event.id, move.machine, move.instance) for text in doubts)

    def _declare(self, rules: Rules, event: Event) -> None:
        outcome = declared(rules, event, self.board)
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
        if track.machine in self.leading:
            since = track.since or Days.of(self.as_of)
            for each in taken_along(self._on(since), track, self.board):
                self.board.put(each)


def _named(rules: Rules, event: Event) -> Event:
    """The event by its own name, when it was recorded by another of its names."""
    found = rules.vocabulary.find(event.name)
    return replace(event, name=found[0]) if found else event


def _strain(moment: Moment, planned: Plan) -> int:
    """How much has to be presumed for the event; a declared state gives way to whatever happened."""
    return 1000 if moment.event.name == STATE_DECLARED else planned.strain


def _soonest(timers: Iterable[Timer], horizon: dt.date) -> Timer | None:
    return min((each for each in timers if each.on.first <= horizon), key=_timer_order, default=None)


def _timer_first(timer: Timer, moment: Moment, planned: Plan) -> bool:
    on = moment.event.on
    return not planned.direct and (timer.on.first, timer.on.last) < (on.first, on.last)


def _timer_order(timer: Timer) -> tuple[object, ...]:
    return (timer.on.first, timer.on.last, timer.track.machine, timer.track.instance)
