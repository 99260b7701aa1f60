"""A worker that is killed while it sets pages leaves no half bundle, and another takes the bundle up again soon."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest

from app.access.scope import Scope
from app.config import Settings
from app.core import check
from app.core.db import session, transaction
from app.core.storage import FolderStorage
from app.documents import queries, services
from app.documents.models import Bundle
from app.documents.states import State
from tests.faults.test_workers_killed_at_random import draw
from tests.faults.workers import LEASE, workers
from tests.rooms.documents.conftest import consultation, empty_consultation, scope

__all__ = ["consultation", "draw", "empty_consultation", "scope"]  # fixtures


class Watched:
    """One bundle, and what lies on the disk because of it."""

    def __init__(self, settings: Settings, scope: Scope, consultation: str) -> None:
        self.settings, self.scope = settings, scope
        self.attachments = set(FolderStorage(settings.files).names())
        self.id = services.request(scope, consultation, "ja")
        session.remove()

    def look(self) -> queries.BundleView:
        """As the person sees it now."""
        found = queries.get(self.scope, self.id)
        session.remove()
        return found

    def attempts(self) -> int:
        """How often a worker has taken it."""
        found = session.get_one(Bundle, self.id, populate_existing=True).attempts
        session.remove()
        return found

    def pages(self) -> list[Path]:
        """The sections that were set."""
        return list((self.settings.var / "rendering" / "cache" / "pages").glob("*.page"))

    def whole_or_absent(self, whole: str = "") -> None:
        """Nothing half-made lies anywhere. What is killed between storing and saying so leaves the whole file, which
        the next attempt stores under the same name (``whole``)."""
        store, seen = FolderStorage(self.settings.files), self.look()
        stored = set(store.names()) - self.attachments
        assert stored == ({seen.sha256} if seen.state is State.READY else stored & {whole})
        assert store.strays() == []
        assert check.check(self.settings).findings == []
        if seen.state is State.READY:
            folder = self.settings.var / "rendering"
            assert [path.name for path in folder.iterdir()] == ["cache"], "what the killed ones left is gone"


def test_it_is_taken_up_again_and_becomes_the_same_bundle(settings: Settings, scope: Scope, consultation: str) -> None:
    bundle = Watched(settings, scope, consultation)
    with workers(settings) as staff:
        for sections in (1, 3):
            worker = staff.start()
            staff.until(lambda: len(bundle.pages()) >= sections)  # noqa: B023 — called at once
            staff.kill(worker)
            assert bundle.look().pending
            bundle.whole_or_absent()
        staff.start()
        began = time.monotonic()
        staff.until(lambda: bundle.attempts() == 3)
        noticed = time.monotonic() - began
        assert noticed < 20 * LEASE, "the machine may be slow; the lease is a second, and 30 in real life"
        staff.until(lambda: not bundle.look().pending)
    bundle.whole_or_absent()
    made = bundle.look()
    assert made.state is State.READY, made.findings
    again = services.request(scope, consultation, "ja")
    services.make_waiting(settings)
    assert queries.get(scope, again).sha256 == made.sha256
    print(f"\ntaken up {noticed:.1f} s after another worker was started")


@pytest.mark.long
def test_killed_at_random_moments(settings: Settings, scope: Scope, consultation: str, draw: random.Random) -> None:
    """From the first look to the stored file; what was set before is forgotten, so that each has all its work to do."""
    bundle = Watched(settings, scope, consultation)
    with workers(settings) as staff:
        staff.start()
        staff.until(lambda: bundle.look().state is State.RUNNING)
        began = time.monotonic()
        staff.until(lambda: not bundle.look().pending)
        whole = time.monotonic() - began
        staff.kill(staff.living[0])
        expected = bundle.look().sha256
        for _kill in range(12):
            shutil.rmtree(settings.var / "rendering" / "cache" / "pages", ignore_errors=True)
            (settings.files / expected[:2] / expected).unlink(missing_ok=True)
            with transaction():
                row = session.get_one(Bundle, bundle.id, populate_existing=True)
                row.state, row.attempts, row.sha256, row.leased_until = State.WAITING, 0, "", None
            session.remove()
            staff.start()
            staff.until(lambda: bundle.look().state is not State.WAITING)
            time.sleep(draw.uniform(0, whole * 1.1))
            staff.kill(staff.living[0])
            if bundle.look().pending:
                bundle.whole_or_absent(expected)
        staff.start()
        staff.until(lambda: not bundle.look().pending)
    bundle.whole_or_absent()
    assert bundle.look().sha256 == expected
