"""One migrated database per test, five people in it, and clients that sign in as them and inspect every page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config import Settings
from app.core import db, migrations
from tests.factories.world import World, build_world
from tests.web.visitor import Visitor


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database made by the migrations, once; each test gets a copy."""
    path = tmp_path_factory.mktemp("migrated") / "shirube.db"
    migrations.upgrade(f"sqlite:///{path}")
    engine = db.make_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def settings(tmp_path: Path, migrated_database: Path) -> Settings:
    """Settings of a program of its own, with a clock that a test can move."""
    shutil.copy(migrated_database, tmp_path / "shirube.db")
    return Settings(
        var=tmp_path, mail_transport="memory", clock_file=tmp_path / "clock", secret_key="k" * 40, demo=False
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The program."""
    program = create_app(settings)
    program.config.update(TESTING=True)
    yield program  # no context is pushed: every request must get a fresh one, as in real life
    db.session.remove()


@pytest.fixture
def world(app: Flask) -> World:
    """A hub with an administrator and a reviewer, and two companies that must not know of each other."""
    with app.app_context():
        return build_world()


@pytest.fixture
def visit(app: Flask, world: World) -> Visitor:
    """A browser-like client; ``visit.as_(world.lead)`` signs in."""
    return Visitor(app)
