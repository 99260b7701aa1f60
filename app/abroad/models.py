"""The milestones that a therapy plans at agencies, or has passed there."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment, id_column


class ForeignMilestone(Base):
    """One milestone of one agency; ``agency`` and ``milestone`` are keys of ``workflows/abroad/``.

    ``first_day`` to ``last_day`` is when it is planned: the same day twice, or a month or year known only as such;
    both empty when it was entered only after it happened, on ``actual_day``.
    """

    __tablename__ = "foreign_milestone"

    id: Mapped[str] = id_column()
    therapy_id: Mapped[str] = mapped_column(ID, ForeignKey("therapy.id"))
    agency: Mapped[str] = mapped_column(String(20))
    milestone: Mapped[str] = mapped_column(String(64))
    first_day: Mapped[dt.date | None] = mapped_column(Date)
    last_day: Mapped[dt.date | None] = mapped_column(Date)
    actual_day: Mapped[dt.date | None] = mapped_column(Date)
    remark: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (Index("ix_foreign_milestone_therapy", "therapy_id"),)
