"""Agencies abroad beside the Japanese way: their milestones, their clocks, and what conflicts between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.engine.definition.common import Confidence, Dated, Definition, Key, Provenance, Role, Text
from app.engine.definition.consultation import Marked, Remark
from app.engine.definition.rules import DateRule, Roll, Unit

DAY = "day"  # the anchor of a clock that counts from the day which a person plans


class Match(Definition):
    """One row of the comparison: what agencies have for the same purpose."""

    key: Key
    names: Text


class Table(Definition):
    """Columns and rows of the comparison in their order, and what happened to others on their way abroad.

    ``provenance`` speaks of what is set beside what.
    """

    provenance: Provenance = Provenance(confidence=Confidence.OWN)
    agencies: tuple[Key, ...] = ()
    matches: tuple[Match, ...] = ()
    facts: tuple[Remark, ...] = ()


class ForeignMilestone(Definition):
    """A milestone of one agency. ``day`` says what a planned day means; without it nothing can be planned.

    ``events`` (of the history, ``where`` their attributes have these values or none) and ``consultations`` are those of
    the Japanese column: what happened and what is planned elsewhere in the program.
    """

    key: Key
    match: Key
    names: Text
    day: Text | None = None
    events: tuple[Key, ...] = ()
    where: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    consultations: tuple[Key, ...] = ()


class Counted(Definition):
    """A number that gives no date here: days on which offices abroad work, or days whose beginning nobody can plan."""

    number: int = Field(gt=0)
    unit: Literal["working_days", "cd"]
    why: Literal["working_days", "clock_stop", "their_question"]

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.unit == "working_days") != (self.why == "working_days"):
            raise ValueError("working days, and only they, give no date because they are working days")
        return self


class Part(Marked):
    """One number of a clock: a rule that gives a date, or a number without one, or only words.

    ``column``: where it stands among response, decision (or meeting) and package. ``amount``: the number is a limit or
    an approximation. ``of``: only for these milestones of the clock; empty means for all.
    """

    key: Key
    column: Literal["response", "decision", "package"]
    names: Text
    amount: Literal["exact", "at_most", "at_least", "about"] = "exact"
    of: tuple[Key, ...] = ()
    role: Role | None = None
    rule: DateRule | None = None
    counted: Counted | None = None
    words: Text | None = None

    @model_validator(mode="after")
    def _gives_one_thing(self) -> Self:
        if self.rule is not None and self.counted is not None:
            raise ValueError("a part has a rule or a number without a date, not both")
        if self.rule is None and self.counted is None and self.words is None:
            raise ValueError("a part without a number says something in `words`")
        if (self.rule is None) != (self.role is None):
            raise ValueError("a rule, and nothing else, has a role")
        if self.rule is not None and self.rule.unit is Unit.BUSINESS_DAYS:
            raise ValueError("working days abroad give no date: write them under `counted`")
        if self.rule is not None and self.rule.roll is not Roll.NONE:
            raise ValueError("there is no calendar of offices abroad: write `roll: none`")
        return self


class AgencyClock(Dated):
    """One clock of an agency with its parts; ``valid_from`` and ``valid_to`` speak of the planned day."""

    id: Key
    item: Text
    milestones: tuple[Key, ...] = Field(min_length=1)
    parts: tuple[Part, ...] = Field(min_length=1)

    def parts_of(self, milestone: str) -> Iterator[Part]:
        """The parts that speak of this milestone."""
        if milestone in self.milestones:
            yield from (part for part in self.parts if not part.of or milestone in part.of)


class Agency(Definition):
    """An agency with its milestones and clocks; ``home`` is Japan. ``provenance`` speaks of the list of milestones."""

    provenance: Provenance
    key: Key
    names: Text
    short: Text
    home: bool = False
    milestones: tuple[ForeignMilestone, ...] = Field(min_length=1)
    clocks: tuple[AgencyClock, ...] = ()

    @property
    def by_key(self) -> dict[str, ForeignMilestone]:
        """Its milestones by their keys."""
        return {milestone.key: milestone for milestone in self.milestones}

    def parts_of(self, milestone: str) -> Iterator[tuple[AgencyClock, Part]]:
        """All parts of clocks that speak of this milestone, each with its clock."""
        for clock in self.clocks:
            for part in clock.parts_of(milestone):
                yield clock, part

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        keys = [milestone.key for milestone in self.milestones]
        if len(set(keys)) < len(keys):
            raise ValueError("a milestone stands twice")
        for clock in self.clocks:
            unknown = {*clock.milestones, *(key for part in clock.parts for key in part.of)} - set(keys)
            if unknown:
                raise ValueError(f"{clock.id} speaks of milestones that are not there: {', '.join(sorted(unknown))}")
        for key in keys:
            self._refuse_loose_anchors(key)
        return self

    def _refuse_loose_anchors(self, milestone: str) -> None:
        parts = [part for _clock, part in self.parts_of(milestone)]
        known = {DAY}
        for part in parts:
            if part.key in known:
                raise ValueError(f"{milestone}: the part {part.key} stands twice")
            if part.rule is not None and part.rule.anchor not in known:
                raise ValueError(f"{milestone}: {part.key} counts from {part.rule.anchor}, which must stand before it")
            known.add(part.key)


# --- conflicts -------------------------------------------------------------------------------------------------------


class OnTrack(Definition):
    """A track of the therapy stands in one of the states."""

    kind: Literal["track"]
    machine: Key
    where: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    states: tuple[Key, ...] = Field(min_length=1)


class OfTherapy(Definition):
    """The therapy is of one of the classes, or made of one of the materials."""

    kind: Literal["therapy"]
    classes: tuple[str, ...] = ()
    materials: tuple[Key, ...] = ()


class BeforeHome(Definition):
    """It lies more than ``days`` calendar days before that milestone in Japan, or that one is not even planned."""

    kind: Literal["before_home"]
    milestone: Key
    days: int = Field(ge=0)


class BeforeOther(Definition):
    """It lies before that milestone of the same agency, or that one is not even planned."""

    kind: Literal["before_other"]
    milestone: Key


class During(Definition):
    """It lies between two milestones of the same agency; without the second one the first lasts."""

    kind: Literal["while"]
    begins: Key
    ends: Key


Condition = Annotated[OnTrack | OfTherapy | BeforeHome | BeforeOther | During, Field(discriminator="kind")]


class Concerns(Definition):
    """Which milestones abroad a conflict speaks of; what is left empty says all."""

    agencies: tuple[Key, ...] = ()
    matches: tuple[Key, ...] = ()
    milestones: tuple[Key, ...] = ()


class Conflict(Marked):
    """A warning about a milestone abroad. ``level``: it spoils something, or it has to be checked.

    All conditions of ``when`` must hold. ``unsure`` is said where the days are not known well enough to tell.
    """

    key: Key
    names: Text
    level: Literal["conflict", "check"]
    concerns: Concerns
    when: tuple[Condition, ...]
    says: Text
    unsure: Text | None = None
    do: Text

    @model_validator(mode="after")
    def _can_say_that_it_cannot_tell(self) -> Self:
        dated = any(isinstance(each, BeforeHome | BeforeOther | During) for each in self.when)
        if dated != (self.unsure is not None):
            raise ValueError("a conflict of days, and no other, has a sentence for days that are not known: `unsure`")
        return self
