"""Sign-ins kept on the server, so that they can be listed and ended."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

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
