"""The queue of jobs and who takes them from it. The only door to huey, which reads every database driver it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from huey import Huey, PostgresHuey, SqliteHuey
from huey.consumer import Consumer
from sqlalchemy import URL


class _Consumer(Consumer):
    def _set_signal_handlers(self) -> None:
        """The worker has its own."""


@dataclass(frozen=True)
class Queue:
    """``look_again`` puts the name of a work into the queue."""

    huey: Huey
    look_again: Callable[[str], object]

    def close(self) -> None:
        """Let go of the connection; the next job would open it again."""
        self.huey.storage.close()

    def consumer(self, threads: int) -> Consumer:
        """Takes jobs from the queue, from its start on."""
        return _Consumer(self.huey, workers=threads, periodic=False, initial_delay=0.1, max_delay=1.0)


def open_queue(place: Path | URL, run: Callable[[str], object]) -> Queue:
    """The queue at ``place``; whoever takes a job from it calls ``run`` with the name."""
    huey = _in_file(place) if isinstance(place, Path) else _in_postgresql(place)
    return Queue(huey, huey.task(name="look_again")(run))


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
