"""What PMDA publishes anew from time to time: tables of reception days, fees and forms, with where they were read."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from app.engine.definition.common import Confidence, Definition, Key, Source, Text
from app.engine.definition.consultation import Marked, PublishedTable
from app.engine.definition.validity import InForce


class FeeAmount(Marked, InForce):
    """What one procedure costs, in yen. Unknown is shown as unknown: then there is no amount, only what to ask.

    The day of the application decides which entry counts.
    """

    key: Key
    name: Text
    consultation: Key | None = None  # the kind of consultation that it is paid for
    yen: Annotated[int, Field(ge=0)] | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _knows_or_asks(self) -> Self:
        if (self.yen is None) != (self.provenance.confidence is Confidence.UNKNOWN):
            raise ValueError("a fee has an amount (yen), or is marked unknown")
        return self


class OfficialForm(Marked, InForce):
    """An official form (様式) by its number; the day on which it is handed in decides which entry counts."""

    key: Key
    name: Text
    consultations: tuple[Key, ...] = ()  # the kinds of consultation that it is for; empty: see the note
    number: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _knows_or_asks(self) -> Self:
        if (self.number is None) != (self.provenance.confidence is Confidence.UNKNOWN):
            raise ValueError("a form has a number, or is marked unknown")
        return self


class Published(Definition):
    """One file of ``workflows/published/``: whole in itself, so that it can be exported and put there."""

    sources: tuple[Source, ...] = ()
    reception: tuple[PublishedTable, ...] = ()
    fees: tuple[FeeAmount, ...] = ()
    forms: tuple[OfficialForm, ...] = ()


NOTHING = Published()
