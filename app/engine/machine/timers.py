"""What the fold fires itself: the end of the term of a limited approval, and what ends together with another line."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.engine.calendar import DAY
from app.engine.definition.common import Text
from app.engine.definition.machine import Pending, Transition
from app.engine.machine.board import Board
from app.engine.machine.days import Days
from app.engine.machine.events import Event
from app.engine.machine.moves import instance_name
from app.engine.machine.sentences import passed_through
from app.engine.machine.steps import begin, expire, pass_through
from app.engine.machine.tracks import Note, Rules, Track, Visit
from app.engine.machine.ways import way_into
from app.engine.machine.words import days_text, machine_text, state_text


@dataclass(frozen=True, slots=True)
class Timer:
    """The term of ``track`` ends on ``on``; one of ``transitions`` fires."""

    track: Track
    on: Days
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class Fired:
    """What a timer changed."""

    tracks: tuple[Track, ...]
    notes: tuple[Note, ...]


def due(rules_on: Callable[[Days], Rules], limited: Iterable[Track], over: dt.date) -> list[Timer]:
    """The timers of tracks with a term whose day is certainly over, ``over`` being the last day that is."""
    found = []
    for track in limited:
        if (end := track.term_end) is None or end.last > over:
            continue
        if transitions := rules_on(end).machines[track.machine].terms.get(track.state):
            found.append(Timer(track, end, transitions))
    return found


def leaders(rules: Rules) -> set[str]:
    """The machines whose arrivals take tracks of others along, by whatever edition."""
    editions = itertools.chain(rules.machines.values(), *rules.editions.values())
    return {leader for machine in editions for leader, _state in machine.followers}


def open_ends(rules_on: Callable[[Days], Rules], board: Board, over: dt.date) -> list[Note]:
    """What to say of the terms of which nobody can tell whether they are over, ``over`` being the last day that is."""
    found = []
    for track in board.limited:
        end = track.term_end
        if end and end.first <= over < end.last and rules_on(end).machines[track.machine].terms.get(track.state):
            found.append(Note("untold", _untold(end), None, track.machine, track.instance))
    return found


def _untold(end: Days) -> Text:
    last = days_text(end)
    return Text(
        ja=f"期限が{last.ja}としか分からないため、すでに到来したかどうか分かりません。"
        "期限の起点となる日(承認日など)を年月日まで記録してください。",
        en=f"The end of the term is known only as {last.en}, so it cannot be told whether it is over. "
        "Record to the day when it began.",
    )


def taken_along(rules: Rules, leader: Track, board: Board) -> list[Track]:
    """The tracks that move because ``leader`` has just come to its state; on its day, by the event that moved it."""
    found, arrival = [], (leader.machine, leader.state)
    for machine in board.machines:
        for each in rules.machines[machine].followers.get(arrival, ()):
            for track in board.of(machine):
                if track.state in each.origins:
                    visit = leader.history[-1]._replace(
                        state=each.to or track.state, event=each.event, transition=each.id
                    )
                    found.append(expire(rules, track, each, visit))
    return found


def fire(rules: Rules, timer: Timer, board: Board, later: list[Event]) -> Fired:
    """The track on the day its term ends.

    With a decisive application pending it goes on until that is decided. Without one it ends, unless something that
    happened later shows that it went on: then the application must have been filed, and is inferred.
    """
    going_on = next((each for each in timer.transitions if each.pending), None)
    ending = next((each for each in timer.transitions if not each.pending), None)
    if going_on:
        condition = going_on.pending
        if condition and (filed := _filed(condition, board)):
            return _continue(rules, timer, going_on, filed, later)
        if condition and (proof := _proof(going_on, timer, later)):
            return _presume(rules, timer, going_on, proof, board)
    if ending is None:
        return Fired((), ())
    visit = Visit(ending.to or timer.track.state, since=timer.on, event=ending.event, transition=ending.id)
    track = expire(rules, timer.track, ending, visit)
    return Fired((track,), (_passed(rules, track, timer),))


def _filed(condition: Pending, board: Board) -> Track | None:
    tracks = [track for track in board.of(condition.machine) if not track.ended]
    return next((track for track in tracks if track.attributes.get("kind") in condition.kinds), None)


def _proof(transition: Transition, timer: Timer, later: list[Event]) -> Event | None:
    """The earliest later event that could not have happened had the approval ended with its term."""
    proofs = [event for event in later if event.on.first > _silent(transition, timer.on, event.name)]
    return min(proofs, key=lambda event: (event.on, event.content(), event.id), default=None)


def _silent(transition: Transition, end: Days, event: str) -> dt.date:
    """The last day on which the event shows nothing about the time after the term."""
    if event in transition.told_by:
        return end.last + DAY
    return end.last if event in transition.proven_by else dt.date.max


def _continue(rules: Rules, timer: Timer, transition: Transition, pending: Track, later: list[Event]) -> Fired:
    first = pending.history[0]
    filed = first.since
    in_time = {day.before(end) for day in first.readings for end in timer.track.term_ends}
    doubt = None
    if in_time != {True}:
        known = _proof(transition, timer, later)
        doubt = _doubt(filed, timer.on, known=known is not None)
    visit = Visit(
        transition.to or timer.track.state,
        since=timer.on,
        event=transition.event,
        transition=transition.id,
        doubt=doubt,
    )
    track = expire(rules, timer.track, transition, visit)
    notes = [_passed(rules, track, timer)]
    if doubt:
        notes.append(Note("doubt", doubt, first.event_id, track.machine, track.instance))
    return Fired((track,), tuple(notes))


def _doubt(filed: Days | None, end: Days, *, known: bool) -> Text:
    day, last = days_text(filed), days_text(end)
    todo = Text(ja="申請日を年月日まで記録してください。", en="record the day of filing.")
    if filed and filed.exact:
        todo = Text(ja="申請日と期限を確かめてください。", en="check the day of filing and the end of the term.")
    if filed and filed.exact and filed == end:
        untold = Text(
            ja=f"申請日が期限の当日({last.ja})です。期限前の申請に当たるかどうかは、確認できていません。",
            en=f"The application was filed on the last day of the term ({last.en}); "
            "whether that is still before its end is not certain. ",
        )
    else:
        untold = Text(
            ja=f"申請({day.ja})が期限({last.ja})より前に行われたかどうかは、記録された日付からは判断できません。",
            en=f"The days do not tell whether the application ({day.en}) was filed before the term ended ({last.en}). ",
        )
    return Text(
        ja=untold.ja
        + (
            "承認がその後も続いたことが分かっているため、期限前の申請として扱います。"
            if known
            else f"期限前の申請と仮定しています。{todo.ja}"
        ),
        en=untold.en
        + (
            "It is taken as filed in time because the approval is known to have continued."
            if known
            else f"It is presumed to be in time; {todo.en}"
        ),
    )


def _presume(rules: Rules, timer: Timer, transition: Transition, proof: Event, board: Board) -> Fired:
    """Nobody recorded the filing, but the approval went on: the application is inferred."""
    condition = transition.pending
    if condition is None:
        return Fired((), ())
    machine = rules.machines[condition.machine]
    attributes = {"kind": condition.kinds[0]}
    way = way_into(machine, None, condition.state, attributes) or ()
    filed = begin(machine, instance_name(machine, attributes, board), attributes)
    for step in way:
        filed = pass_through(rules, filed, step, proof)
    visit = Visit(
        transition.to or timer.track.state,
        since=timer.on,
        inferred=True,
        event_id=proof.id,
        event=transition.event,
        transition=transition.id,
    )
    track = expire(rules, timer.track, transition, visit)
    inferred = Note("inferred", passed_through(rules, machine.key, way), proof.id, machine.key, filed.instance)
    return Fired((track, filed), (_passed(rules, track, timer), inferred))


def _passed(rules: Rules, track: Track, timer: Timer) -> Note:
    line = machine_text(rules, track.machine)
    before, after = (state_text(rules, track.machine, each) for each in (timer.track.state, track.state))
    day = days_text(timer.on)
    text = Text(
        ja=f"{line.ja}: 「{before.ja}」の期限が{day.ja}に到来し、「{after.ja}」になりました(計算による)。",
        en=f"{line.en}: the term of “{before.en}” ended on {day.en}; now “{after.en}” (computed).",
    )
    return Note("term", text, None, track.machine, track.instance)
