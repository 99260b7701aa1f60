"""What a person types about a piece of evidence and about the day of a gate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.core.i18n import gettext
from app.core.i18n import lazy as _
from app.evidence.wording import status_names
from app.web.fields import DayField, Form, VersionField

LONGEST = 5_000


class PartForm(Form):
    """How far a piece is, who brings it, until when, and where it lies."""

    status = SelectField(_("Status"), [InputRequired()])
    reason = StringField(
        _("Why it does not apply"), [Length(max=1000)], description=_("Only for what does not apply; needed then.")
    )
    owner_id = SelectField(_("Owner"))
    due_on = DayField(
        _("Own earlier day"), plannable=True, description=_("Empty: the planned day of the gate. Such as 2027-03-05.")
    )
    kept_at = StringField(
        _("Where it is kept"),
        [Length(max=300)],
        description=_("If it is not attached here: binder, system and number. With the day since when."),
    )
    kept_on = DayField(_("Kept there since"))
    remark = TextAreaField(
        _("Remark"),
        [Length(max=LONGEST)],
        description=_("Everybody who may see the therapy reads it."),
        render_kw={"rows": 3},
    )
    version = VersionField()

    def __init__(self, people: Iterable[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.status.choices = [(key.value, name) for key, name in status_names().items()]
        names = (SelectChoice(key, name, {"translate": "no"}) for key, name in people)
        self.owner_id.choices = [SelectChoice("", gettext("nobody yet")), *names]


class FilesForm(Form):
    """Several documents at once."""

    files = MultipleFileField(_("Files"))


class GateForm(Form):
    """The planned day of a gate."""

    planned_on = DayField(
        _("Planned day"),
        plannable=True,
        description=_("Evidence without an earlier day of its own is due on this day. Empty: no day is planned."),
    )
    version = VersionField()


class RemoveForm(Form):
    """A button."""
