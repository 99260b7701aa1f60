"""The events that a fold has still to take, so that a long history costs no more for each of its events."""

from __future__ import annotations

import datetime as dt
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator

from app.engine.definition.vocabulary import Vocabulary
from app.engine.machine.events import Event


class Remaining:
    """Events in the order in which they are tried when nothing else decides.

    That is: the earliest possible day, the exacter day, the usual course, then what the event says, last its id.
    """

    def __init__(self, events: Iterable[Event], vocabulary: Vocabulary) -> None:
        def order(event: Event) -> tuple[object, ...]:
            return (event.on.first, event.on.last, vocabulary.rank(event.name), _Said(event))

        # linked, so that taking one from anywhere leaves no gap to step over
        self._events = OrderedDict((id(event), event) for event in sorted(events, key=order))
        self._names = Counter(event.name for event in self._events.values())

    def __bool__(self) -> bool:
        return bool(self._events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events.values())

    def front(self, before: dt.date = dt.date.max) -> tuple[list[Event], dt.date]:
        """Those that may have happened before anything else has certainly happened, and the day by which it has.

        ``before`` is the day by which something beside these events has happened.
        """
        found: list[Event] = []
        for event in self._events.values():
            if event.on.first > before:  # and so does every later one
                break
            before = min(before, event.on.last)
            found.append(event)
        while found and found[-1].on.first > before:
            found.pop()
        return found, before

    def holds_besides(self, event: Event, names: Iterable[str]) -> bool:
        """Whether one of the names is still to come, the event itself not counted."""
        return any(self._names[name] > (name == event.name) for name in names)

    def remove(self, event: Event) -> None:
        """It was taken."""
        del self._events[id(event)]
        self._names[event.name] -= 1


class _Said:
    """What an event says, then its id: looked at only where days and the usual course do not decide."""

    __slots__ = ("_event",)

    def __init__(self, event: Event) -> None:
        self._event = event

    def __lt__(self, other: _Said) -> bool:
        one, two = self._event, other._event
        return (one.content(), one.id) < (two.content(), two.id)
