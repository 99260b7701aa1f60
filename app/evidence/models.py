"""How far each piece of evidence of a therapy is, the documents that prove it, and the planned days of its gates."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment, id_column
from app.core.storage import NAMES_A_FILE
from app.evidence.states import Status


class EvidencePart(Base):
    """One item at one gate, from the first time that anybody wrote something about it.

    ``due_on``: a day of its own; without it the planned day of the gate counts. ``kept_at`` and ``kept_on``: where the
    evidence lies outside this program, and since when. ``done_on``: the day on which it was closed.
    """

    __tablename__ = "evidence_part"

    id: Mapped[str] = id_column()
    therapy_id: Mapped[str] = mapped_column(ID, ForeignKey("therapy.id"))
    item: Mapped[str] = mapped_column(String(64))  # key of an item in workflows/evidence/
    gate: Mapped[str] = mapped_column(String(64))  # key of a gate in workflows/gates.yaml
    status: Mapped[Status] = mapped_column(String(20), default=Status.NOT_STARTED)
    owner_id: Mapped[str | None] = mapped_column(ID, ForeignKey("person.id"))
    due_on: Mapped[dt.date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(1000), default="")  # why it is not applicable
    kept_at: Mapped[str] = mapped_column(String(300), default="")
    kept_on: Mapped[dt.date | None] = mapped_column(Date)
    remark: Mapped[str] = mapped_column(Text, default="")
    done_on: Mapped[dt.date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (UniqueConstraint("therapy_id", "item", "gate"),)


class EvidenceDocument(Base):
    """A file that proves a piece of evidence; its bytes lie in the store under ``sha256``."""

    __tablename__ = "evidence_document"

    id: Mapped[str] = id_column()
    part_id: Mapped[str] = mapped_column(ID, ForeignKey("evidence_part.id"))
    filename: Mapped[str] = mapped_column(String(255))
    mimetype: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64), info=NAMES_A_FILE)
    size: Mapped[int] = mapped_column(Integer)  # bytes
    added_at: Mapped[dt.datetime] = mapped_column(Moment)
    added_by: Mapped[str | None] = mapped_column(ID)  # no foreign key: the document outlives the person
    added_by_name: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (Index("ix_evidence_document_part", "part_id"),)


class EvidenceGate(Base):
    """The day on which a therapy means to pass a gate."""

    __tablename__ = "evidence_gate"

    id: Mapped[str] = id_column()
    therapy_id: Mapped[str] = mapped_column(ID, ForeignKey("therapy.id"))
    gate: Mapped[str] = mapped_column(String(64))
    planned_on: Mapped[dt.date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (UniqueConstraint("therapy_id", "gate"),)
