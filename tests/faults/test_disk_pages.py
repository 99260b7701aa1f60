"""What people see while the disk is full: pages as before, and on saving one clear sentence in their language."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, text

from app import create_app
from app.config import Settings
from app.core import check, db
from app.core.storage import FolderStorage
from app.engine.definition.common import Language
from tests.core.conftest import consultation, scope
from tests.factories.world import World, build_world
from tests.faults.full_disk import full_disk
from tests.faults.test_disk_faults import everything, the_engine
from tests.rooms.documents.conftest import pdf
from tests.rooms.therapies.test_therapies import FORM
from tests.web.visitor import Visitor

__all__ = ["consultation", "scope"]  # fixtures

SENTENCES = {
    "ja": ("ただいま保存できません", "途中までの保存はありません", "管理者にお知らせください"),
    "en": ("Nothing can be saved at the moment", "nothing was half done", "Tell the administrator"),
}
QUESTION = {"title": "造腫瘍性", "question": "十分か。", "position": "十分と考える。" * 200, "grounds": "添付資料1"}


@contextmanager
def no_room(settings: Settings) -> Iterator[None]:
    """The database itself says that it is full: no injected error."""
    engine = the_engine()
    if settings.database_url:  # raised at the commit, by the server
        with create_engine(settings.database).begin() as connection:
            connection.execute(
                text(
                    "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS"
                    " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;"
                    " CREATE CONSTRAINT TRIGGER no_room AFTER INSERT ON audit_event"
                    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION no_room()"
                )
            )
        yield
        with create_engine(settings.database).begin() as connection:
            connection.execute(text("DROP TRIGGER no_room ON audit_event; DROP FUNCTION no_room"))
        return

    def shrink(connection: Any) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # SQLite takes the present size for it

    event.listen(engine, "begin", shrink)
    try:
        yield
    finally:
        event.remove(engine, "begin", shrink)
        engine.dispose()


@contextmanager
def read_only(settings: Settings) -> Iterator[None]:
    """The database itself refuses to be written to."""
    engine = the_engine()
    words = "SET default_transaction_read_only = on" if settings.database_url else "PRAGMA query_only = on"

    def connected(connection: Any, _record: Any) -> None:
        connection.execute(words)
        connection.commit()

    engine.dispose()
    event.listen(engine, "connect", connected)
    yield
    event.remove(engine, "connect", connected)
    engine.dispose()


KINDS: dict[str, Callable[[Settings], Any]] = {"full": no_room, "read-only": read_only}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_form_on_a_disk_that_takes_nothing(
    visit: Visitor, world: World, consultation: str, settings: Settings, language: Language, kind: str
) -> None:
    lead = visit.as_(world.lead, language)
    form = f"/consultations/{consultation}/questions/new"
    lead.get(form)
    reading = create_engine(settings.database)
    with ExitStack() as stack:
        stack.enter_context(KINDS[kind](settings))
        before = everything(reading)
        page = lead.post(form, QUESTION, status=503)
        assert [words for words in SENTENCES[language] if words not in page] == []
        assert "Traceback" not in page
        for readable in ("/", f"/consultations/{consultation}/questions"):
            lead.get(readable)
        db.session.remove()
        assert everything(reading) == before
    lead.post(form, QUESTION)
    db.session.remove()
    assert everything(reading) != before, "with room again the same form is taken"
    reading.dispose()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_files_on_a_disk_that_is_full(
    visit: Visitor, world: World, consultation: str, settings: Settings, language: Language, at: int
) -> None:
    lead, reading = visit.as_(world.lead, language), create_engine(settings.database)
    page = f"/consultations/{consultation}/attachments"
    lead.get(page)
    files = [(pdf(number), f"report_{number}.pdf") for number in (4, 5)]
    before = everything(reading)
    token = lead.token()
    db.session.remove()
    with full_disk(at, the_engine()):
        answer = lead.client.post(page, data={"csrf_token": token, "files": files}, content_type="multipart/form-data")
    assert answer.status_code == 503
    assert [words for words in SENTENCES[language] if words not in answer.text] == []
    db.session.remove()
    assert everything(reading) == before
    assert FolderStorage(settings.files).strays() == []
    reading.dispose()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 4 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root may mount a small disk; the injected faults stand for it")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield folder
    db.session.remove()
    db.SessionFactory.kw["bind"].dispose()
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_real_small_disk(small_disk: Path, migrated_sqlite: Path, language: Language) -> None:
    """To the last byte, and then some room again."""
    shutil.copy(migrated_sqlite, small_disk / "shirube.db")
    settings = Settings(var=small_disk, mail_transport="file", clock_file=small_disk / "clock")
    program: Flask = create_app(settings)
    program.config.update(TESTING=True)
    with program.app_context():
        world = build_world()
    lead = Visitor(program).as_(world.lead, language)
    data = dict(FORM)
    lead.get("/therapies/add")
    before = check.check(settings).checked["rows"]
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filler").write_bytes(bytes(2**23))
    page = lead.post("/therapies/add", data, status=503)
    assert [words for words in SENTENCES[language] if words not in page] == []
    with pytest.raises(OSError, match="No space"):
        FolderStorage(settings.files).put(io.BytesIO(bytes(10**6)))
    lead.get("/")
    (small_disk / "filler").unlink()
    report = check.check(settings)
    assert (report.findings, report.checked["rows"]) == ([], before)
    lead.post("/therapies/add", data)
    db.session.remove()
    assert check.check(settings).checked["rows"] > before
