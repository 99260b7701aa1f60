"""One or two workers, killed at random moments while the mail server is moody and the clock jumps: no mail is lost, and
only what a killed worker had in its hands may come twice, with the same Message-ID.

A failed drill names its seed; ``SHIRUBE_TEST_SEED`` takes it again with the same decisions.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import secrets
import time
from collections import Counter
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.config import Settings
from app.core import clock, messages, outbox
from app.core.db import session, transaction
from app.core.mail import Mail
from app.core.outbox import OutboxMail
from tests.faults.smtp import Behaviour, Die, Server, Talk, smtp_server
from tests.faults.workers import Workers, workers

WAITING = 40  # mails that wait whenever somebody is killed
JUMPS = (dt.timedelta(0), dt.timedelta(hours=2), dt.timedelta(days=3653), dt.timedelta(hours=-2))


@pytest.fixture
def draw() -> random.Random:
    """Random decisions; the seed is printed where a test fails."""
    seed = int(os.environ.get("SHIRUBE_TEST_SEED") or secrets.randbits(32))
    print(f"SHIRUBE_TEST_SEED={seed}")
    return random.Random(seed)


def moody(draw: random.Random) -> Behaviour:
    """Mostly good and always a little slow; now and then it refuses or dies."""

    def behave(moment: str, _words: str, _talk: Talk) -> str | None:
        time.sleep(draw.random() * 0.004)
        mood = draw.random()
        if mood < 0.002:
            raise Die
        return "450 not now" if mood > 0.998 and moment in {"RCPT", "end"} else None

    return behave


class Drill:
    """The mails of the drill, and what may have happened to them."""

    def __init__(self, settings: Settings, server: Server, staff: Workers) -> None:
        self.settings, self.server, self.staff = settings, server, staff
        self.keys: list[str] = []
        self.in_hand: set[str] = set()
        self.began = clock.now()

    def queue(self) -> None:
        """Let there be enough to do."""
        waiting = self.count(OutboxMail.sent_at.is_(None))
        with transaction():
            for _number in range(WAITING - waiting):
                self.keys.append(f"drill:{len(self.keys)}")
                outbox.enqueue(Mail(self.keys[-1], f"{len(self.keys)}@example.org", "件名", "本文\n" * 20))
        session.remove()

    def wait(self, draw: random.Random) -> None:
        """Mostly until the server has heard some words more, so that a slow machine is killed at work, too."""
        words = self.server.heard + draw.randint(1, 60)
        if draw.random() < 0.8:
            self.staff.until(lambda: self.server.heard >= words)
            time.sleep(draw.random() * 0.005)
        else:
            time.sleep(draw.uniform(0, 0.6))

    def kill(self, victim: int) -> None:
        """Kill one, and note what it and the others had in their hands."""
        self.staff.kill(victim)
        self.in_hand |= set(session.scalars(select(OutboxMail.key).where(OutboxMail.leased_until.is_not(None))))
        session.remove()

    def jump(self, far: dt.timedelta) -> None:
        """Move the clock so far away from where it began."""
        clock.move_to(self.began + far)

    def count(self, *which: object) -> int:
        found = session.scalar(select(func.count()).select_from(OutboxMail).where(*which))
        session.remove()
        return found or 0

    def end(self) -> None:
        """Until every mail was sent; what was refused or postponed waits for its time."""

        def all_sent() -> bool:
            clock.move_to(clock.now() + dt.timedelta(minutes=5))
            return not self.count(OutboxMail.sent_at.is_(None))

        self.server.behave = None
        self.staff.until(all_sent)


def _staff(settings: Settings, server: Server) -> AbstractContextManager[Workers]:
    """Nobody of the living may be taken for dead, however slow the machine."""
    return workers(settings, MAIL_PORT=str(server.port), LEASE_SECONDS="10")


@pytest.mark.parametrize("kills", [12, pytest.param(200, marks=pytest.mark.long)])
def test_nothing_is_lost(app: Flask, settings: Settings, draw: random.Random, kills: int) -> None:
    with smtp_server(moody(draw)) as server, _staff(settings, server) as staff:
        drill = Drill(settings, server, staff)
        for _number in range(kills):
            drill.queue()
            for _more in range(draw.choice((1, 1, 2)) - len(staff.living)):
                staff.start()
            if draw.random() < 0.2:
                drill.jump(draw.choice(JUMPS))
            drill.wait(draw)
            drill.kill(draw.choice(staff.living))
        while len(staff.living) < 2:
            staff.start()
        drill.end()
    names = {key: messages.message_id(key, settings) for key in drill.keys}
    times = Counter(server.taken)
    assert set(times) == set(names.values()), "none is lost, and each has the Message-ID of what it is about"
    twice = {key for key, name in names.items() if times[name] > 1}
    assert twice - drill.in_hand == set(), "only what was in somebody's hands came again"
    assert sum(times.values()) - len(times) <= kills
    assert len(times) > kills, "they had something to do"
    print(f"\n{kills} kills, {len(times)} mails, {sum(times.values()) - len(times)} of them twice")
