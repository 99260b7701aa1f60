"""Mails that must not be lost: a row in the transaction that caused them, sent later under a lease.

Sending is at-least-once: a process that dies between the server's "taken" and our "sent" sends again, with the
same Message-ID. Nothing else can send a mail twice: the key is unique.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
import smtplib
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from sqlalchemy import Index, String, Text, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.config import Settings
from app.core import clock
from app.core.db import Base, Moment, id_column, session, transaction
from app.core.mail import Mail, Transport

log = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=60)
RETRY = (dt.timedelta(minutes=1), dt.timedelta(minutes=5), dt.timedelta(minutes=30), dt.timedelta(hours=2))


class OutboxMail(Base):
    """A mail on its way, or sent; ``sent_at`` is when the SMTP server took it."""

    __tablename__ = "outbox_mail"

    id: Mapped[str] = id_column()
    key: Mapped[str] = mapped_column(String(200), unique=True)
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    calendar: Mapped[str | None] = mapped_column(Text)
    queued_at: Mapped[dt.datetime] = mapped_column(Moment)
    not_before: Mapped[dt.datetime] = mapped_column(Moment)
    leased_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    last_error: Mapped[str | None] = mapped_column(String(400))

    __table_args__ = (Index("ix_outbox_mail_waiting", "not_before", sqlite_where=sent_at.is_(None)),)


def enqueue(mail: Mail) -> bool:
    """Queue a mail in the caller's transaction; False if a mail with this key was queued before (nothing happens)."""
    if session.scalar(select(OutboxMail.id).where(OutboxMail.key == mail.key)):
        return False
    now = clock.now()
    row = OutboxMail(key=mail.key, recipient=mail.to, subject=mail.subject, text=mail.text, calendar=mail.calendar)
    row.queued_at = row.not_before = now
    session.add(row)
    session.flush()
    return True


def deliver(post: Transport, settings: Settings, limit: int = 50) -> int:
    """Send what waits, oldest first; returns how many were taken by the server. Safe in several processes."""
    taken = 0
    for _number in range(limit):
        row = _lease()
        if row is None:
            break
        try:
            post.send(compose(row, settings))
        except (OSError, smtplib.SMTPException) as error:
            _postpone(row, error)
        else:
            taken += 1
            with transaction() as current:
                current.execute(
                    update(OutboxMail).where(OutboxMail.id == row.id).values(sent_at=clock.now(), leased_until=None)
                )
    return taken


def message_id(key: str, settings: Settings) -> str:
    """The Message-ID is a function of what the mail is about, so that a second delivery is recognised as the same."""
    digest = hmac.new(settings.key().encode(), key.encode(), hashlib.sha256).hexdigest()
    return f"<{digest[:40]}@shirube.invalid>"


def compose(row: OutboxMail, settings: Settings) -> EmailMessage:
    """The row as a message of the standard library."""
    message = EmailMessage()
    name, address = parseaddr(settings.mail_from)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = row.recipient
    message["Subject"] = row.subject
    message["Date"] = format_datetime(row.queued_at)
    message["Message-ID"] = message_id(row.key, settings)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(row.text, cte="base64")
    if row.calendar:
        message.add_attachment(row.calendar.encode(), maintype="text", subtype="calendar", filename="shirube.ics")
    return message


def _lease() -> OutboxMail | None:
    now = clock.now()
    with transaction() as current:
        row = current.scalar(
            select(OutboxMail)
            .where(
                OutboxMail.sent_at.is_(None),
                OutboxMail.not_before <= now,
                or_(OutboxMail.leased_until.is_(None), OutboxMail.leased_until <= now),
            )
            .order_by(OutboxMail.not_before, OutboxMail.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is not None:
            row.leased_until, row.attempts = now + LEASE, row.attempts + 1
        return row


def _postpone(row: OutboxMail, error: Exception) -> None:
    wait = RETRY[min(row.attempts, len(RETRY)) - 1]
    log.warning("mail %s not taken (%s), again in %s", row.id, type(error).__name__, wait)
    with transaction() as current:
        current.execute(
            update(OutboxMail)
            .where(OutboxMail.id == row.id)
            .values(
                leased_until=None, not_before=clock.now() + wait, last_error=f"{type(error).__name__}: {error}"[:400]
            )
        )
