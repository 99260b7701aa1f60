"""Where therapies stand on their way: asked of the room of histories, which lies above this one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement

from app.access.scope import Scope
from app.engine.definition.common import Text
from app.therapies.queries import TherapyView


@dataclass(frozen=True, slots=True)
class Place:
    """The present station of a therapy's programme and since when; ``inferred`` when nobody recorded the arrival."""

    letter: str
    number: str
    state: str
    names: Text
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    inferred: bool = False
    certainty: str | None = None  # of the day: high, medium or low
    disputed: bool = False  # other sources give another day


class Places(Protocol):
    """What the room of histories knows."""

    def start(self, scope: Scope, therapy_id: str, stage: str, because: str) -> None:
        """Write down that a new therapy stands in ``stage`` today, and how the person knows."""
        ...

    def choices(self) -> Sequence[tuple[str, str, Text]]:
        """The states of the programme in their order: key, station code, name."""
        ...

    def refusal(self, therapy: TherapyView, pathway: str) -> Text | None:
        """Why the history of the therapy cannot have happened on another pathway; None when it can."""
        ...

    def history(self) -> ColumnElement[Any]:
        """What a therapy's station follows from, as a value of the statement that reads the therapy."""
        ...

    def places(self, told: Sequence[tuple[TherapyView, str | None]]) -> Mapping[str, Place | None]:
        """The present station by the id of each therapy that comes with its ``history``: one statement at most."""
        ...


_known: list[Places] = []


def register(places: Places) -> Places:
    """Let ``places`` answer from now on."""
    _known[:] = [places]
    return places


def known() -> Places:
    """Who answers; LookupError when the room of histories was not opened."""
    if not _known:
        raise LookupError("the room of histories is closed: import app.pathways.places")
    return _known[0]
