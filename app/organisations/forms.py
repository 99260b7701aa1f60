"""What an administrator types to invite, and what the invited person types."""

from __future__ import annotations

from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, EqualTo, InputRequired, Length

from app.core.i18n import lazy as _
from app.people.services import PASSWORD_LENGTH
from app.web.fields import Form

LANGUAGE_CHOICES = [SelectChoice(key, name, {"lang": key}) for key, name in (("ja", "日本語"), ("en", "English"))]


class InviteCompanyForm(Form):
    """A company and the person who leads its regulatory work."""

    name_ja = StringField(_("Name in Japanese"), [InputRequired(), Length(max=200)])
    name_en = StringField(_("Name in English"), [InputRequired(), Length(max=200)])
    lead = StringField(_("Name of the regulatory lead"), [InputRequired(), Length(max=200)])
    email = StringField(_("E-mail address of the lead"), [InputRequired(), Email(), Length(max=255)])
    language = SelectField(_("Language of the lead"), choices=LANGUAGE_CHOICES)


class AcceptForm(Form):
    """The invited person's own name, language and password."""

    name = StringField(_("Your name"), [InputRequired(), Length(max=200)])
    language = SelectField(_("Language of pages and mails"), choices=LANGUAGE_CHOICES)
    password = PasswordField(
        _("Password"),
        [
            InputRequired(),
            Length(min=PASSWORD_LENGTH, max=128, message=_("Please choose a password of 12 to 128 characters.")),
        ],
        description=_("At least 12 characters; a sentence is easy to remember."),
    )
    again = PasswordField(
        _("The same password once more"),
        [InputRequired(), EqualTo("password", message=_("The two passwords are not the same."))],
    )
