"""Looking into foreign files in a process of its own: no file takes more memory or time than a look may have.

A helper process reads the libraries once and forks for every look; the fork gets its bounds before it opens the file.
What wants more, or makes a library crash, ends that fork alone.
"""

from __future__ import annotations

import atexit
import io
import os
import pickle
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from app.core.errors import Refused

Found = TypeVar("Found")
MEGABYTES = 256  # of memory for one look, beyond what the program itself takes
SECONDS = 5  # of a processor for one look
PATIENCE = 30  # times as long may a look wait for its processor
_ROOT = Path(__file__).parents[2]
_MESSAGE = 2**16  # bytes of a request: what to call and with what
_BEGUN = b"+"  # what a fork says first


class ExhaustedError(Exception):
    """A look wanted more memory or time than it may have, or the file made a library crash."""


def look(at: Callable[..., Found], file: BinaryIO, *args: Any, seconds: int = SECONDS) -> Found:
    """What ``at(file, *args)`` finds, called in another process; ``at`` is a function of a module, not a closure.

    Raises what ``at`` refuses, ExhaustedError beyond ``seconds`` of a processor or MEGABYTES of memory. RuntimeError
    where nobody can look at all, which is no fault of the file.
    """
    request = pickle.dumps((at, args, seconds))
    told = _asked(request, file) or _asked(request, file)  # the helper may have been ended with a request in its hands
    if not told:
        raise RuntimeError("the process that looks into files does not start; its standard error says why")
    try:
        kind, found = pickle.loads(told.removeprefix(_BEGUN))  # noqa: S301 — it comes from a fork of this program
    except (EOFError, pickle.UnpicklingError) as error:  # it ended before its answer did
        raise ExhaustedError from error
    if kind == "refused":
        raise Refused(found[0], field=found[1])
    if kind == "fault":
        raise RuntimeError(found)
    return found  # type: ignore[no-any-return]


def _asked(request: bytes, file: BinaryIO) -> bytes:
    """What a fork says; nothing where none began, and then the helper that let it fall is not asked again."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs, _on_disk(file) as descriptor:
            asked = _HELPER.ask(request, [theirs.fileno(), descriptor])
        with ours.makefile("rb") as answers:
            told = answers.read()
    if not told:
        _HELPER.dismiss(asked)  # one that is ended closes its files in any order: its line may still take a request
    return told


def bound(seconds: int = SECONDS, megabytes: int = MEGABYTES) -> None:
    """Let this process have so much more memory and so much time of a processor; beyond them it ends or fails."""
    data = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    most = data + megabytes * 2**20  # a file that is mapped to be read does not count
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(seconds * PATIENCE)


def serve() -> None:
    """The helper: fork for every request that comes through the standard input, until nobody is left to send one."""
    # What tells a whole group of processes to end is for the one that asks: it may end its work first, looks included.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no fork is waited for
    import pikepdf  # noqa: F401, PLC0415 — every fork of a look at a PDF has it then

    with socket.socket(fileno=0) as line:
        while True:
            message, descriptors, _flags, _sender = socket.recv_fds(line, _MESSAGE, 2)
            if not message:
                return
            request = pickle.loads(message)  # noqa: S301 — reads the modules once, before the fork
            if os.fork() == 0:
                line.close()  # the line is dead as soon as the helper is
                _answer(*request, *descriptors)
            for descriptor in descriptors:
                os.close(descriptor)


def _answer(at: Callable[..., Any], args: tuple[Any, ...], seconds: int, back: int, descriptor: int) -> None:
    """Look, tell and end. The file is opened anew, so that nobody else's place in it moves."""
    try:
        os.write(back, _BEGUN)
        bound(seconds)
        before = _peak()
        with Path(f"/proc/self/fd/{descriptor}").open("rb") as file:
            told = _told(at, file, args)
            taken = _peak() - before - os.fstat(descriptor).st_size
        if told[0] == "found" or taken < MEGABYTES * 2**20 / 2:  # a file for which memory was short looks damaged
            with os.fdopen(back, "wb") as answers:
                pickle.dump(told, answers)
    finally:
        os._exit(0)  # whoever asked sees whether there is an answer


def _told(at: Callable[..., Any], file: BinaryIO, args: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        return "found", at(file, *args)
    except Refused as refusal:
        return "refused", (refusal.sentence, refusal.field)
    except MemoryError:
        raise
    except Exception as fault:  # noqa: BLE001 — told to whoever asked
        return "fault", f"{type(fault).__name__}: {fault}"


def _peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@contextmanager
def _on_disk(file: BinaryIO) -> Iterator[int]:
    """The descriptor of a file, or of its copy where it lies in memory alone."""
    try:
        file.flush()
        descriptor = file.fileno()
    except io.UnsupportedOperation:
        file.seek(0)
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.flush()
            yield copy.fileno()
    else:
        yield descriptor


class _Helper:
    """The process that forks; started when the first look is wanted, and again when somebody ended it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, message: bytes, descriptors: list[int]) -> subprocess.Popen[bytes] | None:
        """Who took one request, whole, whoever else asks. Where nobody takes it, nobody will answer."""
        with self._lock:
            for _helper in ("the one that runs", "a new one"):
                if self._line is None:
                    self._start()
                try:
                    self._send(message, descriptors)
                except (BrokenPipeError, ConnectionResetError):
                    self._stop()
                else:
                    return self._process
        return None

    def dismiss(self, process: subprocess.Popen[bytes] | None) -> None:
        """Let go of this one, if it is still the one that is asked; what it was handed before, it still does."""
        with self._lock:
            if self._process is process:
                self._stop()

    def end(self) -> None:
        """Let it go; it ends by itself."""
        with self._lock:
            self._stop()

    def _send(self, message: bytes, descriptors: list[int]) -> None:
        assert self._line is not None
        socket.send_fds(self._line, [message], descriptors)

    def _start(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from app.core import apart; apart.serve()"],
                stdin=theirs.fileno(),
                env={**os.environ, "PYTHONPATH": str(_ROOT)},
            )

    def _stop(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.wait()
        self._line = self._process = None


_HELPER = _Helper()
atexit.register(_HELPER.end)
