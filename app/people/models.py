"""A person who can sign in, the browsers in which they did, and what was tried in vain."""

from __future__ import annotations

import datetime as dt

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment, id_column, session
from app.engine.definition.common import Language

# Flask-Security asks for roles; what a person may do follows from memberships, so the table stays empty.
person_role = Table(
    "person_role",
    Base.metadata,
    Column("person_id", ID, ForeignKey("person.id"), primary_key=True),
    Column("role_id", ID, ForeignKey("role.id"), primary_key=True),
)


class Role(Base, RoleMixin):
    """Required by Flask-Security; unused."""

    __tablename__ = "role"

    id: Mapped[str] = id_column()
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))


class Person(Base, UserMixin):
    """A person with an address, a password and a language of their own."""

    __tablename__ = "person"

    id: Mapped[str] = id_column()
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[Language] = mapped_column(String(2), default="ja")
    create_datetime: Mapped[dt.datetime] = mapped_column(Moment)
    last_login_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    current_login_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    last_login_ip: Mapped[str | None] = mapped_column(String(64))
    current_login_ip: Mapped[str | None] = mapped_column(String(64))
    login_count: Mapped[int | None] = mapped_column(default=0)
    roles = ()  # of Flask-Security; not even asked for

    def verify_and_update_password(self, password: str) -> bool:
        """Whether this is the password, also when the slow comparison is over: it may have been changed meanwhile."""
        seen = self.password
        if not super().verify_and_update_password(password):
            return False
        now = select(Person.id).where(Person.id == self.id, Person.password == seen, Person.active)
        return session.scalar(now) is not None


class Attempt(Base):
    """A try of something that is limited; what was tried, and by whom, is only a digest. Forgotten after a day."""

    __tablename__ = "attempt"

    id: Mapped[str] = id_column()
    pool: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(Moment, index=True)

    __table_args__ = (Index("ix_attempt_pool", "pool", "at"),)


class KnownBrowser(Base):
    """A browser in which a person once gave the right password; its cookie holds a token, here is only the SHA-256.

    It signs nobody in: it only lets the owner try while strangers use up the tries of everybody else.
    """

    __tablename__ = "known_browser"

    id: Mapped[str] = id_column()
    person_id: Mapped[str] = mapped_column(ID, ForeignKey("person.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)

    __table_args__ = (UniqueConstraint("token_sha256", "person_id"),)
