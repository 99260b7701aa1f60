"""What guards may ask about evidence: which items are there on a day, and what is missing at each gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, select

from app.engine.evidence import asked, lacking
from app.engine.machine import KnownFacts
from app.evidence.models import EvidencePart
from app.evidence.states import Status
from app.pathways import facts
from app.pathways.rules import library
from app.therapies.models import Therapy
from app.therapies.queries import TherapyView


@dataclass(frozen=True, slots=True)
class _Piece:
    """One item at one gate, and the days on which it was closed here or since which it is kept elsewhere."""

    item: str
    gate: str
    status: Status
    days: tuple[dt.date, ...]

    def there(self, on: dt.date) -> bool:
        """Whether it was there on the day; what does not apply to a product never did."""
        if self.status is Status.NOT_APPLICABLE:
            return True
        return self.status.closed and min(self.days, default=on) <= on


class Evidence:
    """See app.pathways.facts.Companion. The value lists ``item/gate/status/day closed/day kept``, divided by blanks."""

    @cached_property
    def column(self) -> ColumnElement[Any]:
        """How far each piece is, and since when, as one text; NULL where nobody has written anything yet."""
        piece = EvidencePart.item.concat("/").concat(EvidencePart.gate).concat("/").concat(EvidencePart.status)
        for day in (EvidencePart.done_on, EvidencePart.kept_on):
            piece = piece.concat("/").concat(func.coalesce(cast(day, String), ""))
        told = select(func.aggregate_strings(piece, " ")).where(EvidencePart.therapy_id == Therapy.id)
        return told.correlate(Therapy).scalar_subquery()

    def read(self, therapy: TherapyView, told: Any, on: dt.date) -> KnownFacts:
        """What was there and what was missing on a day, by the rules of that day; nothing of a public precedent.

        An item is known as a fact once work on it has begun here; before that, what was noted as a condition still
        holds, and without a note it is missing. Of what was closed only after the day nobody knows when work began: a
        note of that time still holds for it.
        """
        if therapy.is_public:
            return KnownFacts()
        pieces = list(_pieces(told))
        closed = {(piece.item, piece.gate) for piece in pieces if piece.there(on)}
        there = {item for item, _gate in closed}
        later = {piece.item for piece in pieces if piece.status.closed} - there
        begun = {piece.item for piece in pieces if piece.status is not Status.NOT_STARTED} - later
        needed = asked(library(), therapy.product_class, therapy.material, on)
        missing = lacking(library(), needed, closed)
        return KnownFacts(facts={item: item in there for item in begun}, evidence=missing)


def _pieces(told: str | None) -> Iterator[_Piece]:
    for piece in (told or "").split():
        item, gate, status, *days = piece.split("/")
        yield _Piece(item, gate, Status(status), tuple(dt.date.fromisoformat(day) for day in days if day))


EVIDENCE = facts.accompany(Evidence())
