"""Law in time: of several entries of one key, the one that counts on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Literal, TypeVar

from app.engine.definition.validity import InForce

Entry = TypeVar("Entry", bound=InForce)
DAY = dt.timedelta(days=1)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """The entries of one key as they follow each other."""
    return sorted(entries, key=lambda entry: entry.valid_from or dt.date.min)


def in_force(entries: Iterable[Entry], day: dt.date) -> Entry | None:
    """The entry of one key that counts on ``day``, both of its ends included; None where none does.

    Which day that is depends on what is judged: for a clock the day it starts from, for a fee the day of the
    application, for a form the day on which it is handed in, for a table of reception days the first day of the month
    of the meeting.
    """
    begun = [entry for entry in in_order(entries) if (entry.valid_from or dt.date.min) <= day]
    last = begun[-1] if begun else None
    return last if last and (last.valid_to is None or day <= last.valid_to) else None


def faults(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Literal["overlap", "gap"], Entry]]:
    """Where an entry begins before the one before it has ended, or leaves days on which none counts."""
    for earlier, later in pairwise(in_order(entries)):
        begins = later.valid_from or dt.date.min
        if begins == (earlier.valid_from or dt.date.min) or (earlier.valid_to and begins <= earlier.valid_to):
            yield earlier, "overlap", later
        elif earlier.valid_to and begins > earlier.valid_to + DAY:
            yield earlier, "gap", later
