"""Programs with a database of their own, and companies with as many therapies as a figure asks for."""

from __future__ import annotations

import atexit
import datetime as dt
import shutil
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, Table, insert, make_url, select, text

from app import create_app
from app.config import Settings
from app.consultations import services as consultations
from app.consultations.models import Consultation
from app.consultations.wish import Wish
from app.core import clock, db, migrations
from app.core.db import Base
from app.core.ids import new_id
from app.pathways.models import PathwayEvent
from app.schedule.models import Milestone
from app.therapies import services as therapies
from app.therapies.models import Grant, Therapy
from benchmarks.registry import NotHere
from tests import postgresql
from tests.factories.therapies import add_therapy, happened, set_clock
from tests.factories.world import World, build_world, scope_of

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
BELONGING: tuple[type[Base], ...] = (PathwayEvent, Consultation, Milestone, Grant)
MEETING = dt.date(2027, 7, 14)

_open = ExitStack()
atexit.register(_open.close)


@cache
def server() -> str:
    """The address of a PostgreSQL server that ends with this process; raises NotHere where none can be had."""
    try:
        return _open.enter_context(postgresql.server(options=()))  # as it is installed: it waits for the disk
    except postgresql.NoServer as reason:
        raise NotHere(str(reason)) from reason


def program(database: str, **more: Any) -> Flask:
    """A program with a database of its own, in a folder of its own; it becomes the program of this process."""
    folder = new_folder()
    given: dict[str, Any] = {"clock_file": folder / "clock", "secret_key": "k" * 40, **more}
    template = _migrated(database)
    if database == POSTGRESQL:
        copied = postgresql.database(server(), str(make_url(template).database))
        given["database_url"] = _open.enter_context(copied)
    settings = Settings(var=folder, **given)
    if database == SQLITE:
        shutil.copy(template, str(make_url(settings.database).database))
    return create_app(settings)


def new_folder() -> Path:
    """A folder that ends with this process."""
    return Path(_open.enter_context(tempfile.TemporaryDirectory(prefix="shirube-bench-")))


@cache
def _migrated(database: str) -> str:
    """A database with all tables and nobody in it, of which every program gets a copy: a file or an address."""
    address = _open.enter_context(postgresql.database(server())) if database == POSTGRESQL else ""
    settings = Settings(var=new_folder(), database_url=address)
    migrations.upgrade(settings.database)
    return address or str(make_url(settings.database).database)


def enter(app: Flask) -> None:
    """Make this program the one of the process again, with its database and its clock."""
    settings: Settings = app.extensions["settings"]
    db.connect(settings.database)
    clock.configure(settings.clock)


def tidy() -> None:
    """What PostgreSQL does by itself within a minute: without it, it knows of no row that is there by now."""
    engine = db.session.get_bind()
    assert isinstance(engine, Engine)
    db.session.remove()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))


@cache
def company(database: str, many: int) -> tuple[Flask, World, str]:
    """A program whose company has ``many`` therapies, all shared with its hub, and the id of the first of them.

    The first is made by the services: an event, a consultation with its steps, a grant. The others are its copies.
    """
    app = program(database)
    with app.app_context():
        set_clock()
        world = build_world()
        therapy = add_therapy(world.lead)
        happened(world.lead, therapy, "NONCLINICAL_STARTED", "2020-01")
        consultations.confirm(scope_of(world.lead), therapy, "drug_eop2", Wish(meeting=MEETING))
        therapies.grant(scope_of(world.lead), therapy, world.hub)
        _copy(therapy, many - 1)
        tidy()
    return app, world, therapy


@cache
def plan(database: str, many: int) -> tuple[Flask, World, str]:
    """A program with one therapy that has ``many`` milestones, and its id."""
    app, world, therapy = company.__wrapped__(database, 1)
    table = _table(Milestone)
    with app.app_context(), db.transaction() as session:
        stored = [dict(row) for row in session.execute(select(table)).mappings()]
        rows = [{**stored[n % len(stored)], "id": new_id(), "key": f"step{n}"} for n in range(len(stored), many)]
        session.execute(insert(table), rows)
    tidy()
    return app, world, therapy


def _copy(therapy: str, times: int) -> None:
    """The therapy and all that belongs to it, so many times."""
    if not times:
        return
    with db.transaction() as session:
        tables = [_table(Therapy), *map(_table, BELONGING)]
        conditions = [tables[0].c.id == therapy, *(table.c.therapy_id == therapy for table in tables[1:])]
        stored = [
            [dict(row) for row in session.execute(select(table).where(condition)).mappings()]
            for table, condition in zip(tables, conditions, strict=True)
        ]
        ids = [row["id"] for rows in stored for row in rows]
        renamed = [{old: new_id() for old in ids} for _ in range(times)]
        for table, rows in zip(tables, stored, strict=True):
            session.execute(insert(table), [_with(row, names) for names in renamed for row in rows])


def _with(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {key: names.get(value, value) if isinstance(value, str) else value for key, value in row.items()}


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
