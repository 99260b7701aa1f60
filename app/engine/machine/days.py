"""Days that are known exactly, or only by their month or year: intervals, never false precision."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from app.engine.definition.rules import Unit
from app.engine.offsets import period_end

_INTERVAL = re.compile(r"\s*([\d-]+)\s*/\s*([\d-]+)\s*")
_WRITTEN = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


class Precision(StrEnum):
    """How exactly a day is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    INTERVAL = "interval"  # between two days: so it was recorded, or computed from a day that is not known exactly


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """The calendar days on which something may have happened, from ``first`` to ``last``, both included."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the interval ends ({self.last}) before it begins ({self.first})")

    @classmethod
    def of(cls, day: dt.date) -> Days:
        """Exactly this day."""
        return cls(day, day)

    @classmethod
    def parse(cls, written: str) -> Days:
        """``2026-04-01``, ``2026-04``, ``2026``, or from one to another: ``2018-11-20/2018-11-22``.

        Raises ValueError for anything else, also for days that are none.
        """
        if between := _INTERVAL.fullmatch(written):
            first, last = (cls.parse(part) for part in between.groups())
            return cls(first.first, last.last)
        match = _WRITTEN.fullmatch(written.strip())
        if not match:
            raise ValueError(f"{written!r} is not a day, a month or a year (2026-04-01, 2026-04 or 2026)")
        year, month, day = (int(part) if part is not None else None for part in match.groups())
        assert year is not None
        if day is not None and month is not None:
            return cls.of(dt.date(year, month, day))
        if month == 0:
            raise ValueError(f"{written!r} has no such month")
        if month is not None:
            return cls(dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1]))
        return cls(dt.date(year, 1, 1), dt.date(year, 12, 31))

    @property
    def precision(self) -> Precision:
        """How exactly the day is known."""
        if self.first == self.last:
            return Precision.DAY
        if self == Days.parse(self.first.isoformat()[:7]):
            return Precision.MONTH
        if self == Days.parse(self.first.isoformat()[:4]):
            return Precision.YEAR
        return Precision.INTERVAL

    @property
    def exact(self) -> dt.date | None:
        """The day, when it is known."""
        return self.first if self.first == self.last else None

    def before(self, other: Days) -> bool | None:
        """Whether this lies before the other; None when the intervals overlap and nobody can tell."""
        if self.last < other.first:
            return True
        if self.first >= other.last:
            return False
        return None

    def overlaps(self, other: Days) -> bool:
        """Whether both may be the same day."""
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        """As written in histories: 2026-04-01, 2026-04, 2026, or 2026-04-01/2026-05-10 for an interval."""
        match self.precision:
            case Precision.DAY:
                return self.first.isoformat()
            case Precision.MONTH:
                return self.first.isoformat()[:7]
            case Precision.YEAR:
                return self.first.isoformat()[:4]
            case _:
                return f"{self.first.isoformat()}/{self.last.isoformat()}"


@lru_cache(maxsize=1024)
def term_end(start: dt.date, months: int) -> dt.date:
    """The last day of a term of ``months`` calendar months whose first day is ``start``.

    The law's rule for periods stands in app.engine.offsets.
    """
    return period_end(Unit.MONTHS, months, start)
