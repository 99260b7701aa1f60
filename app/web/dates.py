"""A date on a page: as precisely as it is known, how sure it is, and what other sources say. Filters of templates."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from markupsafe import Markup, escape

from app.core import formats
from app.core.i18n import Language, language, lazy
from app.core.i18n import gettext as _
from app.web.components import DateView

BASES = {
    "actual": lazy("actual"),
    "agreed": lazy("agreed with PMDA"),
    "published": lazy("published"),
    "target": lazy("target"),
    "computed": lazy("computed"),
    "predicted": lazy("predicted"),
    "assumed": lazy("assumed"),
    "unknown": lazy("unknown"),
}
DAYS = 4096  # that are kept in words: pages show the same ones again and again, and they tell nothing of any plan


def when(date: DateView) -> Markup:
    """The date without its basis; a day inside ``<time>``."""
    told = _plain(date)
    if date.certainty:
        told += sureness(date.certainty)
    if not date.also:
        return told
    others = escape(_(", ")).join(_plain(other) for other in date.also)
    return told + Markup(' <small class="sureness">{} {}{}</small>').format(_("(another source:"), others, _(")"))


def basis_name(basis: str) -> str:
    """The kind of a basis in words."""
    return str(BASES[basis])


def basis_chip(basis: str) -> Markup:
    """The kind of a basis as a chip: text and pattern, never colour alone."""
    return _chip(str(basis), language())


@lru_cache(maxsize=64)
def _chip(basis: str, _speak: Language) -> Markup:
    return Markup('<span class="chip basis-{}">{}</span>').format(basis, basis_name(basis))


def sureness(certainty: str | None) -> Markup:
    """How sure a day of a history is, unless it is certain."""
    said = _("(fairly sure)") if certainty == "medium" else _("(unsure)") if certainty == "low" else ""
    return Markup(' <small class="sureness">{}</small>').format(said) if said else Markup("")


def _plain(date: DateView) -> Markup:
    if date.day:
        return _day(date.day, language())
    if date.earliest and date.latest:
        return _range(date.earliest, date.latest, language())
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


@lru_cache(maxsize=DAYS)
def _day(day: dt.date, speak: Language) -> Markup:
    return Markup('<time class="when" datetime="{}">{}</time>').format(day.isoformat(), formats.day(day, speak))


@lru_cache(maxsize=DAYS)
def _range(first: dt.date, last: dt.date, speak: Language) -> Markup:
    """A span of days, which breaks into two lines between them, never inside one."""
    words = formats.imprecise(first, last, speak).replace("〜", "〜|").replace(" – ", " –| |")
    days = (Markup("<span>{}</span><wbr>").format(part) if part != " " else part for part in words.split("|"))
    return Markup('<span class="when when-range">{}</span>').format(Markup("").join(days))
