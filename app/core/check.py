"""Looking after the data: what a database, its tables and the stored files promise each other, compared row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Table, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.core import clock, migrations
from app.core.backup.snapshot import naming_columns
from app.core.db import Base, make_engine
from app.core.files import file_sha256
from app.core.outbox import OutboxMail
from app.core.storage import FolderStorage, is_sha256

STUCK = dt.timedelta(hours=1)  # the worker looks every few seconds, and a server that is down is asked every minute
ONLY_ADDED_TO = ("audit_event", "pathway_event")
MOST = 20  # examples of one kind of finding


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: ``what`` is a word for scripts, ``sentence`` for people."""

    what: str
    sentence: str
    examples: tuple[str, ...] = ()
    count: int = 1


@dataclass(frozen=True)
class Report:
    """``orphans``: stored files that no row names (any more), which is no fault; ``checked`` counts what was read."""

    findings: list[Finding]
    checked: dict[str, int]
    orphans: list[str]


Look = Callable[[], Iterable[Finding]]  # what a room promises about its own rows


def several(what: str, sentence: str, examples: list[str]) -> Iterator[Finding]:
    """One finding for many of a kind, none for none."""
    if examples:
        yield Finding(what, sentence, tuple(examples[:MOST]), len(examples))


def check(settings: Settings, looks: Iterable[Look] = ()) -> Report:
    """Read everything and compare; changes nothing."""
    migrations.load_tables()
    engine = make_engine(settings.database)
    try:
        with engine.connect() as connection:
            findings, whole = _tables(connection)
            if not whole:
                return Report(findings, {}, [])
            rows, unreadable = _rows(connection)
            findings += [*_guards(connection), *unreadable, *_references(connection), *_mails(connection)]
            named = _named(connection)
    except SQLAlchemyError as error:
        return Report([Finding("database", f"The database cannot be read: {getattr(error, 'orig', error)}")], {}, [])
    finally:
        engine.dispose()
    for look in looks:
        findings += look()
    stored, wrong = _files(settings, named)
    findings += wrong
    orphans = sorted(stored - set(named))
    return Report(findings, {"tables": len(rows), "rows": sum(rows.values()), "files": len(stored)}, orphans)


def _tables(connection: Connection) -> tuple[list[Finding], bool]:
    """Whether the database is sound and its tables those of this program; without them the rest cannot be read."""
    if not inspect(connection).has_table("alembic_version"):
        return [Finding("no-database", "There are no tables yet: flask setup, or flask restore.")], False
    findings = []
    if connection.dialect.name == "sqlite":
        answers = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check"))]
        if answers != ["ok"]:
            findings.append(Finding("integrity", "The database file is damaged.", tuple(answers[:MOST]), len(answers)))
    there = connection.scalar(text("SELECT version_num FROM alembic_version"))
    head = migrations.revisions()[-1]
    if there != head:
        sentence = f"The tables are at {there}, this version of Shirube needs {head}: flask setup."
        return [*findings, Finding("migrations", sentence)], False
    different = migrations.differences(connection)
    findings += several("tables", "Tables, columns, indexes or keys are not those that the program made.", different)
    return findings, all(inspect(connection).has_table(table.name) for table in Base.metadata.sorted_tables)


def _guards(connection: Connection) -> Iterator[Finding]:
    """The triggers that refuse every change of what is only added to."""
    if connection.dialect.name == "sqlite":
        there = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
        verbs = ["update", "delete"]
    else:
        there = set(connection.scalars(text("SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'")))
        verbs = ["change"]
    gone = [name for table in ONLY_ADDED_TO for verb in verbs if (name := f"{table}_no_{verb}") not in there]
    yield from several("unguarded", "The trail or the histories can be changed: their triggers are gone or off.", gone)


def _rows(connection: Connection) -> tuple[dict[str, int], list[Finding]]:
    """Every value of every row is read as the program reads it; returns how many rows each table has."""
    counted: dict[str, int] = {}
    findings: list[Finding] = []
    for table in Base.metadata.sorted_tables:
        try:
            result = connection.execution_options(yield_per=1000).execute(select(table))
            counted[table.name] = sum(len(rows) for rows in result.partitions())
        except (ValueError, TypeError):
            names = list(connection.scalars(select(_name(table))))
            counted[table.name] = len(names)
            lost = [str(name) for name in names if not _readable(connection, table, name)]
            sentence = f"Rows of {table.name} hold something that is no date, no moment or no JSON."
            findings += several("row-unreadable", sentence, lost)
    return counted, findings


def _readable(connection: Connection, table: Table, name: object) -> bool:
    try:
        connection.execute(select(table).where(_name(table) == name)).all()
    except (ValueError, TypeError):
        return False
    return True


def _name(table: Table) -> Column[Any]:
    return next(iter(table.primary_key))


def _references(connection: Connection) -> Iterator[Finding]:
    """Both databases keep these by themselves, unless somebody switched that off."""
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            child, parent = key.parent, key.column.table.alias("parent")
            there = select(parent.c[key.column.name]).where(parent.c[key.column.name] == child).exists()
            name = _name(table)
            lost = connection.scalars(select(name).where(child.is_not(None), ~there))
            sentence = (
                f"Rows of {table.name} refer by {child.name} to rows of {key.column.table.name} that do not exist."
            )
            yield from several("reference", sentence, [str(one) for one in lost])


def _mails(connection: Connection) -> Iterator[Finding]:
    """Mails that nobody gets: given up, or waiting although the worker should have sent them."""
    now = clock.now()
    lost = connection.scalars(select(OutboxMail.id).where(OutboxMail.failed_at.is_not(None)))
    sentence = "Mails were given up; flask notices given-up says why."
    yield from several("mail-given-up", sentence, list(lost))
    unsent = (OutboxMail.sent_at.is_(None), OutboxMail.failed_at.is_(None))
    stuck = connection.scalars(select(OutboxMail.id).where(*unsent, OutboxMail.queued_at < now - STUCK))
    sentence = f"Mails have been waiting for more than {STUCK}: is the worker running, does the mail server answer?"
    yield from several("mail-stuck", sentence, list(stuck))


def _named(connection: Connection) -> dict[str, str]:
    """By stored file, a row that names it."""
    found: dict[str, str] = {}
    for table_name, column in naming_columns():
        table = Base.metadata.tables[table_name]
        for row in connection.execute(select(next(iter(table.primary_key)), table.c[column])):
            if row[1]:
                found.setdefault(row[1], f"{table_name} {row[0]}")
    return found


def _files(settings: Settings, named: dict[str, str]) -> tuple[set[str], list[Finding]]:
    storage = FolderStorage(settings.files)
    stored = set(storage.names())
    damaged = [name for name in sorted(stored) if file_sha256(storage.path(name)) != name]
    missing = [f"{name} ({row})" for name, row in sorted(named.items()) if name not in stored]
    strays = [str(path.relative_to(storage.root)) for path in storage.strays()]
    words = [name for name in named if not is_sha256(name)]
    return stored, [
        *several("file-missing", "Rows name stored files that are not there; a backup has them.", missing),
        *several("file-damaged", "Stored files are no longer what was stored; a backup has them.", damaged),
        *several("file-name", "Rows name files by something that is no SHA-256.", words),
        *several("file-stray", "Files lie in the store that were never finished, or are not ours.", strays),
    ]
