"""Mails that must not be lost: a row in the transaction that caused them, sent later under a lease.

Sending is at-least-once: a process that dies between the server's "taken" and our "sent" sends again, with the
same Message-ID. Nothing else can send a mail twice: the key is unique. No clock that jumps holds anything up.

A mail that the server refuses is tried again, and given up in the end: for good (5xx: no such person, unwanted) after
six tries in five hours, for now (4xx: mailbox full, greylisted) after 64 tries in five days, as RFC 5321 has it. It is
kept with its reason, shown to those who can do something about it, and tried afresh when an operator says so. A server
that does not answer is no refusal.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from sqlalchemy import ColumnElement, Index, String, Text, and_, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.config import Settings
from app.core import clock
from app.core.db import Base, Moment, insert_once, session, transaction
from app.core.ids import new_id
from app.core.leases import Leased, Leases, free
from app.core.mail import Mail, MailRefused, Transport

log = logging.getLogger(__name__)

LOOK_FIRST = dt.timedelta(seconds=3)  # rooms may first take back what is no longer true since its sender died
SERVER_DOWN = dt.timedelta(minutes=1)  # all mails wait for the server, so none waits longer than this once it is back
RETRY = (dt.timedelta(minutes=1), dt.timedelta(minutes=5), dt.timedelta(minutes=30), dt.timedelta(hours=2))

TRIES_FOR_GOOD, TRIES_FOR_NOW = 6, 64  # with the waits of RETRY: five hours, five days


class OutboxMail(Leased, Base):
    """A mail on its way, sent, or given up. ``sent_at`` is when the SMTP server took it; ``refused`` is how often it
    was asked and said no to this very mail, ``attempts`` how often it was asked at all."""

    __tablename__ = "outbox_mail"

    key: Mapped[str] = mapped_column(String(200), unique=True)
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    calendar: Mapped[str | None] = mapped_column(Text)
    queued_at: Mapped[dt.datetime] = mapped_column(Moment)
    not_before: Mapped[dt.datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    failed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
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
        refused=0,
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
    """Take back queued mails in the caller's transaction; returns how many. What is sent or given up stays."""
    waiting = and_(unsent(), free(OutboxMail))
    done = session.execute(delete(OutboxMail.__table__).where(OutboxMail.key.in_(list(keys)), waiting))  # type: ignore[arg-type]
    return int(done.rowcount)  # type: ignore[attr-defined]


def waiting(beginning: str) -> list[str]:
    """The keys of the mails that are still to be sent, of those whose keys begin so."""
    begins = OutboxMail.key.startswith(beginning, autoescape=True)
    return list(session.scalars(select(OutboxMail.key).where(begins, unsent()).order_by(OutboxMail.key)))


def says(mail: Mail) -> bool:
    """Whether the mail that waits under this key says the same."""
    same = OutboxMail.key == mail.key, OutboxMail.text == mail.text
    return session.scalar(select(OutboxMail.id).where(*same)) is not None


def unsent() -> ColumnElement[bool]:
    """The mail is still to be sent: neither sent nor given up."""
    return and_(OutboxMail.sent_at.is_(None), OutboxMail.failed_at.is_(None))


_leases = Leases(OutboxMail, unsent(), lambda: {"not_before": clock.now() + LOOK_FIRST})


@dataclass(frozen=True)
class GivenUp:
    """A mail that the server refused until we gave up; ``reason`` is what it said."""

    recipient: str
    subject: str
    failed_at: dt.datetime
    reason: str


def given_up() -> list[GivenUp]:
    """All mails that were given up, the newest first."""
    rows = select(OutboxMail).where(OutboxMail.failed_at.is_not(None)).order_by(OutboxMail.failed_at.desc())
    return [
        GivenUp(row.recipient, row.subject, row.failed_at, row.last_error or "")
        for row in session.scalars(rows)
        if row.failed_at
    ]


def unreachable(recipients: Iterable[str]) -> dict[str, dt.datetime]:
    """Of these addresses those whose last mail was given up, and since when."""
    last_sent, last_failed = func.max(OutboxMail.sent_at), func.max(OutboxMail.failed_at)
    rows = session.execute(
        select(OutboxMail.recipient, last_failed)
        .where(OutboxMail.recipient.in_(set(recipients)))
        .group_by(OutboxMail.recipient)
        .having(last_failed.is_not(None), or_(last_sent.is_(None), last_sent < last_failed))
    )
    return {recipient: failed for recipient, failed in rows if failed}


def try_again() -> int:
    """Let every mail that was given up start afresh, in the caller's transaction; returns how many."""
    done = session.execute(
        update(OutboxMail)
        .where(OutboxMail.failed_at.is_not(None))
        .values(failed_at=None, refused=0, not_before=clock.now())
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def give_back_dead(settings: Settings) -> int:
    """Let the mails of workers that died be sent by others; returns how many. Mails of the living stay theirs."""
    return _leases.give_back_dead(settings.lease_seconds)


def deliver(post: Transport, settings: Settings, limit: int = 500) -> int:
    """Send what waits, oldest first; returns how many were taken by the server. Safe in several processes."""
    taken = 0
    try:
        for _number in range(limit):
            row = _lease(settings)
            if row is None:
                break
            with _leases.held(row, settings.lease_seconds):
                try:
                    post.send(compose(row, settings))
                except MailRefused as error:
                    _refused(row, str(error), for_good=error.for_good)
                except OSError as error:
                    _postpone(row, f"{type(error).__name__}: {error}", SERVER_DOWN)
                    break
                except (MessageError, ValueError) as error:  # it cannot even be written
                    _refused(row, f"{type(error).__name__}: {error}", for_good=True)
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


def _lease(settings: Settings) -> OutboxMail | None:
    with transaction() as current:
        row = current.scalar(
            select(OutboxMail)
            .where(unsent(), free(OutboxMail), _due(clock.now()))
            .order_by(OutboxMail.not_before, OutboxMail.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is not None:
            _leases.take(row, settings.lease_seconds)
            row.attempts += 1
        return row


def _due(now: dt.datetime) -> ColumnElement[bool]:
    """It need not wait any longer. What was queued later than now, or waits longer than anything ever waits, tells of
    a clock that was set back."""
    return or_(
        OutboxMail.not_before <= now,
        OutboxMail.queued_at > now,
        OutboxMail.not_before > now + RETRY[-1],
    )


def _sent(row: OutboxMail) -> None:
    with transaction() as current:
        current.execute(
            update(OutboxMail)
            .where(OutboxMail.id == row.id)
            .values(sent_at=clock.now(), leased_until=None, last_error=None)
        )


def _refused(row: OutboxMail, words: str, *, for_good: bool) -> None:
    """Wait longer after every refusal, and give up after the last."""
    row.refused += 1
    if row.refused >= (TRIES_FOR_GOOD if for_good else TRIES_FOR_NOW):
        log.error("mail %s given up after %s refusals", row.id, row.refused)
        _keep(row, words, refused=row.refused, failed_at=clock.now())
    else:
        _postpone(row, words, RETRY[min(row.refused, len(RETRY)) - 1])


def _postpone(row: OutboxMail, words: str, wait: dt.timedelta) -> None:
    log.warning("mail %s not taken, again in %s", row.id, wait)
    _keep(row, words, refused=row.refused, not_before=clock.now() + wait)


def _keep(row: OutboxMail, words: str, **values: Any) -> None:
    with transaction() as current:
        current.execute(
            update(OutboxMail)
            .where(OutboxMail.id == row.id, OutboxMail.sent_at.is_(None))
            .values(leased_until=None, last_error=words[:400], **values)
        )
