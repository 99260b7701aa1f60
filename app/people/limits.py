"""How often something may be tried. Every try is a row, written before it is made, so that many processes count as one.

A try that has to wait is not counted, so nobody is kept waiting by others who go on trying.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from app.core import clock
from app.core.db import session, transaction
from app.people.models import Attempt

MEMORY = dt.timedelta(days=1)  # a try that is older counts no more
SET_BACK = dt.timedelta(hours=1)  # tries that lie further ahead are from before the clock was set back


def _minutes(*numbers: int) -> tuple[dt.timedelta, ...]:
    return tuple(dt.timedelta(minutes=number) for number in numbers)


@dataclass(frozen=True)
class Limit:
    """``free`` tries at once, then one after each of the ``waits``, and so on with the last of them."""

    name: str
    free: int
    waits: tuple[dt.timedelta, ...]

    def next(self, tried: Sequence[dt.datetime]) -> dt.datetime | None:
        """When the next try is free after these of the last day; None: at once."""
        over = len(tried) - self.free
        return None if over < 0 else max(tried) + self.waits[min(over, len(self.waits) - 1)]


# At most ten guesses in any hour (why, and why not fewer: docs/decisions/0010-limits-of-tries.md).
PASSWORD = Limit("password", 5, _minutes(1, 2, 4, 8, 16, 30))
# No wait is as long as a link holds: in the mailbox there is always one that does, whoever asked for the mails.
RESET_MAIL = Limit("reset-mail", 1, _minutes(10, 20, 40, 80, 110))
INVITED = Limit("invited", 3, _minutes(60, 6 * 60, 24 * 60))  # one address
INVITING = Limit("inviting", 200, _minutes(10))  # one inviter: a hub may bring all its companies in one day


class TooMany(Exception):
    """This try was not made; the next one is free at ``at``."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at
        super().__init__(at.isoformat())

    @property
    def seconds(self) -> int:
        """How long to wait from now, in seconds, rounded up."""
        return max(1, -int((clock.now() - self.at).total_seconds() // 1))


def take(limit: Limit, *whose: str) -> str:
    """Count one try, before it is made; returns its id. Raises TooMany where it has to wait.

    ``whose`` says what is tried: an address, say, whether somebody has it or not.
    """
    now, pool = clock.now(), _pool(limit, whose)
    with transaction():
        near = Attempt.at > now - MEMORY, Attempt.at < now + SET_BACK
        free_at = limit.next(session.scalars(select(Attempt.at).where(Attempt.pool == pool, *near)).all())
        if free_at is None or free_at <= now:
            row = Attempt(pool=pool, at=now)
            session.add(row)
            session.flush()
            return row.id
    raise TooMany(free_at)


def give_back(attempt_id: str) -> None:
    """It was no try after all, or the right one."""
    with transaction():
        session.execute(delete(Attempt).where(Attempt.id == attempt_id))


def forget(limit: Limit, *whose: str) -> None:
    """Whoever tried has shown who it is."""
    with transaction():
        session.execute(delete(Attempt).where(Attempt.pool == _pool(limit, whose)))


def forget_old() -> int:
    """Delete tries that count no more; returns how many."""
    old = Attempt.at < clock.now() - MEMORY
    count = session.scalar(select(func.count()).select_from(Attempt).where(old)) or 0
    if count:
        with transaction():
            session.execute(delete(Attempt).where(old))
    return count


def _pool(limit: Limit, whose: Sequence[str]) -> str:
    """Tries that count together. A digest: people type their passwords where an address was meant."""
    return hashlib.sha256("\0".join((limit.name, *whose)).encode(errors="surrogatepass")).hexdigest()
