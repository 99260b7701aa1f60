"""A clock: a time limit, a waiting period or a term that runs from one day, as law or custom has it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from app.engine.definition.common import Key, Role, Text
from app.engine.definition.consultation import Marked
from app.engine.definition.rules import DateRule, Unit
from app.engine.definition.validity import InForce


class Clock(Marked, InForce):
    """One rule from a named starting day (``rule.anchor``) to a named day.

    ``at_most``: the offset of the rule is an upper limit and the decision fixes the amount (the term of a conditional
    approval); ``term``: the day is the end of a term, neither a duty nor a waiting period by itself. The day from which
    it runs decides which of several entries of one key counts.
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

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        self.rule.refuse_unsafe_roll(self.role)
        if self.at_most and self.rule.unit not in (Unit.MONTHS, Unit.YEARS):
            raise ValueError("'at_most' is for terms in months or years")
        return self
