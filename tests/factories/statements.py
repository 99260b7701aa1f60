"""Counts the SQL statements of a block, so that no page grows with the number of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

ASIDE = ("PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "SET TRANSACTION")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that any engine executes inside the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(ASIDE):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
