"""Statements that are made once for every kind of reader: who reads, and what they look for, are values of it.

Putting a statement together takes ten times as long as running it. ``Reader`` stands in it for whoever will read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Date, Executable, Result, bindparam

from app.access.scope import Scope
from app.core.db import session

MOST = 1000  # statements; the program has a few hundred at most


OWN: BindParameter[str] = bindparam("reader_own", expanding=True)
LED: BindParameter[str] = bindparam("reader_led", expanding=True)
HUBS: BindParameter[str] = bindparam("reader_hubs", expanding=True)
KEPT: BindParameter[str] = bindparam("reader_kept", expanding=True)
TODAY = bindparam("reader_today", type_=Date)


@dataclass(frozen=True)
class Reader:
    """What a statement asks of its reader, as a Scope would say it; values of the statement take the place of theirs.

    ``everything`` and ``nobody`` decide what the statement looks like, so there is one for each.
    """

    everything: bool = False
    nobody: bool = False
    own: Any = OWN
    led: Any = LED
    hubs: Any = HUBS
    kept: Any = KEPT
    today: Any = TODAY


Make = Callable[..., Executable]


def ask(scope: Scope, make: Make, *parts: Any, **values: Any) -> Result[*tuple[Any, ...]]:
    """Run what ``make(reader, *parts)`` returns, made once for all readers of this kind.

    ``make`` and ``parts`` live as long as the program (functions, tables, columns, plain words); ``values`` are those
    of the statement's own parameters.
    """
    statement = _made(make, scope.everything, scope.nobody, *parts)
    return session.execute(statement, {**_said_by(scope), **values})


@lru_cache(maxsize=MOST)
def _made(make: Make, everything: bool, nobody: bool, *parts: Any) -> Executable:
    return make(Reader(everything, nobody), *parts)


def _said_by(scope: Scope) -> dict[str, Any]:
    return {
        "reader_own": list(scope.own),
        "reader_led": list(scope.led),
        "reader_hubs": list(scope.hubs),
        "reader_kept": list(scope.kept),
        "reader_today": scope.today,
    }
