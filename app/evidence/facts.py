"""What guards may ask about evidence: which items are there, and what is missing at each gate."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.core import clock
from app.engine.evidence import asked, lacking
from app.engine.machine import KnownFacts
from app.evidence.models import EvidencePart
from app.evidence.states import Status
from app.pathways import facts
from app.pathways.rules import library
from app.therapies.queries import TherapyView


class Evidence:
    """See app.pathways.facts.Companion. The value lists ``item/gate=status``, divided by blanks."""

    def column(self, therapy_id: str) -> ColumnElement[Any]:
        """How far each piece is, as one text; NULL where nobody has written anything yet."""
        piece = EvidencePart.item.concat("/").concat(EvidencePart.gate).concat("=").concat(EvidencePart.status)
        told = select(func.aggregate_strings(piece, " ")).where(EvidencePart.therapy_id == therapy_id)
        return told.scalar_subquery()

    def read(self, therapy: TherapyView, told: Any) -> KnownFacts:
        """What is there and what is missing; nothing of a public precedent.

        An item is known as a fact once work on it has begun here; before that, what was noted as a condition still
        holds, and without a note it is missing.
        """
        if therapy.is_public:
            return KnownFacts()
        pieces = (piece.partition("=")[::2] for piece in (told or "").split())
        parts = {tuple(place.split("/")): Status(status) for place, status in pieces}
        closed = {(item, gate) for (item, gate), status in parts.items() if status.closed}
        begun = {item for (item, _gate), status in parts.items() if status is not Status.NOT_STARTED}
        there = {item for item, _gate in closed}
        needed = asked(library(), therapy.product_class, therapy.material, clock.today())
        missing = lacking(library(), needed, closed)
        return KnownFacts(facts={item: item in there for item in begun}, evidence=missing)


EVIDENCE = facts.accompany(Evidence())
