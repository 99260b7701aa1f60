"""A program with data and stored files, and an empty place of the same kind to bring them back to."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.access.scope import Scope
from app.config import Settings
from app.consultations import services as consultations
from app.consultations.wish import Wish
from app.core import clock, db
from app.core.storage import FolderStorage
from app.core.uploads import Upload
from app.documents import services as documents
from app.documents.states import State
from app.therapies import services as therapies
from tests import postgresql
from tests.factories.world import World, scope_of
from tests.rooms.documents.conftest import pdf


@pytest.fixture
def scope(app: Flask, world: World) -> Scope:
    """The lead of the company."""
    return scope_of(world.lead)


@pytest.fixture
def consultation(scope: Scope, settings: Settings) -> str:
    """Advice with two attachments and a plan."""
    clock.move_to(dt.datetime(2026, 10, 1, 9, tzinfo=clock.TOKYO))
    therapy = therapies.add(
        scope, name_ja="心筋シート", product_class="RMP-C", material="allogeneic_ips", indication_ja="拡張型心筋症"
    )
    found = consultations.confirm(scope, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 7, 14)))
    uploads = [Upload(f"report_{n}.pdf", pdf(n), 1000) for n in (2, 3)]
    consultations.attach(scope, found, uploads, storage=FolderStorage(settings.files), largest=10**7)
    db.session.remove()
    return found


@pytest.fixture
def ready_bundle(scope: Scope, consultation: str, settings: Settings) -> str:
    """A bundle whose stored file is there; what it holds does not matter here."""
    bundle = documents.request(scope, consultation, "ja")
    sha256, size = FolderStorage(settings.files).put(io.BytesIO(b"a bundle" * 1000))
    row = documents._lease(settings)
    assert row is not None
    documents._finish(row, State.READY, [], sha256=sha256, size=size, pages=1)
    db.session.remove()
    return bundle


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Another folder that does not exist yet, and another database without a table, of the same kind."""
    place = settings.model_copy(update={"var": tmp_path / "elsewhere", "clock_file": tmp_path / "elsewhere" / "clock"})
    if not settings.database_url:
        yield place
        return
    with postgresql.database(request.getfixturevalue("postgresql_server")) as address:
        yield place.model_copy(update={"database_url": Settings(database_url=address).database})


def program(settings: Settings) -> Flask:
    """The program on other data."""
    found = create_app(settings)
    found.config.update(TESTING=True)
    return found
