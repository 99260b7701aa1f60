"""Bringing the database to the newest form; tables are never made in another way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from app.config import ROOT
from app.core.db import Base, make_engine

LOCK_SECONDS = 5.0  # rather give up than make everybody queue behind us
STATEMENT_SECONDS = 900.0  # changing many rows may take its time (PostgreSQL; SQLite cannot stop a statement)
_WAITED_IN_VAIN = {"55P03", "57014", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT"}  # lock, statement, and SQLite's lock


class InUse(Exception):
    """Somebody else holds what a migration needs, and it has given up."""

    def __init__(self) -> None:
        super().__init__(
            f"The database is in use: a migration waited for {LOCK_SECONDS:g} s, then gave up and changed nothing. "
            "Let long work end, or stop the web server and the worker, and type flask setup again."
        )


def config(url: str) -> Config:
    """Alembic's configuration for one database."""
    found = Config()
    found.set_main_option("script_location", str(ROOT / "migrations"))
    found.attributes["url"] = url
    return found


def upgrade(url: str, revision: str = "head") -> str:
    """Run the missing migrations, all of them or none; returns the newest revision. InUse where others hold on."""
    if url.startswith("sqlite"):
        engine = make_engine(url)
        with engine.connect() as connection:  # once per database file, never per connection
            raw = connection.connection.driver_connection
            assert raw is not None
            connection.rollback()
            raw.execute("PRAGMA journal_mode=WAL")
        engine.dispose()
    here = config(url)
    with _patience():
        command.upgrade(here, revision)
    return str(ScriptDirectory.from_config(here).get_current_head())


def upgrade_within(connection: Connection, revision: str) -> None:
    """Run the migrations up to ``revision`` in the caller's transaction (PostgreSQL)."""
    here = config(str(connection.engine.url))
    here.attributes["connection"] = connection
    command.upgrade(here, revision)


def differences(connection: Connection) -> list[str]:
    """How the tables differ from those that this program would make; needs ``load_tables``."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found = compare_metadata(context, Base.metadata)
    return [" ".join(map(str, one[:4] if isinstance(one, tuple) else one[0][:4])) for one in found]


def revisions() -> list[str]:
    """All revisions that this program knows, oldest first."""
    script = ScriptDirectory.from_config(config("sqlite://"))
    return [step.revision for step in reversed(list(script.walk_revisions()))]


def downgrade(url: str, revision: str) -> None:
    """Go back to an older form; raises InUse like upgrade()."""
    with _patience():
        command.downgrade(config(url), revision)


@contextmanager
def _patience() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        reason = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
        if reason in _WAITED_IN_VAIN:
            raise InUse from error
        raise


def load_tables() -> None:
    """Import the tables of all rooms by name, so that the metadata is whole."""
    import_module("app.core.outbox")
    for models in sorted((ROOT / "app").glob("*/models.py")):
        import_module(f"app.{models.parent.name}.models")
