"""The table of closed days as it stands in ``workflows/calendars/``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.engine.definition.common import Definition, Key, Provenance, Text

MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Closure(Definition):
    """Days of every year, over the turn of the year, on which offices are closed by law."""

    first: MonthDay
    last: MonthDay
    name: Text


class CalendarTable(Definition):
    """National holidays by year and the closure at the turn of the year; Saturdays and Sundays need no entry.

    ``published_through``: the last year whose holidays are officially published; later years are predicted.
    """

    published_through: int
    closure: Closure
    provenance: Provenance
    note: Text
    names: dict[Key, Text]
    holidays: dict[int, dict[MonthDay, Key]]
