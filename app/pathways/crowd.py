"""How much one history may hold. It is put in order at every look, also when a hub looks at it among many others, and
events that may have happened on the same day have each to be tried before and after all of the others."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.definition.common import Text
from app.engine.machine import Event, effective
from app.pathways import log, sentences

EVENTS = 500
TOGETHER = 50  # … of which so many may lie on one day; far more than ever happened in a year


def too_many(before: Sequence[Event], new: Sequence[Event]) -> Text | None:
    """Why a history cannot take what is new; None where it can. What no longer stands does not count.

    One that holds more than it may already can still be mended: nothing is refused that leaves no more of it.
    """
    now, then = log.moving(effective(before)), log.moving(effective([*before, *new]))
    if len(then) > max(EVENTS, len(now)):
        return sentences.too_many_events(EVENTS)
    return sentences.too_many_together(TOGETHER) if _together(then) > max(TOGETHER, _together(now)) else None


def _together(events: Sequence[Event]) -> int:
    """The greatest number of events that may all have happened on one day."""
    begins = sorted(event.on.first for event in events)
    ends = sorted(event.on.last for event in events)
    most = over = 0
    for begun, day in enumerate(begins, start=1):
        while ends[over] < day:
            over += 1
        most = max(most, begun - over)
    return most
