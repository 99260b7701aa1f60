"""Flask-Security's forms, with the limits of tries around their slow comparisons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, after_this_request, current_app, request
from flask_security import (
    ChangePasswordForm,
    EmailValidateException,
    ForgotPasswordForm,
    LoginForm,
    VerifyForm,
    current_user,
)
from flask_security.forms import Form

from app.config import DEMO_PASSWORD
from app.core.i18n import gettext, ngettext
from app.people import limits, services


@dataclass(frozen=True)
class Guess:
    """One try of a password, counted before it is compared; every browser that its owner uses has tries of its own."""

    whose: tuple[str, ...]
    attempt: str

    @classmethod
    def take(cls, form: Form, email: str) -> Guess | None:
        """Count one; None where it has to wait, which the form then says."""
        token = request.cookies.get(browser_cookie())
        whose = (email, token) if token and services.knows_browser(email, token) else (email,)
        try:
            return cls(whose, limits.take(limits.PASSWORD, *whose))
        except limits.TooMany as wait:
            _say(form, wait)
            return None

    def right(self) -> None:
        """It was the password. Where strangers try as well, only this one try is forgotten."""
        if len(self.whose) > 1:
            limits.forget(limits.PASSWORD, *self.whose)
        else:
            limits.give_back(self.attempt)

    def none(self) -> None:
        """Nothing was compared, or only the rest of the form was wrong."""
        limits.give_back(self.attempt)


class SignInForm(LoginForm):
    """Address and password. No cookie that remembers: a sign-in lives on the server alone, where it can be ended."""

    remember = None

    def validate(self, **kwargs: Any) -> bool:
        """Whether the password is the one of this address, whether anybody has it or not, and need not wait."""
        email = _address(self.email.data)
        if not email or not self.password.data:
            return bool(super().validate(**kwargs))
        if self.password.data == DEMO_PASSWORD and not current_app.extensions["settings"].demo:
            self.form_errors.append(
                gettext("This is the password of the demo; where there is no demo it opens nothing.")
            )
            return False
        guess = Guess.take(self, email)
        if guess is None or not super().validate(**kwargs):
            return False
        guess.right()
        return True


class ConfirmForm(VerifyForm):
    """The password once more."""

    def validate(self, **kwargs: Any) -> bool:
        """Whether it is right and need not wait."""
        if not self.password.data:
            return bool(super().validate(**kwargs))
        guess = Guess.take(self, self.user.email)
        if guess is None or not super().validate(**kwargs):
            return False
        guess.right()
        return True


class ChangeForm(ChangePasswordForm):
    """The present password and a new one."""

    def validate(self, **kwargs: Any) -> bool:
        """Whether the present one is right and need not wait, and the new one will do."""
        if not self.password.data:
            return bool(super().validate(**kwargs))
        guess = Guess.take(self, current_user.email)
        if guess is None:
            return False
        if super().validate(**kwargs):
            guess.right()
            return True
        if not self.password.errors:
            guess.none()
        return False


class ForgottenForm(ForgotPasswordForm):
    """An address to which a link to a new password goes."""

    def validate(self, **kwargs: Any) -> bool:
        """Whether a mail goes out; the page says the same where none does, so it does not tell who is here."""
        email = _address(self.email.data)
        if not email:
            return bool(super().validate(**kwargs))
        try:
            limits.take(limits.RESET_MAIL, email)
        except limits.TooMany:
            return False
        return bool(super().validate(**kwargs))


def browser_cookie() -> str:
    """The name of the cookie by which a browser is known."""
    return f"{current_app.config['SESSION_COOKIE_NAME']}_browser"


def _address(typed: str | None) -> str:
    """An address as people are looked up by it; nothing where it is none."""
    try:
        return str(current_app.extensions["security"].mail_util.normalize(typed or ""))
    except EmailValidateException:
        return ""


def _say(form: Form, wait: limits.TooMany) -> None:
    minutes = -(-wait.seconds // 60)
    form.form_errors.append(
        ngettext(
            "There were many wrong tries for this address. The next one is possible in %(num)d minute. "
            "In a browser in which you signed in before you need not wait, nor after choosing a new password by mail.",
            "There were many wrong tries for this address. The next one is possible in %(num)d minutes. "
            "In a browser in which you signed in before you need not wait, nor after choosing a new password by mail.",
            minutes,
        )
    )

    @after_this_request
    def _later(answer: Response) -> Response:
        answer.status_code, answer.headers["Retry-After"] = 429, str(wait.seconds)
        return answer
