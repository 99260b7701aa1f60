"""Signs of life of the worker: one small file per process, by the machine's own time; read by pages and supervisor."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from app.config import Settings
from app.core import clock
from app.core.jobs import Run

ALIVE = dt.timedelta(seconds=30)
FORGOTTEN = dt.timedelta(days=1)


@dataclass(frozen=True)
class Beat:
    """The last sign of life of one worker. ``looked_at``: its last look for due work; ``failing``: what failed then."""

    host: str
    pid: int
    started_at: dt.datetime
    seen_at: dt.datetime
    looked_at: dt.datetime | None
    failing: dict[str, str]


def beat(settings: Settings, started_at: dt.datetime, looked_at: dt.datetime | None, runs: Iterable[Run]) -> None:
    """Say that this process is alive."""
    failing = {run.name: run.error for run in runs if run.error}
    sign = Beat(socket.gethostname(), os.getpid(), started_at, clock.machine_time(), looked_at, failing)
    path = _file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    try:
        draft.write_text(json.dumps(asdict(sign), default=dt.datetime.isoformat, ensure_ascii=False))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def end(settings: Settings) -> None:
    """This process ends in order; also tidies up after workers that were killed long ago."""
    _file(settings).unlink(missing_ok=True)
    for path, sign in _all(settings):
        if clock.machine_time() - sign.seen_at > FORGOTTEN:
            path.unlink(missing_ok=True)


def alive(settings: Settings) -> list[Beat]:
    """The workers that gave a sign of life within the last half minute."""
    now = clock.machine_time()
    return [sign for _path, sign in _all(settings) if abs(now - sign.seen_at) <= ALIVE]


def _file(settings: Settings) -> Path:
    return settings.var / "workers" / f"{socket.gethostname()}-{os.getpid()}.json"


def _all(settings: Settings) -> list[tuple[Path, Beat]]:
    found = []
    for path in sorted((settings.var / "workers").glob("*.json")):
        try:
            data = json.loads(path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            continue  # it ended between listing and reading
        for name in ("started_at", "seen_at", "looked_at"):
            data[name] = data[name] and dt.datetime.fromisoformat(data[name])
        found.append((path, Beat(**data)))
    return found
