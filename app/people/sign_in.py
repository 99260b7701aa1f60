"""Signing in, out and back in after a forgotten password: Flask-Security, with our mails, pages and sessions."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from flask import Flask, Response, abort, current_app, g, request, session, url_for
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import user_logged_in, user_logged_out
from flask_security import MailUtil, Security, SQLAlchemySessionUserDatastore, current_user, uia_email_mapper
from flask_security.signals import password_changed, password_reset
from flask_wtf.csrf import CSRFProtect

from app.config import Settings
from app.core import clock, i18n
from app.core.addresses import address
from app.core.db import outside_turn
from app.core.db import session as database
from app.people import emails, messages, services
from app.people.forms import ChangeForm, ConfirmForm, ForgottenForm, SignInForm, browser_cookie
from app.people.models import Person, Role
from app.web.guard import on_language, scope
from app.web.links import local_address
from app.web.sessions import end_sessions


class People(SQLAlchemySessionUserDatastore):
    """Flask-Security's way to our people."""

    def find_user(self, case_insensitive: bool = False, **by: Any) -> Any:
        """The person with this address or mark. Whoever is signed in was read with the session and not once more."""
        here = getattr(session, "person", None)
        if here is not None and by == {"fs_uniquifier": here.fs_uniquifier}:
            return here
        return super().find_user(case_insensitive, **by)


datastore = People(database, Person, Role)
limiter = Limiter(get_remote_address, storage_uri="memory://")
LIMITED = tuple(
    f"security.{door}" for door in ("login", "forgot_password", "reset_password", "change_password", "verify")
)


class PatientHashing:
    """Flask-Security's hashing, which is slow on purpose; nobody has to wait to write meanwhile."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def hash(self, *words: Any, **options: Any) -> Any:
        """Hash a password."""
        with outside_turn():
            return self._context.hash(*words, **options)

    def verify(self, *words: Any, **options: Any) -> Any:
        """Compare a password with a hash."""
        with outside_turn():
            return self._context.verify(*words, **options)


class OutboxMail(MailUtil):
    """Flask-Security's mails go through our outbox, in our words, to addresses in the one form that we keep."""

    def normalize(self, email: str) -> str:
        """The form in which an address is looked up; raises EmailValidateException for what is none."""
        return services.normal_email(super().normalize(email.strip()))

    def validate(self, email: str) -> str:
        """The same for an address that gets a mail."""
        return services.normal_email(super().validate(email.strip()))

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
        """Queue the mail about ``template``. Never ``reset_link``: it begins with whatever Host the asker sent."""
        token = context.get("reset_token")
        link = address(url_for("security.reset_password", token=token)) if token else ""
        emails.queue(template.rpartition("/")[2], context["user"], link)


def init_app(app: Flask, settings: Settings) -> None:
    """Wire the sign-in into the program."""
    app.config.update(
        SECRET_KEY=settings.key(),
        SECURITY_PASSWORD_SALT=hashlib.sha256(b"salt" + settings.key().encode()).hexdigest(),
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 — the name of a method
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_HASHING_SCHEMES=["argon2"],  # else a known address takes a second longer than an unknown one
        SECURITY_DEPRECATED_HASHING_SCHEMES=[],
        SECURITY_PASSWORD_LENGTH_MIN=services.PASSWORD_LENGTH,
        # Whatever the database holds for equal would be one person, but several counts of tries.
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"email": {"mapper": uia_email_mapper, "case_insensitive": False}}],
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
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_REGISTERABLE=False,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_DEFAULT_REMEMBER_ME=False,
        SECURITY_RESET_PASSWORD_WITHIN=dt.timedelta(hours=2),
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False, "test_environment": True},
        SECURITY_DATETIME_FACTORY=clock.now,
        SECURITY_EMAIL_PLAINTEXT=False,  # the mails are ours
        SECURITY_EMAIL_HTML=False,
        SESSION_COOKIE_NAME="__Host-shirube" if settings.https else "shirube",
        SESSION_COOKIE_SECURE=settings.https,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_HEADERS_ENABLED=False,
        BABEL_DEFAULT_LOCALE="ja",
    )
    app.config.update(messages.MESSAGES)
    Babel(app, locale_selector=lambda: "ja_JP" if i18n.language() == "ja" else "en")
    CSRFProtect(app)
    security = Security(
        app,
        datastore,
        mail_util_cls=OutboxMail,
        login_form=SignInForm,
        verify_form=ConfirmForm,
        change_password_form=ChangeForm,
        forgot_password_form=ForgottenForm,
    )
    security.pwd_context = PatientHashing(security.pwd_context)
    security.i18n_domain = messages.OurWords(app)  # type: ignore[no-untyped-call]
    security.want_json(lambda _request: False)
    # A token in a header or an address would sign in without a row in the list of sign-ins, and could not be ended.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    app.before_request(_stay_here)
    app.after_request(_leave_token)
    limiter.init_app(app)
    for endpoint in LIMITED:
        view = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit("20 per minute", methods=["POST"])(view)  # type: ignore[assignment]
    user_logged_in.connect(_fresh_session, app)
    user_logged_out.connect(_no_session, app)
    password_reset.connect(_end_all_sessions, app)
    password_changed.connect(_end_other_sessions, app)
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
    _know_browser(user)


def _no_session(_app: Flask, **_rest: Any) -> None:
    """Nothing is left of a sign-in that its person ended, neither the row nor what it knew."""
    session.clear()


def _end_all_sessions(_app: Flask, user: Person, **_rest: Any) -> None:
    """Whoever knew the old password is out; whoever chose the new one need not wait to sign in with it."""
    end_sessions(user.id)
    services.forget_browsers(user.id)
    _know_browser(user)


def _end_other_sessions(_app: Flask, user: Person, **_rest: Any) -> None:
    end_sessions(user.id, but=session.token_digest)  # type: ignore[attr-defined]
    session.rotate = True  # type: ignore[attr-defined]
    services.forget_browsers(user.id)
    _know_browser(user)


def _know_browser(user: Person) -> None:
    g.browser = services.remember_browser(user.id, request.cookies.get(browser_cookie()))


def _leave_token(answer: Response) -> Response:
    """Give a browser the token by which it is known, where somebody has just shown there who they are."""
    if "browser" in g:
        answer.set_cookie(
            browser_cookie(),
            g.browser,
            max_age=services.BROWSER_KNOWN,
            httponly=True,
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            samesite="Lax",
            path="/",
        )
    return answer


def _stay_here() -> None:
    """Refuse a sign-in whose ``next`` leads elsewhere; ours never do."""
    if (request.endpoint or "").startswith("security."):
        for wish in (*request.args.getlist("next"), *request.form.getlist("next")):
            if wish and local_address(wish) != wish:
                abort(400)


def _keep_language(language: i18n.Language) -> None:
    if scope().actor:
        services.choose_language(scope(), language)
