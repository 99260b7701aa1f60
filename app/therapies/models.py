"""Therapies, grants to outside readers, and the log of their reads."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment, id_column


class Therapy(Base):
    """One product × one indication of one organisation (開発品目). An empty name falls back to the other language."""

    __tablename__ = "therapy"

    id: Mapped[str] = id_column()
    organisation_id: Mapped[str] = mapped_column(ID, ForeignKey("organisation.id"), index=True)
    name_ja: Mapped[str] = mapped_column(String(200), default="")
    name_en: Mapped[str] = mapped_column(String(200), default="")
    product_class: Mapped[str] = mapped_column(String(20))  # a class of the pathway, such as RMP-C
    indication_ja: Mapped[str] = mapped_column(String(300), default="")
    indication_en: Mapped[str] = mapped_column(String(300), default="")
    material: Mapped[str] = mapped_column(String(40))  # a key of workflows/materials.yaml
    pathway: Mapped[str] = mapped_column(String(64))  # key of a definition in workflows/pathways/
    reference: Mapped[str | None] = mapped_column(String(64), unique=True)  # of a public precedent: its case
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Grant(Base):
    """A consent of the owner: this organisation may see the therapy until the end of a day, or until revoked."""

    __tablename__ = "therapy_grant"

    id: Mapped[str] = id_column()
    therapy_id: Mapped[str] = mapped_column(ID, ForeignKey("therapy.id"))
    organisation_id: Mapped[str] = mapped_column(ID, ForeignKey("organisation.id"))
    granted_by: Mapped[str | None] = mapped_column(ID, ForeignKey("person.id"))
    granted_at: Mapped[dt.datetime] = mapped_column(Moment)
    until: Mapped[dt.date | None] = mapped_column(Date)  # last day, in Japan; None: open-ended
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Moment)

    __table_args__ = (
        Index("ix_therapy_grant_organisation", "organisation_id", "therapy_id"),
        Index("ix_therapy_grant_therapy", "therapy_id"),
    )


class ReadLog(Base):
    """Somebody outside the owner organisation looked at a page of the therapy."""

    __tablename__ = "therapy_read"

    id: Mapped[str] = id_column()
    therapy_id: Mapped[str] = mapped_column(ID, ForeignKey("therapy.id"))
    person_id: Mapped[str | None] = mapped_column(ID)  # no foreign keys: the log outlives person and organisation
    organisation_id: Mapped[str | None] = mapped_column(ID)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    page: Mapped[str] = mapped_column(String(80))  # the endpoint that was read

    __table_args__ = (Index("ix_therapy_read_therapy", "therapy_id", "at"),)
