"""What a rule keeper may type: verifications, tables of reception days, fees, forms; nothing here is an expression."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, ClassVar

import wtforms
from wtforms import FieldList, FormField, IntegerField, SelectField, StringField, TextAreaField, URLField
from wtforms.validators import URL, InputRequired, Length, NumberRange, Optional, StopValidation, ValidationError

from app.core import clock
from app.core.i18n import gettext
from app.core.i18n import lazy as _
from app.engine.definition.common import Text
from app.web.fields import DayField, Form

MONTH = re.compile(r"\s*(\d{4})\s*(?:[-/.]|年)\s*(\d{1,2})\s*月?\s*")
ROWS = 13  # a published table holds a year, sometimes a month more


ONE = _("One language is enough. The other then shows this text and says so.")


class InEither:
    """That a text was given here or in the field of the other language."""

    field_flags: ClassVar[dict[str, bool]] = {}

    def __init__(self, other: str) -> None:
        self.other = other

    def __call__(self, form: Any, field: Any) -> None:
        """Raises StopValidation where both are empty."""
        if _typed(field):
            return
        field.errors = []
        if not _typed(form[self.other]):
            raise StopValidation(gettext("Please give it in Japanese or in English."))
        raise StopValidation


class VerifyForm(Form):
    """That a person compared an entry with what it rests on."""

    on = DayField(_("Day of the comparison"), [InputRequired()])
    compared = TextAreaField(
        _("What you compared, and with what"), [InputRequired(), Length(max=1000)], render_kw={"translate": "no"}
    )
    document = StringField(_("Address or name of the document"), [Optional(), Length(max=500)])


class ReasonForm(Form):
    """Why something no longer holds."""

    reason = TextAreaField(
        _("Reason"),
        [InputRequired(), Length(max=1000)],
        description=_("The trail keeps it."),
        render_kw={"translate": "no"},
    )


class SourceForm(Form):
    """Where it was read; the last part of every entry."""

    title_ja = StringField(_("Source, in Japanese"), [InEither("title_en"), Length(max=200)], description=ONE)
    title_en = StringField(_("Source, in English"), [Optional(), Length(max=200)])
    url = URLField(_("Address of the page or file"), [Optional(), URL(), Length(max=500)])
    read_on = DayField(_("Read on"), [InputRequired()])

    def validate_read_on(self, field: Any) -> None:
        """Nobody has read tomorrow's page."""
        if field.day and field.day > clock.today():
            raise ValidationError(gettext("That day has not come yet."))

    def source(self) -> dict[str, Any]:
        """What was typed about the source."""
        return {
            "title_ja": _typed(self.title_ja),
            "title_en": _typed(self.title_en),
            "url": (self.url.data or "").strip(),
            "read_on": self.read_on.day,
        }


class DatedForm(SourceForm):
    """An entry with its days."""

    valid_from = DayField(_("In force from"), [InputRequired()])
    valid_to = DayField(_("In force until"), [Optional()], description=_("Empty: until the next one begins."))
    note_ja = StringField(_("Note in Japanese"), [Optional(), Length(max=300)], description=ONE)
    note_en = StringField(_("Note in English"), [Optional(), Length(max=300)])

    def validate_valid_to(self, field: Any) -> None:
        """The end comes after the beginning."""
        if field.day and self.valid_from.day and field.day < self.valid_from.day:
            raise ValidationError(gettext("This lies before the day from which it is in force."))

    def dated(self) -> dict[str, Any]:
        """The days and the note."""
        ja, en = _typed(self.note_ja), _typed(self.note_en)
        return {
            "valid_from": self.valid_from.day,
            "valid_to": self.valid_to.day,
            "note": Text.of(ja, en).model_dump() if ja or en else None,
        }


class FeeForm(DatedForm):
    """A fee in yen."""

    key = SelectField(_("What it is paid for"))
    yen = IntegerField(_("Amount in yen"), [InputRequired(), NumberRange(min=0, max=999_999_999)])


class OfficialFormForm(DatedForm):
    """The number of an official form."""

    key = SelectField(_("Which form"))
    number = StringField(_("Number of the form"), [InputRequired(), Length(max=60)])


class RowForm(wtforms.Form):
    """One line of a published table; a line that is empty is left out."""

    meeting = StringField(_("Meetings in"), [Optional(), Length(max=20)])
    reception = DayField(_("Day of reception"), [Optional()])
    notice = DayField(_("Day of the notice"), [Optional()])

    month: str | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """A line has its month and its day, or nothing."""
        good: bool = super().validate(extra_validators)
        self.month = month(self.meeting.data or "")
        if (self.meeting.data or "").strip() and self.month is None:
            self.meeting.errors = [*self.meeting.errors, gettext("Please write the month like 2027-04.")]
            return False
        if self.wanted and not (self.month and self.reception.day) and good:
            self.reception.errors = [gettext("A line needs the month of the meeting and the day of reception.")]
            return False
        return good

    @property
    def wanted(self) -> bool:
        """Whether the line says anything: a month alone is only the form's own."""
        return bool((self.reception.data or "").strip() or (self.notice.data or "").strip())


class ReceptionForm(SourceForm):
    """A table of reception days as PMDA published it for one family of consultations."""

    family = SelectField(_("For which consultations"))
    name_ja = StringField(_("Name of the table in Japanese"), [InEither("name_en"), Length(max=200)], description=ONE)
    name_en = StringField(_("Name of the table in English"), [Optional(), Length(max=200)])
    lead_months = IntegerField(_("How many months before the meeting"), [InputRequired(), NumberRange(min=1, max=12)])
    rows = FieldList(FormField(RowForm), _("The table, line by line"), min_entries=ROWS, max_entries=40)

    def validate_rows(self, field: Any) -> None:
        """A table without a line is none."""
        if not any(row.form.wanted for row in field):
            raise ValidationError(gettext("Please enter at least one month with its day of reception."))

    def table(self) -> tuple[dict[str, Any], list[int]]:
        """The table, and for each of its lines the place of the line in the form."""
        places = [place for place, row in enumerate(self.rows) if row.form.wanted]
        rows = [
            {"meeting": line.month, "reception": line.reception.day, "notice": line.notice.day}
            for line in (self.rows[place].form for place in places)
        ]
        first = min(row["meeting"] for row in rows)
        content = {
            "family": self.family.data,
            "name": Text.of(_typed(self.name_ja), _typed(self.name_en)).model_dump(),
            "lead_months": self.lead_months.data,
            "rows": rows,
            "valid_from": dt.date.fromisoformat(f"{first}-01"),
        }
        return content, places


def _typed(field: Any) -> str:
    return (field.data or "").strip()


def month(typed: str) -> str | None:
    """``2027-04`` for a month in any of the usual ways of writing it; None for anything else."""
    found = MONTH.fullmatch(typed)
    if not found or not 1 <= int(found[2]) <= 12:
        return None
    return f"{found[1]}-{int(found[2]):02d}"
