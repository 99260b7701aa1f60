"""What people type about an event, its correction, or a condition."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.core.i18n import gettext, language
from app.core.i18n import lazy as _
from app.engine.definition.common import Text
from app.pathways.passing import ReasonNeeded
from app.pathways.sentences import kept
from app.pathways.wording import Carried
from app.web.fields import DayField, DaysField, Form

_DURATION = re.compile(r"(?:(\d{1,2})(?:y|年|years?|$))?(?:(\d{1,3})(?:m|か月|ヶ月|カ月|months?))?")


class DurationField(StringField):
    """A number of years and months: 7, 7年, 1年6か月, 18 months; ``data`` becomes 7y, 1y6m or 18m."""

    data: str | None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 — WTForms passes it
        """Read what was typed; a sentence at the field when it is no duration."""
        written = re.sub(r"\s", "", unicodedata.normalize("NFKC", self.data or "")).lower()
        if not written:
            self.data = ""
            return
        found = _DURATION.fullmatch(written)
        if not found or not any(found.groups()):
            raise ValidationError(gettext("Please write years and months, such as 7 years or 1 year 6 months."))
        years, months = found.groups()
        self.data = (f"{int(years)}y" if years else "") + (f"{int(months)}m" if months else "")


def _sure() -> SelectField:
    """How sure the day is, in the words of the histories."""
    choices = [
        ("", _("Not stated")),
        ("high", _("Certain")),
        ("medium", _("Fairly sure")),
        ("low", _("Unsure")),
    ]
    return SelectField(_("How sure is the day?"), choices=choices, default="")


class _EventForm(Form):
    """The day of an event, what it carries (fields ``carried_…`` are added for each event), and how that is known.

    ``because`` is asked only where conditions were not met on the day of past history.
    """

    on = DaysField(
        _("When it happened"),
        [InputRequired()],
        description=_(
            "A day, a month or a year, as exactly as you know it: 2026-03-06, 2026-03 or 2026; between two days: "
            "2026-03-06/2026-03-10."
        ),
    )
    note = TextAreaField(_("Remark"), [Length(max=1000)])
    source = StringField(_("Where it was read"), [Length(max=200)])
    certainty = _sure()
    because = TextAreaField(_("Why it happened all the same"), [Length(max=1000)])

    def told(self) -> dict[str, str]:
        """The remark, the source and what else says how the event is known."""
        told = {name: self[name].data or "" for name in ("note", "source", "certainty", "because")}
        return told | {"because": kept(told["because"])}

    def ask_why(self, refusal: ReasonNeeded) -> tuple[Text, ...]:
        """Ask for the reason; returns the conditions that were not met."""
        self.because.flags.required = True
        self.because.errors = [gettext("Please say why it happened although these conditions were not met.")]
        return refusal.conditions

    def carried(self) -> dict[str, str]:
        """What the event states, without what was left empty."""
        mine = {f.name.removeprefix("carried_"): f.data for f in self if f.name.startswith("carried_")}
        return {key: value.strip() for key, value in mine.items() if value and value.strip()}


class RecordForm(_EventForm):
    """One event that happened."""

    late = BooleanField(
        _("Record as past history"),
        description=_(
            "For what happened before you used Shirube. Steps before it that nobody recorded are shown as inferred; "
            "where a condition was not met, you are asked why it happened all the same."
        ),
    )


class CorrectForm(_EventForm):
    """What is right instead of a wrong event."""

    reason = StringField(
        _("Why is it corrected?"),
        [DataRequired(), Length(max=1000)],
        description=_("It stays readable in the history, with your name."),
    )


class WithdrawForm(Form):
    """Taking back an event that never happened."""

    reason = StringField(_("Why is it withdrawn?"), [DataRequired(), Length(max=1000)])


class AlsoForm(Form):
    """The day of an event as another source gives it."""

    on = DaysField(
        _("The day in the other source"),
        [InputRequired()],
        description=_("As exactly as it is written there: 2026-03-06, 2026-03 or 2026."),
    )
    source = StringField(_("Where it was read"), [DataRequired(), Length(max=200)])
    certainty = _sure()
    note = TextAreaField(_("Remark"), [Length(max=1000)])


class UploadForm(Form):
    """A file of histories."""

    file = FileField(_("CSV file"), [FileRequired(_("Please choose a file."))])


class UploadOneForm(UploadForm):
    """A file for one therapy; where it holds several cases, the one that is meant."""

    case = StringField(
        _("Case"), [Length(max=64)], description=_("Only where the file holds several: what case_id says of this one.")
    )


class ImportForm(Form):
    """What of a file is imported, and the reason where conditions were not met."""

    cases = SelectMultipleField(_("What to import"), validate_choice=False)
    because = TextAreaField(_("Why it happened all the same"), [Length(max=1000)])
    digest = HiddenField()


class LookForm(Form):
    """From which day a history is looked at; it only asks, so it needs no token."""

    class Meta:
        """See Form."""

        csrf = False

    known = DayField(_("As known on"), description=_("Only what had been recorded by the end of that day."))
    stood = DayField(_("As it stood on"), description=_("With everything that is known today."))


class ConditionForm(Form):
    """Whether what a guard asks for is there, and since when."""

    holds = RadioField(_("Is it there?"), [InputRequired()])
    on = DayField(_("Since when"), [InputRequired()], description=_("The day, such as 2026-03-06."))
    note = TextAreaField(_("Remark"), [Length(max=1000)], description=_("For example where it is kept."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holds.choices = [
            ("yes", gettext("Yes, all of it is there")),
            ("no", gettext("No, not yet")),
        ]


def event_form(base: type[_EventForm], fields: tuple[Carried, ...], values: Mapping[str, Any]) -> Any:
    """A form of ``base`` with a field for everything that the event can state."""
    added: dict[str, Any] = {}
    for each in fields:
        label = each.names.say(language())
        if each.choices:
            offered = [SelectChoice(key, names.say(language())) for key, names in each.choices.items()]
            offered = offered if each.default else [SelectChoice("", gettext("Not stated")), *offered]
            added[f"carried_{each.key}"] = SelectField(label, choices=offered, default=each.default or "")
        elif each.duration:
            added[f"carried_{each.key}"] = DurationField(label, description=_("For example 7 years or 18 months."))
        else:
            added[f"carried_{each.key}"] = StringField(label, [Length(max=60)])
    return type(base.__name__, (base,), added)(**values)
