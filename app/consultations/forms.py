"""What a person types about a consultation: the wish, what happened, questions, files, data for the documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.consultations.places import PLACES
from app.consultations.services.rows import LONGEST
from app.core.i18n import language
from app.core.i18n import lazy as _
from app.web.fields import DayField, Form, VersionField


def choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Values with their labels as a field wants them."""
    return [SelectChoice(value, label) for value, label in pairs]


def _places() -> list[SelectChoice]:
    return choices((key, text.say(language())) for key, text in PLACES.items())


class WishForm(Form):
    """A month, or a day in it."""

    month = SelectField(_("Month of the meeting"), validate_choice=False)
    meeting = DayField(
        _("Or a certain day of the meeting"),
        plannable=True,
        description=_(
            "With a day every step gets one date. Without it the steps that count from the meeting are ranges."
        ),
    )


class PlanForm(WishForm):
    """The kind of consultation and the wish; read from the address, so it carries no token."""

    class Meta:
        csrf = False

    kind = RadioField(_("Kind of consultation"), [InputRequired()], validate_choice=False)


class ConfirmForm(Form):
    """What is saved with a plan that was looked at."""

    kind = HiddenField(id="confirmed-kind")
    month = HiddenField(id="confirmed-month")
    meeting = HiddenField(id="confirmed-meeting")
    place = SelectField(_("How you want to meet"), choices=_places)


class ChangeWishForm(WishForm):
    """Another wish; ``version`` is what the person saw."""

    version = VersionField()


class StepForm(Form):
    """What happened at a step. ``what`` and ``meeting`` are offered only where they make sense."""

    what = RadioField(_("What do you record?"), validate_choice=False)
    day = DayField(_("Day"), [InputRequired()], plannable=True)
    meeting = DayField(
        _("Day of the meeting that PMDA named"),
        plannable=True,
        description=_("Everything that counts from the meeting moves with it. Leave it empty if no day was named."),
    )
    version = VersionField()


class ActionForm(Form):
    """A button; ``version`` is what the person saw."""

    version = VersionField()


class TurnForm(ActionForm):
    """Something that happened beside the steps."""

    day = DayField(_("Day on which it happened"), [InputRequired()], plannable=True)
    note = TextAreaField(
        _("What was said, or why"), description=_("Only your own people read this."), render_kw={"rows": 3}
    )


class InquiryForm(ActionForm):
    """One round of inquiries, from its arrival to the answer."""

    received_on = DayField(_("Day on which it came"), [InputRequired()], plannable=True)
    asked = TextAreaField(
        _("What PMDA asked"),
        [Length(max=LONGEST)],
        description=_("Several at once are one round. Only your own people read this."),
        render_kw={"rows": 6},
    )
    answer_by = DayField(
        _("Answer wanted by"),
        plannable=True,
        description=_("Only a day that PMDA named. Left empty, it is counted by the rule of this consultation."),
    )
    answered_on = DayField(
        _("Day on which you answered"), plannable=True, description=_("Empty while you have not answered.")
    )
    answer = TextAreaField(
        _("What you answered"), [Length(max=LONGEST)], description=_("Or where the answer lies."), render_kw={"rows": 6}
    )


def _text(label: Any, description: Any = "", rows: int = 5) -> TextAreaField:
    return TextAreaField(label, [Length(max=LONGEST)], description=description, render_kw={"rows": rows})


class QuestionForm(Form):
    """One question. Its number is its place in the list."""

    title = StringField(
        _("Heading"),
        [Length(max=200)],
        description=_("A few words for the table of contents, such as: Choice of the dose for phase III."),
    )
    question = TextAreaField(
        _("The question, in one sentence"),
        [InputRequired(), Length(max=LONGEST)],
        description=_("Ask so that PMDA can agree or disagree: Does PMDA agree that …?"),
        render_kw={"rows": 4},
    )
    position = _text(_("Your own position"), _("What you intend to do, and why you think it is right."), 8)
    grounds = _text(
        _("Grounds"), _("Data, literature and guidance that carry your position; cite attachments by number."), 8
    )
    version = VersionField()


class FilesForm(Form):
    """Several PDFs at once."""

    files = MultipleFileField(_("PDF files"))


class TitleForm(Form):
    """The title of an attachment."""

    title = StringField(_("Title"), [InputRequired(), Length(max=200)])
    version = VersionField()


def _line(label: Any, description: Any = "") -> StringField:
    return StringField(label, [Length(max=300)], description=description)


class BriefingForm(Form):
    """What the request form and the briefing package need beside questions and attachments; everything optional."""

    place = SelectField(
        _("How you want to meet"), choices=_places, description=_("Fills 'manner of the meeting' of the request form.")
    )
    purpose = _text(
        _("Purpose of the consultation"), _("Fills 'purpose' of the request form; the package needs it."), 4
    )
    summary = _text(
        _("Outline of the consultation"), _("Fills 'outline' of the request form: what you ask, in a few lines."), 4
    )
    background = _text(_("Background and development history"), _("The second chapter of the briefing package."), 8)
    product_outline = _text(_("Outline of the product"), _("The chapter on the product, after its table."), 6)
    data_summary = _text(
        _("Summary of quality, non-clinical and clinical data"), _("A chapter of its own; empty: it is left out."), 8
    )
    abbreviations = _text(_("Abbreviations"), _("One per line: short = full name. Fills the list of abbreviations."), 6)
    therapy_code = _line(_("Development code"), _("Fills 'code of the investigational product'."))
    composition = _text(_("Shape, structure and ingredients"), _("Fills the field of the same name."), 3)
    dosage = _text(_("Intended dosage or method of use"), _("Fills the field of the same name."), 3)
    designations = _line(_("Designations"), _("Orphan, pioneering and the like; empty: none."))
    cartagena = _line(_("Cartagena Act"), _("Whether living modified organisms are used, and what was done."))
    representative = _line(_("Representative of the company"), _("Fills 'applicant': title and name."))
    address = _line(_("Address of the company"), _("Fills 'applicant': the seat of the company."))
    company_code = _line(_("Company code"), _("Fills the field of the same name; leave it empty if you have none."))
    contact_name = _line(_("Contact person"), _("Whom PMDA calls."))
    department = _line(_("Department"), _("Fills 'contact'."))
    telephone = _line(_("Telephone"), _("Fills 'contact'."))
    fax = _line(_("Fax"), _("Fills 'contact'."))
    email = _line(_("E-mail"), _("Fills 'contact'."))
    addressee = _line(_("Addressee"), _("To whom the request form is addressed; empty: the usual one of the form."))
    remarks = _text(_("Remarks"), _("Fills 'remarks' of the request form."), 3)
    version = VersionField()


BRIEFING_GROUPS = (
    (
        _("What you ask"),
        ("place", "purpose", "summary", "background", "product_outline", "data_summary", "abbreviations"),
    ),
    (_("The product"), ("therapy_code", "composition", "dosage", "designations", "cartagena")),
    (
        _("The company and whom PMDA calls"),
        (
            "representative",
            "address",
            "company_code",
            "contact_name",
            "department",
            "telephone",
            "fax",
            "email",
            "addressee",
            "remarks",
        ),
    ),
)
