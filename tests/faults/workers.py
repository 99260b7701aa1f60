"""Real workers that a test starts at once and kills without warning."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from app.config import ROOT, Settings
from tests.faults.server import environment

PATIENCE = 90.0  # seconds; a loaded machine needs some to start a process
LEASE = 1.0  # seconds


@dataclass
class Workers:
    """Those that live, by the numbers of their processes."""

    settings: Settings
    nursery: subprocess.Popen[str]
    living: list[int] = field(default_factory=list)

    def start(self) -> int:
        """One more."""
        assert self.nursery.stdin
        assert self.nursery.stdout
        self.nursery.stdin.write("one more\n")
        self.nursery.stdin.flush()
        self.living.append(int(self.nursery.stdout.readline()))
        return self.living[-1]

    def kill(self, worker: int) -> None:
        """Without a word; it is dead when this returns."""
        os.kill(worker, signal.SIGKILL)
        self.living.remove(worker)
        self.until(lambda: not _lives(worker))

    def until(self, true: Callable[[], bool]) -> None:
        """Wait; fail with what the workers wrote."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > deadline:
                pytest.fail((self.settings.var / "worker.log").read_text()[-4000:])
            time.sleep(0.02)


@contextmanager
def workers(settings: Settings, **more: str) -> Iterator[Workers]:
    """None outlives the block; ``more`` are settings of theirs."""
    given = environment(settings, **{"TICK_SECONDS": "0.2", "LEASE_SECONDS": str(LEASE), **more})
    with (settings.var / "worker.log").open("ab") as log:
        nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            env=given,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    found = Workers(settings, nursery)
    try:
        yield found
    finally:
        nursery.kill()  # its workers end with it
        nursery.communicate()
        found.until(lambda: not any(map(_lives, found.living)))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
