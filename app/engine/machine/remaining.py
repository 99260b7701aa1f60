"""The events that a fold has still to take, so that a long history costs no more for each of its events."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import heapify, heappop

from app.engine.machine.events import Event


class Remaining:
    """Events by the days on which they may have happened; they are taken roughly from the earliest on."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = sorted(events, key=lambda event: event.on.first)
        self._names = Counter(event.name for event in self._events)
        self._ends = [(event.on.last, number) for number, event in enumerate(self._events)]
        self._numbers = {id(event): number for number, event in enumerate(self._events)}
        self._taken: set[int] = set()
        heapify(self._ends)

    def __bool__(self) -> bool:
        return bool(self._events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def first_end(self) -> dt.date:
        """The earliest day by which one of them has certainly happened. There must be one."""
        while self._ends[0][1] in self._taken:
            heappop(self._ends)
        return self._ends[0][0]

    def begun_by(self, day: dt.date) -> list[Event]:
        """Those that may have happened by this day."""
        found = []
        for event in self._events:
            if event.on.first > day:
                break
            found.append(event)
        return found

    def names_besides(self, event: Event) -> frozenset[str]:
        """The names of all the others."""
        names = frozenset(self._names)
        return names if self._names[event.name] > 1 else names - {event.name}

    def remove(self, event: Event) -> None:
        """It was taken; it is found near the beginning."""
        at = next(index for index, each in enumerate(self._events) if each is event)
        del self._events[at]
        self._taken.add(self._numbers[id(event)])
        self._names[event.name] -= 1
        if not self._names[event.name]:
            del self._names[event.name]
