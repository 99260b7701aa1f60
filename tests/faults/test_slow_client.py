"""Real sockets that send slowly, too much, too little or nonsense: nobody else waits, and nothing is half done."""

from __future__ import annotations

import datetime as dt
import io
import secrets
import socket
import time
from collections.abc import Iterator

import pikepdf
import pytest
from flask import Flask

from app.config import Settings
from app.consultations import queries as advice
from app.consultations import services as consultations
from app.consultations.wish import Wish
from app.core.db import session
from app.therapies import services as therapies
from app.web import sessions
from app.web.models import WebSession
from tests.factories.world import World, scope_of
from tests.faults.server import Browser, Server, serving

BOUNDARY = "limit" + "0" * 20
AT_ONCE = 5.0  # seconds; a writer that has to wait gets "database is locked" after 15


@pytest.fixture
def talk(app: Flask, world: World) -> str:
    """A consultation of the company."""
    lead = scope_of(world.lead)
    with app.app_context():
        therapy = therapies.add(lead, name_ja="心筋シート", product_class="RMP-C", material="allogeneic_ips")
        return consultations.confirm(lead, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 7, 14)))


@pytest.fixture
def server(settings: Settings, world: World) -> Iterator[Server]:
    """The program; it must not have stumbled over anything."""
    with serving(settings) as running:
        yield running
    said = running.log.read_text()
    assert "Traceback" not in said, said[-3000:]
    assert "locked" not in said


def pdf(weight: int) -> bytes:
    """A PDF of about so many bytes that cannot be compressed."""
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595.276, 841.89))
    document.Root.Ballast = document.make_stream(secrets.token_bytes(weight))
    document.save(out)
    return out.getvalue()


def upload(token: str, content: bytes) -> bytes:
    """The body of a form with one file."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="slow.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def begin(server: Server, path: str, cookie: str, *headers: str) -> socket.socket:
    """A POST of which only the head was sent."""
    connection = server.connect()
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookie}", "Connection: close", *headers, "", ""]
    connection.sendall("\r\n".join(lines).encode())
    return connection


def answer(connection: socket.socket) -> tuple[int, str]:
    """Status and page."""
    with connection, connection.makefile("rb") as file:
        whole = file.read().decode(errors="replace")
    return int(whole.split()[1]), whole


def writes(browser: Browser, language: str) -> float:
    """Save something; how long that took."""
    token = browser.token("/account")
    began = time.monotonic()
    assert browser.post("/language", {"language": language}, token).status == 200
    return time.monotonic() - began


MULTIPART = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
FORM = "Content-Type: application/x-www-form-urlencoded"


def test_nobody_waits_for_a_slow_upload_and_it_arrives_whole(server: Server, world: World, talk: str) -> None:
    lead, member = Browser(server).sign_in("lead@ko.example"), Browser(server).sign_in("member@ko.example")
    place = f"/consultations/{talk}/attachments"
    body = upload(lead.token(place), pdf(3_000_000))
    slow = begin(server, place, lead.cookie, MULTIPART, f"Content-Length: {len(body)}")
    slow.sendall(body[:1000])
    time.sleep(0.5)
    assert writes(member, "en") < AT_ONCE
    slow.sendall(body[1000:2_000_000])
    time.sleep(0.5)
    assert writes(member, "ja") < AT_ONCE
    slow.sendall(body[2_000_000:])
    status, page = answer(slow)
    assert (status, place in page) == (302, True), page[:500]
    (stored,) = advice.attachments(scope_of(world.lead), talk)
    session.remove()
    assert stored.filename == "slow.pdf"
    assert stored.size > 3_000_000


def test_nobody_waits_for_clients_that_never_end_their_forms(server: Server, world: World) -> None:
    """Signed in or not, with a form or a body of another kind."""
    lead, member = Browser(server).sign_in("lead@ko.example"), Browser(server).sign_in("member@ko.example")
    visitor = Browser(server)
    visitor.get("/sign-in")
    hanging = [
        begin(server, "/sign-in", visitor.cookie, FORM, "Content-Length: 90000"),
        begin(server, "/language", lead.cookie, FORM, "Content-Length: 90000"),
        begin(server, "/therapies/new", lead.cookie, FORM, "Transfer-Encoding: chunked"),
    ]
    for one in hanging:
        one.sendall(b"c")
    time.sleep(0.5)
    assert writes(member, "en") < AT_ONCE
    for one in hanging:
        one.close()
    time.sleep(0.5)
    assert writes(member, "ja") < AT_ONCE


def test_a_sign_in_that_ends_during_an_upload_ends_the_upload(server: Server, world: World, talk: str) -> None:
    lead = Browser(server).sign_in("lead@ko.example")
    place = f"/consultations/{talk}/attachments"
    body = upload(lead.token(place), pdf(10_000))
    slow = begin(server, place, lead.cookie, MULTIPART, f"Content-Length: {len(body)}")
    slow.sendall(body[:5000])
    time.sleep(0.5)
    for row in session.query(WebSession).filter_by(person_id=world.lead):
        sessions.end_session(row.token_sha256)
    slow.sendall(body[5000:])
    status, page = answer(slow)
    assert status == 400, page[:500]
    assert advice.attachments(scope_of(world.lead), talk) == []
    session.remove()


BAD = {
    "too large": ((FORM, f"Content-Length: {9 * 2**20}"), b"", 413),
    "a file that is too large": ((MULTIPART, f"Content-Length: {9 * 2**20}"), b"", 413),
    "a chunk of no length": ((FORM, "Transfer-Encoding: chunked"), b"zz\r\nnonsense\r\n0\r\n\r\n", 400),
    "no parts": ((MULTIPART, "Content-Length: 26"), b"--nothing like a boundary-", 400),
    "no boundary": ((MULTIPART.rpartition(";")[0], "Content-Length: 3"), b"abc", 400),
    "another kind": (("Content-Type: application/json", "Content-Length: 2"), b"{}", 415),
}


def test_a_bad_body_becomes_its_page(server: Server) -> None:
    visitor = Browser(server)
    visitor.get("/sign-in")
    for name, (headers, sent, status) in BAD.items():
        connection = begin(server, "/language", visitor.cookie, *headers)
        connection.sendall(sent)
        got, page = answer(connection)
        assert got == status, f"{name}: {page[:1000]}"
        assert "<html" in page, name
