"""Signing in and out, in both languages; sessions live on the server."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from app.core.db import session
from app.engine.definition.common import Language
from app.people.models import Person
from app.web.models import WebSession
from tests.factories.world import PASSWORD, World
from tests.web.visitor import Visitor


def test_a_person_signs_in_and_out(visit: Visitor, world: World) -> None:
    assert visit.post("/sign-in", {"email": "lead@ko.example", "password": PASSWORD}) == "/"
    page = visit.get("/account")
    assert "薬事 太郎" in page
    visit.post("/sign-out")
    assert "/sign-in" in visit.post("/language", {"language": "ja", "next": "/sign-in"})
    assert visit.client.get("/account").status_code == 302


@pytest.mark.parametrize("email", ["lead@ko.example", "nobody@nowhere.example"])
def test_a_wrong_password_and_an_unknown_address_look_the_same(visit: Visitor, email: str) -> None:
    page = visit.post("/sign-in", {"email": email, "password": "not the password"}, status=200)
    assert 'role="alert"' in page
    assert "メールアドレス又はパスワードが正しくありません。" in page
    visit.post("/language", {"language": "en", "next": "/sign-in"})
    page = visit.post("/sign-in", {"email": email, "password": "not the password"}, status=200)
    assert "The e-mail address or the password is not right." in page
    assert "uthentication" not in page  # the words of the library


@pytest.mark.parametrize(("language", "said"), [("ja", "パスワードは12文字以上で"), ("en", "at least 12 characters")])
def test_a_short_password_is_told_what_to_do(visit: Visitor, world: World, language: str, said: str) -> None:
    lead = visit.as_(world.lead, language)  # type: ignore[arg-type]
    given = {"password": PASSWORD, "new_password": "short", "new_password_confirm": "short"}
    page = lead.post("/password/change", given, status=200)
    assert said in page.split('id="error-summary"')[1].split("</ul>")[0]


def test_the_token_changes_at_sign_in_and_the_old_one_is_dead(app: Flask, visit: Visitor) -> None:
    visit.post("/language", {"language": "en"})
    before = visit.client.get_cookie("shirube")
    visit.post("/sign-in", {"email": "lead@ko.example", "password": PASSWORD})
    after = visit.client.get_cookie("shirube")
    assert before
    assert after
    assert before.value != after.value
    thief = app.test_client()
    thief.set_cookie("shirube", before.value)
    assert thief.get("/account").status_code == 302


def test_a_sign_in_can_be_ended_from_another_browser(visit: Visitor, world: World) -> None:
    here, there = visit.as_(world.lead), visit.as_(world.lead)
    digest = sorted(row.token_sha256 for row in session.query(WebSession))
    assert len(digest) == 2
    there.get("/account")
    for one in digest:
        if one != _digest(here):
            here.post(f"/account/sessions/{one}/end")
    assert there.client.get("/account").status_code == 302
    here.get("/account")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_all_others_are_ended_at_once(visit: Visitor, world: World, language: Language) -> None:
    here, *others = (visit.as_(world.lead, language) for _ in range(3))
    stranger = visit.as_(world.stranger)
    assert {"ja": "ほかの端末をすべて", "en": "End all other sign-ins"}[language] in here.get("/account")
    assert here.post("/account/sessions/end-others") == "/account"
    assert [one.client.get("/account").status_code for one in (*others, stranger, here)] == [302, 302, 200, 200]
    assert "end-others" not in here.get("/account"), "there is no other any more"


@pytest.mark.parametrize(("silent", "old", "status"), [(11.9, 13, 200), (12.1, 13, 302), (0.1, 14 * 24 + 1, 302)])
def test_a_sign_in_ends_by_silence_and_by_age(
    visit: Visitor, world: World, silent: float, old: float, status: int
) -> None:
    """Twelve hours and fourteen days, by the machine's own clock; what is over is not listed either."""
    lead, other = visit.as_(world.lead), visit.as_(world.lead)
    digest, now = _digest(lead), dt.datetime.now(dt.UTC)
    row = session.get_one(WebSession, digest)
    row.seen_at, row.began_at = now - dt.timedelta(hours=silent), now - dt.timedelta(hours=old)
    session.commit()
    assert (digest in other.get("/account")) is (status == 200)
    assert lead.client.get("/account").status_code == status


def test_one_cannot_end_the_sign_in_of_another(visit: Visitor, world: World) -> None:
    visit.as_(world.lead)
    (row,) = session.query(WebSession)
    visit.as_(world.stranger).post(f"/account/sessions/{row.token_sha256}/end", status=404)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("url", ["/sign-in", "/password/forgotten"])
def test_pages_for_strangers_hold_the_contract(visit: Visitor, url: str, language: str) -> None:
    assert f'<html lang="{language}"' in visit.as_(None, language).get(url)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("url", ["/account", "/password/change"])
def test_pages_of_the_account_hold_the_contract(visit: Visitor, world: World, url: str, language: str) -> None:
    assert f'<html lang="{language}"' in visit.as_(world.lead, language).get(url)  # type: ignore[arg-type]


def test_the_chosen_language_is_kept_with_the_person(visit: Visitor, world: World) -> None:
    visitor = visit.as_(world.lead)
    assert visitor.post("/language", {"language": "en", "next": "/account"}) == "/account"
    session.expire_all()
    person = session.get(Person, world.lead)
    assert person is not None
    assert person.language == "en"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
def test_nobody_is_sent_elsewhere(visit: Visitor, target: str) -> None:
    assert visit.post("/language", {"language": "en", "next": target}) == "/"


def _digest(visitor: Visitor) -> str:
    import hashlib

    cookie = visitor.client.get_cookie("shirube")
    assert cookie is not None
    return hashlib.sha256(cookie.value.encode()).hexdigest()
