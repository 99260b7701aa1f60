"""Bringing the database to the newest form; tables are never made in another way."""

from __future__ import annotations

from importlib import import_module

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.config import ROOT
from app.core.db import Base, make_engine


def config(url: str) -> Config:
    """Alembic's configuration for one database."""
    found = Config()
    found.set_main_option("script_location", str(ROOT / "migrations"))
    found.attributes["url"] = url
    return found


def upgrade(url: str, revision: str = "head") -> str:
    """Run the missing migrations; returns the newest revision."""
    if url.startswith("sqlite"):
        engine = make_engine(url)
        with engine.connect() as connection:  # once per database file, never per connection
            raw = connection.connection.driver_connection
            assert raw is not None
            connection.rollback()
            raw.execute("PRAGMA journal_mode=WAL")
        engine.dispose()
    here = config(url)
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
    """Go back to an older form."""
    command.downgrade(config(url), revision)


def load_tables() -> None:
    """Import the tables of all rooms by name, so that the metadata is whole."""
    import_module("app.core.outbox")
    for models in sorted((ROOT / "app").glob("*/models.py")):
        import_module(f"app.{models.parent.name}.models")
