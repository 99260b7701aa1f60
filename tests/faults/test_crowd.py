"""Many real processes at one database at once: nothing is lost silently, and nobody is told that it is locked."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import threading
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.models import AuditEvent
from app.config import ROOT, Settings
from app.core import clock, jobs
from app.core.db import session
from app.core.outbox import OutboxMail
from app.people import limits
from app.therapies import queries, services
from tests.factories.world import World, scope_of
from tests.faults.server import environment


def crowd(settings: Settings, *commands: tuple[str, ...]) -> list[dict[str, Any]]:
    """Start one process for each, let them begin at once, and hear how it went."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.crowd", *command],
            cwd=ROOT,
            env=environment(settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    try:
        for one in running:
            assert one.stdout
            assert one.stdout.readline() == "ready\n"
        for one in running:
            assert one.stdin
            one.stdin.write("\n")
            one.stdin.flush()
        return [json.loads(one.communicate(timeout=550)[0]) for one in running]
    finally:
        for one in running:
            if one.poll() is None:
                one.kill()
            one.wait()


@pytest.mark.parametrize(
    ("editors", "saves"), [(3, 10), pytest.param(8, 60, marks=pytest.mark.long)], ids=["few", "eight"]
)
def test_no_save_is_lost_silently(app: Flask, world: World, settings: Settings, editors: int, saves: int) -> None:
    """Every save that was acknowledged stands in the trail, each upon the one before it."""
    scope = scope_of(world.lead)
    therapy = services.add(scope, name_ja="0", product_class="RMP-C", material="allogeneic_ips")
    session.remove()
    done = crowd(settings, *(("edit", therapy, world.lead, f"editor {n}", str(saves)) for n in range(editors)))
    assert [one["faults"] for one in done] == [[]] * editors
    acknowledged = [name for one in done for name in one["saved"]]
    assert len(acknowledged) == editors * saves
    now = queries.own(scope, therapy)
    rows = session.scalars(select(AuditEvent).where(AuditEvent.action == "therapies:therapy:edited")).all()
    after = {row.before["name_ja"]: row.after["name_ja"] for row in rows}  # type: ignore[index]
    chain, name = [], "0"
    while name in after:
        name = after[name]
        chain.append(name)
    assert sorted(chain) == sorted(acknowledged), "each was made by somebody who had seen the one before"
    assert (now.name_ja, now.version) == (chain[-1], 1 + len(chain))
    print(f"\n{editors} editors, {len(chain)} saves, {sum(one['refused'] for one in done)} refused and done again")


@pytest.mark.parametrize(
    ("writers", "writes"), [(4, 50), pytest.param(8, 1000, marks=pytest.mark.long)], ids=["few", "eight"]
)
def test_nobody_is_told_that_it_is_locked(
    app: Flask, world: World, settings: Settings, writers: int, writes: int
) -> None:
    done = crowd(settings, *(("write", f"writer {number}", str(writes)) for number in range(writers)))
    faults = [fault for one in done for fault in one["faults"]]
    assert faults == [], f"{len(faults)} of {writers * writes}"
    kept = session.scalar(select(func.count()).select_from(OutboxMail).where(OutboxMail.key.like("writer %")))
    session.remove()
    assert kept == writers * writes
    seconds = sorted(each for one in done for each in one["seconds"])
    p50, p99 = (seconds[int(len(seconds) * part)] for part in (0.5, 0.99))
    print(f"\n{writers} processes × {writes} writes: p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms, "
          f"longest {seconds[-1] * 1e3:.0f} ms")  # fmt: skip


@pytest.mark.parametrize("email", ["lead@ko.example", "nobody@nowhere.example"])
def test_eight_processes_guess_no_more_than_one(app: Flask, world: World, settings: Settings, email: str) -> None:
    """All of them together have the tries of one account, whether it is there or not, also an hour later."""
    processes, guesses = (8, 4) if email.startswith("lead") else (2, 8)
    done = crowd(settings, *((("guess", email, str(guesses)),) * processes))
    assert [one["faults"] for one in done] == [[]] * processes
    assert sum(len(one["saved"]) for one in done) == limits.PASSWORD.free
    assert sum(one["refused"] for one in done) == processes * guesses - limits.PASSWORD.free
    clock.move_to(clock.now() + dt.timedelta(hours=1))
    (again,) = crowd(settings, ("guess", email, "3"))
    assert len(again["saved"]) == 1


def test_several_processes_make_the_queue_at_once_and_another_takes_the_jobs(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_works", {})
    looked = [threading.Event() for _ in range(3)]
    for number, event in enumerate(looked):
        jobs.register(f"look {number}", event.set, long=True)
    with jobs.consuming():
        done = crowd(settings, *(("queue", f"look {number}") for number in range(3)))
        assert [one["saved"] for one in done] == [[f"look {number}"] for number in range(3)]
        assert all(event.wait(10) for event in looked)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_queue_may_vanish_and_come_back(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Connections are cut, then the very tables are gone: asking never fails, and the worker's ticks are enough."""
    monkeypatch.setattr(jobs, "_works", {})
    looks: list[int] = []
    jobs.register("bundles", lambda: looks.append(1), long=True)
    address = settings.database_url.replace("postgresql+psycopg", "postgresql")
    with jobs.consuming() as mend:
        jobs.soon("bundles")
        assert _until(lambda: len(looks) == 1)
        with psycopg.connect(address, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        for _ in range(3):  # the first may find out that its connection is dead
            jobs.soon("bundles")
            mend()
        assert _until(lambda: len(looks) >= 2), caplog.text[-2000:]
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("DROP SCHEMA jobs CASCADE")
        jobs.soon("bundles")
        assert jobs.run("bundles") is not None, "a tick looks whatever the queue says"


def _until(true: Any, seconds: float = 20) -> bool:
    waiting = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if true():
            return True
        waiting.wait(0.05)
    return False
