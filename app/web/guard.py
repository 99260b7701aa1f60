"""The door of every request: language, write intent, policy row. A route without a row answers nobody."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import cast

from flask import Flask, g, redirect, request, session, url_for
from sqlalchemy import text
from werkzeug.wrappers import Response as BaseResponse

from app.access.policy import POLICY, allows
from app.access.scope import NOBODY, Scope
from app.core import db, i18n
from app.core.errors import NotFound
from app.engine.definition.common import LANGUAGES, Language
from app.web.sessions import SAFE

log = logging.getLogger(__name__)

on_language: list[Callable[[Language], None]] = []  # rooms that keep a person's choice of language


def scope() -> Scope:
    """The scope of the person of this request; queries take it first."""
    return cast(Scope, g.get("scope", NOBODY))


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
    if request.endpoint is None:
        return None  # becomes 404
    rule = POLICY.get(request.endpoint)
    if rule is None:
        raise LookupError(f"no policy row for {request.endpoint}")
    actor = scope().actor
    if allows(rule, actor):
        return None
    if actor is None:
        back = request.full_path.rstrip("?") if request.method in SAFE else None
        return redirect(url_for("security.login", next=back))
    raise NotFound


def _language() -> Language:
    chosen = g.scope.actor.language if g.get("scope") and g.scope.actor else session.get("language")
    if chosen in LANGUAGES:
        return cast(Language, chosen)
    return cast(Language, request.accept_languages.best_match(LANGUAGES, default="ja"))
