"""Bundles: asked for by a person, made by the worker, kept with what the preflight found."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment
from app.core.leases import Leased
from app.core.storage import NAMES_A_FILE
from app.documents.states import State
from app.engine.definition.common import Language


class Bundle(Leased, Base):
    """One bundle of one consultation; ``attempts`` is how often a worker has taken it."""

    __tablename__ = "bundle"

    consultation_id: Mapped[str] = mapped_column(ID, ForeignKey("consultation.id"))
    language: Mapped[Language] = mapped_column(String(2))
    japanese_era: Mapped[bool] = mapped_column(Boolean, default=True)
    made_on: Mapped[dt.date] = mapped_column(Date)  # the day that is printed
    state: Mapped[State] = mapped_column(String(10), default=State.WAITING)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    content_sha256: Mapped[str] = mapped_column(String(64), default="")
    sha256: Mapped[str] = mapped_column(String(64), default="", info=NAMES_A_FILE)
    size: Mapped[int] = mapped_column(Integer, default=0)
    pages: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    requested_by: Mapped[str | None] = mapped_column(ID)  # no foreign key: the bundle outlives the person
    requested_by_name: Mapped[str] = mapped_column(String(200), default="")
    requested_at: Mapped[dt.datetime] = mapped_column(Moment)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Moment)

    __table_args__ = (
        Index("ix_bundle_consultation", "consultation_id", "requested_at"),
        Index("ix_bundle_state", "state", "requested_at"),
    )
