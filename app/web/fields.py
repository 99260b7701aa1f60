"""Fields for what people type here and nowhere else: days, also such of which only the month or year is known."""

from __future__ import annotations

import datetime as dt
from typing import Any

from wtforms import StringField
from wtforms.validators import ValidationError

from app.core.errors import Changed, Refused
from app.core.i18n import language
from app.core.typed_days import read_day, read_days

FORM_BYTES = 8 * 2**20  # a sign of Japanese is nine bytes on its way, and a form has several long texts


def version(typed: str | None) -> int:
    """The version that the person saw, as a hidden field carries it; Changed when it is none that we gave out."""
    if not typed or not typed.isdecimal() or len(typed) > 9:
        raise Changed
    return int(typed)


class DayField(StringField):
    """A day in any of the usual ways of writing it; ``day`` is None when nothing was typed."""

    day: dt.date | None = None

    def _value(self) -> str:
        return self.data.isoformat() if isinstance(self.data, dt.date) else self.data or ""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 — WTForms passes it
        """Read what was typed; a sentence at the field when that is no day."""
        self.day = None
        if not (self.data or "").strip():
            return
        try:
            self.day = read_day(self.data)
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
