"""How much one history may hold. It is put in order at every look, also when a hub looks at it among many others, and
events that may have happened on the same day have each to be tried before and after all of the others."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.definition.common import Text
from app.engine.machine import Event, effective
from app.pathways import log, sentences

EVENTS = 500
TOGETHER = 50  # … of which so many may lie on one day; far more than ever happened in a year


def too_many(events: Sequence[Event]) -> Text | None:
    """Why these are more than a history may hold; None where they are not. What no longer stands does not count."""
    standing = log.moving(effective(events))
    if len(standing) > EVENTS:
        return sentences.too_many_events(EVENTS)
    return sentences.too_many_together(TOGETHER) if _together(standing) > TOGETHER else None


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
