"""The real worker against a real SMTP server on loopback: killed without warning, doubled, stopped in order."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import func, select

from app.config import ROOT, Settings
from app.core import clock, heartbeat
from app.core.db import session
from app.core.outbox import OutboxMail
from app.core.processes import take_port
from tests.factories.world import World
from tests.rooms.notices.plans import DUTY, at, plan, step, therapy

STEPS = 20
PATIENCE = 60.0  # seconds; a loaded machine needs some to start a process


class Sink:
    """An SMTP server that counts the mails about deadlines, and can hold one in its hands while a test is cruel."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.hold_at: int | None = None
        self.holding = threading.Event()

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 — the name that aiosmtpd asks for
        if not any(name.endswith("@ko.example") for name in envelope.rcpt_tos):
            return "250 OK"  # what other rooms send to other people
        self.ids.append(str(message_from_bytes(envelope.content)["Message-ID"]))
        if self.hold_at == len(self.ids):
            self.holding.set()
            await asyncio.sleep(3600)
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    with take_port("127.0.0.1", 18125) as free:
        port = free.getsockname()[1]
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def start(settings: Settings, sink: tuple[Sink, int]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts workers of the program under test; none outlives the test."""
    environment = os.environ | {
        "SHIRUBE_VAR": str(settings.var),
        "SHIRUBE_SECRET_KEY": settings.secret_key,
        "SHIRUBE_CLOCK_FILE": str(settings.clock),
        "SHIRUBE_MAIL_PORT": str(sink[1]),
        "SHIRUBE_TICK_SECONDS": "0.2",
    }
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
        with (settings.var / "worker.log").open("ab") as log:
            running.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
        return running[-1]

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture
def due(app: Flask, world: World) -> Iterator[int]:
    """Many duties of today for two people; the number of mails that must arrive."""
    at(DUTY - dt.timedelta(days=30))
    plan(therapy(world.company), *(step(f"step_{number}") for number in range(STEPS)))
    at(DUTY)
    session.remove()
    yield STEPS * 2
    session.remove()


def until(true: Callable[[], bool], settings: Settings) -> None:
    """Wait; fail with what the workers wrote."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            pytest.fail((settings.var / "worker.log").read_text()[-4000:])
        time.sleep(0.05)


def sent() -> int:
    """How many mails the database calls sent."""
    mine = OutboxMail.key.startswith("notices:")
    count = session.scalar(select(func.count()).where(mine, OutboxMail.sent_at.is_not(None)))
    session.remove()
    return count or 0


@pytest.mark.parametrize(
    "kills", [(1, 9, 23), pytest.param(tuple(range(1, 24, 2)), marks=pytest.mark.long)], ids=["three", "twelve"]
)
def test_killed_between_lease_and_sent(
    settings: Settings,
    sink: tuple[Sink, int],
    start: Callable[[], subprocess.Popen[bytes]],
    due: int,
    kills: tuple[int, ...],
) -> None:
    """Each time the server has the mail in its hands and the worker does not know; that mail may come again."""
    handler, _port = sink
    in_flight: set[str] = set()
    for hold_at in kills:
        handler.holding.clear()
        handler.hold_at = hold_at
        worker = start()
        until(handler.holding.is_set, settings)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        in_flight.add(handler.ids[-1])
        clock.move_to(clock.now() + dt.timedelta(minutes=2))  # its lease runs out
    handler.hold_at = None
    start()
    until(lambda: sent() == due, settings)
    times = Counter(handler.ids)
    assert len(times) == due, "none is lost"
    assert {one for one, count in times.items() if count > 1} <= in_flight, "only what was in flight came again"
    assert sum(times.values()) <= due + len(kills)


def test_two_workers_send_nothing_twice(
    settings: Settings, sink: tuple[Sink, int], start: Callable[[], subprocess.Popen[bytes]], due: int
) -> None:
    first, second = start(), start()
    until(lambda: len(heartbeat.alive(settings)) == 2, settings)
    until(lambda: sent() == due, settings)
    time.sleep(1)  # some more ticks
    assert Counter(sink[0].ids).most_common(1)[0][1] == 1
    assert len(sink[0].ids) == due
    assert (first.poll(), second.poll()) == (None, None), "both live"


def test_it_ends_in_order_when_asked(
    settings: Settings, start: Callable[[], subprocess.Popen[bytes]], app: Flask
) -> None:
    worker = start()
    until(lambda: bool(heartbeat.alive(settings)), settings)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert heartbeat.alive(settings) == []
    assert "Traceback" not in (settings.var / "worker.log").read_text()
