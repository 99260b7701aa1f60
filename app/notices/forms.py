"""What a person may choose about mails and their calendar."""

from __future__ import annotations

from wtforms import BooleanField

from app.core.i18n import lazy as _
from app.web.fields import Form, VersionField


class MailsForm(Form):
    """Deadline mails or none."""

    mails = BooleanField(_("Send me deadline mails"))
    version = VersionField()


class NamesForm(Form):
    """What the calendar feed shows."""

    hide_names = BooleanField(
        _("Keep the names of therapies out of the calendar"),
        description=_("Calendars are often shared with colleagues or shown on other devices."),
    )
    version = VersionField()
