"""The database: one declarative base, one session per request or job, short immediate write transactions."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import DateTime, Engine, MetaData, String, TypeDecorator, create_engine, event
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, scoped_session, sessionmaker

from app.core.errors import reasons
from app.core.ids import ID_LENGTH, new_id

PATIENCE: float = 15  # seconds for which a writer waits for its turn
_BREATH = 20  # milliseconds after which one who waits begins to ask anew, on SQLite
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's state when that is over

_writing: ContextVar[bool] = ContextVar("writing", default=False)
_depth: ContextVar[int] = ContextVar("transaction_depth", default=0)


class Base(DeclarativeBase):
    """The base of all tables; constraint names are fixed so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Moment(TypeDecorator[dt.datetime]):
    """A moment in UTC; SQLite keeps no zone, so it is taken off going in and put back coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs its zone.")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


ID = String(ID_LENGTH)


def id_column() -> Any:
    """The primary key of every table: an identifier that nobody can guess."""
    return mapped_column(ID, primary_key=True, default=new_id)


SessionFactory = sessionmaker(autoflush=False, expire_on_commit=False)
session: scoped_session[Session] = scoped_session(SessionFactory)


def connect(url: str) -> Engine:
    """Open the database and let every session of this process use it; the one that they used before is let go."""
    engine = make_engine(url)
    session.remove()
    before: Engine | None = SessionFactory.kw["bind"]
    SessionFactory.configure(bind=engine)
    if before is not None:
        before.dispose()
    return engine


def make_engine(url: str) -> Engine:
    """An engine on which one transaction writes at a time, from its first statement on, and readers never wait."""
    return _sqlite(url) if url.startswith("sqlite") else _postgresql(url)


_DISCREET: dict[str, Any] = {"hide_parameters": True}  # what companies typed does not belong into the log of a fault


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": PATIENCE, "isolation_level": None}, **_DISCREET)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A reading transaction that turns into a writing one fails at once when another wrote in between.
        if _writing.get():
            _take_turn(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _take_turn(connection: Any) -> None:
    """Begin as the only writer, once it is one's turn.

    SQLite has no queue: who waits asks ever more rarely whether it is his turn, so that among many the one who came
    last is served first, and one who has waited for seconds may wait for ever. So everybody begins to ask anew after
    every breath, for as long as the connection is told to wait.
    """
    driver = connection.connection.dbapi_connection
    (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
    until = time.monotonic() + patience / 1000
    driver.execute(f"PRAGMA busy_timeout={min(_BREATH, patience)}")
    try:
        while not _is_begun(connection, until):
            pass
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience}")


def _is_begun(connection: Any, until: float) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if not turn_was_not_had(error) or time.monotonic() > until:
            raise
        return False
    return True


def _postgresql(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, connect_args={"options": _postgresql_options()}, **_DISCREET)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if _writing.get():
            connection.exec_driver_sql(_WRITERS_TURN)

    return engine


def _postgresql_options() -> str:
    # A reading transaction sees one state of everything, as on SQLite; nothing waits or stays open for ever, and no
    # statement of ours is so long that compiling it first (a third of a second) would pay.
    options = (
        "jit=off",
        "timezone=UTC",
        "datestyle=ISO",  # a day that becomes text reads the same on every server
        "default_transaction_isolation=repeatable\\ read",
        f"lock_timeout={PATIENCE * 1000:.0f}ms",
        "statement_timeout=60s",
        "idle_in_transaction_session_timeout=5min",
    )
    return " ".join(f"-c {option}" for option in options)


# A writer waits for its turn before its first statement and then reads what the writer before it left, so a service
# that reads and then decides is right on both databases. The number is Shirube's own and means nothing else.
_WRITERS_TURN = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(139867)"


def insert_once(table: type[Base], **values: Any) -> bool:
    """Insert a row in the caller's transaction unless a unique key forbids it; whether it was inserted.

    Several processes may try at once: exactly one of them gets True.
    """
    key = next(iter(table.__table__.primary_key))
    return session.scalar(_insert(table).values(**values).on_conflict_do_nothing().returning(key)) is not None


def insert_missing(table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert, in the caller's transaction and as one statement, those rows that no unique key forbids."""
    if rows:
        session.execute(_insert(table).on_conflict_do_nothing(), rows)


def _insert(table: type[Base]) -> Any:
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    return insert(table.__table__)  # type: ignore[arg-type]


def turn_was_not_had(error: BaseException) -> bool:
    """Whether the reason, or a reason of it, is that others wrote for so long that the patience ended."""
    return any(
        getattr(one, "sqlite_errorcode", -1) & 0xFF == sqlite3.SQLITE_BUSY
        or getattr(one, "sqlstate", None) == _LOCK_NOT_AVAILABLE
        for one in reasons(error)
    )


def expect_writes(value: bool) -> None:
    """Say at the start of a request whether its transactions will write (any method but GET and HEAD)."""
    _writing.set(value)


@contextmanager
def transaction() -> Iterator[Session]:
    """One verb, one transaction: committed at the end, rolled back on any error; an inner one joins the outer."""
    depth = _depth.get()
    current = session()
    if depth == 0 and current.in_transaction() and not _writing.get():
        current.rollback()  # ends a reading snapshot, so that the writing transaction starts afresh
    writing_token, depth_token = _writing.set(True), _depth.set(depth + 1)
    try:
        yield current
        if depth == 0:
            current.commit()
        else:
            current.flush()
    except BaseException:
        current.rollback()
        raise
    finally:
        _depth.reset(depth_token)
        _writing.reset(writing_token)


@contextmanager
def outside_turn() -> Iterator[None]:
    """Slow work (hashing, looking into files, storing) between reading and writing: others may write meanwhile.

    What was read before may have changed afterwards. Inside a transaction() nothing is given back, nor is a change
    that has not been written yet.
    """
    _give_back()
    yield


@contextmanager
def reading_only() -> Iterator[None]:
    """The same for slow work that reads as it goes: it sees one state of everything, and others may write meanwhile."""
    with outside_turn():
        token = _writing.set(False)
        try:
            yield
        finally:
            _writing.reset(token)
            _give_back()  # whoever writes next begins afresh


def _give_back() -> None:
    current = session()
    if _depth.get() == 0 and not (current.new or current.dirty or current.deleted):
        try:
            current.commit()  # a rollback would forget what was read
        except BaseException:
            current.rollback()  # or the connection goes back into the pool inside its transaction
            raise
