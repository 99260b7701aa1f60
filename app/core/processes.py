"""Processes that are started together and leave nothing behind; Linux only, like the program's machines."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 10.0  # gunicorn lets requests finish for five
PORTS_TRIED = 50
BACKLOG = 128  # connections that wait while the program is read
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h

_libc = ctypes.CDLL(None)


@dataclass
class Process:
    """One running process, the leader of a group of its own, so that its children end with it."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path | None = None

    def last_words(self, lines: int = 12) -> str:
        """The end of what it wrote."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log else ""

    def end(self) -> None:
        """Ask the whole group to end, then insist."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + STOP_SECONDS
            self._signal(number)
            while self._group_lives():
                if time.monotonic() > deadline:
                    break
                time.sleep(0.05)
            else:
                return

    def _group_lives(self) -> bool:
        self.popen.poll()
        _bury(-self.popen.pid)  # a dead orphan that nobody has buried still counts as one of the group
        return self._signal(0)

    def _signal(self, number: int) -> bool:
        try:
            os.killpg(self.popen.pid, number)
        except ProcessLookupError:
            return False
        return True


def start(
    name: str, command: list[str], folder: Path, log: Path | None = None, listening: Collection[socket.socket] = ()
) -> Process:
    """Start a process in ``folder`` with nothing to read; it writes to ``log``, or to our own terminal.

    The sockets in ``listening`` become its own, under the numbers they have here.
    """
    with (log or Path(os.devnull)).open("wb") as out:
        popen = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out if log else None,
            stderr=subprocess.STDOUT if log else None,
            pass_fds=[one.fileno() for one in listening],
            start_new_session=True,  # a Ctrl-C at the terminal reaches us alone, and we end the others in order
            preexec_fn=_die_with_parent,  # noqa: PLW1509 — only ever called while there is one thread
        )
    for one in listening:
        one.close()
    return Process(name, popen, log)


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def adopt_orphans() -> None:
    """From now on a grandchild whose parent died becomes our child, so that ``end_orphans`` finds it."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_orphans() -> None:
    """Kill every child that is left, also those that made a group of their own."""
    deadline = time.monotonic() + STOP_SECONDS
    while _bury(-1) and time.monotonic() < deadline:
        for listing in Path("/proc/self/task").glob("*/children"):
            for child in listing.read_text().split():
                os.kill(int(child), signal.SIGKILL)
        time.sleep(0.02)


def _bury(which: int) -> bool:
    """Collect the dead among our children (as ``waitpid`` counts them); whether any live."""
    try:
        while os.waitpid(which, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def take_port(host: str, wished: int) -> socket.socket | None:
    """A socket that listens on the first free port from ``wished`` on, or None where fifty are in use.

    It is handed to the process that answers there, so that nobody can come in between and answer instead.
    """
    for port in range(wished, min(wished + PORTS_TRIED, 65536)):
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(BACKLOG)
        except OSError as error:
            listening.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
        else:
            return listening
    return None
