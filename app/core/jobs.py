"""Work that runs by itself. A job only says "look again"; what there is to do stands in our tables.

So a job that is lost, doubled or late changes nothing: the worker's tick looks again anyway. The only door to huey.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from huey import Huey, PostgresHuey, SqliteHuey
from huey.consumer import Consumer
from sqlalchemy import URL, make_url

from app.config import Settings
from app.core import db

log = logging.getLogger(__name__)

CONSUMER_THREADS = 2


@dataclass(frozen=True)
class Work:
    """One kind of work: ``look`` finds what is due in the tables and does it, as often as it is called.

    ``long`` work (rendering) has a tick of its own, so that nothing waits for it; short work shares one, by ``order``.
    """

    name: str
    look: Callable[[], object]
    long: bool
    order: int
    lock: threading.Lock = field(default_factory=threading.Lock, compare=False)


@dataclass(frozen=True)
class Run:
    """How one look went. ``error`` is None when it went well."""

    name: str
    seconds: float
    error: str | None = None


_works: dict[str, Work] = {}
_place: Path | URL | None = None


def register(name: str, look: Callable[[], object], *, long: bool = False, order: int = 50) -> None:
    """Let the worker look after this, from its start on. The last call for a name counts."""
    _works[name] = Work(name, look, long, order)


def works(*, long: bool) -> list[Work]:
    """The long or the short work, in its order."""
    return sorted((work for work in _works.values() if work.long is long), key=lambda work: (work.order, work.name))


def configure(settings: Settings) -> None:
    """Say where the queue lies: beside the tables on PostgreSQL, in a file otherwise. The first job makes it."""
    global _place  # noqa: PLW0603 — one queue per process is the point
    database = make_url(settings.database)
    _place = database if database.get_backend_name() == "postgresql" else settings.var / "jobs.db"


def soon(name: str) -> None:
    """Ask the worker to look again without waiting for its tick. Call it after the transaction; it never fails."""
    try:
        _queue().look_again(name)
    except Exception:
        log.exception("the worker was not told to look at %s; its tick will", name)


def run(name: str, *, wait: bool = True) -> Run | None:
    """Look now, in this thread; errors are logged and returned, never raised.

    In one process the same work never runs twice at once; without ``wait`` None says that it is running already.
    """
    work = _works.get(name)
    if work is None:
        log.warning("nobody looks after %s", name)
        return None
    if not work.lock.acquire(blocking=wait):
        return None
    began, error = time.monotonic(), None
    try:
        work.look()
    except Exception as fault:
        log.exception("%s failed; the next tick tries again", name)
        error = f"{type(fault).__name__}: {fault}"[:400]
    finally:
        db.session.remove()
        work.lock.release()
    return Run(name, time.monotonic() - began, error)


@contextmanager
def consuming() -> Iterator[Callable[[], object]]:
    """Take jobs from the queue in threads of this process until the end of the block, which waits for running ones.

    Yields a function that replaces threads that died.
    """
    consumer = _Consumer(_queue().huey, workers=CONSUMER_THREADS, periodic=False, initial_delay=0.1, max_delay=1.0)
    consumer.start()
    try:
        yield consumer.check_worker_health
    finally:
        consumer.stop(graceful=True)


class _Consumer(Consumer):
    def _set_signal_handlers(self) -> None:
        """The worker has its own."""


@dataclass(frozen=True)
class _Queue:
    huey: Huey
    look_again: Callable[[str], object]


def _queue() -> _Queue:
    if _place is None:
        raise RuntimeError("configure() was not called")
    return _open_queue(_place)


@cache
def _open_queue(place: Path | URL) -> _Queue:
    huey = _in_file(place) if isinstance(place, Path) else _in_postgresql(place)
    return _Queue(huey, huey.task(name="look_again")(run))


def _in_file(path: Path) -> Huey:
    path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("shirube", filename=str(path), results=False)


def _in_postgresql(url: URL) -> Huey:
    """The queue in a schema of its own: its tables are the library's, not ours, and no migration speaks of them."""
    import psycopg  # noqa: PLC0415 — nobody needs it beside SQLite

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as turn:  # several processes may be the first one at once
        turn.execute("SELECT pg_advisory_lock(139868)")
        turn.execute("CREATE SCHEMA IF NOT EXISTS jobs")
        return PostgresHuey("shirube", dsn=address, options="-c search_path=jobs", results=False)
