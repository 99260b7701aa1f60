"""A disk that is full or read-only at any write of an action: everything is as before, or the action is done."""

from __future__ import annotations

import datetime as dt
import hashlib
import resource
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from app.access.actor import Position
from app.access.scope import Scope
from app.config import Settings
from app.consultations import services as consultations
from app.consultations.services import Told
from app.consultations.wish import Wish
from app.core import check, clock, db, disk, jobs, outbox
from app.core.backup import CannotError, making
from app.core.db import Base
from app.core.files import file_sha256
from app.core.mail import FileTransport, Mail
from app.core.storage import FolderStorage
from app.core.uploads import Upload
from app.documents import services as documents
from app.documents.models import Bundle
from app.documents.states import State
from app.organisations import services as organisations
from app.pathways import services as histories
from app.therapies import services as therapies
from tests.core.conftest import consultation, ready_bundle, scope
from tests.factories.world import World, scope_of
from tests.faults.full_disk import FullDisk, full_disk
from tests.rooms.documents.conftest import pdf

__all__ = ["consultation", "ready_bundle", "scope"]  # fixtures

Action = Callable[[Settings, World, str], object]


ACTIONS: dict[str, Action] = {
    "add a therapy": lambda _s, w, _c: therapies.add(
        scope_of(w.lead), name_ja="新", product_class="RMP-C", material="allogeneic_ips", indication_ja="心不全"
    ),
    "confirm a consultation": lambda _s, w, c: consultations.confirm(
        scope_of(w.lead), therapy_of(c), "drug_eop2", Wish(meeting=dt.date(2027, 9, 15))
    ),
    "write a question": lambda _s, w, c: consultations.add_question(
        scope_of(w.lead), c, title="問", question="十分か。", position="十分である。", grounds="1"
    ),
    "write the briefing": lambda _s, w, c: consultations.save_briefing(
        scope_of(w.lead), c, {"purpose": "確認したい。"}, version=0
    ),
    "attach files": lambda s, w, c: consultations.attach(
        scope_of(w.lead),
        c,
        [Upload(f"more_{n}.pdf", pdf(n), 1000) for n in (4, 5)],
        storage=FolderStorage(s.files),
        largest=10**7,
    ),
    "ask for a bundle": lambda _s, w, c: documents.request(scope_of(w.lead), c, "en"),
    "share with the hub": lambda _s, w, c: therapies.grant(scope_of(w.lead), therapy_of(c), w.hub),
    "invite a colleague": lambda _s, w, _c: organisations.invite(
        scope_of(w.lead), w.company, email="new@ko.example", name="新人", language="ja", position=Position.MEMBER
    ),
    "record what happened": lambda _s, w, c: histories.record(
        scope_of(w.lead), therapy_of(c), event="NONCLINICAL_STARTED", on=clock.today()
    ),
    "change the wish": lambda _s, w, c: consultations.change_wish(
        scope_of(w.lead), c, Wish(meeting=dt.date(2027, 8, 18))
    ),
    "record inquiries": lambda _s, w, c: consultations.add_inquiry(scope_of(w.lead), c, Told(clock.today())),
    "withdraw a consultation": lambda _s, w, c: consultations.withdraw(scope_of(w.lead), c, clock.today()),
    "queue a mail": lambda _s, _w, _c: queue_mail(),
}


def therapy_of(consultation: str) -> str:
    """The therapy of the consultation."""
    found = db.session.execute(text("SELECT therapy_id FROM consultation WHERE id = :id"), {"id": consultation})
    therapy: str = found.scalar_one()
    db.session.rollback()
    return therapy


def queue_mail() -> None:
    """One mail."""
    with db.transaction():
        outbox.enqueue(Mail("fault:1", "a@example.org", "subject", "text"))


@pytest.fixture
def elsewhere(settings: Settings) -> Engine:
    """A way to the database that never fails."""
    return create_engine(settings.database)


def everything(engine: Engine) -> str:
    """A sum over every row of every table."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = sorted(map(repr, connection.execute(text(f'SELECT * FROM "{table.name}"'))))
            digest.update(repr((table.name, rows)).encode())
    return digest.hexdigest()


def at_once(settings: Settings) -> Settings:
    """With them whoever holds a lease is taken for dead at once."""
    return settings.model_copy(update={"lease_seconds": 0})


def the_engine() -> Engine:
    """The one on which the program works."""
    found: Engine = db.SessionFactory.kw["bind"]
    return found


def tried(at: int, do: Callable[[], object], kind: str = "full") -> FullDisk:
    """What became of it on a disk that is full from write ``at`` on; nothing but the disk may be the reason."""
    db.session.remove()
    with full_disk(at, the_engine(), kind) as state:
        try:
            do()
        except Exception as error:
            state.told = True
            if not disk.cannot_store(error):
                raise
    db.session.remove()
    return state


@pytest.mark.parametrize("kind", ["full", "read-only"])
@pytest.mark.parametrize("action", ACTIONS)
def test_before_or_after_and_never_between(
    settings: Settings, world: World, consultation: str, elsewhere: Engine, action: str, kind: str
) -> None:
    before, at = everything(elsewhere), 1
    while (state := tried(at, lambda: ACTIONS[action](settings, world, consultation), kind)).failed:
        assert state.told, f"write {at} ({state.failed}) failed, and nobody heard of it"
        assert everything(elsewhere) == before, f"write {at}: {state.failed}"
        assert FolderStorage(settings.files).strays() == [], f"write {at}: {state.failed}"
        at += 1
    assert at > 2, "it writes at least a row and the trail"
    assert everything(elsewhere) != before, "with room enough it is done"
    assert check.check(settings).findings == []
    elsewhere.dispose()


def test_a_stored_file_is_whole_or_absent(tmp_path: Path, settings: Settings, app) -> None:
    at, storage = 1, FolderStorage(tmp_path / "store-1")
    while (state := tried(at, partial(storage.put, pdf(3)))).failed:
        assert state.told
        assert storage.strays() == [], state.failed
        at += 1
        storage = FolderStorage(tmp_path / f"store-{at}")
    assert len(list(storage.names())) == 1
    assert at > 5


def test_a_key_is_whole_or_absent(tmp_path: Path, settings: Settings, app) -> None:
    at, here = 1, Settings(var=tmp_path / "key-1")
    while (state := tried(at, here.key)).failed:
        assert state.told
        assert not here.var.exists() or list(here.var.iterdir()) == [] or len(here.key()) == 64, state.failed
        assert len(here.key()) == 64, "with room it is made as if nothing had happened"
        at += 1
        here = Settings(var=tmp_path / f"key-{at}")
    assert at > 3


def test_an_empty_key_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("")
    with pytest.raises(ValueError, match="is empty"):
        Settings(var=tmp_path).key()


def test_a_mail_that_could_not_be_written_is_written_later(settings: Settings, app, tmp_path: Path) -> None:
    queue_mail()
    post = FileTransport(tmp_path / "mail")
    at, done = 1, False
    while not done:
        outbox.give_back_dead(at_once(settings))
        clock.move_to(clock.now() + dt.timedelta(minutes=5))
        state = tried(at, lambda: outbox.deliver(post, settings))
        mails = list(post.folder.glob("*")) if post.folder.exists() else []
        assert {path.suffix for path in mails} <= {".eml"}, f"{state.failed}: nothing half-written"
        at, done = at + 1, not state.failed
    (kept,) = mails
    assert kept.read_bytes().endswith(b"\n")
    assert at > 5


def test_a_queue_that_cannot_be_written_to_stops_nobody(
    settings: Settings, app, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job only says "look again"; the worker's tick looks anyway."""
    place = settings.var / "a file" / "jobs.db"
    place.parent.write_text("where a folder should be")
    monkeypatch.setattr(jobs, "_place", place)
    jobs.soon("mail")
    assert "its tick will" in caplog.text


@pytest.mark.parametrize("at", [1, 2, 3, 5, 8, 13, 21, 34])
def test_a_bundle_waits_until_there_is_room(settings: Settings, scope: Scope, consultation: str, at: int) -> None:
    bundle = documents.request(scope, consultation, "ja")
    db.session.remove()
    state = tried(at, lambda: documents.make_waiting(settings))
    row = db.session.get_one(Bundle, bundle)
    assert state.failed
    assert (row.state in {State.WAITING, State.RUNNING}, row.sha256) == (True, ""), row.state
    assert FolderStorage(settings.files).strays() == []
    assert [path for path in (settings.var / "rendering").rglob("*") if path.suffix in {".zip", ".part"}] == []
    db.session.remove()
    documents.make_waiting(at_once(settings))
    assert db.session.get_one(Bundle, bundle).state in {State.READY, State.BLOCKED}
    db.session.remove()


def test_a_backup_is_whole_or_absent_and_the_earlier_ones_stay(
    settings: Settings, consultation: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    earlier = making.make(settings, folder / "shirube-earlier.zip")
    (whole := tmp_path / "whole").mkdir()
    writes = tried(10**9, lambda: making.make(settings, whole)).seen
    assert writes > 30
    for at in sorted({1, 2, 3, 5, 8, 13, writes // 2, *range(writes - 4, writes + 1)}):
        state = tried(at, lambda: making.make(settings, folder))
        assert state.failed, at
        assert state.told, f"write {at} ({state.failed}) failed, and nobody heard of it"
        assert list(folder.iterdir()) == [earlier.path], f"write {at}: {state.failed}"
        assert file_sha256(earlier.path) == earlier.sha256


def test_a_backup_for_which_there_is_no_room_leaves_nothing(
    settings: Settings, consultation: str, tmp_path: Path
) -> None:
    """No file may grow beyond so many bytes, not even the copy that the database makes of itself."""
    (folder := tmp_path / "backups").mkdir()
    size = making.make(settings, tmp_path / "whole.zip").size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in (0, 4096, size // 2, size - 1):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
        try:
            with pytest.raises((OSError, CannotError)):
                making.make(settings, folder)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert list(folder.iterdir()) == [], room
    assert making.make(settings, folder).path.is_file()
