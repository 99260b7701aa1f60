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
import logging
from collections.abc import Iterable
from dataclasses import dataclass, fields
from email.errors import MessageError
from email.headerregistry import Address
from typing import Any

from sqlalchemy import ColumnElement, Index, String, Text, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.config import Settings
from app.core import clock
from app.core.db import Base, Moment, insert_once, session, transaction
from app.core.ids import new_id
from app.core.leases import Leased, Leases, free, fresh_sign
from app.core.mail import Mail, MailRefused, Transport
from app.core.messages import compose

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


_table: Any = OutboxMail.__table__


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
    waiting = and_(unsent(), free(_table.c))
    done = session.execute(delete(_table).where(_table.c.key.in_(list(keys)), waiting))
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
    return and_(_table.c.sent_at.is_(None), _table.c.failed_at.is_(None))


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


@dataclass(frozen=True)
class InHand:
    """A mail that this process is about to offer to a server, as it was when it was taken."""

    id: str
    key: str
    recipient: str
    subject: str
    text: str
    calendar: str | None
    queued_at: dt.datetime
    refused: int
    attempts: int
    leased_until: dt.datetime


@dataclass(frozen=True)
class Answer:
    """What became of an offer; ``written`` is what the row says from now on."""

    written: dict[str, Any]
    taken: bool = False
    nobody_there: bool = False


def deliver(post: Transport, settings: Settings, limit: int = 500) -> int:
    """Send what waits, oldest first; returns how many were taken by the server. Safe in several processes."""
    taken = asked = 0
    try:
        mail = _lease(settings)
        while mail is not None:
            with _leases.held(mail, settings.lease_seconds):
                answer = _offer(mail, post, settings)
                taken, asked = taken + answer.taken, asked + 1
                with transaction():  # one for both: no mail is offered before it is certain what became of the last one
                    _write_down(mail, answer)
                    mail = None if answer.nobody_there or asked == limit else _lease(settings)
    finally:
        post.close()
    return taken


def _offer(mail: InHand, post: Transport, settings: Settings) -> Answer:
    try:
        post.send(compose(mail, settings))
    except MailRefused as error:
        return _refused(mail, str(error), for_good=error.for_good)
    except OSError as error:
        return _postponed(mail, f"{type(error).__name__}: {error}", SERVER_DOWN, nobody_there=True)
    except (MessageError, ValueError) as error:  # it cannot even be written
        return _refused(mail, f"{type(error).__name__}: {error}", for_good=True)
    return Answer({"sent_at": clock.now(), "last_error": None}, taken=True)


def _refused(mail: InHand, words: str, *, for_good: bool) -> Answer:
    """Wait longer after every refusal, and give up after the last."""
    refused = mail.refused + 1
    if refused >= (TRIES_FOR_GOOD if for_good else TRIES_FOR_NOW):
        log.error("mail %s given up after %s refusals", mail.id, refused)
        return Answer({"refused": refused, "failed_at": clock.now(), "last_error": words[:400]})
    return _postponed(mail, words, RETRY[min(refused, len(RETRY)) - 1], refused=refused)


def _postponed(mail: InHand, words: str, wait: dt.timedelta, *, nobody_there: bool = False, **more: Any) -> Answer:
    log.warning("mail %s not taken, again in %s", mail.id, wait)
    return Answer({"not_before": clock.now() + wait, "last_error": words[:400], **more}, nobody_there=nobody_there)


def _write_down(mail: InHand, answer: Answer) -> None:
    """In the caller's transaction. That it was taken is true whatever others wrote meanwhile; anything else only counts
    where nobody took us for dead and offered it again."""
    given = {"mine": mail.id, "attempt": mail.attempts}
    session.execute(_TAKEN if answer.taken else _MINE, given | answer.written)


def _lease(settings: Settings) -> InHand | None:
    """Take the oldest mail that need not wait any longer."""
    now = clock.now()
    given = {"now": now, "never_longer": now + RETRY[-1], "leased_until": fresh_sign(settings.lease_seconds)}
    with transaction() as current:
        row = current.execute(_TAKE_OLDEST, given).one_or_none()
    return InHand(*row) if row else None


# Put together once and of the table's own columns: a statement and the mapper take longer than the database.
_TAKEN = update(_table).where(_table.c.id == bindparam("mine")).values(leased_until=None)
_MINE = _TAKEN.where(_table.c.attempts == bindparam("attempt"), _table.c.sent_at.is_(None))
_OLDEST = (
    select(_table.c.id)
    .where(unsent(), free(_table.c))
    .where(
        or_(
            _table.c.not_before <= bindparam("now"),
            # Queued later than now, or waiting longer than anything ever waits: a clock was set back.
            _table.c.queued_at > bindparam("now"),
            _table.c.not_before > bindparam("never_longer"),
        )
    )
    .order_by(_table.c.not_before, _table.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE_OLDEST = (
    update(_table)
    .where(_table.c.id == _OLDEST.scalar_subquery())
    .values(attempts=_table.c.attempts + 1)
    .returning(*(_table.c[field.name] for field in fields(InHand)))
)
