"""Bringing a backup back: sums compared, everything in its place, and ``flask check`` over all of it."""

from __future__ import annotations

import atexit
import itertools
import random
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import insert

from app.config import Settings
from app.core import check, clock, migrations
from app.core.backup import making
from app.core.backup.restoring import restore
from app.core.db import Base, make_engine
from app.core.ids import new_id
from benchmarks.registry import Benchmark, Goal, NotHere, Pair
from tests import postgresql

OF_34_MB, MILLION = 115_000, 1_000_000  # rows of the trail, with which SQLite's file is 34 MB large, and many more
KEY = "k" * 40


class Program:
    """A database with so many rows of the trail, its backup, and empty places to bring it back to."""

    def __init__(self, address: str, rows: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="shirube-bench-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.settings = Settings(var=self.folder / "here", database_url=address, secret_key=KEY)
        self.settings.var.mkdir()
        migrations.upgrade(self.settings.database)
        migrations.load_tables()
        engine = make_engine(self.settings.database)
        with engine.begin() as connection:
            for batch in _batches(rows):
                connection.execute(insert(Base.metadata.tables["audit_event"]), batch)
        engine.dispose()
        self.backup = making.make(self.settings, self.folder).path
        self._number = itertools.count()

    def empty(self) -> Path:
        """A folder that does not exist yet."""
        return self.folder / f"there-{next(self._number)}"

    def bring_back(self, address: str = "") -> None:
        """Restore into an empty place, and look at everything."""
        there = Settings(var=self.empty(), database_url=address, secret_key=KEY)
        restore(there, self.backup)
        assert check.check(there).findings == []
        shutil.rmtree(there.var)


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


def in_a_file(rows: int) -> Callable[[], Pair]:
    def prepare() -> Pair:
        program = Program("", rows)
        kept = program.settings.var / "shirube.db"

        def other() -> None:
            there = program.empty()
            with closing(sqlite3.connect(kept)) as source, closing(sqlite3.connect(there)) as target:
                source.backup(target)
                assert target.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            there.unlink()

        return Pair(program.bring_back, other)

    return prepare


def in_postgresql(rows: int) -> Callable[[], Pair]:
    def prepare() -> Pair:
        stack = ExitStack()
        atexit.register(stack.close)
        try:
            server = stack.enter_context(postgresql.server())
            programs = postgresql._programs()
        except postgresql.NoServer as reason:
            raise NotHere(str(reason)) from reason
        if not (programs / "pg_restore").exists():
            raise NotHere("no pg_dump and pg_restore beside the server's programs")
        here = stack.enter_context(postgresql.database(server))
        program = Program(Settings(database_url=here).database, rows)
        dump = program.folder / "dump"
        subprocess.run([programs / "pg_dump", "-Fc", "-f", dump, here], check=True)

        def ours() -> None:
            with postgresql.database(server) as there:
                program.bring_back(Settings(database_url=there).database)

        def other() -> None:
            with postgresql.database(server) as there:
                subprocess.run([programs / "pg_restore", "--exit-on-error", "-d", there, dump], check=True)

        return Pair(ours, other)

    return prepare


IN_A_FILE, IN_POSTGRESQL = "sqlite3 .backup + integrity_check", "pg_restore of a pg_dump, nothing checked"

BENCHMARKS = [
    Benchmark("restore and check, SQLite, 34 MB", IN_A_FILE, in_a_file(OF_34_MB), Goal(5.0)),
    Benchmark("restore and check, PostgreSQL, same rows", IN_POSTGRESQL, in_postgresql(OF_34_MB), Goal(10.0)),
    Benchmark("restore and check, SQLite, a million rows", IN_A_FILE, in_a_file(MILLION)),
    Benchmark("restore and check, PostgreSQL, a million rows", IN_POSTGRESQL, in_postgresql(MILLION)),
]
