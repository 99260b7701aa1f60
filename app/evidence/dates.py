"""The days by which evidence must be there, for the room of schedules, which asks without being known here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.access.scope import Scope
from app.engine.definition.common import Text
from app.evidence.shapes import Matrix


@dataclass(frozen=True, slots=True)
class Due:
    """A day by which something must be there. ``key`` is its place below the evidence of the therapy.

    All items of a gate share the day of the gate; an item has a day of its own only where somebody gave it one.
    """

    key: str
    title: Text
    about: Text
    day: dt.date
    done_on: dt.date | None


class Timetable(Protocol):
    """Who keeps the dates of therapies."""

    def __call__(self, scope: Scope, therapy_id: str, due: Sequence[Due]) -> None:
        """Make the dates of a therapy's evidence those of ``due``; joins the caller's transaction."""


_timetables: list[Timetable] = []


def register(timetable: Timetable) -> None:
    """Let ``timetable`` keep the days; registering the same one twice changes nothing."""
    if timetable not in _timetables:
        _timetables.append(timetable)


def tell(scope: Scope, matrix: Matrix) -> None:
    """Say what is due now to whoever keeps dates; joins the caller's transaction."""
    due = list(of(matrix))
    for timetable in _timetables:
        timetable(scope, matrix.therapy.id, due)


def of(matrix: Matrix) -> Iterator[Due]:
    """The days of a therapy's evidence: one for each gate that has a day, one for each item with an earlier one."""
    for gate in matrix.gates:
        if gate.planned_on:
            title = Text(
                ja=f"証拠をそろえる({gate.gate.names.ja})", en=f"Evidence complete ({gate.gate.names.en.lower()})"
            )
            yield Due(gate.gate.key, title, Text(ja="証拠", en="Evidence"), gate.planned_on, gate.complete_on)
    for part in matrix.parts:
        if part.due_on and (part.planned_on is None or part.due_on < part.planned_on):
            names = part.asked.item.names
            about = Text(
                ja=f"証拠({part.gate.names.ja})" + (f"・担当 {part.owner}" if part.owner else ""),
                en=f"Evidence ({part.gate.names.en.lower()})" + (f", {part.owner}" if part.owner else ""),
            )
            done_on = part.done_on or (part.due_on if part.covered else None)
            yield Due(f"{part.gate.key}/{part.asked.item.key}", names, about, part.due_on, done_on)
