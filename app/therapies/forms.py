"""What a lead types about a therapy and about who may see it."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app.core.i18n import language
from app.core.i18n import lazy as _
from app.therapies import places
from app.therapies.kinds import classes, offered
from app.web.fields import DayField, Form, VersionField

CHOOSE = ("", _("Please choose"))


class _KindForm(Form):
    """What the therapy is; the product class follows from it, and with the class the pathway."""

    material = SelectField(_("What it is"), [InputRequired()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak = language()
        named = {key: names.say(speak) for key, names in classes().items()}
        groups = {
            named[key]: [(material, names.say(speak)) for material, names in group.items()]
            for key, group in offered().items()
            if group
        }
        self.material.choices = {"": [CHOOSE], **groups}


class AddTherapyForm(_KindForm):
    """One product × one indication, and where it stands today."""

    name = StringField(_("Name of the therapy"), [DataRequired(), Length(max=200)])
    indication = StringField(_("Indication"), [DataRequired(), Length(max=300)])
    material = SelectField(_("What it is"), [InputRequired()])  # again: errors are listed in the order of the page
    stage = SelectField(
        _("Where it stands today"),
        [InputRequired()],
        description=_("The way to there is shown as inferred until you record its days. You need not know them now."),
    )

    because = StringField(
        _("How you know that it stands there"),
        [Length(max=1000)],
        description=_(
            "Such as a record of PMDA or the day of the notification. Kept with who said it; "
            "leave it empty only at the very beginning."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = places.known().choices()
        self.stage.choices = [CHOOSE, *((key, f"{code} {names.say(language())}") for key, code, names in states)]


class EditTherapyForm(_KindForm):
    """The same in both languages; ``version`` is what the person saw when the form was opened."""

    name_ja = StringField(_("Name in Japanese"), [Length(max=200)])
    name_en = StringField(_("Name in English"), [Length(max=200)])
    indication_ja = StringField(_("Indication in Japanese"), [Length(max=300)])
    indication_en = StringField(_("Indication in English"), [Length(max=300)])
    version = VersionField()


class GrantForm(Form):
    """Letting the hub of the company in."""

    hub = HiddenField()
    until = DayField(
        _("Last day"), description=_("Leave it empty for no end. You can take the grant back at any moment.")
    )
