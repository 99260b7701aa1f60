"""A date on a page: as precisely as it is known, how sure it is, and what other sources say. Filters of templates."""

from __future__ import annotations

import datetime as dt

from markupsafe import Markup, escape

from app.core import formats
from app.core.i18n import gettext as _
from app.web.components import DateView


def when(date: DateView) -> Markup:
    """The date without its basis; a day inside ``<time>``."""
    told = _plain(date) + sureness(date.certainty)
    if not date.also:
        return told
    others = escape(_(", ")).join(_plain(other) for other in date.also)
    return told + Markup(' <small class="sureness">{} {}{}</small>').format(_("(another source:"), others, _(")"))


def sureness(certainty: str | None) -> Markup:
    """How sure a day of a history is, unless it is certain."""
    said = _("(fairly sure)") if certainty == "medium" else _("(unsure)") if certainty == "low" else ""
    return Markup(' <small class="sureness">{}</small>').format(said) if said else Markup("")


def _plain(date: DateView) -> Markup:
    if date.day:
        return Markup('<time class="when" datetime="{}">{}</time>').format(date.day.isoformat(), formats.day(date.day))
    if date.earliest and date.latest:
        return _range(date.earliest, date.latest)
    if date.earliest:
        return _open(_("from %(day)s", day=formats.day(date.earliest)))
    if date.latest:
        return _open(_("by %(day)s", day=formats.day(date.latest)))
    if date.month:
        return _open(formats.month(date.month))
    if date.year:
        return _open(_("year %(year)s", year=date.year))
    return Markup('<span class="when no-date">{}</span>').format(_("no date"))


def _open(words: str) -> Markup:
    return Markup('<span class="when">{}</span>').format(words)


def _range(first: dt.date, last: dt.date) -> Markup:
    """A span of days, which breaks into two lines between them, never inside one."""
    words = formats.imprecise(first, last).replace("〜", "〜|").replace(" – ", " –| |")
    days = (Markup("<span>{}</span><wbr>").format(part) if part != " " else part for part in words.split("|"))
    return Markup('<span class="when when-range">{}</span>').format(Markup("").join(days))
