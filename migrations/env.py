"""Alembic's door: the address comes from the program, the tables from the rooms."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from app.core import migrations
from app.core.db import Base, expect_writes, make_engine

url = context.config.attributes.get("url")
if url is None:
    from app.config import Settings

    url = Settings().database

migrations.load_tables()


def run(connection: Connection) -> None:
    """Run what is missing on this connection."""
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:  # a part of somebody's own transaction
    run(given)
else:
    engine = make_engine(url)
    lock, statement = (int(seconds * 1000) for seconds in (migrations.LOCK_SECONDS, migrations.STATEMENT_SECONDS))
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET lock_timeout = {lock}; SET statement_timeout = {statement}")
            else:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {lock}")
            connection.commit()
            expect_writes(True)
            with connection.begin():  # the turn to write is ours until all are done; two who migrate take turns
                run(connection)
    finally:
        expect_writes(False)
        engine.dispose()
