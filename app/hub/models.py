"""Which weekly digests were sent, so that none is sent twice."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Date, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment, id_column


class HubDigest(Base):
    """One person's digest of one week; ``week`` is its Monday, ``conflicts`` names those that there were."""

    __tablename__ = "hub_digest"

    id: Mapped[str] = id_column()
    hub_id: Mapped[str] = mapped_column(ID, ForeignKey("organisation.id"))
    person_id: Mapped[str] = mapped_column(ID, ForeignKey("person.id"))
    week: Mapped[dt.date] = mapped_column(Date)
    queued_at: Mapped[dt.datetime] = mapped_column(Moment)
    conflicts: Mapped[list[str]] = mapped_column(JSON, default=list)

    __table_args__ = (UniqueConstraint("hub_id", "person_id", "week"),)
