"""Signing in, out and back in after a forgotten password: Flask-Security, with our mails, pages and sessions."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from flask import Flask, g, session
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import user_logged_in
from flask_security import MailUtil, Security, SQLAlchemySessionUserDatastore, current_user
from flask_wtf.csrf import CSRFProtect

from app.config import Settings
from app.core import clock, i18n
from app.core.db import session as database
from app.people import emails, services
from app.people.models import Person, Role
from app.web.guard import on_language, scope

datastore = SQLAlchemySessionUserDatastore(database, Person, Role)
limiter = Limiter(get_remote_address, storage_uri="memory://")


class OutboxMail(MailUtil):
    """Flask-Security's mails go through our outbox, in our words."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **context: Any,
    ) -> None:
        """Queue the mail about ``template``; only the two that we use exist."""
        emails.queue(template, context["user"], context.get("reset_link"))


def init_app(app: Flask, settings: Settings) -> None:
    """Wire the sign-in into the program."""
    app.config.update(
        SECRET_KEY=settings.key(),
        SECURITY_PASSWORD_SALT=hashlib.sha256(b"salt" + settings.key().encode()).hexdigest(),
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 — the name of a method
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_LENGTH_MIN=services.PASSWORD_LENGTH,
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_RESET_URL="/password/forgotten",
        SECURITY_CHANGE_URL="/password/change",
        SECURITY_LOGIN_USER_TEMPLATE="people/sign_in.html",
        SECURITY_FORGOT_PASSWORD_TEMPLATE="people/forgotten.html",  # noqa: S106
        SECURITY_RESET_PASSWORD_TEMPLATE="people/reset.html",  # noqa: S106
        SECURITY_CHANGE_PASSWORD_TEMPLATE="people/change.html",  # noqa: S106
        SECURITY_VERIFY_TEMPLATE="people/verify.html",
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/sign-in",
        SECURITY_POST_RESET_VIEW="/sign-in",
        SECURITY_POST_CHANGE_VIEW="/account",
        SECURITY_AUTO_LOGIN_AFTER_RESET=False,
        SECURITY_RECOVERABLE=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_TRACKABLE=True,
        SECURITY_REGISTERABLE=False,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_DEFAULT_REMEMBER_ME=False,
        SECURITY_RESET_PASSWORD_WITHIN=dt.timedelta(hours=2),
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False, "test_environment": True},
        SECURITY_DATETIME_FACTORY=clock.now,
        SESSION_COOKIE_NAME="__Host-shirube" if settings.https else "shirube",
        SESSION_COOKIE_SECURE=settings.https,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_HEADERS_ENABLED=False,
        BABEL_DEFAULT_LOCALE="ja",
    )
    Babel(app, locale_selector=lambda: "ja_JP" if i18n.language() == "ja" else "en")
    CSRFProtect(app)
    Security(app, datastore, mail_util_cls=OutboxMail)
    limiter.init_app(app)
    for endpoint in ("security.login", "security.forgot_password", "security.reset_password"):
        view = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit("20 per minute", methods=["POST"])(view)  # type: ignore[assignment]
    user_logged_in.connect(_fresh_session, app)
    if _keep_language not in on_language:
        on_language.append(_keep_language)


def person_id() -> str | None:
    """The person of this request, if somebody is signed in."""
    return str(current_user.id) if current_user.is_authenticated else None


def _fresh_session(_app: Flask, user: Person) -> None:
    """A new token at every sign-in, so that a planted one is worth nothing."""
    session["person_id"] = user.id
    session.pop("language", None)
    g.pop("scope", None)
    session.rotate = True  # type: ignore[attr-defined]


def _keep_language(language: i18n.Language) -> None:
    if scope().actor:
        services.choose_language(scope(), language)
