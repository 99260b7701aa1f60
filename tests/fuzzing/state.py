"""All that a program keeps: told apart before and after a request, and put back to where it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from psycopg.types.json import Json
from sqlalchemy import Connection, Engine, Table, select

from app.audit.denials import DENIED, SILENT
from app.audit.models import AuditEvent
from app.core import db
from app.core.db import Base

Rows = dict[str, list[tuple[Any, ...]]]
TRAIL = AuditEvent.__tablename__
COLUMNS = [column.name for column in AuditEvent.__table__.columns]
ACTION = COLUMNS.index("action")


@dataclass(frozen=True)
class Kept:
    """The rows of every table and the names of every stored file."""

    rows: Rows
    files: frozenset[str]

    def differences(self, other: Kept, but: Iterable[str] = ()) -> list[str]:
        """The tables (all ``but`` some) and folders that differ from ``other``."""
        found = [name for name, rows in self.rows.items() if name not in set(but) and rows != other.rows[name]]
        return found + (["files"] if self.files != other.files else [])

    def without_denials(self) -> Kept:
        """The same without what the trail says of requests that got nothing."""
        trail = [row for row in self.rows[TRAIL] if row[ACTION] not in (DENIED, SILENT)]
        return replace(self, rows={**self.rows, TRAIL: trail})

    def denials(self) -> list[dict[str, Any]]:
        """What the trail says of requests that got nothing, by the names of its columns."""
        return [dict(zip(COLUMNS, row, strict=True)) for row in self.rows[TRAIL] if row[ACTION] in (DENIED, SILENT)]


class State:
    """The state of one program: its database and the folder of its files."""

    def __init__(self, address: str, folder: Path) -> None:
        self._address, self._folder = address, folder
        self._tables: list[Table] = list(Base.metadata.sorted_tables)
        self._engine: Engine = db.make_engine(address)
        self._queries = {
            table.name: str(select(table).order_by(*table.primary_key).compile(self._engine)) for table in self._tables
        }
        self._file = address.removeprefix("sqlite:///") if address.startswith("sqlite") else None
        self._copy = sqlite3.connect(":memory:")
        self._first: Kept | None = None

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()
        self._copy.close()

    def read(self) -> Kept:
        """Everything as it is now."""
        with self._engine.begin() as connection:
            rows = {table.name: self._rows(connection, table) for table in self._tables}
        return Kept(rows, self._files())

    def remember(self) -> Kept:
        """What ``restore`` brings back."""
        self._first = self.read()
        if self._file:
            with sqlite3.connect(self._file) as live:
                live.backup(self._copy)
            live.close()
        return self._first

    def restore(self) -> None:
        """Everything as it was when it was remembered."""
        assert self._first is not None
        for path in self._files() - self._first.files:
            Path(path).unlink()
        if self._file:
            live = sqlite3.connect(self._file, timeout=15)
            live.execute("PRAGMA synchronous=OFF")
            self._copy.backup(live)
            live.close()
            return
        with self._engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no triggers, no foreign keys
            for table in self._tables:
                if self._rows(connection, table) != self._first.rows[table.name]:
                    connection.execute(table.delete())
                    if rows := self._first.rows[table.name]:
                        names = [column.name for column in table.columns]
                        marks = ", ".join(["%s"] * len(names))
                        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"
                        connection.exec_driver_sql(statement, [_plain(row) for row in rows])

    def _files(self) -> frozenset[str]:
        return frozenset(str(path) for path in self._folder.rglob("*") if path.is_file())

    def _rows(self, connection: Connection, table: Table) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.exec_driver_sql(self._queries[table.name])]


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(Json(value) if isinstance(value, dict | list) else value for value in row)
