"""What was mailed to whom about which day, and what a person chose about mails and their calendar."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment, id_column
from app.notices.rules import Rule


class Notice(Base):
    """What one person was told by one rule about one day of a milestone; the mail lies in the outbox.

    ``subject_day``: the day that it is about. ``due_on``: the day on which the rule wanted it. ``mail_key``: the mail
    that says it, alone or together with other notices.
    """

    __tablename__ = "notice"

    id: Mapped[str] = id_column()
    milestone_id: Mapped[str] = mapped_column(ID)  # no foreign keys: what was mailed stays mailed
    therapy_id: Mapped[str] = mapped_column(ID)
    rule: Mapped[Rule] = mapped_column(String(20))
    subject_day: Mapped[dt.date] = mapped_column(Date)
    person_id: Mapped[str] = mapped_column(ID, ForeignKey("person.id"))
    due_on: Mapped[dt.date] = mapped_column(Date)
    mail_key: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[dt.datetime] = mapped_column(Moment)

    __table_args__ = (
        UniqueConstraint("milestone_id", "rule", "subject_day", "person_id"),
        Index("ix_notice_person", "person_id", "made_at"),
        Index("ix_notice_mail_key", "mail_key"),
    )


class NoticeChoice(Base):
    """What a person chose. Without a row: all mails, no calendar feed.

    The address of the feed is made from ``feed_seed`` and the secret key of the program; here is only its SHA-256.
    """

    __tablename__ = "notice_choice"

    person_id: Mapped[str] = mapped_column(ID, ForeignKey("person.id"), primary_key=True)
    mails: Mapped[bool] = mapped_column(Boolean, default=True)
    hide_names: Mapped[bool] = mapped_column(Boolean, default=True)
    feed_seed: Mapped[str | None] = mapped_column(String(64))
    feed_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    feed_made_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)
