"""The events that a fold has still to take, so that a long history costs no more for each of its events."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from operator import attrgetter

from app.engine.definition.vocabulary import Vocabulary
from app.engine.machine.events import Event


class Remaining:
    """Events in the order in which they are tried when nothing else decides.

    That is: the earliest possible day, the exacter day, the usual course, then what the event says, last its id.
    """

    def __init__(self, events: Iterable[Event], vocabulary: Vocabulary) -> None:
        ranks, last = vocabulary.ranks, len(vocabulary.ranks)

        def order(event: Event) -> tuple[object, ...]:
            return (event.on.first, event.on.last, ranks.get(event.name, last), event)

        # from the last to the first: the next ones are taken from the end, which leaves no gap to step over
        self._events = sorted(events, key=order, reverse=True)
        self._names = Counter(map(attrgetter("name"), self._events))

    def __iter__(self) -> Iterator[Event]:
        return reversed(self._events)

    def front(self, before: dt.date = dt.date.max) -> tuple[list[Event], dt.date]:
        """Those that may have happened before anything else has certainly happened, and the day by which it has.

        ``before`` is the day by which something beside these events has happened.
        """
        found: list[Event] = []
        for event in reversed(self._events):
            on = event.on
            if on.first > before:  # and so does every later one
                break
            before = min(before, on.last)
            found.append(event)
        while len(found) > 1 and found[-1].on.first > before:
            found.pop()
        return found, before

    def holds_besides(self, event: Event, names: Iterable[str]) -> bool:
        """Whether one of the names is still to come, the event itself not counted."""
        return any(self._names[name] > (name == event.name) for name in names)

    def remove(self, event: Event) -> None:
        """It was taken."""
        place = -1
        while self._events[place] is not event:
            place -= 1
        del self._events[place]
        self._names[event.name] -= 1
