"""A kind of PMDA consultation: what it is for, how it is received, and its steps with their rules."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.engine.definition.common import Confidence, Definition, Key, Provenance, Role, Text
from app.engine.definition.rules import DateRule
from app.engine.definition.validity import InForce

Class = Literal["D", "B", "R", "G", "V", "M", "S", "I"]
Actor = Literal["applicant", "pmda", "both"]
Place = Literal["reception", "meeting"]


class Marked(Definition):
    """Anything with a mark: an assumed value names its analogy and what to ask, an unknown one what to ask."""

    provenance: Provenance

    @model_validator(mode="after")
    def _says_what_to_ask(self) -> Self:
        mark = self.provenance
        if mark.confidence in (Confidence.ASSUMED, Confidence.UNKNOWN) and mark.ask is None:
            raise ValueError(f"an {mark.confidence} entry must say what to ask and whom (provenance.ask)")
        if (mark.confidence is Confidence.ASSUMED) != (mark.analogy is not None):
            raise ValueError("an assumed entry, and no other, names its analogy (provenance.analogy)")
        if mark.confidence in (Confidence.READ, Confidence.DERIVED) and not mark.sources:
            raise ValueError(f"an entry marked {mark.confidence} needs its sources")
        return self


class Remark(Marked):
    """A sentence worth knowing about a type of consultation."""

    text: Text


class Hours(Marked):
    """Times of day in Asia/Tokyo between which a thing must arrive; ``opens`` is None when only the end counts."""

    opens: dt.time | None = None
    closes: dt.time
    note: Text | None = None


class Fee(Marked):
    """Whether a fee is due. Amounts are not kept here: PMDA's current table must be read."""

    kind: Literal["free", "paid", "unknown"]


class MonthlyPattern(Marked):
    """The pattern behind the published reception days, used only where no table is published.

    The first office day of the month ``lead_months`` before the month of the meeting, moved to the next office day
    when it is a Monday. In ``window_months`` only a window is known: from the first office day of the month to the
    last office day up to ``window_last_day``.
    """

    family: Key
    lead_months: Annotated[int, Field(ge=1, le=12)]
    never_on_monday: bool
    window_months: tuple[Annotated[int, Field(ge=1, le=12)], ...]
    window_last_day: Annotated[int, Field(ge=1, le=28)]


class Reception(Marked):
    """How PMDA receives the request. ``monthly`` needs a pattern; with ``unknown`` a pattern is only assumed.

    ``any_time_if``: kinds of designation with which a therapy may ask at any time, outside the monthly calendar;
    ``any_time_perhaps_if``: those with which it may where PMDA says so.
    """

    mode: Literal["monthly", "any_time", "unknown"]
    pattern: MonthlyPattern | None = None
    any_time_if: tuple[str, ...] = ()
    any_time_perhaps_if: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _pattern_fits_mode(self) -> Self:
        assumed = self.pattern is not None and self.pattern.provenance.confidence is Confidence.ASSUMED
        if self.mode == "monthly" and (self.pattern is None or assumed):
            raise ValueError("monthly reception needs its own pattern, not an assumed one")
        if self.mode == "any_time" and self.pattern is not None:
            raise ValueError("reception at any time has no pattern")
        if self.mode == "unknown" and self.pattern is not None and not assumed:
            raise ValueError("where the mode is unknown, a pattern can only be assumed")
        return self


class Step(Marked):
    """One step. Its date comes from reception, from the meeting, from its rule, or from nowhere (unknown).

    ``after`` names steps that must have happened before, where no distance is known.
    """

    key: Key
    name: Text
    actor: Actor
    role: Role
    place: Place | None = None
    rule: DateRule | None = None
    after: tuple[Key, ...] = ()
    channel: Text | None = None
    hours: Hours | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _rule_fits(self) -> Self:
        if self.rule is not None:
            self.rule.refuse_unsafe_roll(self.role)
            if self.place is not None:
                raise ValueError("a step with a place takes its date from there and has no rule")
            if self.provenance.confidence is Confidence.UNKNOWN:
                raise ValueError("an unknown step must not have a rule")
        return self


class ConsultationType(Marked):
    """One kind of consultation with all its steps in the order in which they happen.

    One that ``extends`` another says only what is different; the rest was filled in from there when it was read.
    """

    key: Key
    version: int
    extends: Key | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    name: Text
    family: Key
    template: str
    classes: tuple[Class, ...]
    gate: Text  # when in the development it is for
    fee: Fee
    outcome: Literal["record", "memo", "report"]
    requires: tuple[Key, ...] = ()  # consultation types that must come first
    reception: Reception
    steps: tuple[Step, ...]
    remarks: tuple[Remark, ...] = ()

    def step(self, key: str) -> Step:
        """The step called ``key``; KeyError when there is none."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)

    @model_validator(mode="after")
    def _steps_refer_to_steps(self) -> Self:
        keys = [step.key for step in self.steps]
        if len(set(keys)) != len(keys):
            raise ValueError("a step stands twice")
        for step in self.steps:
            for other in (*step.after, *([step.rule.anchor] if step.rule else [])):
                if other not in keys:
                    raise ValueError(f"step {step.key} refers to {other}, which is no step of this type")
        for place in ("reception", "meeting"):
            if sum(step.place == place for step in self.steps) != 1:
                raise ValueError(f"exactly one step must have the place {place}")
        return self


class PublishedReception(Definition):
    """One row of a table that PMDA published: meeting month, the single day of reception and the day of the notice."""

    meeting: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    reception: dt.date
    notice: dt.date | None = None


class PublishedTable(Marked, InForce):
    """A published table of reception days for one family of consultations; it always wins over a pattern.

    The first day of the month of the meeting decides which table of a family counts.
    """

    family: Key
    name: Text
    lead_months: int
    rows: tuple[PublishedReception, ...]
