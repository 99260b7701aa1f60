"""``python -m app.core.supervisor``: starts web server, worker and mail catcher, and stops all of them together."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from pathlib import Path
from types import FrameType
from typing import IO

from pydantic import ValidationError

from app.config import ROOT, Settings
from app.core import i18n, processes
from app.core.i18n import gettext as _
from app.core.processes import Process

Ports = dict[str, socket.socket]  # by the name of the setting

START_SECONDS = 90.0  # a slow machine that compiles everything for the first time


class CannotRun(Exception):
    """Shirube cannot start or go on; the sentence says why."""


class Stop(Exception):
    """Somebody asked for the end: Ctrl-C, a signal, a closed terminal."""


def flask(*words: str) -> list[str]:
    """A command of the program, run by this very Python."""
    return [sys.executable, "-m", "flask", "--app", "wsgi", *words]


def commands(ports: Ports) -> dict[str, tuple[list[str], tuple[socket.socket, ...]]]:
    """What runs, in the order of starting, each with the sockets on which it answers."""
    page, smtp, inbox = (ports[field] for field in ("port", "mail_port", "mail_web_port"))
    address = f"fd://{page.fileno()}"
    web = ["gunicorn", "--bind", address, "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    web += ["--preload"]  # read the program once and fork: it starts neither threads nor connections by itself
    web += ["--graceful-timeout", "5", "--no-control-socket", "--access-logfile", "-"]
    web += ["--logger-class", "app.core.access_log.AccessLog", "wsgi:app"]
    catch = ["--smtp-socket", str(smtp.fileno()), "--web-socket", str(inbox.fileno())]
    return {
        "mail catcher": ([sys.executable, "-m", "app.core.mailcatcher", *catch], (smtp, inbox)),
        "web server": ([sys.executable, "-m", *web], (page,)),
        "worker": (flask("worker"), ()),
    }


@contextmanager
def taken_ports(settings: Settings) -> Iterator[tuple[Settings, Ports]]:
    """Sockets on free ports, and the settings that name them; told where they differ from the wish."""
    ports: Ports = {}
    with ExitStack() as closing:  # whatever no process took over
        for field, place in (("port", "host"), ("mail_port", "mail_host"), ("mail_web_port", "mail_host")):
            wish, host = getattr(settings, field), getattr(settings, place)
            try:
                found = processes.take_port(host, wish)
            except OSError as error:
                raise CannotRun(f"SHIRUBE_{place.upper()}={host}: {error.strerror or error}") from None
            if found is None:
                raise CannotRun(_("No free port from %(port)s on; set SHIRUBE_PORT to another one.", port=wish))
            ports[field] = closing.enter_context(found)
            port = found.getsockname()[1]
            if port != wish:
                say(_("Port %(wished)s is in use; taking %(port)s instead.", wished=wish, port=port))
            os.environ[f"SHIRUBE_{field.upper()}"] = str(port)  # for every process started from here
        yield Settings(), ports


@contextmanager
def only_one(settings: Settings) -> Iterator[IO[str]]:
    """Two of us on one database would send every mail twice; the lock ends with the process that holds it."""
    settings.var.mkdir(parents=True, exist_ok=True, mode=0o700)  # mails with ways to sign in lie there
    with (settings.var / "running").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            where = lock.read().strip() or str(settings.var)
            raise CannotRun(_("Shirube is already running here: %(where)s", where=where)) from None
        yield lock


def prepare(settings: Settings) -> str:
    """The database by migrations, then the demo hub, both safe to repeat; returns what that said: the sign-ins."""
    say(_("Preparing the database …"))
    command = flask("demo", "ready") if settings.demo else flask("setup")
    step = processes.start("prepare", command, ROOT, logs(settings) / "prepare.log")
    try:
        failed = step.popen.wait() != 0
    finally:
        step.end()
    if failed:
        raise CannotRun(step.last_words() + "\n" + _("The database could not be prepared; see the lines above."))
    return step.last_words(lines=100)


def logs(settings: Settings) -> Path:
    """Where every process writes, one file each."""
    folder = settings.var / "log"
    folder.mkdir(exist_ok=True)
    return folder


def check(running: list[Process]) -> None:
    """All are alive, or a sentence says which one is not."""
    for process in running:
        code = process.popen.poll()
        if code is not None:
            words = process.last_words()
            names = {"mail catcher": _("mail catcher"), "web server": _("web server"), "worker": _("worker")}
            name = names[process.name]
            sentence = _("The %(name)s ended by itself (%(code)s), so everything stops.", name=name, code=code)
            raise CannotRun(f"{words}\n{sentence}\n{process.log}")


def wait_until_ready(settings: Settings, running: list[Process]) -> None:
    """Until the web server and the page of the mail catcher answer."""
    deadline = time.monotonic() + START_SECONDS
    for address in (f"{web_address(settings)}/health", f"{mail_address(settings)}/style.css"):
        while not answers(address):
            check(running)
            if time.monotonic() > deadline:
                raise CannotRun(_("%(address)s does not answer; the reason may be in var/log.", address=address))
            time.sleep(0.1)


def answers(address: str) -> bool:
    """Whether ``address`` answers with success."""
    try:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(address, timeout=5):
            return True
    except (OSError, HTTPException):  # nobody there yet, or somebody who speaks otherwise
        return False


def web_address(settings: Settings) -> str:
    """Where the program answers on this machine."""
    return f"http://{settings.host}:{settings.port}"


def mail_address(settings: Settings) -> str:
    """Where the caught mails are shown."""
    return f"http://{settings.mail_host}:{settings.mail_web_port}"


def say(sentence: str) -> None:
    """A line for the person at the terminal, at once."""
    print(sentence, flush=True)


def announce(settings: Settings, sign_ins: str) -> None:
    """Where to go and as whom."""
    say("")
    say("  " + _("Shirube is running: %(address)s", address=web_address(settings)))
    say("  " + _("Mails arrive here:  %(address)s", address=mail_address(settings)))
    say(f"\n{sign_ins}")
    say("  " + _("Ctrl-C stops everything."))


def run(wished: Settings) -> None:
    """Start everything and keep watch until somebody asks for the end or a process dies."""
    running: list[Process] = []
    with only_one(wished) as lock, taken_ports(wished) as (settings, ports):
        lock.truncate(0)
        lock.write(f"{web_address(settings)} (process {os.getpid()})\n")
        lock.flush()
        sign_ins = prepare(settings)
        try:
            for name, (command, listening) in commands(ports).items():
                log = logs(settings) / f"{name.replace(' ', '-')}.log"
                running.append(processes.start(name, command, ROOT, log, listening))
            wait_until_ready(settings, running)
            announce(settings, sign_ins)
            while True:
                check(running)
                time.sleep(0.25)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # the end is under way and takes seconds
            for process in reversed(running):  # whoever serves others goes last
                process.end()
            processes.end_orphans()


def main() -> int:
    """Run until the end; 0 when asked to end, 1 when something failed."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        raise Stop

    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    i18n.set_language("ja" if spoken.startswith("ja") else "en")
    processes.adopt_orphans()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asked to ignore it
        signal.signal(signal.SIGHUP, ask)
    os.environ.setdefault("SHIRUBE_DEMO", "true")
    try:
        run(Settings())
    except Stop:
        say(_("Stopped."))
        return 0
    except (CannotRun, ValidationError) as reason:
        print(reason, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
