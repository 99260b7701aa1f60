"""Jobs only say "look again": a fault never ends the worker, a job is never needed, two looks never overlap."""

from __future__ import annotations

import threading
import time

import pytest
from flask import Flask

from app import worker as clockwork
from app.config import Settings
from app.core import clock, heartbeat, jobs
from app.core.clock import machine_time
from app.worker import Every, Worker


@pytest.fixture(autouse=True)
def _fresh(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room's work is looked after in these tests."""
    monkeypatch.setattr(jobs, "_works", {})


def until(true: object, seconds: float = 10) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


def test_a_fault_is_told_and_not_raised() -> None:
    jobs.register("bad", lambda: 1 / 0)
    run = jobs.run("bad")
    assert run is not None
    assert run.error == "ZeroDivisionError: division by zero"
    assert jobs.run("nobody knows this") is None


def test_short_work_runs_in_its_order() -> None:
    for name, order in (("mail", 100), ("notices", 10), ("digest", 50)):
        jobs.register(name, lambda: None, order=order)
    jobs.register("bundles", lambda: None, long=True)
    assert [work.name for work in jobs.works(long=False)] == ["notices", "digest", "mail"]
    assert [work.name for work in jobs.works(long=True)] == ["bundles"]


def test_the_same_work_never_runs_twice_at_once() -> None:
    inside, most = [0], [0]

    def look() -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.02)
        inside[0] -= 1

    jobs.register("slow", look)
    threads = [threading.Thread(target=jobs.run, args=("slow",)) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert jobs.run("slow", wait=False) is None
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_job_is_done_soon_by_a_consumer(settings: Settings) -> None:
    looked = threading.Event()
    jobs.register("bundles", looked.set, long=True)
    jobs.soon("bundles")
    with jobs.consuming() as mend:
        assert looked.wait(10)
        mend()


def test_asking_for_a_job_never_fails(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    (settings.var / "no-folder").touch()
    nowhere = {"var": settings.var / "no-folder"} | (
        {"database_url": "postgresql+psycopg://127.0.0.1:1/nothing"} if settings.database_url else {}
    )
    jobs.configure(settings.model_copy(update=nowhere))
    jobs.soon("bundles")
    assert "its tick will" in caplog.text


def test_the_worker_ticks_and_outlives_every_fault(settings: Settings) -> None:
    looks: list[str] = []

    def bad() -> None:
        looks.append("bad")
        raise RuntimeError("no")

    jobs.register("bad", bad, order=1)
    jobs.register("good", lambda: looks.append("good"), order=2)
    jobs.register("long", lambda: looks.append("long"), long=True)
    worker = Worker(settings.model_copy(update={"tick_seconds": 0.05}))
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        assert until(lambda: looks.count("good") >= 3 and looks.count("long") >= 3)
        assert until(lambda: any(beat.failing for beat in heartbeat.alive(settings)))
        (beat,) = heartbeat.alive(settings)
        assert beat.failing == {"bad": "RuntimeError: no"}
        assert beat.looked_at is not None
    finally:
        worker.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert heartbeat.alive(settings) == []


def test_a_worker_that_slept_through_its_ticks_ticks_at_once(settings: Settings, monkeypatch) -> None:
    """As after the machine's clock was set back: the next tick lies hours ahead."""
    looks: list[float] = []
    jobs.register("good", lambda: looks.append(time.monotonic()))
    monkeypatch.setattr(clockwork, "BEAT_SECONDS", 0.05)
    worker = Worker(settings.model_copy(update={"tick_seconds": 3600}))
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        assert until(lambda: len(looks) == 1)
        worker._last_tick -= 4 * 3600
        assert until(lambda: len(looks) == 2)
    finally:
        worker.stop()
        thread.join(20)


def test_a_clock_set_far_ahead_is_one_tick_and_not_a_million() -> None:
    now = machine_time()
    assert Every(20).get_next_fire_time(now.replace(year=now.year - 10), now) > now


def test_a_killed_worker_is_not_alive_for_long(settings: Settings, monkeypatch) -> None:
    heartbeat.beat(settings, machine_time(), None, [])
    assert len(heartbeat.alive(settings)) == 1
    later = machine_time() + heartbeat.ALIVE * 2
    monkeypatch.setattr(clock, "machine_time", lambda: later)
    assert heartbeat.alive(settings) == []
