"""What the events beside the steps mean for the lead: what follows in this program, and what is known of the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.consultations.course import ASKED_AGAIN, CLOSED, RESCHEDULE, WRITTEN
from app.core.i18n import lazy as _


@dataclass(frozen=True)
class Words:
    """``here``: what this program does. ``known``: what is recalled of PMDA's rules, never verified; to be asked."""

    here: Any
    known: Any = None


ENDED = _(
    "Its open dates vanish from Today, from the plan, from the calendar and from the reminders. What was done stays in "
    "the history; questions, inquiries and attachments stay here."
)
WORDS = {
    WRITTEN: Words(
        _(
            "No meeting takes place, so the dates before it and of it end. The record is still to come: it can be "
            "recorded here as usual, but nothing says when it arrives."
        ),
        _(
            "It counts as held, the record is issued all the same, and the fee is not returned. Ask the reviewing "
            "office before you rely on it."
        ),
    ),
    "CONSULTATION_WITHDRAWN": Words(
        ENDED,
        _(
            "PMDA is not told by this program. Before the meeting you file a withdrawal with PMDA, and half "
            "of the fee is returned when you ask for it. Ask PMDA for the form."
        ),
    ),
    "CONSULTATION_CANCELLED": Words(
        ENDED, _("When PMDA cancels, the whole fee is returned or a new day is named. Ask PMDA which of them.")
    ),
    "CONSULTATION_REJECTED": Words(
        ENDED, _("No fee has fallen due yet; the questions can be filed as another kind of consultation.")
    ),
    RESCHEDULE: Words(
        _(
            "Until PMDA names the new day, the open steps have no date and nobody is reminded of them. What was "
            "recorded of the old day stays in the history and is open again here: record the new notice when it comes."
        ),
        _(
            "Another day is treated as a withdrawal and a new application (half of the fee is returned); PMDA accepts "
            "exceptions. Ask PMDA before you file."
        ),
    ),
    ASKED_AGAIN: Words(_("The pre-consultation meeting is open again: record its day when it was held.")),
    "RECORD_DRAFT_RECEIVED": Words(
        _("Look for factual errors and reply; the step of the check stays open until you record that you did."),
        _("By when the reply is wanted is not known. Ask the reviewing office when the draft arrives."),
    ),
    "POST_CONSULT_REQUESTED": Words(
        _("It clarifies the record that was issued. The history notes that you asked for it."),
    ),
    "ADDITIONAL_CONSULT_REQUESTED": Words(
        _("It follows this one on the same product and stage. Plan it as a consultation of its own."),
    ),
    CLOSED: Words(_("Nothing more is expected of this consultation.")),
}


def of(event: str) -> Words | None:
    """The words about an event; None where its name says everything."""
    return WORDS.get(event)
