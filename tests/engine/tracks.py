"""Short ways to write histories in tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from app.engine.library import Library, shipped
from app.engine.machine import Days, Event, Tracks, fold

TODAY = dt.date(2026, 11, 22)


def past(number: int, name: str, on: str, **attributes: str) -> Event:
    """An event recorded after it happened."""
    return Event(str(number), name, Days.parse(on), attributes, history=True)


def live(number: int, name: str, on: str, instance: str | None = None, **attributes: str) -> Event:
    """An event recorded as a next step."""
    return Event(str(number), name, Days.parse(on), attributes, instance=instance)


def history(*entries: tuple[str, str] | tuple[str, str, Mapping[str, str]]) -> list[Event]:
    """Events of a history: name, day and attributes."""
    return [past(number, *entry[:2], **(entry[2] if len(entry) > 2 else {})) for number, entry in enumerate(entries)]


def folded(*entries: tuple[str, str] | tuple[str, str, Mapping[str, str]], as_of: dt.date = TODAY) -> Tracks:
    """The tracks of a history by the shipped rules."""
    return fold(shipped(), history(*entries), as_of)


def states(tracks: Tracks, machine: str, instance: str | None = None) -> list[str]:
    """The states that a track passed."""
    track = tracks.get(machine, instance)
    return [visit.state for visit in track.history] if track else []


def library() -> Library:
    """The shipped rules."""
    return shipped()
