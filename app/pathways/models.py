"""The events of all therapies; rows are only ever added (the migration puts triggers that refuse anything else)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment, id_column


class PathwayEvent(Base):
    """One fact that happened to a therapy, or the correction or withdrawal of an earlier one.

    ``first_day`` to ``last_day`` is when it happened: the same day twice, or a month or year known only as such.
    ``machine`` and ``instance`` are set only where the vocabulary cannot tell which track is meant. An event
    ``FACT_NOTED`` says that facts for guards hold (or no longer do); it moves no track.
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
    history: Mapped[bool] = mapped_column(Boolean, default=False)  # recorded late: guards not asked, holes inferred
    source: Mapped[str | None] = mapped_column(String(200))
    confidence: Mapped[str | None] = mapped_column(String(20))
    note_ja: Mapped[str] = mapped_column(String(1000), default="")
    note_en: Mapped[str] = mapped_column(String(1000), default="")
    supersedes_id: Mapped[str | None] = mapped_column(ID, ForeignKey("pathway_event.id"))
    reason: Mapped[str | None] = mapped_column(String(1000))  # why an earlier event was wrong
    recorded_at: Mapped[dt.datetime] = mapped_column(Moment)
    recorded_by: Mapped[str | None] = mapped_column(ID)  # no foreign key: the history outlives the person
    recorded_by_name: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (Index("ix_pathway_event_therapy", "therapy_id", "recorded_at"),)
