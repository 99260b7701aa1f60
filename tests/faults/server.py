"""The program as a real web server, and people who speak HTTP with it: browsers, and sockets that are slow."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path

from app.config import ROOT, Settings
from app.core.processes import take_port
from tests.factories.world import PASSWORD

PATIENCE = 90.0  # seconds; a loaded machine needs some to start a process
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """What tells a process of the program to use the database of this test."""
    given = {
        "VAR": str(settings.var),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "CLOCK_FILE": str(settings.clock),
        **more,
    }
    return os.environ | {f"SHIRUBE_{name}": value for name, value in given.items()}


@dataclass
class Server:
    """A running web server."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    def connect(self) -> socket.socket:
        """A connection on which nothing was said yet."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


@contextmanager
def serving(settings: Settings, *, workers: int = 1, threads: int = 4) -> Iterator[Server]:
    """Gunicorn as the supervisor starts it; ends with the block."""
    listening = take_port("127.0.0.1", 21000 + os.getpid() % 9000)
    assert listening is not None
    log = settings.var / "web.log"
    command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listening.fileno()}", "--worker-class", "gthread"]
    command += ["--workers", str(workers), "--threads", str(threads), "--preload", "--no-control-socket"]
    command += ["--graceful-timeout", "1", "wsgi:app"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(settings),
            stdout=out,
            stderr=out,
            pass_fds=[listening.fileno()],
        )
    server = Server(listening.getsockname()[1], log, process)
    listening.close()
    try:
        _wait(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/health", timeout=5).close()
        except OSError as error:
            if time.monotonic() > deadline or server.process.poll() is not None:
                raise AssertionError(server.log.read_text()[-3000:]) from error
            time.sleep(0.1)
        else:
            return


@dataclass
class Answer:
    """What came back; ``address`` is where it came from after redirects."""

    status: int
    text: str
    address: str


@dataclass
class Browser:
    """Somebody who keeps cookies and sends back the hidden fields of forms."""

    server: Server
    jar: CookieJar = field(default_factory=CookieJar)

    def sign_in(self, email: str) -> Browser:
        """As somebody of the world of the tests."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"email": email, "password": PASSWORD})
        assert answer.status == 200, answer.text[:2000]
        assert not answer.address.endswith("/sign-in")
        return self

    def get(self, path: str) -> Answer:
        """Look at a page."""
        return self._ask(path, None)

    def post(self, path: str, data: dict[str, str], token: str | None = None) -> Answer:
        """Send a form with the token of the page of that form."""
        token = token or self.token(path)
        return self._ask(path, urllib.parse.urlencode({"csrf_token": token, **data}).encode())

    def token(self, path: str) -> str:
        """The token against forged forms in a page."""
        found = _TOKEN.search(self.get(path).text)
        assert found, path
        return found[1]

    @property
    def cookie(self) -> str:
        """The header that says who this is."""
        return "; ".join(f"{one.name}={one.value}" for one in self.jar)

    def _ask(self, path: str, body: bytes | None) -> Answer:
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.jar)
        )
        try:
            with opener.open(f"http://127.0.0.1:{self.server.port}{path}", body, timeout=60) as answer:
                return Answer(answer.status, answer.read().decode(errors="replace"), answer.geturl())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode(errors="replace"), error.geturl())
