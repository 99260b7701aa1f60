"""The events of all therapies; rows are only ever added (the migration puts triggers that refuse anything else)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment, id_column


class PathwayEvent(Base):
    """One fact that happened to a therapy, or the correction or withdrawal of an earlier one.

    ``first_day`` to ``last_day`` is when it happened: the same day twice, or a month or year known only as such.
    ``machine`` and ``instance`` are set only where the vocabulary cannot tell which track is meant. An event
    ``FACT_NOTED`` says that facts for guards hold (or no longer do), an event ``ALSO_READ`` that another source gives
    another day for the event ``about_id``; both move no track.
    """

    __tablename__ = "pathway_event"

    id: Mapped[str] = id_column()
    therapy_id: Mapped[str] = mapped_column(ID, ForeignKey("therapy.id"))
    event: Mapped[str] = mapped_column(String(48))
    machine: Mapped[str | None] = mapped_column(String(64))
    instance: Mapped[str | None] = mapped_column(String(120))
    first_day: Mapped[dt.date] = mapped_column(Date)
    last_day: Mapped[dt.date] = mapped_column(Date)
    attributes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    history: Mapped[bool] = mapped_column(Boolean, default=False)  # recorded late: no guard stops it, holes inferred
    passed: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list, server_default="[]")  # guards: "not yet"
    because: Mapped[str | None] = mapped_column(String(1000))  # why it happened although they said so
    source: Mapped[str | None] = mapped_column(String(200))
    confidence: Mapped[str | None] = mapped_column(String(20))  # of a precedent: how it came to be known
    certainty: Mapped[str | None] = mapped_column(String(10))  # of the day: high, medium or low; None: not said
    note_ja: Mapped[str] = mapped_column(String(1000), default="")
    note_en: Mapped[str] = mapped_column(String(1000), default="")
    supersedes_id: Mapped[str | None] = mapped_column(ID, ForeignKey("pathway_event.id"))
    about_id: Mapped[str | None] = mapped_column(ID)  # no foreign key: SQLite adds a column without one; rows stay
    reason: Mapped[str | None] = mapped_column(String(1000))  # why an earlier event was wrong
    recorded_at: Mapped[dt.datetime] = mapped_column(Moment)
    recorded_by: Mapped[str | None] = mapped_column(ID)  # no foreign key: the history outlives the person
    recorded_by_name: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (Index("ix_pathway_event_therapy", "therapy_id", "recorded_at"),)


class PathwayUpload(Base):
    """A file of histories that waits for its confirmation until ``expires_at``; then it is forgotten.

    For the therapy ``therapy_id`` (of the case ``case_id``, where the file holds several), or for new therapies.
    """

    __tablename__ = "pathway_upload"

    id: Mapped[str] = id_column()
    organisation_id: Mapped[str] = mapped_column(ID, ForeignKey("organisation.id"))
    therapy_id: Mapped[str | None] = mapped_column(ID, ForeignKey("therapy.id"))
    case_id: Mapped[str] = mapped_column(String(64), default="")
    filename: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    uploaded_at: Mapped[dt.datetime] = mapped_column(Moment)
    expires_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)


class PathwayCase(Base):
    """Which therapy a case of imported files became, so that importing it again leads to the same one."""

    __tablename__ = "pathway_case"

    id: Mapped[str] = id_column()
    organisation_id: Mapped[str] = mapped_column(ID, ForeignKey("organisation.id"))
    case_id: Mapped[str] = mapped_column(String(64))
    therapy_id: Mapped[str] = mapped_column(ID, ForeignKey("therapy.id"))

    __table_args__ = (UniqueConstraint("organisation_id", "case_id"),)
