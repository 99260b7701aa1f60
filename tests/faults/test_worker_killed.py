"""The real worker against a real SMTP server on loopback: killed without warning, doubled, stopped in order."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import func, select

from app.access.actor import Position
from app.config import ROOT, Settings
from app.core import heartbeat
from app.core.db import session
from app.core.outbox import OutboxMail
from app.core.processes import take_port
from tests.factories.world import World, add_person
from tests.faults.server import environment
from tests.faults.workers import PATIENCE, Workers, workers
from tests.rooms.notices.plans import DUTY, at, done, plan, step, therapy

STEPS, PEOPLE = 20, 20


class Sink:
    """An SMTP server that counts the mails about deadlines, and can hold one in its hands while a test is cruel."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.about: dict[str, set[tuple[str, str]]] = {}  # by Message-ID: to whom, about which milestone
        self.hold_at: int | None = None
        self.holding = threading.Event()

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 — the name that aiosmtpd asks for
        if not any(name.endswith("@ko.example") for name in envelope.rcpt_tos):
            return "250 OK"  # what other rooms send to other people
        mail = message_from_bytes(envelope.content)
        self.ids.append(str(mail["Message-ID"]))
        attached = [part.get_payload(decode=True) for part in mail.walk() if part.get_content_type() == "text/calendar"]
        uids = re.findall(rb"UID:(\w+)@", b"".join(attached))
        self.about[self.ids[-1]] = {(envelope.rcpt_tos[0], uid.decode()) for uid in uids}
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
def staff(settings: Settings, sink: tuple[Sink, int]) -> Iterator[Workers]:
    """Workers of the program under test; none outlives the test."""
    with workers(settings, MAIL_PORT=str(sink[1]), LEASE_SECONDS="3") as found:
        yield found


@dataclass(frozen=True)
class Due:
    """How many mails must arrive, and what each of the people must read about which milestone."""

    mails: int
    told: set[tuple[str, str]]
    milestones: list[str]


@pytest.fixture(params=["alone", "together"])
def due(request: pytest.FixtureRequest, app: Flask, world: World) -> Iterator[Due]:
    """Many duties of today for two people, or some that are far away, in one mail each, for many people."""
    alone = request.param == "alone"
    at(DUTY - dt.timedelta(days=30))
    people = ["lead@ko.example", "member@ko.example"]
    if not alone:
        more = [f"person_{number}@ko.example" for number in range(PEOPLE)]
        with app.app_context():
            for address in more:
                add_person(address, "同僚", world.company, Position.MEMBER)
        people += more
    found = plan(therapy(world.company), *(step(f"step_{number}") for number in range(STEPS if alone else 3)))
    at(DUTY if alone else DUTY - dt.timedelta(days=8))
    session.remove()
    told = {(address, milestone) for address in people for milestone in found}
    yield Due(len(told) if alone else len(people), told, found)
    session.remove()


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
    staff: Workers,
    due: Due,
    kills: tuple[int, ...],
) -> None:
    """Each time the server has the mail in its hands and the worker does not know; that mail may come again."""
    handler, _port = sink
    in_flight: set[str] = set()
    for hold_at in kills:
        handler.holding.clear()
        handler.hold_at = hold_at
        worker = staff.start()
        staff.until(handler.holding.is_set)
        staff.kill(worker)
        in_flight.add(handler.ids[-1])
    handler.hold_at = None
    staff.start()
    staff.until(lambda: sent() == due.mails)
    times = Counter(handler.ids)
    assert len(times) == due.mails, "none is lost"
    assert {one for one, count in times.items() if count > 1} <= in_flight, "only what was in flight came again"
    assert sum(times.values()) <= due.mails + len(kills)
    told = [each for about in handler.about.values() for each in about]
    assert (len(told), set(told)) == (len(due.told), due.told), "everybody read of everything, in one mail"


@pytest.mark.parametrize("due", ["together"], indirect=True)
def test_killed_while_what_the_mails_are_about_changes(
    settings: Settings, sink: tuple[Sink, int], staff: Workers, due: Due
) -> None:
    """A step is done while the worker is dead: what has not left is rewritten, and nobody misses what remains."""
    handler, _port = sink
    handler.hold_at = 7
    worker = staff.start()
    staff.until(handler.holding.is_set)
    staff.kill(worker)
    before = set(handler.ids)
    gone, *rest = due.milestones
    done(gone, DUTY - dt.timedelta(days=8))
    session.remove()
    handler.hold_at = None
    staff.start()
    staff.start()
    staff.until(lambda: sent() == due.mails)
    after = {each for name, about in handler.about.items() if name not in before for each in about}
    told = {each for about in handler.about.values() for each in about}
    assert {each for each in due.told if each[1] in rest} <= told, "nobody misses what remains"
    assert not {milestone for _to, milestone in after} & {gone}, "nobody is told of what is done"
    assert Counter(handler.ids).most_common(1)[0][1] == 1
    assert len(handler.ids) == due.mails + 1, "only the one that the killed worker had in its hands came anew"


def test_two_workers_send_nothing_twice(settings: Settings, sink: tuple[Sink, int], staff: Workers, due: Due) -> None:
    staff.start()
    staff.start()
    staff.until(lambda: len(heartbeat.alive(settings)) == 2)
    staff.until(lambda: sent() == due.mails)
    time.sleep(1)  # some more ticks
    assert Counter(sink[0].ids).most_common(1)[0][1] == 1
    assert len(sink[0].ids) == due.mails
    assert Counter(each for about in sink[0].about.values() for each in about) == dict.fromkeys(due.told, 1)
    assert len(heartbeat.alive(settings)) == 2, "both live"


def test_it_ends_in_order_when_asked(settings: Settings, sink: tuple[Sink, int], app: Flask) -> None:
    log = settings.var / "worker.log"
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    with log.open("wb") as out:
        given = environment(settings, MAIL_PORT=str(sink[1]))
        worker = subprocess.Popen(command, cwd=ROOT, env=given, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + PATIENCE
        while not heartbeat.alive(settings):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.wait()
    assert heartbeat.alive(settings) == []
    assert "Traceback" not in log.read_text()
