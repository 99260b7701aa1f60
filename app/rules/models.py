"""What rule keepers of hubs enter, verify and accept."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment, id_column
from app.rules.kinds import Kind, Standing


class RuleEntry(Base):
    """A table of reception days, a fee or a form that a hub entered.

    ``content`` is the definition without its mark, ``source`` where it was read; the mark follows from ``source_id``.
    """

    __tablename__ = "rule_entry"

    id: Mapped[str] = id_column()
    hub_id: Mapped[str] = mapped_column(ID, ForeignKey("organisation.id"))
    kind: Mapped[Kind] = mapped_column(String(20))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    source_id: Mapped[str] = mapped_column(String(16))
    standing: Mapped[Standing] = mapped_column(String(20))
    entered_by: Mapped[str] = mapped_column(String(200))  # the name, as others see it; who it was stands in the trail
    entered_at: Mapped[dt.datetime] = mapped_column(Moment)
    accepted_by: Mapped[str | None] = mapped_column(String(200))
    accepted_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None] = mapped_column(String(200))
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(String(1000))
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (Index("ix_rule_entry_hub", "hub_id", "standing"), UniqueConstraint("source_id"))


class RuleVerification(Base):
    """A person compared an entry, as it was then (``digest``), with what it says it rests on."""

    __tablename__ = "rule_verification"

    id: Mapped[str] = id_column()
    hub_id: Mapped[str] = mapped_column(ID, ForeignKey("organisation.id"))
    entry: Mapped[str] = mapped_column(String(200))  # id of an entry of app.engine.entries
    digest: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[str] = mapped_column(ID)  # no foreign key: the fact outlives the person
    person: Mapped[str] = mapped_column(String(200))
    verified_on: Mapped[dt.date] = mapped_column(Date)
    compared: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[dt.datetime] = mapped_column(Moment)
    taken_back_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    taken_back_by: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(String(1000))

    __table_args__ = (Index("ix_rule_verification_entry", "hub_id", "entry"),)


class EditionAcceptance(Base):
    """A keeper let an edition of a machine count for the hub's companies, from the day on which it is the law."""

    __tablename__ = "rule_edition_acceptance"

    id: Mapped[str] = id_column()
    hub_id: Mapped[str] = mapped_column(ID, ForeignKey("organisation.id"))
    machine: Mapped[str] = mapped_column(String(50))
    version: Mapped[int] = mapped_column(Integer)  # of the edition
    accepted_by: Mapped[str] = mapped_column(String(200))  # the name, as others see it; who it was stands in the trail
    accepted_at: Mapped[dt.datetime] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("hub_id", "machine", "version"),)
