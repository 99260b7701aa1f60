"""The form of every page, and fields for what people type here and nowhere else: days, months and years."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.i18n import translations
from wtforms import HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import ValidationError

from app.core import signs
from app.core.errors import Changed, Refused
from app.core.i18n import gettext, language
from app.core.typed_days import check_plannable, read_day, read_days
from app.web import words

FORM_BYTES = 8 * 2**20  # a sign of Japanese is nine bytes on its way, and a form has several long texts


def version(typed: str | None) -> int:
    """The version that the person saw, as a hidden field carries it; Changed when it is none that we gave out."""
    if not typed or not typed.isdecimal() or len(typed) > 9:
        raise Changed
    return int(typed)


REQUIRED = "This field is required."  # as WTForms says it; its Japanese for it is no office's Japanese


class _Words:
    """What WTForms says by itself, with the commonest of its sentences in our own words."""

    def gettext(self, said: str) -> str:
        """A sentence of WTForms in the reader's language."""
        return gettext("This field is required.") if said == REQUIRED else str(translations.gettext(said))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The same for a sentence that counts."""
        return str(translations.ngettext(one, many, number))


class Form(FlaskForm):
    """A form whose fields take text only: no control signs, no line ends in a field of one line."""

    class Meta(FlaskForm.Meta):
        """How a form speaks."""

        def get_translations(self, form: Any) -> _Words:  # noqa: ARG002
            """The words of ``form``."""
            return _Words()

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Fill the fields; in a long text, lines end in one way, and Japanese on an English page says what it is."""
        super().process(*args, **kwargs)
        for each in self:
            if isinstance(each, TextAreaField) and isinstance(each.data, str):
                each.data = signs.lines(each.data)
                if words.is_foreign(each.data):
                    each.render_kw = {**(each.render_kw or {}), "lang": "ja"}

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether every field is right; a sentence at each that is not."""
        extra = dict(extra_validators or {})
        for each in self:
            if isinstance(each, StringField) and not isinstance(each, HiddenField | PasswordField):
                extra[each.short_name] = [*extra.get(each.short_name, ()), _is_text]
        return bool(super().validate(extra))


def _is_text(_form: Form, field: StringField) -> None:
    if not isinstance(field.data, str):
        return
    try:
        signs.check_text(field.data, several_lines=isinstance(field, TextAreaField))
    except Refused as refusal:
        raise ValidationError(refusal.sentence.say(language())) from None


class VersionField(HiddenField):
    """The version that the person saw; None where the form came back without it, never the one that is stored now."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what came back."""
        self.data = valuelist[0] if valuelist else None


class DayField(StringField):
    """A day in any of the usual ways of writing it; ``day`` is None when nothing was typed. With ``plannable`` it must
    be one from which office days can be counted."""

    day: dt.date | None = None

    def __init__(self, *args: Any, plannable: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plannable = plannable

    def _value(self) -> str:
        return self.data.isoformat() if isinstance(self.data, dt.date) else self.data or ""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 — WTForms passes it
        """Read what was typed; a sentence at the field when that is no day."""
        self.day = self.data if isinstance(self.data, dt.date) else None  # a day that the form began with
        if self.day or not (self.data or "").strip():
            return
        try:
            self.day = read_day(self.data)
            if self._plannable:
                check_plannable(self.day)
        except Refused as refusal:
            raise ValidationError(refusal.sentence.say(language())) from None


class DaysField(StringField):
    """A day, a month or a year; ``days`` holds the first and last possible day."""

    days: tuple[dt.date, dt.date] | None = None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 — WTForms passes it
        """Read what was typed; a sentence at the field when it is none of them."""
        self.days = None
        if not (self.data or "").strip():
            return
        try:
            self.days = read_days(self.data)
        except Refused as refusal:
            raise ValidationError(refusal.sentence.say(language())) from None
