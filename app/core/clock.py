"""The only ``now`` of the program. A file can move it for all processes at once (the demo, the tests)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

from app.core.files import write_atomically

TOKYO = ZoneInfo("Asia/Tokyo")


class Clock:
    """Real time, moved by the number of seconds that ``file`` holds; a missing file moves nothing."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._shift = dt.timedelta()

    def now(self) -> dt.datetime:
        """This moment in UTC, with its zone."""
        return dt.datetime.now(dt.UTC) + self._moved_by()

    def today(self) -> dt.date:
        """The day in Japan: a regulatory date is a date in Asia/Tokyo."""
        return self.now().astimezone(TOKYO).date()

    def move_to(self, moment: dt.datetime) -> None:
        """Move the clock of every process that reads the file so that it now reads ``moment``."""
        if self._file is None:
            raise RuntimeError("This clock is the real one and cannot be moved.")
        shift = moment - dt.datetime.now(dt.UTC)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._file, f"{shift.total_seconds():.3f}\n".encode())

    def _moved_by(self) -> dt.timedelta:
        if self._file is None:
            return self._shift
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            self._seen, self._shift = None, dt.timedelta()
            return self._shift
        if (stat.st_mtime_ns, stat.st_ino) != self._seen:
            self._shift = dt.timedelta(seconds=float(self._file.read_text()))
            self._seen = (stat.st_mtime_ns, stat.st_ino)
        return self._shift


_clock = Clock()


def configure(file: Path | None) -> Clock:
    """Let this process read its time through ``file`` (None: real time)."""
    global _clock  # noqa: PLW0603 — one clock per process is the point
    _clock = Clock(file)
    return _clock


def now() -> dt.datetime:
    """This moment in UTC."""
    return _clock.now()


def machine_time() -> dt.datetime:
    """This moment in UTC by the machine's own clock, which nothing moves: for signs of life, never for facts."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The day in Japan."""
    return _clock.today()


def move_to(moment: dt.datetime) -> None:
    """Move the shared clock (demo and tests)."""
    _clock.move_to(moment)
