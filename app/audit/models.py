"""The audit table; rows are only ever added (the migration puts triggers that refuse anything else)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment, id_column


class AuditEvent(Base):
    """One change or one denied request."""

    __tablename__ = "audit_event"

    id: Mapped[str] = id_column()
    at: Mapped[dt.datetime] = mapped_column(Moment)
    actor_id: Mapped[str | None] = mapped_column(ID)  # no foreign key: the trail outlives the person
    actor_name: Mapped[str] = mapped_column(String(200), default="")
    action: Mapped[str] = mapped_column(String(80))  # room:object:verb, such as therapies:therapy:added
    organisation_id: Mapped[str | None] = mapped_column(ID)
    subject_id: Mapped[str | None] = mapped_column(ID)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    reason: Mapped[str | None] = mapped_column(String(1000))

    __table_args__ = (
        Index("ix_audit_event_subject", "subject_id", "at"),
        Index("ix_audit_event_actor", "actor_id", "at"),
        Index("ix_audit_event_at", "at"),
    )
