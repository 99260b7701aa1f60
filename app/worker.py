"""The worker: looks for due work at every tick and takes jobs from the queue; it owns no facts.

The only door to APScheduler, whose own job stores drop what is late: it holds nothing but ticks here, and what is due
is a question to our tables.
"""

from __future__ import annotations

import datetime as dt
import logging
import signal
import threading
import time
from functools import partial
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from app.config import Settings
from app.core import clock, heartbeat, jobs, mail, outbox
from app.documents import services as documents
from app.hub import services as hub
from app.notices import sweep as notices
from app.pathways import services as pathways
from app.people import limits
from app.people import services as people
from app.web import sessions

log = logging.getLogger(__name__)

BEAT_SECONDS = 5.0
STUCK_AFTER_TICKS = 3  # … and half a minute without a tick: the machine's clock was set back, or the scheduler is ill


class Every(BaseTrigger):  # type: ignore[misc]
    """Again so many seconds from now, however far the machine's clock was moved; APScheduler's own interval would list
    every missed moment of ten years."""

    def __init__(self, seconds: float) -> None:
        self._interval = dt.timedelta(seconds=seconds)

    def get_next_fire_time(self, _previous: dt.datetime | None, now: dt.datetime) -> dt.datetime:
        """One interval after this moment."""
        return now + self._interval


class Worker:
    """The ticks and the consumer of one process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._started_at = clock.machine_time()
        self._looked_at: dt.datetime | None = None
        self._last_tick = time.monotonic()
        self._runs: dict[str, jobs.Run] = {}
        self._beating = threading.Lock()
        self._scheduler = BackgroundScheduler(
            timezone=dt.UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def run(self) -> None:
        """Work until ``stop``; what is running then is finished first."""
        jobs.register("tick", self.tick, long=True)
        for work in jobs.works(long=True):
            self._scheduler.add_job(
                partial(self._look, work.name),
                Every(self._settings.tick_seconds),
                id=work.name,
                next_run_time=clock.machine_time(),
            )
        with jobs.consuming() as mend_consumer:
            self._scheduler.start()
            log.info("worker looks every %s s", self._settings.tick_seconds)
            try:
                while not self._stop.wait(BEAT_SECONDS):
                    self.beat()
                    self.mend()
                    mend_consumer()
            finally:
                self._scheduler.shutdown(wait=True)
        heartbeat.end(self._settings)
        log.info("worker ended")

    def stop(self, *_signal: int | FrameType | None) -> None:
        """End after the current work (also as a handler of signals)."""
        self._stop.set()

    def tick(self) -> None:
        """Look once after all short work, in its order."""
        self._last_tick = time.monotonic()
        for work in jobs.works(long=False):
            self._look(work.name)
        self._looked_at = clock.machine_time()
        self.beat()

    def beat(self) -> None:
        """Give a sign of life; a full disk must not end the worker."""
        with self._beating:
            self._beat()

    def _beat(self) -> None:
        try:
            heartbeat.beat(self._settings, self._started_at, self._looked_at, list(self._runs.values()))
        except OSError as error:
            log.warning("no sign of life could be written: %s", error)

    def mend(self) -> None:
        """Tick at once if no tick came for too long by a clock that cannot be set."""
        patience = STUCK_AFTER_TICKS * self._settings.tick_seconds + 30
        if time.monotonic() - self._last_tick > patience:
            log.warning("no tick for %.0f s; ticking now", time.monotonic() - self._last_tick)
            self._last_tick = time.monotonic()
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=clock.machine_time())

    def _look(self, name: str) -> None:
        done = jobs.run(name, wait=False)
        if done is not None:
            self._runs[name] = done


def register(settings: Settings) -> None:
    """What this worker looks after; short work in its order, the mails last.

    What a dead worker had in its hands is given back first, so that notices can still take back what is no longer true.
    """
    jobs.register("bundles", lambda: documents.make_waiting(settings), long=True)
    jobs.register("mails of the dead", lambda: outbox.give_back_dead(settings), order=1)
    jobs.register("duties of histories", pathways.EveryDay().look, order=5)
    jobs.register("notices", notices.sweep, order=10)
    jobs.register("digests", hub.send_digests, order=20)
    jobs.register("uploads", pathways.forget_uploads, order=80)
    jobs.register("sign-ins", lambda: sessions.forget_ended(settings), order=90)
    jobs.register("tries", limits.forget_old, order=91)
    jobs.register("browsers", people.forget_unused_browsers, order=92)
    jobs.register("notices that are no longer true", notices.take_back, order=99)
    jobs.register("digests that are no longer true", hub.take_back, order=99)
    jobs.register("mail", lambda: send_mails(settings), order=100)


def send_mails(settings: Settings) -> int:
    """Send what waits; returns how many mails were taken.

    A job may ask for this before any tick has looked at the plans, even a job that a dead worker left behind. So what
    is no longer true is taken back first; if that fails it is logged, and the mails leave all the same.
    """
    jobs.run("notices that are no longer true")
    jobs.run("digests that are no longer true")
    return outbox.deliver(mail.transport(settings), settings)


def run(settings: Settings) -> None:
    """Run a worker in this process until SIGTERM or SIGINT."""
    register(settings)
    worker = Worker(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    worker.run()
