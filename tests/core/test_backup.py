"""A backup is one state of everything, and what is brought back shows the same pages; else nothing is brought back."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import stat
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from app.config import Settings
from app.core import check, db
from app.core.backup import CannotError, making, snapshot
from app.core.backup.manifest import fingerprint
from app.core.backup.restoring import restore
from app.core.db import Base
from app.core.storage import FolderStorage
from app.schedule import agreement
from tests.core.conftest import program
from tests.factories.world import World
from tests.web.visitor import Visitor

VOLATILE = re.compile(r'nonce="[^"]+"|name="csrf_token"[^>]+|[?&]v=\w+')


def look(visitor: Visitor, consultation: str) -> list[str]:
    """What a person sees, without what is new in every answer."""
    pages = ["/", f"/consultations/{consultation}/attachments", f"/consultations/{consultation}/bundles"]
    return [VOLATILE.sub("", visitor.get(page)) for page in pages]


def findings(settings: Settings) -> list[check.Finding]:
    """What ``flask check`` finds."""
    return check.check(settings, [agreement.without_subject]).findings


def test_what_was_kept_comes_back_and_shows_the_same(
    visit: Visitor,
    world: World,
    consultation: str,
    ready_bundle: str,
    settings: Settings,
    elsewhere: Settings,
    tmp_path,
) -> None:
    before = look(visit.as_(world.lead), consultation)
    made = making.make(settings, tmp_path)
    assert made.sha256 == hashlib.sha256(made.path.read_bytes()).hexdigest()
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600, "everything that people entrusted to us is in it"
    assert len(made.manifest.files()) == 3

    restore(elsewhere, made.path)
    there = program(elsewhere)
    visitor = Visitor(there).as_(world.lead)
    assert look(visitor, consultation) == before
    bundle = visitor.client.get(f"/bundles/{ready_bundle}/download").data
    assert bundle == b"a bundle" * 1000
    with there.app_context():
        assert findings(elsewhere) == []
    db.session.remove()


def test_every_column_that_names_a_file_is_marked() -> None:
    named = {f"{table}.{column}" for table, column in snapshot.naming_columns()}
    assert named == {"bundle.sha256", "consultation_attachment.sha256", "evidence_document.sha256"}
    called = {f"{table.name}.sha256" for table in Base.metadata.sorted_tables if "sha256" in table.c}
    assert called <= named, "mark it with NAMES_A_FILE, or backups leave its files behind"


def test_nothing_counts_up_by_itself(settings: Settings, app) -> None:
    """A sequence would begin anew in a restored database."""
    engine = create_engine(settings.database)
    assert engine.dialect.name == "sqlite" or inspect(engine).get_sequence_names() == []
    engine.dispose()


def test_the_key_is_kept_where_the_program_made_it(settings: Settings, elsewhere: Settings, app, tmp_path) -> None:
    own = settings.model_copy(update={"secret_key": ""})
    made = making.make(own, tmp_path)
    assert made.manifest.holds_key()
    there = elsewhere.model_copy(update={"secret_key": ""})
    assert there.key() != own.key(), "the program makes itself one as soon as it starts; it is worth nothing yet"
    restore(there, made.path)
    assert there.key() == own.key()
    assert stat.S_IMODE((there.var / "secret_key").stat().st_mode) == 0o600


def test_a_key_that_is_a_setting_is_not_in_the_backup(settings: Settings, elsewhere: Settings, app, tmp_path) -> None:
    made = making.make(settings, tmp_path)
    assert not made.manifest.holds_key()
    assert settings.secret_key not in zipfile.ZipFile(made.path).read("manifest.json").decode()
    for other in ("", "another key, which is wrong"):
        there = elsewhere.model_copy(update={"secret_key": other})
        with pytest.raises(CannotError, match="--other-key"):
            restore(there, made.path)
        assert not there.files.exists()
    restore(elsewhere.model_copy(update={"secret_key": "another"}), made.path, other_key=True)
    assert made.manifest.key_fingerprint == fingerprint(settings.secret_key) != fingerprint("another")


def test_nothing_is_written_over(settings: Settings, app, tmp_path) -> None:
    target = tmp_path / "kept.zip"
    target.write_bytes(b"the last good one")
    with pytest.raises(CannotError, match="exists already"):
        making.make(settings, target)
    assert target.read_bytes() == b"the last good one"
    with pytest.raises(CannotError, match="no folder"):
        making.make(settings, tmp_path / "absent" / "new.zip")


def test_there_must_be_something_to_keep(empty_database: str, tmp_path: Path) -> None:
    with pytest.raises(CannotError, match="flask setup"):
        making.make(Settings(var=tmp_path, database_url=empty_database), tmp_path)
    assert list(tmp_path.glob("*.zip")) == []


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_named_file_that_is_lost_is_told_and_not_passed_over(
    settings: Settings, elsewhere: Settings, consultation: str, tmp_path: Path, harm: str
) -> None:
    storage = FolderStorage(settings.files)
    lost = next(iter(storage.names()))
    if harm == "gone":
        storage.path(lost).unlink()
    else:
        storage.path(lost).write_bytes(b"rotten")
    with pytest.raises(CannotError, match=f"1 stored files .* {lost}"):
        making.make(settings, tmp_path)
    assert not list(tmp_path.glob("*.zip"))
    made = making.make(settings, tmp_path, incomplete=True)
    assert made.manifest.missing_files == (lost,)
    restore(elsewhere, made.path)
    assert [found.what for found in check.check(elsewhere).findings] == ["file-missing"]


def test_a_small_database_becomes_a_large_one(
    settings: Settings, consultation: str, ready_bundle: str, world: World, tmp_path: Path, postgresql_server: str
) -> None:
    """A backup of SQLite goes into PostgreSQL too; the way back is refused before anything is touched."""
    from tests import postgresql

    made = making.make(settings, tmp_path)
    if settings.database_url:
        there = Settings(var=tmp_path / "small", secret_key=settings.secret_key)
        with pytest.raises(CannotError, match="into PostgreSQL only"):
            restore(there, made.path)
        assert not there.var.exists()
        return
    before = look(Visitor(program(settings)).as_(world.lead), consultation)
    with postgresql.database(postgresql_server) as address:
        there = settings.model_copy(
            update={"var": tmp_path / "large", "database_url": Settings(database_url=address).database}
        )
        restore(there, made.path)
        moved = program(there)
        assert look(Visitor(moved).as_(world.lead), consultation) == before
        with moved.app_context():
            assert findings(there) == []
        db.session.remove()
        db.SessionFactory.kw["bind"].dispose()


def test_the_copy_is_as_sound_as_the_original(settings: Settings, consultation: str, tmp_path: Path) -> None:
    made = making.make(settings, tmp_path)
    with zipfile.ZipFile(made.path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.testzip() is None
        if settings.database_url:
            assert {f"tables/{name}" for name in manifest["columns"]} <= set(archive.namelist())
            return
        archive.extract("database.sqlite", tmp_path)
    with closing(sqlite3.connect(tmp_path / "database.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",), "the restored one is in no other mode"
