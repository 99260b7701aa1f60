"""A clock: a time limit, a waiting period or a term that runs from one day, as law or custom has it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from app.engine.definition.common import Definition, Key, Role, Text
from app.engine.definition.consultation import Marked
from app.engine.definition.guards import EventName
from app.engine.definition.machine import Pending, StateKey
from app.engine.definition.rules import DateRule, Unit
from app.engine.definition.validity import InForce


class Runs(Definition):
    """On which lines of a therapy a duty's clock runs: on a track of ``machine`` that stands in one of ``states``.

    ``since``: from the start or the end of the term of that track, or from the last of ``events``. It is over once one
    of ``until`` has followed that event (or the start of the term), and while a track like ``pending`` is not decided.
    """

    machine: Key
    states: tuple[StateKey, ...] = Field(min_length=1)
    since: Literal["term_start", "term_end", "event"]
    events: tuple[EventName, ...] = ()
    until: tuple[EventName, ...] = ()
    pending: Pending | None = None

    @model_validator(mode="after")
    def _names_its_events(self) -> Self:
        if (self.since == "event") != bool(self.events):
            raise ValueError("`since: event` names its `events`, and nothing else does")
        return self


class Clock(Marked, InForce):
    """One rule from a named starting day (``rule.anchor``) to a named day.

    ``at_most``: the offset of the rule is an upper limit and the decision fixes the amount (the term of a conditional
    approval); ``term``: the day is the end of a term, neither a duty nor a waiting period by itself. The day from which
    it runs decides which of several entries of one key counts. ``runs``: on which lines of a therapy it is a duty.
    """

    key: Key
    id: str | None = None
    kind: Literal["statutory", "target", "custom", "planning"]
    name: Text
    start: Text
    role: Role
    rule: DateRule
    at_most: bool = False
    term: bool = False
    note: Text | None = None
    runs: Runs | None = None

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        self.rule.refuse_unsafe_roll(self.role)
        if self.at_most and self.rule.unit not in (Unit.MONTHS, Unit.YEARS):
            raise ValueError("'at_most' is for terms in months or years")
        if self.runs and self.role is not Role.NOT_AFTER:
            raise ValueError("only a duty runs on the lines of a therapy")
        if self.runs and self.term != (self.runs.since == "term_start"):
            raise ValueError("a term, and nothing else, runs from the start of the term of a line")
        return self
