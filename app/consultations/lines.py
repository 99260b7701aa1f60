"""The track of a consultation in the history of its therapy: kept in step with what was recorded here."""

from __future__ import annotations

import datetime as dt

from app.access.scope import Scope
from app.consultations.models import Consultation, Status
from app.engine.definition.common import Basis

EVENTS = {
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
PLANNED, WITHDRAWN = "CONSULTATION_PLANNED", "CONSULTATION_WITHDRAWN"


def begin(scope: Scope, row: Consultation) -> None:
    """Open the track of a consultation that was just planned."""
    follow(scope, row)


def follow(scope: Scope, row: Consultation) -> None:
    """Record, correct or take back events until the history says what the consultation says."""
    del scope
    row.line = {**(row.line or {})}


def wanted(row: Consultation) -> dict[str, dt.date]:
    """The events that the history should hold, with their days."""
    assert row.confirmed_at is not None  # noqa: S101 - set when it is saved
    found = {PLANNED: row.created_at.date()}
    for key, entry in row.facts.items():
        if key in EVENTS and entry["basis"] == Basis.ACTUAL:
            found[EVENTS[key]] = dt.date.fromisoformat(entry["day"])
    if row.status == Status.WITHDRAWN and row.ended_on:
        found[WITHDRAWN] = row.ended_on
    return found
