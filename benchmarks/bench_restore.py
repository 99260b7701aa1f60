"""Restoring a backup: sums compared, everything in its place, and ``flask check`` over all of it."""

from __future__ import annotations

import itertools
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, make_url

from app.config import Settings
from app.core import check, clock, db
from app.core.backup import making
from app.core.backup.restoring import restore
from app.core.db import Base
from app.core.ids import new_id
from benchmarks import milestones, office
from benchmarks.office import POSTGRESQL, SQLITE
from benchmarks.registry import Benchmark, Goal, NotHere, Pair
from tests import postgresql

TRAIL = 115_000  # rows of the trail, with which SQLite's file is 34 MB large


class Kept:
    """A program's backup, and empty places to bring it back to."""

    def __init__(self, app: Flask) -> None:
        self.settings: Settings = app.extensions["settings"]
        self.folder = office.new_folder()
        self.backup = making.make(self.settings, self.folder).path
        self._number = itertools.count()

    def empty(self) -> Path:
        """A folder that does not exist yet."""
        return self.folder / f"there-{next(self._number)}"

    def bring_back(self, address: str = "") -> None:
        """Restore into an empty place, and look at everything."""
        there = Settings(var=self.empty(), database_url=address, secret_key=self.settings.secret_key)
        restore(there, self.backup)
        assert check.check(there).findings == []
        shutil.rmtree(there.var)


def trail(database: str) -> Flask:
    """A program in which a hundred thousand things happened."""
    app = office.program(database)
    with db.transaction() as session:
        for batch in _batches(TRAIL):
            session.execute(insert(Base.metadata.tables["audit_event"]), batch)
    return app


def _batches(rows: int) -> Iterable[list[dict[str, object]]]:
    draw, now = random.Random(1), clock.machine_time()
    subjects = [new_id() for _number in range(2000)]
    for start in range(0, rows, 10_000):
        yield [
            {
                "id": new_id(),
                "at": now,
                "actor_id": draw.choice(subjects),
                "actor_name": "薬事 太郎",
                "action": "schedule:plan:put",
                "subject_id": draw.choice(subjects),
                "after": {"fee": "2026-12-18"},
            }
            for _number in range(min(10_000, rows - start))
        ]


def in_a_file(made: Callable[[str], Flask]) -> Pair:
    kept = Kept(made(SQLITE))
    file = str(make_url(kept.settings.database).database)

    def other() -> None:
        there = kept.empty()
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(there)) as target:
            source.backup(target)
            assert target.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        there.unlink()

    return Pair(kept.bring_back, other)


def in_postgresql(made: Callable[[str], Flask]) -> Pair:
    programs = postgresql._programs()
    if not (programs / "pg_restore").exists():
        raise NotHere("no pg_dump and pg_restore beside the server's programs")
    kept = Kept(made(POSTGRESQL))
    here = make_url(kept.settings.database).set(drivername="postgresql").render_as_string(hide_password=False)
    dump = kept.folder / "dump"
    subprocess.run([programs / "pg_dump", "-Fc", "-f", dump, here], check=True)

    def ours() -> None:
        with postgresql.database(office.server()) as there:
            kept.bring_back(Settings(database_url=there).database)

    def other() -> None:
        with postgresql.database(office.server()) as there:
            subprocess.run([programs / "pg_restore", "--exit-on-error", "-d", there, dump], check=True)

    return Pair(ours, other)


BENCHMARKS = [
    Benchmark(f"restore and check, {size} ({database})", baseline, partial(way, made), goal, long=goal is None)
    for size, made, goals in (
        ("34 MB in 115,000 rows", trail, (Goal(5.0), Goal(10.0))),
        ("a million milestones", milestones.estate, (None, None)),
    )
    for database, way, baseline, goal in (
        (SQLITE, in_a_file, "sqlite3 .backup + integrity_check", goals[0]),
        (POSTGRESQL, in_postgresql, "pg_restore of a pg_dump, nothing checked", goals[1]),
    )
]
