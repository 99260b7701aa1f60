"""The page of the mail catcher: a list, a mail with its attachments, and ``/messages`` for scripts."""

from __future__ import annotations

import json
import re
import socket
import sys
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.core import formats, i18n
from app.core.headers import EVERYWHERE
from app.core.mailcatcher.inbox import Caught, Inbox

_HERE = Path(__file__).parent
_OUR_NAMES = {"127.0.0.1", "localhost", "[::1]"}
_ADDRESS = re.compile(r"(https?://[!-~]*[a-zA-Z0-9/=_-])")  # a full stop at its end belongs to the sentence
_HEADERS = EVERYWHERE | {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_pages = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.globals.update(_=i18n.gettext)


def when(mail: Caught) -> str:
    """The day and hour that the mail bears, in Japanese time; as written if it cannot be read."""
    try:
        return formats.moment(parsedate_to_datetime(mail.date))
    except ValueError:
        return mail.date


def linked(text: str) -> Markup:
    """Plain text with its web addresses as links."""
    pieces = _ADDRESS.split(text)  # every second piece is an address
    link = Markup('<a href="{0}">{0}</a>')
    return Markup("").join(link.format(piece) if number % 2 else piece for number, piece in enumerate(pieces))


_pages.filters.update(when=when, linked=linked)


class Pages(BaseHTTPRequestHandler):
    """GET and HEAD only; nothing here changes anything."""

    server_version = "Shirube"
    sys_version = ""

    def __init__(self, *args: object, inbox: Inbox) -> None:
        self.inbox = inbox
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer one request."""
        # A page elsewhere could point its own name at this machine and read the mails through the reader's browser.
        name = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
        if name not in _OUR_NAMES:
            self._answer("text/plain", b"This inbox answers on this machine only.\n", HTTPStatus.MISDIRECTED_REQUEST)
            return
        address = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(address.query).items()}
        with i18n.speaking(self._language(query.get("lang"))):
            try:
                self._route(address.path.strip("/").split("/"), query)
            except (KeyError, StopIteration):
                self._page("missing.html", HTTPStatus.NOT_FOUND)

    do_HEAD = do_GET  # noqa: N815 — the name that http.server calls

    def _route(self, path: list[str], query: dict[str, str]) -> None:
        match path:
            case [""]:
                self._page("list.html", mails=list(self.inbox.mails()))
            case ["style.css"]:
                self._answer("text/css", (_HERE / "style.css").read_bytes())
            case ["messages"]:
                wanted = query.get("to", "").lower()
                mails = [mail for mail in self.inbox.mails() if not wanted or wanted in map(str.lower, mail.to)]
                self._answer("application/json", json.dumps([mail.as_json() for mail in mails]).encode())
            case [mail]:
                self._page("mail.html", mail=self.inbox.mail(mail))
            case [mail, "raw"]:
                self._download(f"{mail}.eml", "message/rfc822", self.inbox.path(self.inbox.mail(mail).id).read_bytes())
            case [mail, number]:
                part = next(part for part in self.inbox.mail(mail).parts if str(part.number) == number)
                self._download(part.name, part.type, part.content)
            case _:
                raise KeyError(path)

    def _language(self, asked: str | None) -> i18n.Language:
        if asked is None:
            asked = "en" if (self.headers.get("Accept-Language") or "ja").lower().startswith("en") else "ja"
        return "en" if asked == "en" else "ja"

    def _page(self, template: str, status: HTTPStatus = HTTPStatus.OK, **context: object) -> None:
        html = _pages.get_template(template).render(language=i18n.language(), path=urlsplit(self.path).path, **context)
        self._answer("text/html", html.encode(), status)

    def _download(self, name: str, kind: str, content: bytes) -> None:
        self._answer(kind, content, disposition=f"attachment; filename*=UTF-8''{quote(name)}")

    def _answer(
        self, kind: str, content: bytes, status: HTTPStatus = HTTPStatus.OK, disposition: str | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Length", str(len(content)))
        if disposition:
            self.send_header("Content-Disposition", disposition)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def end_headers(self) -> None:
        """Every answer has these, also what http.server says by itself to a request that it cannot read."""
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_args: object) -> None:
        """A page of one's own machine needs no log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up early is no event; anything else is told as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def serve_pages(inbox: Inbox, listening: socket.socket) -> ThreadingHTTPServer:
    """The page's server on a socket that listens already; it does not answer yet."""
    host, port = listening.getsockname()[:2]
    server = _Server((host, port), partial(Pages, inbox=inbox), bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.server_port = port
    return server
