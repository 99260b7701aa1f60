"""What strangers, thieves and careless programs send: refused, and never a fault of ours."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_security.utils import hash_data, hash_password

from app import create_app
from app.config import DEMO_PASSWORD, Settings
from app.consultations import services as consultations
from app.consultations.wish import Wish
from app.core import clock
from app.core.db import session
from app.core.outbox import OutboxMail
from app.core.storage import FolderStorage
from app.engine.calendar import Month
from app.organisations import services as organisations
from app.people.models import Person
from app.therapies import services as therapies
from app.web import files, sessions
from app.web.fields import FORM_BYTES
from app.web.models import WebSession
from tests.factories.world import PASSWORD, World, scope_of
from tests.web.visitor import Visitor

LEAD = "lead@ko.example"
NEW = "a quite different sentence"
HUGE = ("9" * 5000, str(2**63), "-1", "", "x")


@pytest.fixture
def therapy(app: Flask, world: World) -> str:
    """A therapy of the lead."""
    with app.app_context():
        lead = scope_of(world.lead)
        return therapies.add(lead, name_ja="甲", product_class="RMP-C", material="allogeneic_ips")


def link_of_newest_mail() -> str:
    """The address in the newest mail."""
    session.rollback()
    row = session.query(OutboxMail).order_by(OutboxMail.queued_at.desc()).first()
    assert row is not None
    found = re.search(r"https?://\S+", row.text)
    assert found, row.text
    return found[0]


def test_a_forgotten_password_is_chosen_anew_and_every_old_sign_in_ends(visit: Visitor, world: World) -> None:
    thief = visit.as_(world.lead)
    poisoned = {"base_url": "http://evil.example"}
    token = re.search(r'name="csrf_token" value="([^"]+)"', visit.client.get("/password/forgotten", **poisoned).text)
    assert token
    form = {"email": LEAD, "csrf_token": token[1]}
    assert visit.client.post("/password/forgotten", data=form, **poisoned).status_code == 200
    link = link_of_newest_mail()
    assert link.startswith("http://127.0.0.1:8000/password/forgotten/"), "not the address that the asker sent as Host"
    path = link.removeprefix("http://127.0.0.1:8000")
    visit.get(path)
    assert visit.post(path, {"password": NEW, "password_confirm": NEW}) == "/sign-in"
    assert thief.client.get("/account").status_code == 302
    assert not session.query(WebSession).filter_by(person_id=world.lead).count()
    assert visit.post("/sign-in", {"email": LEAD, "password": NEW}) == "/"
    visitor = visit.as_(None)
    assert visitor.client.post(path, data={"csrf_token": visitor.token(), "password": "x" * 20}).status_code == 302


def test_the_way_to_a_new_password_takes_no_longer_for_known_addresses(app: Flask) -> None:
    with app.app_context():  # an unknown address costs one hash of a password, so a known one may cost no more
        assert hash_data("x").startswith("$argon2")


def test_a_new_password_is_mailed_about_once_however_often_it_is_asked_for(visit: Visitor, world: World) -> None:
    for _time in range(3):
        visit.post("/password/forgotten", {"email": LEAD}, status=200)
    session.rollback()
    assert session.query(OutboxMail).count() == 1


def test_a_changed_password_ends_the_other_sign_ins(visit: Visitor, world: World) -> None:
    here, there = visit.as_(world.lead), visit.as_(world.lead)
    here.post("/password/change", {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW})
    assert there.client.get("/account").status_code == 302
    here.get("/account")
    session.rollback()
    assert session.query(WebSession).filter_by(person_id=world.lead).count() == 1


def test_nothing_but_a_row_in_the_list_of_sign_ins_signs_in(app: Flask, visit: Visitor, world: World) -> None:
    visitor = visit.as_(None)
    form = {"email": LEAD, "password": PASSWORD, "remember": "y", "csrf_token": visitor.token()}
    answer = visitor.client.post("/sign-in?include_auth_token", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 302
    assert not visitor.client.get_cookie("remember_token")
    with app.test_request_context():
        person = session.get(Person, world.lead)
        assert person is not None
        token = str(person.get_auth_token())
    thief = app.test_client()
    assert thief.get(f"/account?auth_token={token}").status_code == 302
    assert thief.get("/account", headers={"Authentication-Token": token}).status_code == 302


def test_signing_out_leaves_no_row(visit: Visitor, world: World) -> None:
    visitor = visit.as_(world.lead)
    visitor.get("/account")
    visitor.post("/sign-out")
    session.rollback()
    assert not session.query(WebSession).filter_by(person_id=world.lead).count()


def test_sessions_that_are_over_are_forgotten(app: Flask, settings: Settings, visit: Visitor, world: World) -> None:
    visit.as_(world.lead)
    visit.get("/sign-in")
    session.rollback()
    assert session.query(WebSession).count() == 2
    assert sessions.forget_ended(settings) == 0
    later = settings.model_copy(update={"session_idle_minutes": 0})
    assert sessions.forget_ended(later) == 2
    assert session.query(WebSession).count() == 0


@pytest.mark.parametrize(
    "wish", ["//[", "http://[", "//evil.example", "/\\evil.example", "/\r\nX: y", "/\t/evil.example"]
)
def test_a_crooked_next_is_refused(visit: Visitor, world: World, wish: str) -> None:
    assert visit.post("/language", {"language": "en", "next": wish}) == "/"
    form = {"email": LEAD, "password": PASSWORD}
    visit.post("/sign-in", {**form, "next": wish}, status=400)
    visit.post("/sign-in", form, query_string={"next": wish}, status=400)
    assert visit.post("/sign-in", {**form, "next": "/notices?page=2"}) == "/notices?page=2"


@pytest.mark.parametrize("body", ["1", '"x"', "[]", "null", "{}", "{"])
def test_a_body_that_is_no_form_is_refused(visit: Visitor, world: World, body: str) -> None:
    visitor = visit.as_(world.lead)
    for path in ("/sign-in", "/notices", "/language"):
        answer = visitor.client.post(path, data=body, content_type="application/json")
        assert answer.status_code == 415


@pytest.mark.parametrize("seen", HUGE)
def test_a_version_that_nobody_was_given_is_a_conflict(visit: Visitor, world: World, therapy: str, seen: str) -> None:
    lead = visit.as_(world.lead)
    kind = {"product_class": "RMP-C", "material": "allogeneic_ips"}
    lead.post(f"/therapies/{therapy}/edit", {"name_ja": "乙", **kind, "version": seen}, status=409)
    lead.post("/account/calendar/names", {"version": seen}, status=409)
    lead.post("/notices", {"mails": "y", "version": seen}, status=409)


@pytest.mark.parametrize("seen", HUGE)
def test_a_consultation_is_not_changed_by_a_version_that_nobody_was_given(
    app: Flask, visit: Visitor, world: World, therapy: str, seen: str
) -> None:
    with app.app_context():
        talk = consultations.confirm(scope_of(world.lead), therapy, "drug_eop2", Wish(month=Month.parse("2027-09")))
    lead = visit.as_(world.lead)
    lead.post(f"/consultations/{talk}/wish", {"month": "2027-10", "version": seen}, status=409)
    lead.post(f"/consultations/{talk}/briefing", {"purpose": "x", "place": "web", "version": seen}, status=409)


def test_a_plan_that_is_sent_twice_is_one(app: Flask, visit: Visitor, world: World, therapy: str) -> None:
    lead, form = visit.as_(world.lead), {"kind": "drug_eop2", "place": "web"}
    address = f"/therapies/{therapy}/consultations"
    for wish in ({"month": "2027-09"}, {"meeting": "2027-07-14"}):
        first, second = (lead.post(address, {**form, **wish}) for _time in range(2))
        assert first == second
    other = lead.post(address, {**form, "month": "2027-10"})
    assert other != first
    with app.app_context():
        clock.move_to(clock.now() + dt.timedelta(minutes=11))
        scope = scope_of(world.lead)
        assert consultations.confirm(scope, therapy, "drug_eop2", Wish(month=Month.parse("2027-10"))) not in other


def test_a_track_is_not_called_what_no_table_holds(visit: Visitor, world: World, therapy: str) -> None:
    form = {"on": "2026-01-05", "late": "y", "because": "公表資料による"}
    visit.as_(world.lead).post(f"/therapies/{therapy}/record/CTN_FILED?instance={'x' * 121}", form, status=404)


def test_what_a_keeper_types_is_text(app: Flask, visit: Visitor, world: World) -> None:
    """All companies of the hub read it."""
    with app.app_context():
        organisations.let_keep_rules(scope_of(world.admin), world.hub, world.admin, keeps=True)
    keeper = visit.as_(world.admin, "en")
    fee = {"key": "drug_eop2", "yen": "5", "valid_from": "2026-01-01", "read_on": "2026-11-01", "title_ja": "表"}
    for title, url, place in (
        ("a\u202eb", "", "title_en"),
        ("a\0b", "", "title_en"),
        ("a\nb", "", "title_en"),
        ("a", "javascript://a.example/%0aalert(1)", "url"),
    ):
        page = keeper.post("/rules/own/add/fee", {**fee, "title_en": title, "url": url}, status=200)
        assert f'id="{place}-error"' in page, (title, url)
    entry = re.search(r"/rules/entries/([^\"]+)/verify", keeper.get("/rules/fees"))
    assert entry
    here = f"/rules/entries/{entry[1]}/verify"
    page = keeper.post(here, {"on": "2026-11-01", "compared": "a\0b", "document": "x"}, status=200)
    assert 'id="compared-error"' in page


@pytest.mark.parametrize("page", [str(2**63), str(2**64), "-5", "x", "0"])
def test_a_page_beyond_counting_is_the_last_one(visit: Visitor, world: World, page: str) -> None:
    visit.as_(world.lead).get("/notices", query_string={"page": page})


def test_nobody_fills_the_disk_without_signing_in(visit: Visitor, world: World, therapy: str, app: Flask) -> None:
    with app.app_context():
        talk = consultations.confirm(scope_of(world.lead), therapy, "drug_eop2", Wish(month=Month.parse("2027-09")))
    address = f"/consultations/{talk}/attachments"
    for who, status in ((None, 413), (world.lead, 200)):
        visitor = visit.as_(who)
        form = {"csrf_token": visitor.token(), "files": (io.BytesIO(b"x" * (FORM_BYTES + 1)), "a.pdf")}
        assert visitor.client.post(address, data=form).status_code == status


def test_the_demo_answers_this_machine_only_however_it_was_started(settings: Settings, world: World) -> None:
    demo = create_app(settings.model_copy(update={"demo": True})).test_client()
    for host in ("localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:1"):
        assert demo.get("/sign-in", headers={"Host": host}).status_code == 200, host
    for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "[::2]", "localhost.", "10.0.0.1"):
        assert demo.get("/sign-in", headers={"Host": host}).status_code == 403, host
    for sender, status in (("127.8.8.8", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.0.0.9", 403), ("x", 403)):
        assert demo.get("/sign-in", environ_base={"REMOTE_ADDR": sender}).status_code == status, sender


@pytest.mark.parametrize("outward", [{"proxies": 1}, {"https": True}, {"public_url": "https://shirube.example"}])
def test_there_is_no_demo_where_others_come_in(outward: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="SHIRUBE_PUBLIC_URL"):
        Settings(var=tmp_path, demo=True, **outward)


def test_what_the_demo_left_behind_opens_nothing_without_it(
    settings: Settings, visit: Visitor, world: World, app: Flask
) -> None:
    """Somebody looks at the demo, then switches it off on the same data: anybody can read its sign-ins."""
    with app.app_context():
        session.get_one(Person, world.lead).password = hash_password(DEMO_PASSWORD)
        session.commit()
    form = {"email": LEAD, "password": DEMO_PASSWORD}
    for language, said in (("ja", "見本用のパスワード"), ("en", "password of the demo")):
        visitor = visit.as_(None, language)  # type: ignore[arg-type]
        assert said in visitor.post("/sign-in", form, status=200)
        assert visitor.client.get("/account").status_code == 302
    demo = Visitor(create_app(settings.model_copy(update={"demo": True}))).as_(None, "ja")
    assert demo.post("/sign-in", form) == "/"


def test_a_download_does_not_tell_that_somebody_else_stored_the_same(
    app: Flask, visit: Visitor, world: World, settings: Settings
) -> None:
    stored = FolderStorage(settings.files)
    digest, _size = stored.put(io.BytesIO(b"the same"))
    with app.test_request_context():
        answers = []
        for later in (0, 3600):
            os.utime(stored.path(digest), (later, later))
            answer = files.hand_out(digest, mimetype="application/pdf", name="a.pdf")
            answers.append(dict(answer.headers))
            answer.close()
    assert answers[0] == answers[1]
    assert not {"Last-Modified", "ETag"} & answers[0].keys()


def test_nobody_writes_lines_of_the_log(
    app: Flask, visit: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app.config["PROPAGATE_FAULTS"] = False

    def broken(*_args: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(sessions.DatabaseSessions, "take_turn", broken)  # before anybody looks at the address
    assert visit.client.post("/a%0d%0aERROR%20forged%E2%80%AE").status_code == 500
    assert [record.getMessage().partition(" at ")[2] for record in caplog.records] == ["POST /a ERROR forged\ufffd"]


@pytest.mark.parametrize(("proxies", "blocked"), [(0, 429), (1, 200)])
def test_behind_a_proxy_one_sender_does_not_use_up_the_tries_of_all(
    settings: Settings, world: World, proxies: int, blocked: int
) -> None:
    app = create_app(settings.model_copy(update={"proxies": proxies}))
    visitor = Visitor(app)
    answers = []
    for number in range(21):
        form = {"email": f"x{number}@ko.example", "password": "wrong, wrong", "csrf_token": visitor.token()}
        sender = f"192.0.2.{number}"
        answers.append(visitor.client.post("/sign-in", data=form, headers={"X-Forwarded-For": sender}).status_code)
    assert answers[:20] == [200] * 20
    assert answers[20] == blocked


def test_a_fault_of_the_database_does_not_tell_the_log_what_was_typed(app: Flask, tmp_path: Path) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    with app.app_context(), pytest.raises(SQLAlchemyError) as fault:
        session.execute(text("insert into no_such_table values (:secret)"), {"secret": "極秘の相談事項"})
    assert "極秘" not in str(fault.value)
