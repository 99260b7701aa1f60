"""Two people who write a migration at once: the build fails until they agree. And a migration that has to wait."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.config import ROOT, Settings
from app.core import db, migrations

VERSIONS = ROOT / "migrations" / "versions"


def faults(folder: Path) -> list[str]:
    """Why the files of ``folder`` are not one line of revisions, each named by its number, upon the one before."""
    found, line = [], []
    for file in sorted(folder.glob("*.py")):
        says = dict(re.findall(r'^(revision|down_revision) = (?:"(\w+)"|None)$', file.read_text(), re.MULTILINE))
        number = file.name[:4]
        if says.get("revision") != number or not re.fullmatch(r"\d{4}_\w+\.py", file.name):
            found.append(f"{file.name}: its revision is {says.get('revision')}")
        line.append((number, says.get("down_revision"), file.name))
    for (before, _down, other), (number, down, name) in pairwise(line):
        if number == before:
            found.append(f"{name}: its number is taken by {other}")
        elif int(number) != int(before) + 1:
            found.append(f"{name}: comes after {before}")
        elif down != before:
            found.append(f"{name}: stands upon {down}, but {other} is the one before")
    return found


def test_the_revisions_are_one_line() -> None:
    assert faults(VERSIONS) == []


@pytest.mark.parametrize(
    ("number", "revision", "down", "said"),
    [
        (0, "{last}", "{before}", "is taken by"),  # the same number
        (1, "{next}", "{before}", "stands upon"),  # two heads
        (1, "{last}", "{last}", "its revision is"),
        (2, "{after}", "{last}", "comes after"),
    ],
)
def test_a_second_persons_migration_fails_the_build(
    tmp_path: Path, number: int, revision: str, down: str, said: str
) -> None:
    last = int(migrations.revisions()[-1])
    names = {name: f"{last + far:04d}" for name, far in (("before", -1), ("last", 0), ("next", 1), ("after", 2))}
    shutil.copytree(VERSIONS, tmp_path / "versions")
    other = tmp_path / "versions" / f"{last + number:04d}_theirs.py"
    other.write_text(f'revision = "{revision.format(**names)}"\ndown_revision = "{down.format(**names)}"\n')
    assert any(said in fault for fault in faults(tmp_path / "versions"))
    other.write_text(f'revision = "{names["next"]}"\ndown_revision = "{names["last"]}"\n')
    other.rename(other.with_name(f"{names['next']}_theirs.py"))
    assert faults(tmp_path / "versions") == [], "the next number upon the last is what they write instead"


@contextmanager
def somebody_at_work(url: str) -> Iterator[None]:
    """A long transaction of others that uses the table which a migration changes."""
    engine = db.make_engine(url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("UPDATE notice SET mail_key = mail_key")
            else:
                connection.exec_driver_sql("LOCK TABLE notice IN ACCESS SHARE MODE")
            yield
            connection.rollback()
    finally:
        engine.dispose()


def version(url: str) -> str:
    """The revision at which a database is."""
    engine = db.make_engine(url)
    with engine.connect() as connection:
        found = str(connection.scalar(text("select version_num from alembic_version")))
    engine.dispose()
    return found


@pytest.mark.parametrize("limit", ["LOCK_SECONDS", "STATEMENT_SECONDS"])
def test_a_migration_that_waits_in_vain_gives_up_and_changes_nothing(
    app: Flask, settings: Settings, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 0012 the first step is free and the second, 0014, needs what others hold: neither is taken."""
    if limit == "STATEMENT_SECONDS" and not settings.database_url:
        pytest.skip("SQLite cannot stop a statement")
    url = settings.database
    migrations.downgrade(url, "0012")
    monkeypatch.setattr(migrations, limit, 0.3)
    with somebody_at_work(url):
        said = app.test_cli_runner().invoke(args=["setup"])
        assert said.exit_code == 1
        assert "The database is in use: a migration waited for" in said.output
        assert "type flask setup again" in said.output
        assert "Traceback" not in said.output
    assert version(url) == "0012"
    monkeypatch.undo()
    assert app.test_cli_runner().invoke(args=["setup"]).exit_code == 0
    assert version(url) == migrations.revisions()[-1]


def test_two_who_migrate_at_once_take_turns(empty_database: str) -> None:
    migrations.upgrade(empty_database, "0001")  # makes the file and its journal
    code = "import sys; from app.core import migrations; migrations.upgrade(sys.argv[1])"
    command = [sys.executable, "-c", code, empty_database]
    both = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.communicate(timeout=120)[1] for one in both] == ["", ""]
    assert version(empty_database) == migrations.revisions()[-1]
