"""Sign-ins kept on the server, so that they can be listed and ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, Text, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.config import Settings
from app.core import clock
from app.core.db import ID, Base, Moment


class WebSession(Base):
    """One browser's session; the cookie holds a random token, here is only its SHA-256."""

    __tablename__ = "web_session"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str | None] = mapped_column(ID, ForeignKey("person.id"), index=True)
    data: Mapped[str] = mapped_column(Text)
    began_at: Mapped[dt.datetime] = mapped_column(Moment)
    seen_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    browser: Mapped[str] = mapped_column(String(200), default="")
    person: Mapped[Any] = relationship("Person", viewonly=True, lazy="raise")  # of the room of people, above this one


def is_over(settings: Settings) -> ColumnElement[bool]:
    """Whether a sign-in has ended by idleness or age, as a condition on its row."""
    now, (idle, longest) = clock.machine_time(), lengths(settings)
    return or_(WebSession.seen_at < now - idle, WebSession.began_at < now - longest)


def lengths(settings: Settings) -> tuple[dt.timedelta, dt.timedelta]:
    """After how long a silence a sign-in ends, and after how long in any case."""
    return dt.timedelta(minutes=settings.session_idle_minutes), dt.timedelta(days=settings.session_days)
