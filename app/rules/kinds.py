"""What can be entered in the browser, and how far it is."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What can be entered in the browser."""

    RECEPTION = "reception"
    FEE = "fee"
    FORM = "form"


class Standing(StrEnum):
    """A draft counts nowhere; what was accepted counts for the hub and its companies until it is ended.

    What was thrown away is shown nowhere; whoever was still typing in it is told.
    """

    DRAFT = "draft"
    ACCEPTED = "accepted"
    ENDED = "ended"
    DISCARDED = "discarded"
