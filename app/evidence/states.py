"""How far a piece of evidence can be."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """How far a piece of evidence is at one gate. The last two close it."""

    NOT_STARTED = "not_started"
    IN_WORK = "in_work"
    UNDER_REVIEW = "under_review"
    ACCEPTED = "accepted"
    NOT_APPLICABLE = "not_applicable"

    @property
    def closed(self) -> bool:
        """Whether nothing is missing any more."""
        return self in (Status.ACCEPTED, Status.NOT_APPLICABLE)
