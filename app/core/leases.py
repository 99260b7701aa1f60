"""Who works on a row, and whether they still live.

Whoever takes a row writes a sign of life into it and renews that until the work is done. A sign that nobody has renewed
for ``SHIRUBE_LEASE_SECONDS`` is that of a dead worker, and its row is given back. The seconds are those that another
process has counted by a clock that cannot be set: no clock that jumps takes a row from a living worker or leaves it
with a dead one, and work that takes minutes is given back as soon as work that takes none.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Moment, id_column, session, transaction

log = logging.getLogger(__name__)

SIGNS_PER_LEASE = 6  # a few may come late, as when a long migration holds the database


class Leased:
    """Columns of a table whose rows are work. ``leased_until``: the sign of life of whoever works on the row."""

    id: Mapped[str] = id_column()
    leased_until: Mapped[dt.datetime | None] = mapped_column(Moment)


class InHand(Protocol):
    """A row that was taken, as its worker sees it."""

    @property
    def id(self) -> str: ...
    @property
    def leased_until(self) -> dt.datetime | None: ...


class Leases:
    """The leases of one table as this process knows them. ``working``: the rows that may have one; ``given_back``: what
    else is said of the row of a dead worker."""

    def __init__(
        self, table: type[Leased], working: ColumnElement[bool], given_back: Callable[[], dict[str, Any]] = dict
    ) -> None:
        self._table: Any = table
        self._working = working
        self._given_back = given_back
        self._held: dict[str, dt.datetime] = {}
        self._pace: dict[str, float] = {}  # the length of the lease of each row that is held
        self._seen: dict[tuple[str, dt.datetime], float] = {}
        self._lock = threading.Lock()
        self._pulses: set[float] = set()  # one thread for each length

    def take(self, row: Leased, seconds: float) -> None:
        """Write the first sign of life, in the caller's transaction."""
        row.leased_until = fresh_sign(seconds)

    @contextmanager
    def held(self, row: InHand, seconds: float) -> Iterator[None]:
        """Renew the sign of a row that was taken while the block works on it."""
        assert row.leased_until
        with self._lock:
            self._held[row.id], self._pace[row.id] = row.leased_until, seconds
            if seconds not in self._pulses:
                self._pulses.add(seconds)
                threading.Thread(target=self._renew_held, args=(seconds,), daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(row.id, None)
                self._pace.pop(row.id, None)

    def give_back_dead(self, seconds: float) -> int:
        """Give back every row whose sign this process has seen unchanged for so long; returns how many."""
        now, table = time.monotonic(), self._table
        leased = select(table.id, table.leased_until).where(self._working, table.leased_until.is_not(None))
        signs = [(row_id, sign) for row_id, sign in session.execute(leased)]
        session.rollback()
        self._seen = {each: self._seen.get(each, now) for each in signs}
        dead = [each for each, since in self._seen.items() if now - since >= seconds]
        return sum(self._replace(row_id, sign, leased_until=None, **self._given_back()) for row_id, sign in dead)

    def _renew_held(self, seconds: float) -> None:
        while True:
            time.sleep(seconds / SIGNS_PER_LEASE)
            with self._lock:
                held = [(row_id, sign) for row_id, sign in self._held.items() if self._pace[row_id] == seconds]
                if not held:
                    self._pulses.discard(seconds)
                    return
            for row_id, sign in held:
                try:
                    self._renew(row_id, sign, fresh_sign(seconds))
                except Exception as error:  # noqa: BLE001 — the next sign may be possible again
                    log.warning("no sign of life for %s %s: %s", self._table.__tablename__, row_id, error)
                finally:
                    session.remove()

    def _renew(self, row_id: str, sign: dt.datetime, renewed: dt.datetime) -> None:
        done = self._replace(row_id, sign, leased_until=renewed)
        with self._lock:
            if done and row_id in self._held:
                self._held[row_id] = renewed
            elif not done:  # the work has just ended, or somebody took us for dead
                self._held.pop(row_id, None)

    def _replace(self, row_id: str, sign: dt.datetime, **values: Any) -> bool:
        """Whether the row still had this sign."""
        table = self._table
        with transaction() as current:
            done = current.execute(
                update(table).where(table.id == row_id, table.leased_until == sign, self._working).values(**values)
            )
        return bool(done.rowcount)  # type: ignore[attr-defined]


def free(table: type[Leased]) -> ColumnElement[bool]:
    """Nobody works on the row."""
    return table.leased_until.is_(None)


def fresh_sign(seconds: float) -> dt.datetime:
    """When whoever reads it may wonder; what counts is that it changes."""
    return clock.machine_time() + dt.timedelta(seconds=seconds)
