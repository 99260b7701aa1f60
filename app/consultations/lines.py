"""The track of a consultation in the history of its therapy: kept in step with what was recorded here.

Guards of other tracks ("the record of this consultation is confirmed") read that track.
"""

from __future__ import annotations

import datetime as dt

from app.access.scope import Scope
from app.consultations.models import Consultation, Status
from app.core.clock import TOKYO
from app.engine.catalogue import consultation_type
from app.engine.definition.common import Basis
from app.engine.machine import Days
from app.pathways import queries as pathways
from app.pathways import services as histories

MACHINE = "consultation"
PLANNED, WITHDRAWN = "CONSULTATION_PLANNED", "CONSULTATION_WITHDRAWN"
EVENTS = {  # steps of workflows/consultations/ that move the track; the draft of the record comes before the record
    "pre_meeting": "PRE_MEETING_HELD",
    "request": "SCHEDULE_REQUESTED",
    "schedule_request": "SCHEDULE_REQUESTED",
    "date_notice": "DATE_OFFERED",
    "fee_and_application": "APPLIED_AND_PAID",
    "materials_due": "MATERIALS_SUBMITTED",
    "inquiries": "INQUIRIES_RECEIVED",
    "answers": "ANSWERS_SUBMITTED",
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
    known: dict[str, list[str]] = dict(row.line.get("events", {}))
    goal = wanted(row)
    for event in [event for event in reversed(known) if event not in goal]:
        histories.withdraw(scope, known.pop(event)[0], reason="Taken back on the page of the consultation")
    for event, days in goal.items():
        if event not in known:
            attributes = {"type": row.kind} if event == PLANNED else {}
            stored = histories.record(
                scope,
                row.therapy_id,
                event=event,
                on=days,
                attributes=attributes,
                machine=MACHINE,
                instance=instance,
                late=True,
            )
        elif known[event][1] != str(days):
            stored = histories.correct(
                scope, known[event][0], reason="Another day on the page of the consultation", on=days
            )
        else:
            continue
        known[event] = [stored.event_id, str(days)]
    row.line = {"instance": instance, "events": known}


def wanted(row: Consultation) -> dict[str, Days]:
    """The events that the history should hold, in the order of the steps, with their days."""
    happened = _happened(row)
    begun = min([row.created_at.astimezone(TOKYO).date(), *happened.values()])
    found = {PLANNED: Days.of(begun)}
    for key, day in happened.items():
        if EVENTS[key] == "PRE_MEETING_HELD":
            found["PRE_MEETING_REQUESTED"] = Days(begun, day)  # nobody recorded when it was asked for
        found[EVENTS[key]] = Days.of(day)
    if row.status == Status.WITHDRAWN and row.ended_on:
        found[WITHDRAWN] = Days.of(max(row.ended_on, begun))
    return found


def _happened(row: Consultation) -> dict[str, dt.date]:
    kind = consultation_type(row.kind)
    moving = EVENTS if kind.outcome == "record" else {key: EVENTS[key] for key in WITHOUT_RECORD}
    order = sorted(kind.steps, key=lambda step: step.key == "record")  # the record is confirmed last
    return {
        step.key: dt.date.fromisoformat(row.facts[step.key]["day"])
        for step in order
        if step.key in moving and step.key in row.facts and row.facts[step.key]["basis"] == Basis.ACTUAL
    }


def _free_name(scope: Scope, row: Consultation) -> str:
    """A name that no track of the therapy has, as the machine would give it."""
    taken = {track.instance for track in pathways.tracks(scope, row.therapy_id).of(MACHINE)}
    name, number = row.kind, 1
    while name in taken:
        number += 1
        name = f"{row.kind}-{number}"
    return name
