"""A disk that is full from the n-th write on; files, their names, changing statements and commits count alike."""

from __future__ import annotations

import errno
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

ERRORS = {"full": errno.ENOSPC, "read-only": errno.EROFS}
CHANGES = ("INSERT", "UPDATE", "DELETE")


class FullDisk:
    """Counts writes; from number ``at`` on every one fails, half of what was to be written being there."""

    def __init__(self, at: int, kind: str = "full") -> None:
        self.at, self.kind, self.seen, self.failed, self.told = at, kind, 0, "", False

    def write(self, what: str) -> None:
        """One write more."""
        self.seen += 1
        if self.seen >= self.at:
            self.failed = self.failed or what
            raise OSError(ERRORS[self.kind], f"{self.kind}: {what}")

    def statement(self, dialect: str, what: str) -> None:
        """The same, as the database says it."""
        try:
            self.write(what)
        except OSError as full:
            raise OperationalError(what, None, self._of(dialect)) from full

    def _of(self, dialect: str) -> Exception:
        if dialect == "postgresql":
            kinds = {"full": psycopg.errors.DiskFull, "read-only": psycopg.errors.ReadOnlySqlTransaction}
            return kinds[self.kind](self.kind)
        error = sqlite3.OperationalError(self.kind)
        error.sqlite_errorcode = {"full": sqlite3.SQLITE_FULL, "read-only": sqlite3.SQLITE_READONLY}[self.kind]
        return error


class _File:
    """A file on such a disk."""

    def __init__(self, file: Any, disk: FullDisk) -> None:
        self._file, self._disk = file, disk

    def write(self, data: Any) -> int:
        try:
            self._disk.write("write")
        except OSError:
            self._file.write(data[: len(data) // 2])
            raise
        return int(self._file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _File:
        self._file.__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        return self._file.__exit__(*error)


@contextmanager
def full_disk(at: int, engine: Engine, kind: str = "full") -> Iterator[FullDisk]:
    """In the block this process writes to such a disk."""
    disk, real_open = FullDisk(at, kind), io.open

    def opened(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if not set(mode) & set("wxa+"):
            return real_open(file, mode, *rest, **options)
        disk.write("open")
        return _File(real_open(file, mode, *rest, **options), disk)

    def statement(_connection: Any, _cursor: Any, words: str, *_rest: Any) -> None:
        if words.lstrip().upper().startswith(CHANGES):
            disk.statement(engine.dialect.name, words.split("(", maxsplit=1)[0][:60])

    def commit(_connection: Any) -> None:
        disk.statement(engine.dialect.name, "COMMIT")  # before anything of it is on the disk

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(io, "open", opened)
            for name in ("fsync", "link", "replace", "rename", "mkdir"):
                patch.setattr(os, name, _counted(getattr(os, name), disk, name))
            yield disk
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def _counted(real: Callable[..., Any], disk: FullDisk, name: str) -> Callable[..., Any]:
    def counted(*values: Any, **options: Any) -> Any:
        disk.write(name)
        return real(*values, **options)

    return counted
