"""Leases: a dead worker is noticed by signs of life that stop, and no clock decides who is dead."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock, leases, outbox
from app.core.db import session, transaction
from app.core.leases import Leases
from app.core.mail import Mail
from app.core.outbox import OutboxMail

SHORT = 1.0  # seconds; a loaded machine gives signs late


@pytest.fixture
def mine(app: Flask) -> Iterator[Leases]:
    """As one process sees them; two mails wait."""
    with transaction():
        for key in ("a", "b"):
            outbox.enqueue(Mail(key, "a@example.org", "subject", "text"))
    yield Leases(OutboxMail, outbox.unsent())
    session.remove()


def take(mine: Leases, key: str, seconds: float = SHORT) -> OutboxMail:
    """The mail, with a first sign of life."""
    with transaction() as current:
        row = current.scalars(select(OutboxMail).where(OutboxMail.key == key)).one()
        mine.take(row, seconds)
    return row


def leased() -> set[str]:
    """Which mails are in somebody's hands."""
    found = set(session.scalars(select(OutboxMail.key).where(OutboxMail.leased_until.is_not(None))))
    session.rollback()
    return found


def test_the_living_keep_their_rows_however_long_they_work_and_the_dead_do_not(mine: Leases) -> None:
    other = Leases(OutboxMail, outbox.unsent())
    take(mine, "b")  # … and dies
    with mine.held(take(mine, "a"), SHORT):
        began = time.monotonic()
        while time.monotonic() - began < 2.5 * SHORT:
            other.give_back_dead(SHORT)
            time.sleep(SHORT / 10)
        assert leased() == {"a"}
    began = time.monotonic()
    while leased():
        other.give_back_dead(SHORT)
        time.sleep(SHORT / 10)
        assert time.monotonic() - began < 10 * SHORT, "nobody renews it any more"


@pytest.mark.parametrize("jump", [dt.timedelta(days=3653), dt.timedelta(hours=2), dt.timedelta(hours=-2)])
def test_only_seconds_that_were_counted_make_a_worker_dead(
    mine: Leases, monkeypatch: pytest.MonkeyPatch, jump: dt.timedelta
) -> None:
    """The machine's own clock jumps, and then the seconds really pass."""
    counted = [100.0]
    monkeypatch.setattr(leases, "time", SimpleNamespace(monotonic=lambda: counted[0]))
    take(mine, "a", 30)
    assert mine.give_back_dead(30) == 0
    real = clock.machine_time
    monkeypatch.setattr(clock, "machine_time", lambda: real() + jump)
    counted[0] += 29
    assert mine.give_back_dead(30) == 0
    counted[0] += 1
    assert mine.give_back_dead(30) == 1


def test_a_sign_that_comes_at_the_last_moment_counts(mine: Leases, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = [100.0]
    monkeypatch.setattr(leases, "time", SimpleNamespace(monotonic=lambda: counted[0]))
    take(mine, "a", 30)
    mine.give_back_dead(30)
    counted[0] += 30
    replace = mine._replace

    def late(*values: object, **more: object) -> bool:
        monkeypatch.setattr(mine, "_replace", replace)
        take(mine, "a", 30)
        return replace(*values, **more)

    monkeypatch.setattr(mine, "_replace", late)
    assert mine.give_back_dead(30) == 0
    assert leased() == {"a"}
