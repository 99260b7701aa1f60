"""Work that runs by itself. A job only says "look again"; what there is to do stands in our tables.

So a job that is lost, doubled or late changes nothing: the worker's tick looks again anyway.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url

from app.config import Settings
from app.core import db

if TYPE_CHECKING:
    from app.core.job_queue import Queue

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
_opened: Queue | None = None
_opening = threading.Lock()


def register(name: str, look: Callable[[], object], *, long: bool = False, order: int = 50) -> None:
    """Let the worker look after this, from its start on. The last call for a name counts."""
    _works[name] = Work(name, look, long, order)


def works(*, long: bool) -> list[Work]:
    """The long or the short work, in its order."""
    return sorted((work for work in _works.values() if work.long is long), key=lambda work: (work.order, work.name))


def configure(settings: Settings) -> None:
    """Say where the queue lies: beside the tables on PostgreSQL, in a file otherwise. The first job makes it.

    A queue that was opened at another place before is closed.
    """
    global _place, _opened  # noqa: PLW0603 — one queue per process is the point
    database = make_url(settings.database)
    with _opening:
        if _opened is not None:
            _opened.close()
        _opened = None
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
    consumer = _queue().consumer(CONSUMER_THREADS)
    consumer.start()
    try:
        yield consumer.check_worker_health
    finally:
        consumer.stop(graceful=True)


def _queue() -> Queue:
    from app.core.job_queue import open_queue  # noqa: PLC0415 — slow to read; many processes never queue a job

    global _opened  # noqa: PLW0603 — the same queue
    if _place is None:
        raise RuntimeError("configure() was not called")
    with _opening:
        if _opened is None:
            _opened = open_queue(_place, run)
        return _opened
