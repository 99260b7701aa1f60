"""How one date follows from another: offset, unit, counting and rolling, as data."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from app.engine.definition.common import Definition, Key, Role


class Unit(StrEnum):
    """What an offset counts."""

    BUSINESS_DAYS = "bd"
    CALENDAR_DAYS = "cd"
    WEEKS = "wk"
    MONTHS = "mo"
    YEARS = "yr"
    WEEK_MONDAY = "week_monday"  # the Monday of the week that lies that many weeks away


class Counting(StrEnum):
    """Where counting begins."""

    APART = "apart"  # plain distance: ten days before, the same day of the next month
    DAY_AFTER = "day_after_is_day_1"
    SAME_DAY = "day_itself_is_day_1"
    DAY_ZERO = "day_itself_is_day_0"  # counts like DAY_AFTER; said in the words of safety reporting


class Roll(StrEnum):
    """What happens to a date that falls on a closed day."""

    PREVIOUS = "previous"
    NEXT = "next"
    NONE = "none"


ROLL_OF_ROLE = {
    Role.NOT_AFTER: Roll.PREVIOUS,
    Role.NOT_BEFORE: Roll.NONE,
    Role.THEIRS: Roll.NEXT,
    Role.OWN: Roll.NEXT,
}
FORBIDDEN = {(Role.NOT_AFTER, Roll.NEXT), (Role.NOT_BEFORE, Roll.PREVIOUS)}


class DateRule(Definition):
    """A date as an offset from its anchor; ``until`` makes it a range of offsets.

    ``count_from`` may be left out: business days begin on the day after, everything else is a plain distance.
    ``after_period``: the first day after the period has passed, not its last day (a waiting period).
    ``roll`` may be left out: the role decides.
    """

    anchor: Key
    offset: int
    until: int | None = None
    unit: Unit
    count_from: Counting | None = None
    after_period: bool = False
    roll: Roll | None = None

    @property
    def counting(self) -> Counting:
        """Where counting begins, with the default filled in."""
        return self.count_from or (Counting.DAY_AFTER if self.unit is Unit.BUSINESS_DAYS else Counting.APART)

    def rolling(self, role: Role) -> Roll:
        """What happens on a closed day, with the default of the role filled in."""
        return self.roll or ROLL_OF_ROLE[role]

    @model_validator(mode="after")
    def _is_countable(self) -> Self:
        counting, periods = self.counting, (Counting.DAY_AFTER, Counting.SAME_DAY, Counting.DAY_ZERO)
        if self.until is not None and self.until < self.offset:
            raise ValueError("'until' must not be smaller than 'offset'")
        if self.unit is Unit.BUSINESS_DAYS and counting is not Counting.DAY_AFTER:
            raise ValueError("business days are counted from the day after (day_after_is_day_1)")
        if self.unit in (Unit.WEEKS, Unit.WEEK_MONDAY) and counting is not Counting.APART:
            raise ValueError("weeks are a plain distance (leave count_from out)")
        if self.unit is not Unit.BUSINESS_DAYS and counting in periods and self.offset <= 0:
            raise ValueError("a period runs forward: its offset must be positive")
        if self.after_period and (counting not in periods or self.unit is Unit.BUSINESS_DAYS):
            raise ValueError("'after_period' needs a period of calendar days, months or years with a count_from")
        return self

    def refuse_unsafe_roll(self, role: Role) -> None:
        """Raise ValueError where rolling would make a duty late or end a waiting period early."""
        if (role, self.rolling(role)) in FORBIDDEN:
            raise ValueError(f"a date of role {role} must not roll to the {self.rolling(role)} office day")
