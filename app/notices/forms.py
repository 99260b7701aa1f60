"""What a person may choose about mails and their calendar."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from app.core.i18n import lazy as _


class MailsForm(FlaskForm):
    """Deadline mails or none."""

    mails = BooleanField(_("Send me deadline mails"))
    version = HiddenField()


class NamesForm(FlaskForm):
    """What the calendar feed shows."""

    hide_names = BooleanField(
        _("Keep the names of therapies out of the calendar"),
        description=_("Calendars are often shared with colleagues or shown on other devices."),
    )
    version = HiddenField()
