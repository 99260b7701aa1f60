"""Both databases behave alike: writers take turns from their first statement on, readers see one state."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import Date, Engine, String, cast, create_engine, func, literal, select, text

from app.config import Settings
from app.core import clock, db
from app.core.outbox import OutboxMail
from app.organisations.models import Organisation
from tests.factories.world import World

WRITERS, ROUNDS = 4, 15


@pytest.mark.parametrize("kind", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_through_psycopg_3(kind: str) -> None:
    given = Settings(database_url=f"{kind}://somebody@db.example/shirube")
    assert given.database == "postgresql+psycopg://somebody@db.example/shirube"


@pytest.mark.parametrize(
    "given", ["mysql://db.example/shirube", "shirube.db", "postgresql:db", "postgresql+asyncpg://a/b"]
)
def test_another_database_is_refused_at_start(given: str) -> None:
    with pytest.raises(ValidationError, match="only postgresql"):
        Settings(database_url=given)


def in_threads(work: Callable[[], None], number: int) -> None:
    """Run at once in several threads; the first error of any is raised."""
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 — carried over to the test
            errors.append(error)
        finally:
            db.session.remove()

    threads = [threading.Thread(target=guarded) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


def test_who_reads_and_then_writes_loses_nothing(app: Flask, world: World) -> None:
    """Each adds one to what it has read; without turns most of it would be lost."""

    def count_up() -> None:
        for _round in range(ROUNDS):
            with db.transaction() as current:
                row = current.get_one(Organisation, world.company)
                row.name_en = str(int(row.name_en) + 1)
            db.session.remove()

    with db.transaction() as current:
        current.get_one(Organisation, world.company).name_en = "0"
    in_threads(count_up, WRITERS)
    db.session.remove()
    assert db.session.get_one(Organisation, world.company).name_en == str(WRITERS * ROUNDS)


def test_a_unique_key_is_given_once(app: Flask, world: World) -> None:
    now, won = clock.now(), []

    def insert() -> None:
        with db.transaction():
            row = {"recipient": "a@example.org", "subject": "s", "text": "t", "queued_at": now, "not_before": now}
            won.append(db.insert_once(OutboxMail, key="one", id=f"id-{threading.get_ident() % 10**9}", **row))

    in_threads(insert, WRITERS)
    assert sorted(won) == [False] * (WRITERS - 1) + [True]


def test_who_waits_is_not_overtaken_for_ever(app: Flask) -> None:
    """SQLite asks a waiting writer ever more rarely whether it is his turn; somebody brisk would always be faster."""
    engine, over, turns, overtaken = db.session.get_bind(), threading.Event(), [0], []

    def take_turns(hold: float) -> None:
        db.expect_writes(True)
        with engine.begin():
            turns[0] += 1
            time.sleep(hold)

    def brisk() -> None:
        while not over.is_set():
            take_turns(0.095)
            time.sleep(0.005)

    def patient() -> None:
        for _round in range(8):
            before = turns[0]
            take_turns(0)
            overtaken.append(turns[0] - before - 1)

    other = threading.Thread(target=brisk)
    other.start()
    try:
        in_threads(patient, 1)
    finally:
        over.set()
        other.join(60)
    assert len(overtaken) == 8
    assert max(overtaken) <= 12, overtaken


@pytest.fixture
def elsewhere(settings: Settings) -> Engine:
    """Another process's way to the same database."""
    return create_engine(settings.database)


def test_a_reader_sees_one_state_and_does_not_wait_for_a_writer(app: Flask, world: World, elsewhere: Engine) -> None:
    def count() -> int:
        return db.session.scalar(select(func.count()).select_from(Organisation)) or 0

    before = count()
    with elsewhere.begin() as other:
        other.execute(text("UPDATE organisation SET name_en = 'moved'"))
        assert count() == before, "while somebody else is writing"
    names = db.session.scalars(select(Organisation.name_en)).all()
    assert "moved" not in names, "what was committed since is of the next transaction"
    db.session.rollback()
    assert set(db.session.scalars(select(Organisation.name_en))) == {"moved"}
    db.session.remove()
    elsewhere.dispose()


def test_a_day_becomes_the_same_text_whatever_the_server_prefers(app: Flask, settings: Settings) -> None:
    engine = db.make_engine(settings.database)
    if engine.dialect.name == "postgresql":
        with engine.begin() as current:
            current.execute(text(f'ALTER DATABASE "{engine.url.database}" SET datestyle = "German, DMY"'))
        engine.dispose()  # what is connected already keeps what it began with
    day = cast(literal(dt.date(2027, 4, 6), Date), String)
    with engine.connect() as current:
        assert current.scalar(select(day)) == "2027-04-06"
    engine.dispose()


def test_nothing_of_a_failed_change_stays(app: Flask, world: World) -> None:
    def change() -> None:
        with db.transaction() as current:
            current.get_one(Organisation, world.company).name_en = "half"
            with db.transaction():
                current.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    db.session.remove()
    assert db.session.get_one(Organisation, world.company).name_en != "half"
