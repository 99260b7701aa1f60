"""The door of every request: language, write intent, policy row. A route without a row answers nobody."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from gunicorn.http.errors import ParseException
from sqlalchemy import text
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse
from werkzeug.wsgi import get_host

from app.access.permissions import Permission
from app.access.policy import POLICY, Denial, allows, guards
from app.access.scope import NOBODY, Scope
from app.config import LOOPBACK, Settings
from app.core import db, i18n, signs
from app.core.errors import NotFound
from app.core.ids import is_id
from app.engine.definition.common import LANGUAGES, Language
from app.web.sessions import SAFE, DatabaseSessions, ServerSession

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)
LONGEST_NAME = 400  # signs of what an address names; the token of a new password has some 200
NAMELESS = "shirube.nameless"  # set where the request names a host that can be none

on_language: list[Callable[[Language], None]] = []  # rooms that keep a person's choice of language


def scope() -> Scope:
    """The scope of the person of this request; queries take it first."""
    return cast(Scope, g.get("scope", NOBODY))


def before_all(app: Flask, settings: Settings) -> None:
    """What is settled before anybody asks who this is: the language, the sender's machine, the shape of the request."""
    if settings.proxies:
        near = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=near, x_proto=near, x_host=0, x_prefix=0)  # type: ignore[method-assign]
    app.wsgi_app = _named(app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.before_request(speak)
    app.before_request(check_session)
    if settings.demo:
        app.before_request(check_loopback)
    app.before_request(check_shape)
    app.before_request(receive)


def check_session() -> None:
    """Nobody is a stranger only because the database could not be asked."""
    fault = cast(ServerSession, session).fault
    if fault is not None:
        raise fault


def _named(inner: WSGIApplication) -> WSGIApplication:
    """Let a request whose Host can be no name through as one to nobody: its refusal is a page like any other."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            named = bool(get_host(environ).partition(":")[0].encode("idna"))
        except (SecurityError, UnicodeError):  # a part of it is longer than names may be
            named = False
        if not named:
            environ[NAMELESS], environ["HTTP_HOST"] = True, "nobody.invalid"
        return inner(environ, start_response)

    return answer


def check_loopback() -> None:
    """Everybody knows how to sign in to the demo, so it answers this machine only, however it was started.

    The name counts too: a page elsewhere could point its own name at this machine and read through the browser here.
    """
    name = request.host.rpartition(":")[0] if request.host.rpartition(":")[2].isdecimal() else request.host
    if name.strip("[]").lower() not in LOOPBACK or not _is_loopback(request.remote_addr):
        abort(403)


def check_shape() -> None:
    """People send forms to a machine that has a name; a body of any other kind is for no page here."""
    if request.environ.get(NAMELESS):
        abort(400)
    if request.is_json:
        abort(415)


def receive() -> None:
    """Take in the whole body, then the turn to write: only one request has it, and a body may come slowly.

    A body that is too large or ends too early becomes its page here.
    """
    if request.method in SAFE:
        return
    try:
        request.files  # noqa: B018 — reads and parses everything
    except (ParseException, OSError) as error:  # the web server could make no sense of it, or the line broke
        if getattr(error, "errno", None) and not isinstance(error, ConnectionError | TimeoutError):
            raise  # our own disk
        abort(400)
    cast(DatabaseSessions, current_app.session_interface).take_turn(cast(ServerSession, session))


def _is_loopback(sender: str | None) -> bool:
    if not sender:
        return True  # a socket in the file system of this machine
    try:
        address = ipaddress.ip_address(sender)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def init_app(app: Flask) -> None:
    """Put the guard before every request; the sign-in must have set ``g.scope`` before."""
    app.before_request(check_policy)


def speak() -> None:
    """Set the language of this page: the person's own, the one chosen before signing in, or the browser's."""
    i18n.set_language(_language())


def check_database() -> None:
    """Raise if the database does not answer."""
    db.session.execute(text("select 1"))


def check_policy() -> BaseResponse | None:
    """Let in whom the policy lets in; send strangers to the sign-in, and others to 'not found'."""
    if not signs.is_text(request.path):
        raise NotFound  # nothing has such a name, and not every database may be asked for it
    if not all(signs.is_text(part) for pair in request.args.items(multi=True) for part in pair):
        abort(400)
    if request.endpoint is None:
        return None  # becomes 404
    rule = POLICY.get(request.endpoint)
    if rule is None:
        raise LookupError(f"no policy row for {request.endpoint}")
    actor = scope().actor
    if allows(rule, actor):
        if not _could_be(request.view_args or {}):
            raise NotFound  # what has no shape of ours is not even looked for
        return None
    if actor is None:
        back = request.full_path.rstrip("?") if request.method in SAFE else None
        return redirect(url_for("security.login", next=back))
    raise NotFound


def denial() -> Denial | None:
    """What this request asked for, if "not found" denies it something: what it names may exist and not be theirs.

    A secret address that opens nothing counts for everybody, and is not repeated. Who was only sent to the sign-in was
    denied nothing, nor was anybody at a page that is not there.
    """
    rule, actor = POLICY.get(request.endpoint or ""), scope().actor
    if rule is None or (allows(rule, actor) and not guards(rule)):
        return None
    secret = rule.permission is Permission.SECRET
    if actor is None and not secret:
        return None
    asked = {} if secret else {name: str(value) for name, value in (request.view_args or {}).items()}
    return Denial(actor, request.method, str(request.endpoint), asked)


def _could_be(named: dict[str, Any]) -> bool:
    """Whether something of ours could be called what the address says."""
    return all(
        is_id(value) if name.endswith("_id") else len(str(value)) <= LONGEST_NAME for name, value in named.items()
    )


def _language() -> Language:
    chosen = g.scope.actor.language if g.get("scope") and g.scope.actor else session.get("language")
    if chosen in LANGUAGES:
        return cast(Language, chosen)
    return cast(Language, request.accept_languages.best_match(LANGUAGES, default="ja"))
