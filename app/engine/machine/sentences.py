"""What the fold says about an event: refused and why, already so, or led through missing states."""

from __future__ import annotations

from app.engine.definition.common import Dated, Text
from app.engine.definition.machine import Transition
from app.engine.machine.events import Event
from app.engine.machine.moves import Move, NoMove
from app.engine.machine.routing import Plan
from app.engine.machine.tracks import Rules, Track
from app.engine.machine.words import days_text, event_text, joined, machine_text, state_text
from app.engine.wording import day_text


def not_as_recorded(name: str) -> Text:
    """The vocabulary has no such event."""
    return Text(
        ja=f"「{name}」という出来事は語彙にありません。workflows/vocabulary.yaml の語を使ってください。",
        en=f"There is no event {name} in the vocabulary. Use a word of workflows/vocabulary.yaml.",
    )


def impossible(rules: Rules, event: Event, planned: Plan) -> Text:
    """The event fits nowhere: where the track stands, and what could happen there."""
    stuck = next(each for each in planned.stuck if not each.already)
    if stuck.outside:
        return _not_the_law(rules, event, stuck.outside)
    what, line = event_text(rules, event.name), machine_text(rules, stuck.machine)
    here = state_text(rules, stuck.machine, stuck.track.state if stuck.track else None)
    since = days_text(stuck.track.since) if stuck.track else None
    could = joined(_possible(rules, stuck))
    return Text(
        ja=f"「{what.ja}」は起こり得ません。{line.ja}は「{here.ja}」"
        + (f"({since.ja}から)" if since else "")
        + f"にあります。次に起こり得るのは、{could.ja}です。日付を確かめるか、間の出来事を記録してください。",
        en=f"“{what.en}” cannot happen: {line.en} stands in “{here.en}”"
        + (f" (since {since.en})" if since else "")
        + f". Possible there: {could.en}. Check the day, or record what happened in between.",
    )


def _not_the_law(rules: Rules, event: Event, step: Dated) -> Text:
    """The step exists, but not on the day of the event."""
    what, on = event_text(rules, event.name), days_text(event.on)
    if step.valid_from and event.on.last < step.valid_from:
        since = day_text(step.valid_from)
        return Text(
            ja=f"「{what.ja}」は{since.ja}に設けられた手続です。{on.ja}にはまだありません。日付を確かめてください。",
            en=f"“{what.en}” exists since {since.en} only, not yet on {on.en}. Check the day.",
        )
    until = day_text(step.valid_to) if step.valid_to else on
    return Text(
        ja=f"「{what.ja}」は{until.ja}までの手続です。{on.ja}にはもうありません。日付を確かめてください。",
        en=f"“{what.en}” existed until {until.en}, no longer on {on.en}. Check the day.",
    )


def _possible(rules: Rules, stuck: NoMove) -> list[Text]:
    machine = rules.machines[stuck.machine]
    state = stuck.track.state if stuck.track else machine.initial
    events = dict.fromkeys(each.event for each in machine.leaving.get(state, ()) if not each.timer)
    return [event_text(rules, event) for event in events]


def already_there(rules: Rules, event: Event, track: Track) -> Text:
    """The track is where the event would bring it."""
    what, line = event_text(rules, event.name), machine_text(rules, track.machine)
    on, here, since = days_text(event.on), state_text(rules, track.machine, track.state), days_text(track.since)
    return Text(
        ja=f"「{what.ja}」({on.ja}): {line.ja}はすでに「{here.ja}」({since.ja})のため、状態は変わりません。",
        en=f"“{what.en}” ({on.en}): {line.en} already stands in “{here.en}” ({since.en}); nothing moves.",
    )


def passed_through(rules: Rules, machine: str, way: tuple[Transition, ...]) -> Text:
    """The states that nobody recorded."""
    line, states = (
        machine_text(rules, machine),
        joined([state_text(rules, machine, each.to) for each in way if each.to]),
    )
    return Text(
        ja=f"{line.ja}: {states.ja}の記録はありませんが、通過したものと推定しました(日付不明)。",
        en=f"{line.en}: {states.en} not recorded; inferred, day unknown.",
    )


def one_of_several(rules: Rules, event: Event, move: Move) -> Text:
    """More than one open track could be meant."""
    what, line = event_text(rules, event.name), machine_text(rules, move.machine)
    return Text(
        ja=f"「{what.ja}」に該当し得る{line.ja}が複数あります。先に始まった「{move.instance}」のものとしました。",
        en=f"“{what.en}” fits more than one open {line.en.lower()}; taken for {move.instance}, which began first.",
    )


def length_unknown(rules: Rules, event: Event) -> Text:
    """The event does not say how long the term is."""
    what = event_text(rules, event.name)
    return Text(
        ja=f"「{what.ja}」に期間の長さが記録されていないため、期限の日を計算できません。",
        en=f"“{what.en}” does not state how long the term is; its end cannot be computed.",
    )
