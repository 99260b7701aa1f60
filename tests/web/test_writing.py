"""Who may write takes the turn to write at once, but only when everything slow is over.

A transaction that turns writer midway is refused by SQLite; one that waits for a slow body, for the hashing of a
password or for a look into a file lets nobody else write.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import event, text

from app.config import Settings
from app.consultations import services
from app.consultations.wish import Wish
from app.core import apart, db
from app.core.storage import FolderStorage
from app.engine.calendar import Month
from app.engine.definition.common import Language
from app.organisations import services as organisations
from app.pathways import outlook
from app.pathways.services import importing
from app.people import models as people
from app.people import services as accounts
from app.therapies import services as therapies
from tests.factories.world import PASSWORD, World, scope_of
from tests.web.visitor import Visitor

SECONDS = 3  # far less than the patience of a database


@pytest.fixture
def said() -> Iterator[Callable[[], list[str]]]:
    """Which transactions began since it was asked first."""
    engine, begun = db.session.get_bind(), []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("BEGIN", "SET TRANSACTION")):
            begun.append("writer" if statement != "BEGIN" else "reader")

    def ask() -> list[str]:
        if not event.contains(engine, "before_cursor_execute", listen):
            event.listen(engine, "before_cursor_execute", listen)
        return begun

    yield ask
    event.remove(engine, "before_cursor_execute", listen)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_method_decides_how_transactions_begin(visit: Visitor, world: World, said: Any) -> None:
    visitor = visit.as_(None, "ja")  # a cookie, so that the session is read at once
    data = {"email": "lead@ko.example", "password": PASSWORD, "csrf_token": visitor.token()}
    begun = said()
    visitor.client.post("/sign-in", data=data)
    assert begun[0] == "reader", "nothing but the session is read before the body is here"
    assert set(begun[1:]) == {"writer"}
    begun.clear()
    visitor.client.get("/sign-in")
    assert begun[0] == "reader"  # a page that was only read may still note that it was seen


@pytest.fixture
def somebody_writes(settings: Settings) -> Iterator[Callable[[], bool]]:
    """Whether somebody else gets the turn to write now."""
    threads: list[threading.Thread] = []

    def write() -> None:
        engine = db.make_engine(settings.database)
        db.expect_writes(True)  # of this thread
        with engine.begin() as connection:
            connection.execute(text("select 1"))
        engine.dispose()

    def attempt() -> bool:
        threads.append(threading.Thread(target=write))
        threads[-1].start()
        threads[-1].join(SECONDS)
        return not threads[-1].is_alive()

    yield attempt
    for thread in threads:  # who had to wait gets the turn in the end, before the database goes
        thread.join(30)


def watched(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, attempt: Callable[[], bool]) -> list[bool]:
    """Let somebody else try to write at every call of ``place.name``; whether they could."""
    could: list[bool] = []
    real = getattr(place, name)

    def call(*words: Any, **options: Any) -> Any:
        could.append(attempt())
        return real(*words, **options)

    monkeypatch.setattr(place, name, call)
    return could


def test_the_turn_is_taken_in_a_form_and_only_one_has_it(
    app: Flask, visit: Visitor, world: World, somebody_writes: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the tests below would prove nothing."""
    could = watched(monkeypatch, accounts, "choose_language", somebody_writes)
    visit.as_(world.lead).post("/language", {"language": "en"})
    assert could == [False]


@pytest.mark.parametrize(("email", "right"), [("lead@ko.example", True), ("nobody@ko.example", False)])
def test_nobody_waits_for_a_sign_in(
    app: Flask,
    visit: Visitor,
    somebody_writes: Callable[[], bool],
    monkeypatch: pytest.MonkeyPatch,
    email: str,
    right: bool,
) -> None:
    context = app.extensions["security"].pwd_context._context
    could = watched(monkeypatch, context, "verify" if right else "hash", somebody_writes)
    visitor = visit.as_(None, "ja")
    visitor.post("/sign-in", {"email": email, "password": PASSWORD}, status=302 if right else 200)
    assert could == [True]


def test_nobody_waits_for_a_change_of_password(
    app: Flask, visit: Visitor, world: World, somebody_writes: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = app.extensions["security"].pwd_context._context
    checked = watched(monkeypatch, context, "verify", somebody_writes)
    hashed = watched(monkeypatch, context, "hash", somebody_writes)
    new = "an altogether different phrase"
    visitor = visit.as_(None, "ja")
    visitor.post("/sign-in", {"email": "lead@ko.example", "password": PASSWORD})
    visitor.post("/password/change", {"password": PASSWORD, "new_password": new, "new_password_confirm": new})
    assert hashed == [True]
    assert set(checked) == {True}
    visit.as_(None, "ja").post("/sign-in", {"email": "lead@ko.example", "password": new})


def test_a_password_that_is_changed_during_the_comparison_is_the_old_one(
    app: Flask, visit: Visitor, world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = app.extensions["security"].pwd_context._context

    def changed() -> bool:
        with app.app_context(), db.make_engine(settings.database).begin() as connection:
            connection.execute(people.Person.__table__.update().values(password="of somebody else"))  # type: ignore[attr-defined]
        return True

    watched(monkeypatch, context, "verify", changed)
    visitor = visit.as_(None, "ja")
    visitor.post("/sign-in", {"email": "lead@ko.example", "password": PASSWORD}, status=200)
    assert visitor.client.get("/account").status_code == 302


def test_nobody_waits_for_a_new_person(
    app: Flask, visit: Visitor, world: World, somebody_writes: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.organisations.services.secrets.token_urlsafe", lambda *_size: "t" * 43)
    organisations.invite_company(
        scope_of(world.admin),
        world.hub,
        name_ja="新会社",
        name_en="New Inc.",
        lead="新 一郎",
        email="new@new.example",
        language="ja",
    )
    db.session.remove()
    could = watched(monkeypatch, accounts, "hash_password", somebody_writes)
    visit.as_(None, "ja").post(
        f"/invitations/{'t' * 43}",
        {"name": "新 一郎", "language": "ja", "password": PASSWORD, "again": PASSWORD},
    )
    assert could == [True]


def test_nobody_waits_for_a_look_into_files(
    app: Flask,
    visit: Visitor,
    world: World,
    somebody_writes: Callable[[], bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lead = scope_of(world.lead)
    therapy = therapies.add(lead, name_ja="心筋シート", product_class="RMP-C", material="allogeneic_ips")
    talk = services.confirm(lead, therapy, "drug_eop2", Wish(month=Month(2027, 7)))
    db.session.remove()
    looked = watched(monkeypatch, apart, "look", somebody_writes)
    stored = watched(monkeypatch, FolderStorage, "put", somebody_writes)
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595.276, 841.89))
    document.save(out)
    visit.as_(world.lead).post(f"/consultations/{talk}/attachments", {"files": [(io.BytesIO(out.getvalue()), "a.pdf")]})
    assert (looked, stored) == ([True], [True])


def test_nobody_waits_for_a_file_of_histories(
    app: Flask,
    visit: Visitor,
    world: World,
    somebody_writes: Callable[[], bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither while it is read, nor while what it would do is found out, nor once more before it is done."""
    read = watched(monkeypatch, importing, "read_rows", somebody_writes)
    looked = watched(monkeypatch, outlook, "outcome", somebody_writes)
    lead, file = visit.as_(world.lead), "case_id,date,precision,event,class\nA,2024-02,M,CTN_FILED,RMP-C\n"
    address = lead.post("/therapies/import", {"file": (io.BytesIO(file.encode()), "a.csv")})
    digest = lead.get(address).partition('name="digest" type="hidden" value="')[2].partition('"')[0]
    lead.post(address, {"cases": "A", "digest": digest, "because": "公表資料による"})
    assert (set(read), set(looked)) == ({True}, {True})
    assert len(looked) == 3


def test_inside_a_transaction_nothing_is_given_back(
    app: Flask, world: World, somebody_writes: Callable[[], bool]
) -> None:
    with db.transaction() as current:
        current.execute(text("select 1"))
        with db.outside_turn():
            assert somebody_writes() is False


@contextmanager
def nobody_else_may_write(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another process has the turn all the time, and whoever waits for it loses patience soon."""
    monkeypatch.setattr(db, "PATIENCE", 0.1)
    db.connect(settings.database)
    db.expect_writes(True)
    other = db.make_engine(settings.database)
    with other.begin():
        db.expect_writes(False)
        yield
    other.dispose()


@pytest.mark.parametrize(("language", "words"), [("ja", "保存が混み合っています"), ("en", "Many people are saving")])
def test_who_waits_too_long_for_the_turn_is_told_so_and_nothing_was_saved(
    visit: Visitor, world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch, language: Language, words: str
) -> None:
    lead = visit.as_(world.lead, language)
    lead.get("/")
    with nobody_else_may_write(settings, monkeypatch):
        page = lead.post("/language", {"language": "en" if language == "ja" else "ja"}, status=503)
    assert words in page
    assert f'lang="{language}"' in lead.get("/"), "nothing was saved, and the same person goes on"


@pytest.mark.parametrize(("language", "words"), [("ja", "変更はされていません"), ("en", "Nothing was changed")])
def test_a_page_that_waits_too_long_says_that_nothing_was_changed(
    app: Flask,
    visit: Visitor,
    world: World,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    language: Language,
    words: str,
) -> None:
    """That a hub looked at a therapy is written down, so such a look needs the turn, too."""
    with app.app_context():
        lead = scope_of(world.lead)
        therapy = therapies.add(lead, name_ja="心筋シート", product_class="RMP-C", material="allogeneic_ips")
        therapies.grant(lead, therapy, world.hub)
    reviewer = visit.as_(world.staff, language)
    reviewer.get("/account")
    with nobody_else_may_write(settings, monkeypatch):
        page = reviewer.get(f"/therapies/{therapy}", status=503)
    assert words in page
    reviewer.get(f"/therapies/{therapy}")
