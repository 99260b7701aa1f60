"""Organisations (the tenants), memberships and invitations."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actor import OrganisationKind, Position
from app.core.db import ID, Base, Moment, id_column
from app.engine.definition.common import Language


class Organisation(Base):
    """A company, university or hub; ``hub_id`` is the hub that invited it."""

    __tablename__ = "organisation"

    id: Mapped[str] = id_column()
    kind: Mapped[OrganisationKind] = mapped_column(String(20))
    name_ja: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    hub_id: Mapped[str | None] = mapped_column(ID, ForeignKey("organisation.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)


class Member(Base):
    """A person's position in an organisation; ``keeps_rules`` is what a hub's administrator gives to a person."""

    __tablename__ = "member"

    id: Mapped[str] = id_column()
    person_id: Mapped[str] = mapped_column(ID, ForeignKey("person.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ID, ForeignKey("organisation.id"), index=True)
    position: Mapped[Position] = mapped_column(String(20))
    since: Mapped[dt.datetime] = mapped_column(Moment)
    keeps_rules: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())

    __table_args__ = (UniqueConstraint("person_id", "organisation_id"),)


class Invitation(Base):
    """A door for one person into one organisation; the token itself is only in the mail, here is its SHA-256."""

    __tablename__ = "invitation"

    id: Mapped[str] = id_column()
    organisation_id: Mapped[str] = mapped_column(ID, ForeignKey("organisation.id"))
    position: Mapped[Position] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[Language] = mapped_column(String(2))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[str | None] = mapped_column(ID, ForeignKey("person.id"))
    invited_at: Mapped[dt.datetime] = mapped_column(Moment)
    expires_at: Mapped[dt.datetime] = mapped_column(Moment)
    accepted_at: Mapped[dt.datetime | None] = mapped_column(Moment)

    __table_args__ = (Index("ix_invitation_organisation", "organisation_id"),)
