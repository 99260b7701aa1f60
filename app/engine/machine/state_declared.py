"""A state that somebody declares ("today we are in the trial"): the track is led there, every step inferred."""

from __future__ import annotations

from app.engine.definition.common import Text
from app.engine.definition.machine import StateKind
from app.engine.machine.board import Board
from app.engine.machine.events import Event
from app.engine.machine.moves import instance_name, stated
from app.engine.machine.sentences import passed_through
from app.engine.machine.steps import begin, pass_through
from app.engine.machine.tracks import Note, Rules, Track
from app.engine.machine.ways import way_into
from app.engine.machine.words import machine_text, state_text


def declared(rules: Rules, event: Event, board: Board) -> tuple[Track, Note | None] | Text:
    """The track in the declared state with a note, or the reason why it cannot be there."""
    machine = rules.machines.get(event.machine or "")
    state = event.attributes.get("state", "")
    if machine is None or state not in machine.by_key:
        return Text(
            ja=f"「{event.machine or '?'}」に「{state}」という状態はありません。一覧から選んでください。",
            en=f"There is no state {state} in {event.machine or '?'}. Choose one of the list.",
        )
    attributes = stated(machine, event)
    name = event.instance or instance_name(machine, attributes, Board())
    track = board.get(machine.key, name) or begin(machine, name, attributes)
    aside = bool(track.history) and machine.state(track.state).kind is StateKind.SIDE
    if track.history and (track.state == state or (track.visited(state) and not aside)):
        # what was recorded leads there, or further; a declaration never turns a line back
        return track, Note("already", _known(rules, track, state), event.id, machine.key, name)
    way = way_into(machine, track.state if track.history else None, state, track.attributes)
    if way is None:
        here = state_text(rules, machine.key, track.state if track.history else None)
        there, line = state_text(rules, machine.key, state), machine_text(rules, machine.key)
        return Text(
            ja=f"{line.ja}は「{here.ja}」にあり、そこから「{there.ja}」へ至る経路がありません。"
            "先に起きた出来事を確かめてください。",
            en=f"{line.en} stands in “{here.en}”; no way leads from there to “{there.en}”. Check the earlier events.",
        )
    for transition in way:
        track = pass_through(rules, track, transition, event)
    last = track.history[-1]._replace(source=event.source, confidence=event.confidence)
    track = track._replace(history=(*track.history[:-1], last))
    return track, Note("inferred", passed_through(rules, machine.key, way), event.id, machine.key, name)


def _known(rules: Rules, track: Track, state: str) -> Text:
    """The events that were recorded lead there, or further."""
    line, there = machine_text(rules, track.machine), state_text(rules, track.machine, state)
    here = state_text(rules, track.machine, track.state)
    return Text(
        ja=f"{line.ja}: 申告した「{there.ja}」は、記録された出来事からも分かります(現在は「{here.ja}」)。",
        en=f"{line.en}: the recorded events already tell of “{there.en}”, which was declared (now “{here.en}”).",
    )
