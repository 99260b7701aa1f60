"""Putting the tables of a backup into an empty database, in one step that comes last."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.exc import SQLAlchemyError

from app.core import migrations
from app.core.backup import CannotError
from app.core.backup.manifest import DATABASE, Manifest, read, unpack
from app.core.backup.snapshot import file_of, kind_of, opened, quoted
from app.core.db import make_engine
from app.core.files import sync_folder

Finish = Callable[[], None]


def kind_fits(url: str, manifest: Manifest) -> bool:
    """SQLite's backups go into both databases, those of PostgreSQL into PostgreSQL."""
    return manifest.database == "sqlite" or kind_of(url) == "postgresql"


def check_empty(url: str) -> None:
    """Raise CannotError unless there is no table yet; also the rests of a database file would mix with the new one."""
    if kind_of(url) == "sqlite":
        path = file_of(url)
        for rest in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))):
            if rest.exists():
                raise CannotError(f"There is a database already ({rest}); restore into an empty place.")
        return
    engine = make_engine(url)
    try:
        if inspect(engine).get_table_names():
            raise CannotError("The database has tables already; restore into an empty one.")
    except SQLAlchemyError as error:
        raise CannotError(f"The database does not answer: {error}") from error
    finally:
        engine.dispose()


@contextmanager
def loaded(url: str, archive: zipfile.ZipFile, manifest: Manifest, aside: Path) -> Iterator[Finish]:
    """Prepare the database; it is there once the function that is yielded was called, and not at all otherwise."""
    if kind_of(url) == "sqlite":
        with _into_file(file_of(url), archive, aside.absolute()) as finish:
            yield finish
    else:
        with _into_postgresql(url, archive, manifest, aside) as finish:
            yield finish


@contextmanager
def _into_file(path: Path, archive: zipfile.ZipFile, aside: Path) -> Iterator[Finish]:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = aside if aside.parent == path.parent else path.parent  # a file moves in one step within one disk only
    draft = beside / f".{path.name}.restoring"
    draft.unlink(missing_ok=True)
    try:
        unpack(archive, DATABASE, draft)
        draft.chmod(0o600)
        with closing(opened(draft, "ro&immutable=1")) as database:
            if database.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
                raise CannotError("The database in the backup is damaged.")

        def finish() -> None:
            try:
                draft.replace(path)
                sync_folder(path.parent)
            except BaseException:
                path.unlink(missing_ok=True)  # never a database without its files
                raise

        yield finish
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _into_postgresql(url: str, archive: zipfile.ZipFile, manifest: Manifest, aside: Path) -> Iterator[Finish]:
    """Tables and rows in one transaction; whoever looks in sees the empty database until the end."""
    import psycopg  # noqa: PLC0415 — nobody needs it beside SQLite

    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            migrations.upgrade_within(connection, manifest.revision)
            if manifest.database == "sqlite":
                unpack(archive, DATABASE, aside / DATABASE)
                with closing(opened(aside / DATABASE, "ro&immutable=1")) as source:
                    _copy_rows(connection, source)
            else:
                _copy_tables(connection, archive, manifest)
            yield connection.commit
    except psycopg.Error as error:
        raise CannotError(f"The database did not take it; nothing was kept: {str(error).strip()}") from error
    finally:
        engine.dispose()


def _copy_tables(connection: Connection, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    order = _order(connection)
    if set(order) != set(manifest.columns):
        raise CannotError("The backup has other tables than its version of Shirube makes.")
    for table in order:
        with _copy(connection, table, manifest.columns[table]) as copy:
            for chunk in read(archive, f"tables/{table}"):
                copy.write(chunk)


def _copy_rows(connection: Connection, source: sqlite3.Connection) -> None:
    """Rows of SQLite as it keeps them: PostgreSQL reads its days, moments (in UTC), 0 and 1, and JSON as they stand."""
    for table in _order(connection):
        rows = source.execute(f"SELECT * FROM {quoted([table])}")  # noqa: S608 — names of our own tables
        with _copy(connection, table, [column[0] for column in rows.description]) as copy:
            for row in rows:
                copy.write_row(row)


def _order(connection: Connection) -> list[str]:
    """All tables, those that others refer to first; Alembic has written its own row already, which the backup holds."""
    tables = MetaData()
    tables.reflect(connection)
    connection.exec_driver_sql("DELETE FROM alembic_version")
    return [table.name for table in tables.sorted_tables]


def _copy(connection: Connection, table: str, columns: Iterable[str]) -> Any:
    """One statement for a whole table, so that rows may refer to later ones."""
    driver: Any = connection.connection.driver_connection
    return driver.cursor().copy(f"COPY {quoted([table])} ({quoted(columns)}) FROM STDIN")
