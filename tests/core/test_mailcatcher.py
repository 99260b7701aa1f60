"""The mail catcher takes what the program sends, shows it in both languages, and stays on this machine."""

from __future__ import annotations

import asyncio
import json
import smtplib
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.core.mailcatcher.inbox import Inbox, smtp_side
from app.core.mailcatcher.pages import linked, serve_pages
from tests.web import headers

ICS = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@dataclass
class Catcher:
    inbox: Inbox
    smtp_port: int
    web: str

    def get(self, path: str, patience: float = 5, **headers: str) -> tuple[int, str, str]:
        request = urllib.request.Request(self.web + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:
                return answer.status, answer.read().decode(), str(answer.headers)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), str(error.headers)

    def send(self, to: str = "aoi@example.com", subject: str = "【期日】日程調整の受付") -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "Shirube <shirube@localhost>", "Team", subject
        message["Date"], message["Message-ID"] = "Sun, 22 Nov 2026 00:30:00 +0000", "<one@shirube>"
        message.set_content("受付は12月1日です。\nhttp://127.0.0.1:8000/t/abc をご覧ください。<script>")
        message.add_attachment(ICS, maintype="text", subtype="calendar", filename="期日.ics")
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=5) as server:
            server.send_message(message, to_addrs=[to])


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Catcher]:
    inbox = Inbox(tmp_path / "mail")
    pages = serve_pages(inbox, socket.create_server(("127.0.0.1", 0)))
    loop = asyncio.new_event_loop()
    smtp = loop.run_until_complete(loop.create_server(lambda: smtp_side(inbox), "127.0.0.1", 0))
    threads = [threading.Thread(target=loop.run_forever), threading.Thread(target=pages.serve_forever)]
    for thread in threads:
        thread.start()
    yield Catcher(inbox, smtp.sockets[0].getsockname()[1], f"http://127.0.0.1:{pages.server_port}")
    pages.shutdown()
    pages.server_close()
    loop.call_soon_threadsafe(smtp.close)
    loop.call_soon_threadsafe(loop.stop)
    for thread in threads:
        thread.join()
    loop.close()


def test_a_mail_is_kept_and_listed_for_scripts(catcher: Catcher) -> None:
    catcher.send()
    (mail,) = json.loads(catcher.get("/messages")[1])
    assert mail["to"] == ["aoi@example.com"]  # the envelope's, not the header's
    assert mail["subject"] == "【期日】日程調整の受付"
    assert mail["message_id"] == "<one@shirube>"
    assert mail["text"].startswith("受付は12月1日です。")
    assert mail["parts"] == [{"name": "期日.ics", "type": "text/calendar", "bytes": len(ICS), "path": "/000001/1"}]
    assert catcher.get("/000001/1")[1].encode() == ICS


def test_scripts_can_ask_for_one_person(catcher: Catcher) -> None:
    catcher.send("aoi@example.com")
    catcher.send("Ren@Example.com")
    assert len(json.loads(catcher.get("/messages?to=ren@example.com")[1])) == 1
    assert json.loads(catcher.get("/messages?to=nobody@example.com")[1]) == []


def test_mails_outlive_the_process_and_keep_their_numbers(catcher: Catcher) -> None:
    catcher.send()
    again = Inbox(catcher.inbox.folder)
    again.keep("a@example.com", ["b@example.com"], b"Subject: second\r\n\r\ntext\r\n")
    assert [mail.id for mail in again.mails()] == ["000002", "000001"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ja", ["2026年11月22日(日) 09:30", "差出人", "日時", "添付ファイル"]),
        ("en", ["22 Nov 2026 (Sun) 09:30", "From", "Attachments"]),
    ],
)
def test_the_page_of_a_mail_in_both_languages(catcher: Catcher, language: str, expected: list[str]) -> None:
    catcher.send()
    status, page, headers = catcher.get("/000001", **{"Accept-Language": language})
    assert status == 200
    assert all(text in page for text in expected)
    assert f'<html lang="{language}">' in page
    assert '<a href="http://127.0.0.1:8000/t/abc">' in page
    assert "<script" not in page
    assert "default-src 'none'" in headers
    assert f'<html lang="{language}">' in catcher.get(f"/?lang={language}")[1]


def test_an_address_at_the_end_of_a_sentence() -> None:
    assert linked("See https://a.example/x?y=1. <b>") == (
        'See <a href="https://a.example/x?y=1">https://a.example/x?y=1</a>. &lt;b&gt;'
    )


@pytest.mark.parametrize("path", ["/000009", "/000001/9", "/../etc/passwd", "/x/y/z", "/000001/raw/.."])
def test_what_does_not_exist_is_not_found(catcher: Catcher, path: str) -> None:
    catcher.send()
    assert catcher.get(path)[0] == 404


def test_a_page_elsewhere_cannot_borrow_our_address(catcher: Catcher) -> None:
    catcher.send()
    status, page, _headers = catcher.get("/messages", Host="evil.example:8026")
    assert status == 421
    assert "期日" not in page


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "mail.example.com"])
def test_it_refuses_to_listen_beyond_loopback(host: str) -> None:
    command = [sys.executable, "-m", "app.core.mailcatcher", "--host", host]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert answer.returncode == 2
    assert "loopback" in answer.stderr


def test_it_answers_on_sockets_that_it_is_handed(tmp_path: Path) -> None:
    """Whoever starts it takes the ports first, so that nobody can come in between."""
    smtp, page = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    command = [sys.executable, "-m", "app.core.mailcatcher", "--folder", str(tmp_path), "--smtp-port", "1"]
    command += ["--smtp-socket", str(smtp.fileno()), "--web-socket", str(page.fileno())]
    process = subprocess.Popen(command, pass_fds=(smtp.fileno(), page.fileno()))
    catcher = Catcher(Inbox(tmp_path), smtp.getsockname()[1], f"http://127.0.0.1:{page.getsockname()[1]}")
    try:
        smtp.close()
        page.close()
        assert catcher.get("/messages", patience=60)[1] == "[]", "a call waits until it is there"
        catcher.send()
        assert [mail["to"] for mail in json.loads(catcher.get("/messages")[1])] == [["aoi@example.com"]]
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_it_refuses_a_socket_that_listens_beyond_loopback(tmp_path: Path) -> None:
    with socket.create_server(("0.0.0.0", 0)) as wide, socket.create_server(("127.0.0.1", 0)) as narrow:
        command = [sys.executable, "-m", "app.core.mailcatcher", "--folder", str(tmp_path)]
        command += ["--smtp-socket", str(narrow.fileno()), "--web-socket", str(wide.fileno())]
        files = (wide.fileno(), narrow.fileno())
        answer = subprocess.run(command, pass_fds=files, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 1
    assert "loopback" in answer.stderr


@pytest.mark.parametrize(
    "asked", ["GET / ", "GET /x/raw", "HEAD /", "POST /", "BREW /tea", "GET /style.css", "GET / x y"]
)
def test_every_answer_bears_the_strict_headers(catcher: Catcher, asked: str) -> None:
    """Also what the server says by itself to requests that it does not know or cannot read."""
    port = int(catcher.web.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(f"{asked.rstrip()} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        with line.makefile("rb") as said:
            head = said.read().split(b"\r\n\r\n")[0].decode()
    given = dict(one.split(": ", 1) for one in head.split("\r\n")[1:])
    assert headers.faults(given, scripts=False) == [], head
