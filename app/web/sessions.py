"""Server-side sessions: Flask's signed cookie alone cannot be ended, listed or limited.

Session times are real time even where the demo moves the clock: a moved plan must not sign people out.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Flask, Request, Response
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Select, bindparam, delete, func, select
from werkzeug.datastructures import CallbackDict

from app.config import Settings
from app.core import clock, disk
from app.core.db import expect_writes, transaction
from app.core.db import session as database
from app.web.models import WebSession, is_over, lengths

log = logging.getLogger(__name__)
_serializer = TaggedJSONSerializer()
SAFE = {"GET", "HEAD", "OPTIONS"}  # methods that change nothing
_SEEN_EVERY = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of a session, with who is signed in by it."""

    token_sha256: str
    data: str
    began_at: dt.datetime
    seen_at: dt.datetime
    person: Any


@cache
def _known() -> Select[*tuple[Any, ...]]:
    row = WebSession.__table__.c
    wanted = select(row.token_sha256, row.data, row.began_at, row.seen_at, WebSession.person.entity)
    joined = wanted.select_from(WebSession).outerjoin(WebSession.person)
    return joined.where(row.token_sha256 == bindparam("digest"))


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """A session whose data live in the database."""

    def __init__(self, token: str, row: Known | None = None) -> None:
        def changed(_self: Any) -> None:
            self.modified = True

        super().__init__(_serializer.loads(row.data) if row else {}, changed)
        self.token, self.row, self.modified, self.accessed = token, row, False, False
        self.new = row is None
        self.rotate = False
        self.fault: Exception | None = None  # why the database could not be asked

    def reopen(self, row: Known | None) -> None:
        """Become what the database knows by now: ``row``, or a fresh session where ours was ended meanwhile."""
        if row is None:
            self.token, self.new = secrets.token_urlsafe(32), True
        self.row = row
        self.clear()
        self.update(_serializer.loads(row.data) if row else {})
        self.modified = False

    @property
    def person(self) -> Any:
        """Who is signed in by it, read with it in one statement; None where nobody is."""
        return self.row.person if self.row is not None else None

    @property
    def token_digest(self) -> str:
        """The name of this session in the list of sign-ins."""
        return _digest(self.token)


class DatabaseSessions(SessionInterface):
    """Opens and saves sessions in the table ``web_session``."""

    def __init__(self, settings: Settings) -> None:
        self._idle, self._longest = lengths(settings)
        self._seen_every = min(_SEEN_EVERY, self._idle / 10)  # or somebody at work would seem idle

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """The session that the cookie names, or a fresh one where it names none, an idle one or an old one.

        It is only read here, whatever the method: a slow body must not hold the turn to write.
        """
        expect_writes(False)
        token = request.cookies.get(self.get_cookie_name(app), "")
        try:
            row = self._living(token) if len(token) == 43 else None
            if request.method not in SAFE:
                database.rollback()  # nor a snapshot, while the body comes in
        except Exception as error:  # noqa: BLE001 — raised by the guard, where it becomes a page with all headers
            unknown = ServerSession(secrets.token_urlsafe(32))
            unknown.fault = error
            return unknown
        return ServerSession(token, row) if row else ServerSession(secrets.token_urlsafe(32))

    def take_turn(self, session: ServerSession) -> None:
        """The whole body is here: from the next statement on the request may write, and what it knows is fresh."""
        expect_writes(True)
        if session.row is not None:
            session.reopen(self._living(session.token))

    def _living(self, token: str) -> Known | None:
        found, now = database.execute(_known(), {"digest": _digest(token)}).first(), _now()
        if found is None:
            return None
        row = Known(*found)
        return None if now - row.seen_at > self._idle or now - row.began_at > self._longest else row

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session if something in it changed, and now and then that it was seen."""
        assert isinstance(session, ServerSession)
        response.vary.add("Cookie")
        if session.fault is not None:
            return  # the cookie still names what could not be read
        name = self.get_cookie_name(app)
        if not session:
            if session.row is not None:
                end_session(session.row.token_sha256)
                response.delete_cookie(name, path="/")
            return
        now = _now()
        stale = session.row is not None and now - session.row.seen_at > self._seen_every
        if not (session.modified or session.rotate or stale):
            return
        if session.rotate and session.row is not None:
            end_session(session.row.token_sha256)
            session.row, session.token = None, secrets.token_urlsafe(32)
        try:
            self._write(session, now, dict(session))
        except Exception as error:
            if session.row is None or not disk.cannot_store(error):
                raise
            log.critical("a session could not be written: %s", error)  # what the page says is true all the same
            database.rollback()
            return
        response.set_cookie(
            name, session.token, httponly=True, secure=self.get_cookie_secure(app), samesite="Lax", path="/"
        )

    def _write(self, session: ServerSession, now: dt.datetime, data: dict[str, Any]) -> None:
        from flask import request  # noqa: PLC0415 — only here, so that the module can be used outside requests

        database.rollback()  # a page that only read still holds its snapshot
        with transaction() as current:
            digest = _digest(session.token)
            row = current.get(WebSession, digest)
            if row is None:
                row = WebSession(token_sha256=digest, began_at=now, browser=request.user_agent.string[:200])
                current.add(row)
            row.data, row.seen_at = _serializer.dumps(data), now
            row.person_id = session.get("person_id")


def end_session(token_sha256: str) -> None:
    """End one session at once."""
    database.rollback()
    with transaction() as current:
        current.execute(delete(WebSession).where(WebSession.token_sha256 == token_sha256))


def end_sessions(person_id: str, *, but: str | None = None) -> None:
    """End every session of a person in the caller's transaction, except the one with the digest ``but``."""
    with transaction() as current:
        current.execute(
            delete(WebSession).where(WebSession.person_id == person_id, WebSession.token_sha256 != (but or ""))
        )


def forget_ended(settings: Settings) -> int:
    """Delete the rows of sessions that are over by idleness or age (every visitor leaves one); returns how many."""
    over = is_over(settings)
    if not database.scalar(select(func.count()).select_from(WebSession).where(over)):
        return 0
    with transaction() as current:
        done = current.execute(delete(WebSession).where(over))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> dt.datetime:
    return clock.machine_time()
