"""The whole program as ``make run`` starts it: web server, worker and mail catcher, with data and ports of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300  # seconds; a busy machine loads the demo hub slowly


class Running:
    """The supervisor in a terminal of its own, with its own data and ports."""

    def __init__(self, var: Path, port: int, *, demo: bool = False) -> None:
        self.var = var
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUBE_", "LC_", "LANG"))}
        ports = {"SHIRUBE_PORT": port, "SHIRUBE_MAIL_PORT": port + 20, "SHIRUBE_MAIL_WEB_PORT": port + 40}
        self.environment = {
            **clean,
            "SHIRUBE_VAR": str(var),
            "SHIRUBE_DEMO": str(demo),
            **{name: str(value) for name, value in ports.items()},
        }
        self.output = var.parent / f"{var.name}-output"
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.core.supervisor"],
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for(self, words: str) -> str:
        """What was printed, once ``words`` are among it."""
        deadline = time.monotonic() + PATIENCE
        while words not in (said := self.output.read_text()):
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.1)
        return said

    def end(self, number: int) -> int:
        """The exit code after a signal."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def processes(self) -> dict[int, str]:
        """Every living process that works on this data, whoever its parent is."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"SHIRUBE_VAR={self.var}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue  # it has just ended, or is another user's
        return found
