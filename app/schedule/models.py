"""Milestones: the dated things of a therapy, each with its role, its basis and how it came about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, id_column
from app.engine.definition.common import Basis, Role


class Milestone(Base):
    """One dated thing. It has a day, or a range (``earliest`` to ``latest``), or no date yet (all three empty).

    ``duty_day`` is the day to reckon with: the day, or the first of the range. ``alarm_from``: from this day on it must
    be ready, because the true day may be it. ``about_*`` names what it belongs to, in the words of a departure board.
    ``price_*`` says what it costs to miss it.
    """

    __tablename__ = "milestone"

    id: Mapped[str] = id_column()
    therapy_id: Mapped[str] = mapped_column(ID, ForeignKey("therapy.id"))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(ID)
    key: Mapped[str] = mapped_column(String(64))
    title_ja: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    about_ja: Mapped[str] = mapped_column(String(200), default="")
    about_en: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[Role] = mapped_column(String(20))
    basis: Mapped[Basis] = mapped_column(String(20))
    certainty: Mapped[str | None] = mapped_column(String(10))  # certain, likely, possible
    on_day: Mapped[dt.date | None] = mapped_column(Date)
    earliest: Mapped[dt.date | None] = mapped_column(Date)
    latest: Mapped[dt.date | None] = mapped_column(Date)
    duty_day: Mapped[dt.date | None] = mapped_column(Date)
    alarm_from: Mapped[dt.date | None] = mapped_column(Date)
    hours: Mapped[str | None] = mapped_column(String(40))
    is_window: Mapped[bool] = mapped_column(Boolean, default=False)  # the true day lies somewhere in the range
    trace: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    why_ja: Mapped[str] = mapped_column(Text, default="")
    why_en: Mapped[str] = mapped_column(Text, default="")
    price_ja: Mapped[str] = mapped_column(String(500), default="")
    price_en: Mapped[str] = mapped_column(String(500), default="")
    done_on: Mapped[dt.date | None] = mapped_column(Date)
    done_by: Mapped[str | None] = mapped_column(ID)  # no foreign key: the fact outlives the person
    position: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "key"),
        Index("ix_milestone_therapy", "therapy_id", "duty_day"),
        # What is still open, by day; the rest of the columns let the search for due mails read nothing but this. Even
        # ``done_on``, which is empty here: SQLite asks the table for it otherwise.
        Index(
            "ix_milestone_open",
            *("duty_day", "role", "alarm_from", "on_day", "latest", "id", "done_on"),
            sqlite_where=done_on.is_(None),
            postgresql_where=done_on.is_(None),
        ),
        # The same by therapy: a list of many reads nothing but this until it knows what to show.
        Index(
            "ix_milestone_ahead",
            *("therapy_id", "duty_day", "position", "id", "role", "latest", "is_window", "done_on"),
            sqlite_where=done_on.is_(None),
            postgresql_where=done_on.is_(None),
        ),
    )
