"""Every route, every refusal and every fault answers with the strict headers; each page has a nonce of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app import create_app
from app.config import Settings
from app.people import queries
from app.web.fields import FORM_BYTES
from app.web.sessions import DatabaseSessions
from tests.factories.world import PASSWORD, World
from tests.web.headers import faults, inspected
from tests.web.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # no fact is stored here


def addresses(app: Flask) -> Iterator[tuple[str, set[str]]]:
    """One address of every route, with ids that nobody has."""
    for rule in app.url_map.iter_rules():
        built = rule.build(dict.fromkeys(rule.arguments, "nobody"))
        assert built, rule.endpoint
        yield built[1], set(rule.methods or ())


def test_every_route_answers_with_them_whoever_asks_and_however(app: Flask, visit: Visitor, world: World) -> None:
    """The wrapping of the program in all tests looks at each of these answers."""
    lead, seen = visit.as_(world.lead), set()
    for address, methods in addresses(app):
        seen.add(visit.client.options(address).status_code)
        seen.add(visit.client.delete(address).status_code)
        seen.add(visit.client.post(address, data={}).status_code)
        if "GET" in methods:
            seen.add(lead.client.get(address).status_code)
    assert seen >= {200, 302, 400, 404, 405}


def test_the_wrapping_finds_what_is_missing(app: Flask) -> None:
    app.wsgi_app = inspected(lambda _environ, start: start("200 OK", [("X-Frame-Options", "DENY")]))  # type: ignore[method-assign,assignment,return-value]
    with pytest.raises(AssertionError, match="content-security-policy"):
        app.test_client().get("/")
    assert faults({"Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'"})


def test_refusals_and_faults_bear_them_too(
    app: Flask, visit: Visitor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_FAULTS"] = False
    lead = visit.as_(world.lead)
    client, token = lead.client, lead.token()
    big = {"csrf_token": token, "name_ja": "x" * (FORM_BYTES + 1)}
    assert client.get("/no/such/address").status_code == 404
    assert client.get("/static/no-such.css").status_code == 404
    style = client.get("/static/css/base.css")
    assert client.get("/static/css/base.css", headers={"If-None-Match": style.headers["ETag"]}).status_code == 304
    assert client.get("/static/css/base.css", headers={"Range": "bytes=0-9"}).status_code == 206
    assert client.post("/language", data=big).status_code == 413
    assert client.post("/language", data="{}", content_type="application/json").status_code == 415
    assert client.post("/language", data={"language": "en"}).status_code == 400
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 302

    def broken(*_args: Any, **_more: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(queries, "sessions", broken)
    assert visit.as_(world.lead).client.get("/account").status_code == 500


def test_a_database_that_is_gone_is_answered_with_a_page(
    app: Flask, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_FAULTS"] = False
    visit.post("/language", {"language": "en"})

    def gone(*_args: Any) -> Any:
        raise OperationalError("select", {}, Exception("the server closed the connection"))

    monkeypatch.setattr(DatabaseSessions, "_living", gone)
    for answer in (visit.client.get("/sign-in"), visit.client.post("/sign-in", data={"email": "x"})):
        assert answer.status_code == 500
        assert "<h1" in answer.text
        assert "Set-Cookie" not in answer.headers, "whoever is signed in still is when the database is back"


def test_each_answer_has_a_nonce_of_its_own_which_its_scripts_carry(visit: Visitor, world: World) -> None:
    lead = visit.as_(world.lead)
    nonces = set()
    for _ in range(3):
        answer = lead.client.get("/account")
        found = re.search(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"])
        assert found
        nonces.add(found[1])
        scripts = re.findall(r"<script\b[^>]*>", answer.text)
        assert all(f'nonce="{found[1]}"' in script for script in scripts)
    assert len(nonces) == 3


def test_over_tls_the_cookies_and_the_transport_are_strict(settings: Settings, world: World) -> None:
    app = create_app(settings.model_copy(update={"https": True}))
    answer = app.test_client().get("/sign-in", base_url="https://shirube.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://shirube.example").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"email": "lead@ko.example", "password": PASSWORD, "csrf_token": token[1]}
    headers = {"Referer": "https://shirube.example/sign-in"}
    answer = client.post("/sign-in", data=form, base_url="https://shirube.example", headers=headers)
    assert answer.status_code == 302
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-shirube", "__Host-shirube_browser"}
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
