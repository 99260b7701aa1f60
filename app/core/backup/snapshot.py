"""One state of the database, read while others write."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, make_url

from app.core.backup import CannotError
from app.core.backup.manifest import DATABASE
from app.core.db import Base

_CHUNK = 1 << 20
Kind = Literal["sqlite", "postgresql"]
_NO_DATABASE = "There is no database of Shirube here yet; flask setup makes one, flask restore brings one back."


@dataclass(frozen=True)
class Snapshot:
    """``files``: the SHA-256 of every stored file that a row names. ``parts`` can be read once, inside the block."""

    kind: Kind
    revision: str
    files: frozenset[str]
    parts: Iterable[tuple[str, Iterable[bytes]]]
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)


def kind_of(url: str) -> Kind:
    """Which database this is."""
    return "sqlite" if url.startswith("sqlite") else "postgresql"


def file_of(url: str) -> Path:
    """The file of a SQLite database."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise CannotError("A database in memory cannot be kept.")
    return Path(name).absolute()


def opened(path: Path, mode: str) -> sqlite3.Connection:
    """A database file; ``mode`` is SQLite's: rw, or ro&immutable=1 for one that nobody else has open."""
    return sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=15, isolation_level=None)


@contextmanager
def take(url: str, work: Path) -> Iterator[Snapshot]:
    """One state of the database; ``work`` is a folder with room for a copy of it."""
    if kind_of(url) == "sqlite":
        yield _of_sqlite(file_of(url), work)
    else:
        with _of_postgresql(make_url(url)) as snapshot:
            yield snapshot


def naming_columns() -> list[tuple[str, str]]:
    """Table and column of everything that names a stored file."""
    tables = Base.metadata.sorted_tables
    return [(table.name, one.name) for table in tables for one in table.columns if one.info.get("names_a_file")]


def _of_sqlite(path: Path, work: Path) -> Snapshot:
    """SQLite's own online backup: in one step, so writers need not stop and cannot be seen half-way."""
    copy = work / DATABASE
    if not path.is_file():
        raise CannotError(_NO_DATABASE)
    try:
        with closing(opened(path, "rw")) as source, closing(sqlite3.connect(copy)) as target:
            target.execute("PRAGMA synchronous=OFF")  # it is read back and compared before anybody relies on it
            source.backup(target)
        with closing(opened(copy, "ro&immutable=1")) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                raise CannotError(_NO_DATABASE)
            revision, files = _read(database.execute)
    except sqlite3.Error as error:
        told = f"The database {path} cannot be read, or not be copied to {work.parent}: {error}."
        raise CannotError(told) from error
    return Snapshot("sqlite", revision, files, [(DATABASE, chunks(copy))])


@contextmanager
def _of_postgresql(url: URL) -> Iterator[Snapshot]:
    """One read-only transaction that sees one state, and COPY of every table; the tables themselves come from the
    migrations. First it locks out changes of tables, which PostgreSQL does not show as of the snapshot."""
    import psycopg  # noqa: PLC0415 — nobody needs it beside SQLite

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(address, options="-c statement_timeout=0 -c lock_timeout=15s") as connection:
            columns = _columns(connection.execute)
            connection.commit()
            if "alembic_version" not in columns:
                raise CannotError(_NO_DATABASE)
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute(f"LOCK TABLE {quoted(columns)} IN ACCESS SHARE MODE")
            if _columns(connection.execute) != columns:
                raise CannotError("The tables are being changed just now; make the backup after the migration.")
            revision, files = _read(connection.execute)
            with ExitStack() as copies:  # a copy that was broken off holds the connection until it is closed
                parts = (
                    (f"tables/{name}", copies.enter_context(closing(_copied(connection, name, columns[name]))))
                    for name in sorted(columns)
                )
                yield Snapshot("postgresql", revision, files, parts, columns)
    except psycopg.Error as error:
        raise CannotError(f"The database cannot be read: {str(error).strip()}") from error


def _columns(execute: Any) -> dict[str, tuple[str, ...]]:
    """The tables of our own schema with those columns that are not computed."""
    rows = execute(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
        " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.relname, a.attnum"
    )
    found: dict[str, tuple[str, ...]] = {}
    for table, column in rows:
        found[table] = (*found.get(table, ()), column)
    return found


def _copied(connection: Any, table: str, columns: tuple[str, ...]) -> Generator[bytes, None, None]:
    with connection.cursor().copy(f"COPY {quoted([table])} ({quoted(columns)}) TO STDOUT") as copy:
        for chunk in copy:
            yield bytes(chunk)


def quoted(columns: Iterable[str]) -> str:
    """Names of columns for a statement."""
    return ", ".join('"' + name.replace('"', '""') + '"' for name in columns)


def _read(execute: Any) -> tuple[str, frozenset[str]]:
    """The revision of the tables, and the stored files that they name."""
    revision = execute("SELECT version_num FROM alembic_version").fetchone()
    if revision is None:
        raise CannotError(_NO_DATABASE)
    files: set[str] = set()
    for table, column in naming_columns():
        files |= {name for (name,) in execute(f"SELECT DISTINCT {column} FROM {table}") if name}  # noqa: S608 — ours
    return str(revision[0]), frozenset(files)


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def work_folder(beside: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder for the time of one backup, for its owner's eyes only."""
    return tempfile.TemporaryDirectory(dir=beside, prefix=".shirube-backup-")
