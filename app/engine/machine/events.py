"""Events: facts that happened on a day. Append-only; a later event corrects or retracts an earlier one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.engine.machine.days import Days

RETRACTED = "RETRACTED"  # takes the event named by ``supersedes`` back; nothing stands in its place
STATE_DECLARED = "STATE_DECLARED"  # "it is there today": attribute ``state`` of ``machine``; the way there is inferred


@dataclass(frozen=True, slots=True)
class Event:
    """One fact of a history.

    ``on`` is the day it happened (an interval when only the month or year is known), ``recorded_at`` the moment it was
    typed. ``machine`` and ``instance`` are given only when the event must not be routed by the vocabulary.
    ``history`` marks a fact recorded after it happened: guards do not stop it, missing predecessors are inferred.
    ``also`` are days that other sources give; the fold goes by ``on``, and guards for which they matter cannot tell.
    ``certainty`` says how sure the day is: high, medium or low; None when nobody said.
    """

    id: str
    name: str
    on: Days
    attributes: Mapping[str, str] = field(default_factory=dict)
    machine: str | None = None
    instance: str | None = None
    recorded_at: dt.datetime | None = None
    source: str | None = None
    confidence: str | None = None
    supersedes: str | None = None
    history: bool = False
    also: tuple[Days, ...] = ()
    certainty: str | None = None

    def __lt__(self, other: Event) -> bool:
        """Which of two is taken first where neither days nor the usual course decide: by what they say, then the id."""
        return (self.content(), self.id) < (other.content(), other.id)

    @property
    def readings(self) -> tuple[Days, ...]:
        """Every day that some source gives, the one that counts first."""
        return (self.on, *self.also)

    def content(self) -> tuple[object, ...]:
        """What the event says, without when and by which id it was recorded."""
        target = (self.machine or "", self.instance or "")
        return (self.on.first, self.on.last, self.name, *target, tuple(sorted(self.attributes.items())))


def effective(events: Iterable[Event]) -> list[Event]:
    """The events that stand after all corrections, in no particular order.

    A superseded event never stands again, even when its correction is itself superseded. Of several corrections of one
    event the one recorded last stands (then the greatest id).
    """
    everything = list(events)
    superseded = {event.supersedes for event in everything if event.supersedes}
    if not superseded:
        return [event for event in everything if event.name != RETRACTED]
    corrections: dict[str, Event] = {}
    for event in everything:
        if event.supersedes:
            rival = corrections.get(event.supersedes)
            if rival is None or _recorded(rival) < _recorded(event):
                corrections[event.supersedes] = event
    return [
        event
        for event in everything
        if event.id not in superseded
        and event.name != RETRACTED
        and (not event.supersedes or corrections[event.supersedes] is event)
    ]


def _recorded(event: Event) -> tuple[str, str]:
    moment = event.recorded_at
    return (moment.astimezone(dt.UTC).isoformat() if moment else "", event.id)
