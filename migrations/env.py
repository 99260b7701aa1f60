"""Alembic's door: the address comes from the program, the tables from the rooms."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from app.core.db import Base, make_engine
from app.core.migrations import load_tables

url = context.config.attributes.get("url")
if url is None:
    from app.config import Settings

    url = Settings().database

load_tables()


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
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # Rather give up than make everybody queue behind us for a lock; changing many rows may take its time.
            connection.exec_driver_sql("SET lock_timeout = '5s'; SET statement_timeout = '15min'")
            connection.commit()
        run(connection)
        connection.commit()
    engine.dispose()
