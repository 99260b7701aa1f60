"""What people type about a milestone at an agency."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.abroad.queries import world
from app.core.i18n import gettext, language
from app.core.i18n import lazy as _
from app.web.fields import DayField, DaysField, Form


class ForeignForm(Form):
    """One milestone: which one, when it is planned, when it happened. ``seen``: the warnings that were shown before."""

    milestone = SelectField(_("Milestone"), [InputRequired(message=_("Please choose one of the list."))])
    target = DaysField(
        _("Planned"),
        description=_(
            "The day that stands behind the milestone in the list: a day, a month or a year, as exactly as you know "
            "it, such as 2027-03-06, 2027-03 or 2027."
        ),
    )
    actual = DayField(
        _("Actual day"), description=_("Once it has happened: the day, such as 2026-03-06. Clocks then count from it.")
    )
    remark = TextAreaField(_("Remark"), [Length(max=1000)])
    version = HiddenField()
    seen = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak = language()
        offered = {
            agency.names.say(speak): [
                (f"{agency.key}.{each.key}", f"{each.names.say(speak)} – {each.day.say(speak)}")
                for each in agency.milestones
                if each.day
            ]
            for agency in world().agencies.values()
        }
        self.milestone.choices = {gettext("Please choose"): [("", gettext("Please choose"))], **offered}


class DropForm(Form):
    """Dropping one, as it stood when it was shown."""

    version = HiddenField()
