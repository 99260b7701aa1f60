"""The log of changes in the law, and what nobody has confirmed yet."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from app.engine.definition.common import Definition, Key, Text
from app.engine.definition.consultation import Marked

LATEST_MONTH = 12


class Change(Marked):
    """A change of the law. ``on`` is known to the day, the month or the year; ``by``: that day at the latest."""

    key: Key
    on: Annotated[str, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
    by: bool = False
    what: Text
    note: Text | None = None

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day that it may have been."""
        parts = [int(part) for part in self.on.split("-")]
        if len(parts) == len(("year", "month", "day")):
            return dt.date(*parts), dt.date(*parts)
        year, month = parts[0], parts[1] if len(parts) > 1 else None
        last = month or LATEST_MONTH
        following = dt.date(year + last // LATEST_MONTH, last % LATEST_MONTH + 1, 1)
        return dt.date(year, month or 1, 1), following - dt.timedelta(days=1)


class OpenQuestion(Definition):
    """Something that could not be confirmed: what is missing, and what the program does meanwhile."""

    id: Annotated[str, Field(pattern=r"^U\d{2}$")]
    area: Text
    missing: Text
    meanwhile: Text | None = None
    about: tuple[str, ...] = ()  # keys of clocks and ids of transitions that rest on it
