"""How one transition changes one track: a new visit, its attributes, its term."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.engine.definition.machine import MachineDefinition, Transition
from app.engine.machine.days import Days
from app.engine.machine.events import Event
from app.engine.machine.tracks import Rules, Track, Visit

LENGTH_OF = {"starts": "term", "extends": "extension"}  # the attribute of an event that usually gives the length
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)m)?")


def months(duration: str) -> int:
    """Calendar months of a written duration: ``7y``, ``18m``, ``1y6m``. Raises ValueError for anything else."""
    match = _DURATION.fullmatch(duration.strip())
    if not match or not duration.strip():
        raise ValueError(f"{duration!r} is not a duration (7y, 18m or 1y6m)")
    years, rest = (int(part or 0) for part in match.groups())
    return years * 12 + rest


def begin(machine: MachineDefinition, instance: str, attributes: Mapping[str, str]) -> Track:
    """A track before its first event: in the initial state of the machine, or without any visit yet."""
    history = (Visit(machine.initial, since=None),) if machine.initial else ()
    return Track(machine.key, instance, history, dict(attributes), version=machine.version)


def pass_through(rules: Rules, track: Track, transition: Transition, shown_by: Event) -> Track:
    """The track led through one missing state, on a day not known, because ``shown_by`` shows that it was there."""
    visit = Visit(
        transition.to or track.state,
        since=None,
        inferred=True,
        event_id=shown_by.id,
        event=transition.event,
        transition=transition.id,
        not_after=shown_by.on.last,
    )
    return _at(rules, track, visit, transition, {})


def enter(rules: Rules, track: Track, transition: Transition, event: Event) -> Track:
    """The track after ``event`` fired ``transition``. An internal transition leaves the state and its day."""
    visit = Visit(
        transition.to or track.state,
        since=event.on,
        event_id=event.id,
        event=event.name,
        transition=transition.id,
        source=event.source,
        confidence=event.confidence,
        certainty=event.certainty,
        also=event.also,
    )
    return _at(rules, track, visit, transition, event.attributes)


def expire(rules: Rules, track: Track, transition: Transition, visit: Visit) -> Track:
    """The track after the timer ``transition``."""
    return _at(rules, track, visit, transition, {})


def _at(rules: Rules, track: Track, visit: Visit, transition: Transition, given: Mapping[str, str]) -> Track:
    machine, history, attributes = rules.machines[track.machine], track.history, track.attributes
    if not history or history[-1].state != visit.state:
        history += (visit,)
    if given:
        attributes = {**attributes, **{key: value for key, value in given.items() if key in machine.by_attribute}}
    moved = Track(
        track.machine,
        track.instance,
        history,
        attributes,
        visit.state in machine.ends,
        track.term_start,
        track.term_months,
        track.past_term_ends,
        machine.version,
        track.term_start_also,
    )
    return _term(moved, transition, visit, given) if transition.term else moved


def _term(track: Track, transition: Transition, visit: Visit, given: Mapping[str, str]) -> Track:
    match transition.term:
        case "starts":
            length = given.get(transition.length or LENGTH_OF["starts"])
            return track._replace(
                term_start=visit.since,
                term_start_also=visit.also,
                term_months=months(length) if length else None,
            )
        case "extends":
            longer = given.get(transition.length or LENGTH_OF["extends"])
            known = track.term_months is not None and longer
            total = (track.term_months or 0) + months(longer) if known and longer else None
            return track._replace(term_months=total, past_term_ends=_past(track))
        case "ends":
            return track._replace(term_start=None, term_start_also=(), term_months=None, past_term_ends=_past(track))
        case _:
            return track


def _past(track: Track) -> tuple[Days, ...]:
    return (*track.past_term_ends, track.term_end) if track.term_end else track.past_term_ends
