"""Mails that must not be lost: a row in the transaction that caused them, sent later under a lease.

Sending is at-least-once: a process that dies between the server's "taken" and our "sent" sends again, with the
same Message-ID. Nothing else can send a mail twice: the key is unique. A clock that is set back holds nothing up.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
from collections.abc import Iterable
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from smtplib import SMTPDataError, SMTPNotSupportedError, SMTPRecipientsRefused, SMTPSenderRefused

from sqlalchemy import ColumnElement, Index, String, Text, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.config import Settings
from app.core import clock
from app.core.db import Base, Moment, id_column, insert_once, session, transaction
from app.core.ids import new_id
from app.core.mail import Mail, Transport

log = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=60)
SET_BACK = dt.timedelta(minutes=10)
SERVER_DOWN = dt.timedelta(minutes=1)  # all mails wait for the server, so none waits longer than this once it is back
RETRY = (dt.timedelta(minutes=1), dt.timedelta(minutes=5), dt.timedelta(minutes=30), dt.timedelta(hours=2))

# The fault of one mail; anything else that a transport raises is the fault of the server or of the way to it.
THIS_MAIL_ONLY = (
    SMTPDataError,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    MessageError,
    ValueError,
)


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

    __table_args__ = (
        Index(
            "ix_outbox_mail_waiting",
            "not_before",
            sqlite_where=sent_at.is_(None),
            postgresql_where=sent_at.is_(None),
        ),
    )


def enqueue(mail: Mail) -> bool:
    """Queue a mail in the caller's transaction; False if a mail with this key was queued before (nothing happens).

    Line breaks in the subject are folded away; raises ValueError for an address that holds more than one address.
    """
    now = clock.now()
    return insert_once(
        OutboxMail,
        id=new_id(),
        key=mail.key,
        recipient=one_address(mail.to),
        subject=" ".join(mail.subject.split())[:400],
        text=mail.text,
        calendar=mail.calendar,
        queued_at=now,
        not_before=now,
        attempts=0,
    )


def one_address(typed: str) -> str:
    """An address that is exactly one; raises ValueError for anything else, so that nobody else ever gets a copy."""
    try:
        found = Address(addr_spec=typed)
    except (IndexError, MessageError) as error:  # the parser of the standard library stumbles over empty text
        raise ValueError(f"not an address: {typed!r}") from error
    if not found.username or not found.domain:
        raise ValueError(f"not an address: {typed!r}")
    return found.addr_spec


def withdraw(keys: Iterable[str]) -> int:
    """Take back queued mails in the caller's transaction; returns how many. What is sent or being sent stays."""
    waiting = and_(OutboxMail.sent_at.is_(None), _free(clock.now()))
    done = session.execute(delete(OutboxMail.__table__).where(OutboxMail.key.in_(list(keys)), waiting))  # type: ignore[arg-type]
    return int(done.rowcount)  # type: ignore[attr-defined]


def deliver(post: Transport, settings: Settings, limit: int = 500) -> int:
    """Send what waits, oldest first; returns how many were taken by the server. Safe in several processes."""
    taken = 0
    try:
        for _number in range(limit):
            row = _lease()
            if row is None:
                break
            try:
                post.send(compose(row, settings))
            except THIS_MAIL_ONLY as error:
                _postpone(row, error, RETRY[min(row.attempts, len(RETRY)) - 1])
            except OSError as error:
                _postpone(row, error, SERVER_DOWN)
                break
            else:
                _sent(row)
                taken += 1
    finally:
        post.close()
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
    message["To"] = Address(addr_spec=row.recipient)
    message["Subject"] = row.subject
    message["Date"] = format_datetime(row.queued_at)
    message["Message-ID"] = message_id(row.key, settings)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(row.text, cte="base64")
    if row.calendar:
        message.add_attachment(
            row.calendar.encode(),
            maintype="text",
            subtype="calendar",
            filename="shirube.ics",
            params={"charset": "utf-8", "method": "PUBLISH"},
        )
    return message


def _lease() -> OutboxMail | None:
    now = clock.now()
    with transaction() as current:
        row = current.scalar(
            select(OutboxMail)
            .where(
                OutboxMail.sent_at.is_(None),
                or_(OutboxMail.not_before <= now, OutboxMail.queued_at > now),
                _free(now),
            )
            .order_by(OutboxMail.not_before, OutboxMail.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is not None:
            row.leased_until, row.attempts = now + LEASE, row.attempts + 1
        return row


def _free(now: dt.datetime) -> ColumnElement[bool]:
    """Nobody is sending it: no lease, one that has run out, or one from before the clock was set back.

    Another process may have looked at its clock later than we did, so only a lease far ahead tells of a clock set back.
    """
    lease = OutboxMail.leased_until
    return or_(lease.is_(None), lease <= now, lease > now + SET_BACK)


def _sent(row: OutboxMail) -> None:
    with transaction() as current:
        current.execute(
            update(OutboxMail)
            .where(OutboxMail.id == row.id)
            .values(sent_at=clock.now(), leased_until=None, last_error=None)
        )


def _postpone(row: OutboxMail, error: Exception, wait: dt.timedelta) -> None:
    log.warning("mail %s not taken (%s), again in %s", row.id, type(error).__name__, wait)
    with transaction() as current:
        current.execute(
            update(OutboxMail)
            .where(OutboxMail.id == row.id, OutboxMail.sent_at.is_(None))
            .values(
                leased_until=None, not_before=clock.now() + wait, last_error=f"{type(error).__name__}: {error}"[:400]
            )
        )
