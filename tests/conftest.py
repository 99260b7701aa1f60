"""One migrated database per test, five people in it, and clients that sign in as them and inspect every page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
from flask import Flask

from app import create_app
from app.config import Settings
from app.core import db, i18n, migrations
from tests import postgresql
from tests.factories.world import World, build_world
from tests.templates import compile_once
from tests.web.headers import inspected
from tests.web.visitor import Browser, Visitor

hypothesis.settings.register_profile("shirube", deadline=None)  # how long an example takes is the machine's business
hypothesis.settings.load_profile("shirube")


@pytest.fixture(autouse=True)
def language_of_the_program() -> Iterator[None]:
    """No test hears the language in which the one before it spoke."""
    with i18n.speaking("ja"):
        yield


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file made by the migrations, once; each test gets a copy."""
    path = tmp_path_factory.mktemp("migrated") / "shirube.db"
    migrations.upgrade(f"sqlite:///{path}")
    engine = db.make_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL server of our own; the test is skipped, and says why, where none can be had."""
    with ExitStack() as stack:
        try:
            yield stack.enter_context(postgresql.server())
        except postgresql.NoServer as reason:
            pytest.skip(str(reason))


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: str) -> str:
    """The name of a database made by the migrations, once; each test gets a copy."""
    name = f"migrated_{uuid4().hex[:8]}"
    postgresql.run(postgresql_server, f"CREATE DATABASE {name}")
    migrations.upgrade(Settings(database_url=postgresql.named(postgresql_server, name)).database)
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('tmp_path') / 'empty.db'}"
        return
    with postgresql.database(request.getfixturevalue("postgresql_server")) as address:
        yield Settings(database_url=address).database


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The setting of a migrated database without a row: a file beside the test's other files, or on a server."""
    if request.param == "sqlite":
        folder: Path = request.getfixturevalue("tmp_path")
        shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "shirube.db")
        yield ""
        return
    server: str = request.getfixturevalue("postgresql_server")
    migrated: str = request.getfixturevalue("migrated_postgresql")
    with postgresql.database(server, template=migrated) as address:
        yield address


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a program of its own, with a clock that a test can move."""
    return Settings(
        var=tmp_path,
        database_url=database_url,
        mail_transport="memory",
        clock_file=tmp_path / "clock",
        secret_key="k" * 40,
        demo=False,
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The program."""
    program = compile_once(create_app(settings))
    program.config.update(TESTING=True)
    program.test_client_class = Browser
    program.wsgi_app = inspected(program.wsgi_app)  # type: ignore[method-assign]
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
