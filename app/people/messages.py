"""What Flask-Security says to people, in our words and in both languages."""

from __future__ import annotations

from typing import Any

from flask_security.babel import FsDomain

from app.core import i18n


class OurWords(FsDomain):
    """Texts of Flask-Security: from our catalogues where we have said it ourselves, else from theirs."""

    def gettext(self, string: str, **values: Any) -> str:
        """``string`` in the reader's language."""
        ours = i18n.gettext(string)
        return ours % values if ours != string else str(super().gettext(string, **values))  # type: ignore[no-untyped-call]


def _(message: str) -> str:
    """Marks a text for the catalogue; it is looked up when it is said, because a flashed message must be plain text."""
    return message


MESSAGES = {
    f"SECURITY_MSG_{key}": (sentence, tone)
    for key, sentence, tone in (
        (
            "GENERIC_AUTHN_FAILED",
            _("The e-mail address or the password is not right. Please check both and try again."),
            "error",
        ),
        (
            "GENERIC_RECOVERY",
            _("If somebody here has this address, a mail with a link is on its way. The link holds for two hours."),
            "info",
        ),
        ("PASSWORD_NOT_PROVIDED", _("Please type your password."), "error"),
        ("EMAIL_NOT_PROVIDED", _("Please type your e-mail address."), "error"),
        ("INVALID_EMAIL_ADDRESS", _("This is no e-mail address. It looks like name@company.example."), "error"),
        ("INVALID_PASSWORD", _("This is not your present password."), "error"),
        ("PASSWORD_INVALID_LENGTH", _("Please choose a password of at least 12 characters."), "error"),
        ("PASSWORD_IS_THE_SAME", _("Please choose a password that differs from the present one."), "error"),
        ("RETYPE_PASSWORD_MISMATCH", _("The two passwords are not the same."), "error"),
        ("PASSWORD_RESET_NO_LOGIN", _("The new password is saved. Please sign in with it."), "success"),
        (
            "PASSWORD_RESET_EXPIRED",
            _("This link is older than two hours. Please ask for a new one."),
            "error",
        ),
        ("INVALID_RESET_PASSWORD_TOKEN", _("This link does not hold any more. Please ask for a new one."), "error"),
        ("PASSWORD_CHANGE", _("The new password is saved."), "success"),
        ("REAUTHENTICATION_SUCCESSFUL", _("Thank you. You can go on."), "success"),
        ("LOGIN", _("Please sign in to see this page."), "info"),
        ("UNAUTHENTICATED", _("Please sign in to see this page."), "info"),
        ("REAUTHENTICATION_REQUIRED", _("Please type your password once more before you go on."), "info"),
    )
}
