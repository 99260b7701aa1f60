"""A restore goes into an empty place only, reads everything before it touches anything, and is whole or absent."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, inspect

from app.config import Settings
from app.core import check, db
from app.core.backup import CannotError, making
from app.core.backup.restoring import restore

CHANGES = {"os.rename", "os.mkdir", "os.chmod", "os.remove", "os.rmdir", "os.link"}


@pytest.fixture
def backup(consultation: str, settings: Settings, tmp_path: Path) -> Path:
    """A backup with two stored files."""
    db.session.remove()
    return making.make(settings, tmp_path).path


def rewritten(backup: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The backup with other entries."""
    with zipfile.ZipFile(backup) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    other = backup.with_name("other.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return other


def _manifest(**values: Any) -> Callable[[dict[str, bytes]], None]:
    def change(entries: dict[str, bytes]) -> None:
        entries["manifest.json"] = json.dumps({**json.loads(entries["manifest.json"]), **values}).encode()

    return change


def _file(entries: dict[str, bytes]) -> str:
    return next(name for name in entries if name.startswith("files/"))


def _change_a_file(entries: dict[str, bytes]) -> None:
    entries[_file(entries)] += b"x"


def _lose_a_file(entries: dict[str, bytes]) -> None:
    del entries[_file(entries)]


def _add_a_file(entries: dict[str, bytes]) -> None:
    entries["../outside"] = b"x"


def _no_manifest(entries: dict[str, bytes]) -> None:
    del entries["manifest.json"]


def _call_a_part_otherwise(entries: dict[str, bytes]) -> None:
    old = _file(entries)
    entries["../outside"] = entries.pop(old)
    entries["manifest.json"] = entries["manifest.json"].replace(old.encode(), b"../outside")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_change_a_file, "is not what was written"),
        (_lose_a_file, "not those of its manifest"),
        (_add_a_file, "not those of its manifest"),
        (_call_a_part_otherwise, "it has a part called"),
        (_no_manifest, "no backup that this version"),
        (_manifest(format=2), "no backup that this version"),
        (_manifest(revision="9999"), "newer version"),
    ],
)
def test_a_backup_that_is_not_whole_is_not_touched(
    backup: Path, elsewhere: Settings, change: Callable[[dict[str, bytes]], None], words: str
) -> None:
    with pytest.raises(CannotError, match=words):
        restore(elsewhere, rewritten(backup, change))
    assert not elsewhere.var.exists()
    assert tables(elsewhere) == []


def test_a_torn_backup_and_another_file_are_refused(backup: Path, elsewhere: Settings) -> None:
    whole = backup.read_bytes()
    for content in (b"", whole[:-40], whole[: len(whole) // 2], b"no archive at all" * 100):
        backup.write_bytes(content)
        with pytest.raises(CannotError, match="damaged or no backup"):
            restore(elsewhere, backup)
    assert not elsewhere.var.exists()


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_a_flipped_bit_is_found(backup: Path, elsewhere: Settings, place: float) -> None:
    content = bytearray(backup.read_bytes())
    content[int(len(content) * place)] ^= 4
    backup.write_bytes(content)
    with pytest.raises(CannotError):
        restore(elsewhere, backup)
    assert not elsewhere.var.exists()


@pytest.mark.parametrize("name", ["mail", "shirube.db-wal", "files/ab", "notes.txt"])
def test_only_into_an_empty_folder(backup: Path, elsewhere: Settings, name: str) -> None:
    there = elsewhere.var / name
    there.parent.mkdir(parents=True)
    there.write_text("something")
    with pytest.raises(CannotError, match="not empty"):
        restore(elsewhere, backup)
    assert [path for path in elsewhere.var.rglob("*") if path.is_file()] == [there]
    assert tables(elsewhere) == []


def test_only_into_an_empty_database(backup: Path, settings: Settings, tmp_path: Path, app: Flask) -> None:
    """Also where the folder is new and only the database is in use."""
    used = settings.model_copy(update={"var": tmp_path / "new", "database_url": settings.database})
    with pytest.raises(CannotError, match=r"database already|tables already"):
        restore(used, backup)
    assert not (tmp_path / "new" / "files").exists()


def test_a_second_restore_is_refused(backup: Path, elsewhere: Settings) -> None:
    restore(elsewhere, backup)
    with pytest.raises(CannotError, match="empty"):
        restore(elsewhere, backup)
    assert check.check(elsewhere).findings == []


def tables(settings: Settings) -> list[str]:
    """What whoever looks at the place finds."""
    if not settings.database_url and not (settings.var / "shirube.db").exists():
        return []
    engine = create_engine(settings.database)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _killed(settings: Settings, backup: Path, at: int) -> None:
    """Restore, and die without a word at the change number ``at`` of the folder."""
    seen = 0

    def hook(event: str, values: tuple[Any, ...]) -> None:
        nonlocal seen
        writes = event == "open" and isinstance(values[2], int) and values[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if (event in CHANGES or writes) and any(str(settings.var) in str(value) for value in values):
            seen += 1
            if seen == at:
                os._exit(9)

    sys.addaudithook(hook)
    restore(settings, backup)
    os._exit(0)


@pytest.fixture
def kill(elsewhere: Settings, backup: Path) -> Callable[[int], int]:
    """Restores in a process of its own that is killed; returns its exit code."""
    db.SessionFactory.kw["bind"].dispose()
    fork = multiprocessing.get_context("fork")

    def at(number: int) -> int:
        process = fork.Process(target=_killed, args=(elsewhere, backup, number))
        process.start()
        process.join(60)
        return process.exitcode if process.exitcode is not None else -1

    return at


def test_killed_at_any_moment_it_leaves_nothing_that_looks_whole(
    kill: Callable[[int], int], elsewhere: Settings, backup: Path
) -> None:
    step, number, died = (3 if elsewhere.database_url else 1), 1, 0
    while (code := kill(number)) == 9:
        died += 1
        if not tables(elsewhere):
            restore(elsewhere, backup)  # the same place again, without tidying up by hand
            assert not (elsewhere.var / ".restoring").exists()
        assert check.check(elsewhere).findings == [], f"killed at {number}"
        shutil.rmtree(elsewhere.var)
        _drop_tables(elsewhere)
        number += step
    assert (code, died > 3) == (0, True)
    assert tables(elsewhere), "the last one was not killed"


def _drop_tables(settings: Settings) -> None:
    if settings.database_url:
        engine = create_engine(settings.database)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        engine.dispose()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "ctrl-c"])
@pytest.mark.parametrize("place", ["restoring.unpack", "restoring.sync_folder", "restoring.write_atomically", "finish"])
def test_a_restore_that_fails_takes_everything_away_again(
    backup: Path, elsewhere: Settings, monkeypatch: pytest.MonkeyPatch, place: str, error: BaseException
) -> None:
    def fail(*_values: object) -> None:
        raise error

    last = "sqlalchemy.Connection.commit" if elsewhere.database_url else "app.core.backup.loading.sync_folder"
    with monkeypatch.context() as patch:
        patch.setattr(last if place == "finish" else f"app.core.backup.{place}", fail)
        with pytest.raises(type(error)):
            restore(elsewhere, backup)
    assert [path.name for path in elsewhere.var.iterdir()] == []
    assert tables(elsewhere) == []
    restore(elsewhere, backup)
    assert check.check(elsewhere).findings == []
