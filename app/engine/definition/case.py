"""A case: a history as data with the states it must fold to; public precedents and made-up tests alike."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.engine.definition.common import Definition, Provenance, Text

Written = Annotated[
    str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?(/\d{4}(-\d{2}(-\d{2})?)?)?$")
]  # a day, a month, a year, or from one to another
Certainty = Literal["high", "medium", "low"]


class AlsoRead(Definition):
    """The day of an event as another source gives it; the event goes by its own day."""

    on: Written
    certainty: Certainty = "high"
    detail: Text | None = None
    provenance: Provenance | None = None


class CaseEvent(Definition):
    """One event: its day as far as it is known, what it carries, a remark, and where it was read."""

    on: Written
    event: str
    attributes: dict[str, str] = Field(default_factory=dict)
    detail: Text | None = None
    certainty: Literal["high", "medium"] = "high"
    provenance: Provenance | None = None  # only what was made up has none
    also_read: tuple[AlsoRead, ...] = ()


class ExpectedTrack(Definition):
    """Where a track stands at the end; what is not stated is not asked."""

    machine: str
    instance: str | None = None
    state: str
    since: str | None = None
    term_end: str | None = None
    through: tuple[str, ...] = ()  # states it must have passed, in this order
    inferred: bool | None = None


class Case(Definition):
    """A history with its end. ``as_of`` is the day on which it is looked at."""

    id: str
    product: Text
    holder: Text | None = None
    product_class: str
    public: bool  # a public precedent, or made up to try the rules
    about: Text
    as_of: dt.date
    events: tuple[CaseEvent, ...] = Field(min_length=1)
    expected: tuple[ExpectedTrack, ...] = ()
    refused: tuple[str, ...] = ()  # events that must be refused

    @model_validator(mode="after")
    def _public_facts_have_a_source(self) -> Self:
        if self.public and any(event.provenance is None for event in self.events):
            raise ValueError("an event of a public case says where it was read (provenance)")
        return self
