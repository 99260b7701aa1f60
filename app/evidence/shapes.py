"""Evidence as pages and other rooms see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from app.engine.definition.common import Text
from app.engine.definition.evidence import Gate, Missing, Part
from app.engine.evidence import Asked
from app.evidence.states import Status
from app.therapies.queries import TherapyView


@dataclass(frozen=True, slots=True)
class DocumentView:
    """One attached file; ``size`` in bytes."""

    id: str
    part_id: str
    filename: str
    mimetype: str
    sha256: str
    size: int
    added_at: dt.datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class PartView:
    """One item at one gate. ``version`` is 0 while nobody has written anything about it.

    ``covered``: it is there, because it is closed itself, because more of it is accepted at a later gate, or because it
    was noted as a condition before its evidence was kept here (``noted``).
    """

    asked: Asked
    gate: Gate
    part: Part
    planned_on: dt.date | None  # of the gate
    covered: bool = False
    noted: bool = False
    id: str | None = None
    status: Status = Status.NOT_STARTED
    owner_id: str | None = None
    owner: str | None = None
    due_on: dt.date | None = None  # a day of its own
    reason: str = ""
    kept_at: str = ""
    kept_on: dt.date | None = None
    remark: str = ""
    done_on: dt.date | None = None
    version: int = 0
    documents: tuple[DocumentView, ...] = ()

    @property
    def due(self) -> dt.date | None:
        """The day by which it must be there: its own or that of the gate, whichever is earlier."""
        days = [day for day in (self.due_on, self.planned_on) if day]
        return min(days) if days else None

    @property
    def blocks(self) -> bool:
        """Whether it stops the steps that its gate guards while it is missing."""
        return self.part.missing is Missing.BLOCKS

    def late(self, today: dt.date) -> bool:
        """Whether its day has passed and it is still missing."""
        return not self.covered and self.due is not None and self.due < today


@dataclass(frozen=True, slots=True)
class GateView:
    """One gate of a therapy: its day, how many of its items are there, and which steps wait for it."""

    gate: Gate
    planned_on: dt.date | None
    version: int
    parts: tuple[PartView, ...]
    guards: tuple[Text, ...] = ()

    @property
    def done(self) -> int:
        """How many items are there."""
        return sum(part.covered for part in self.parts)

    @property
    def blocking(self) -> int:
        """How many are missing and stop a step."""
        return sum(part.blocks and not part.covered for part in self.parts)

    @property
    def complete_on(self) -> dt.date | None:
        """The day on which the last of them was closed; None while any is missing."""
        if not self.parts or self.done < len(self.parts):
            return None
        return max((part.done_on for part in self.parts if part.done_on), default=None)


@dataclass(frozen=True, slots=True)
class Matrix:
    """All evidence of a therapy."""

    therapy: TherapyView
    parts: tuple[PartView, ...]
    gates: tuple[GateView, ...]
    people: Mapping[str, str]  # of its organisation, their names by their ids

    def of(self, asked: Asked) -> tuple[PartView, ...]:
        """The parts of one item in the order of the gates."""
        return tuple(part for part in self.parts if part.asked.item.key == asked.item.key)


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history of a piece: who, when, and what became what."""

    at: dt.datetime
    person: str
    action: str
    before: dict[str, str | None]
    after: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class OnePart:
    """One item at one gate, with everything that its page shows."""

    therapy: TherapyView
    part: PartView
    siblings: tuple[PartView, ...]  # the same item at all its gates
    guards: tuple[Text, ...]  # the steps that wait for the gate
    people: Mapping[str, str]  # of its organisation, their names by their ids
    entry: str  # where the item stands in the rules
    verified: bool  # … and whether it stands verified there for the reader
