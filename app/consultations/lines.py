"""The track of a consultation in the history of its therapy: kept in step with what was recorded here.

Guards of other tracks ("the record of this consultation is confirmed") read that track.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from app.access.scope import Scope
from app.consultations import queries
from app.consultations.course import Round, read_turns
from app.consultations.models import Consultation
from app.consultations.planning import read_facts
from app.core.clock import TOKYO
from app.engine.catalogue import consultation_type
from app.engine.consultation import Fact
from app.engine.definition.common import Basis
from app.engine.machine import Days
from app.pathways import queries as pathways
from app.pathways import sentences
from app.pathways import services as histories

MACHINE = "consultation"
PLANNED, ASKED, DRAFT = "CONSULTATION_PLANNED", "PRE_MEETING_REQUESTED", "RECORD_DRAFT_RECEIVED"
EVENTS = {  # steps of workflows/consultations/ that move the track; the draft of the record comes before the record
    "pre_meeting": "PRE_MEETING_HELD",
    "request": "SCHEDULE_REQUESTED",
    "schedule_request": "SCHEDULE_REQUESTED",
    "date_notice": "DATE_OFFERED",
    "fee_and_application": "APPLIED_AND_PAID",
    "materials_due": "MATERIALS_SUBMITTED",
    "preliminary_opinion": "PRELIMINARY_OPINION_RECEIVED",
    "meeting": "MEETING_HELD",
    "record_check": "RECORD_DRAFT_RECEIVED",
    "record": "RECORD_CONFIRMED",
}
WITHOUT_RECORD = {"request", "schedule_request", "date_notice", "meeting"}  # free meetings have a shorter track


def follow(scope: Scope, row: Consultation) -> None:
    """Record, correct or take back events until the history says what the consultation says; in its transaction.

    Raises Refused with the sentence of the history where a day cannot be.
    """
    instance = row.line.get("instance") or _free_name(scope, row)
    goal = wanted(row, queries.rounds(scope, row.id))
    known = _renamed(dict(row.line.get("events", {})), goal)
    for slot in [slot for slot in reversed(known) if slot not in goal]:
        histories.withdraw(scope, known.pop(slot)[0], reason=sentences.TAKEN_BACK.en)
    for slot in _in_safe_order(known, goal):
        stored = histories.correct(scope, known[slot][0], reason=sentences.OTHER_DAY.en, on=goal[slot])
        known[slot] = [stored.event_id, str(goal[slot])]
    for slot, days in goal.items():
        if slot not in known:
            stored = histories.record(
                scope,
                row.therapy_id,
                event=_event(slot),
                on=days,
                attributes={"type": row.kind} if slot == PLANNED else {},
                machine=MACHINE,
                instance=instance,
                late=True,
            )
            known[slot] = [stored.event_id, str(days)]
    row.line = {"instance": instance, "events": known}


def wanted(row: Consultation, rounds: Sequence[Round]) -> dict[str, Days]:
    """The events that the history should hold, in the order in which they happened, with their days.

    An event that can happen more than once is named with what it belongs to: ``INQUIRIES_RECEIVED:2``.
    """
    turns = read_turns(row.turns)
    told: list[tuple[str, dt.date]] = []
    for turn in turns:
        told += [(f"{event}:{turn.id}", day) for event, day in _happened(row.kind, turn.set_aside or {})]
        told.append((f"{turn.event}:{turn.id}", turn.day))
    facts = _happened(row.kind, read_facts(row.facts))
    if any(turn.event == DRAFT for turn in turns):
        facts = [(event, day) for event, day in facts if event != DRAFT]  # the draft itself has a day of its own
    told += facts
    for one in rounds:
        told.append((f"INQUIRIES_RECEIVED:{one.number}", one.received_on))
        if one.answered_on:
            told.append((f"ANSWERS_SUBMITTED:{one.number}", one.answered_on))
    told.sort(key=lambda entry: entry[1])
    begun = min([row.created_at.astimezone(TOKYO).date(), *(day for _slot, day in told)])
    found = {PLANNED: Days.of(begun)}
    for slot, day in told:
        if _event(slot) == "PRE_MEETING_HELD" and not any(_event(before) == ASKED for before in found):
            found[f"{ASKED}:before"] = Days(begun, day)  # nobody recorded when it was asked for
        found[slot] = Days.of(day)
    return found


def _event(slot: str) -> str:
    return slot.partition(":")[0]


def _renamed(known: dict[str, list[str]], goal: Mapping[str, Days]) -> dict[str, list[str]]:
    """An event keeps its place in the history when only what it belongs to is called otherwise."""
    for slot in [slot for slot in known if slot not in goal]:
        same = (new for new, days in goal.items() if new not in known and _event(new) == _event(slot))
        if (new := next((new for new in same if str(goal[new]) == known[slot][1]), None)) is not None:
            known = {new if old == slot else old: stored for old, stored in known.items()}
    return known


def _in_safe_order(known: Mapping[str, list[str]], goal: Mapping[str, Days]) -> list[str]:
    """The events whose day changes: what moves later from the end, then what moves earlier from the beginning.

    So no two of them ever stand in the wrong order in between.
    """
    changed = [slot for slot, days in goal.items() if slot in known and known[slot][1] != str(days)]
    later = [slot for slot in changed if str(goal[slot]) > known[slot][1]]
    return [*reversed(later), *(slot for slot in changed if slot not in later)]


def _happened(kind_key: str, facts: Mapping[str, Fact]) -> list[tuple[str, dt.date]]:
    kind = consultation_type(kind_key)
    moving = EVENTS if kind.outcome == "record" else {key: EVENTS[key] for key in WITHOUT_RECORD}
    order = sorted(kind.steps, key=lambda step: step.key == "record")  # the record is confirmed last
    return [
        (EVENTS[step.key], facts[step.key].day)
        for step in order
        if step.key in moving and step.key in facts and facts[step.key].basis is Basis.ACTUAL
    ]


def _free_name(scope: Scope, row: Consultation) -> str:
    """A name that no track of the therapy has, as the machine would give it."""
    taken = {track.instance for track in pathways.tracks(scope, row.therapy_id).of(MACHINE)}
    name, number = row.kind, 1
    while name in taken:
        number += 1
        name = f"{row.kind}-{number}"
    return name
