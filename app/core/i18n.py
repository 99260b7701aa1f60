"""Japanese and English, inside and outside requests: one language per context, one catalogue per room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from babel.support import LazyProxy, Translations

from app.engine.definition.common import LANGUAGES, Language

APP = Path(__file__).resolve().parents[1]
_language: ContextVar[Language] = ContextVar("language", default="ja")


def language() -> Language:
    """The language of the reader of this page or mail."""
    return _language.get()


def set_language(value: Language) -> None:
    """Speak ``value`` from here on in this context (a request starts with this)."""
    _language.set(value)


@contextmanager
def speaking(value: Language) -> Iterator[None]:
    """Speak ``value`` for a while (a mail to one person)."""
    token = _language.set(value)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str, **values: Any) -> str:
    """The text in the reader's language; ``%(name)s`` is filled from ``values``."""
    text = _catalogue(language()).gettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """The text for a number; the number itself is ``%(num)d``."""
    return _catalogue(language()).ngettext(one, many, num) % {"num": num, **values}


def pgettext(context: str, message: str, **values: Any) -> str:
    """The text of a message that needs a context to be translated."""
    text = _catalogue(language()).pgettext(context, message)
    return text % values if values else text


def lazy(message: str, **values: Any) -> Any:
    """A text that is looked up when it is shown (labels of forms)."""
    return LazyProxy(gettext, message, enable_cache=False, **values)


def catalogues() -> list[Path]:
    """The ``.po`` files of all rooms."""
    return sorted(APP.glob("**/translations/*/LC_MESSAGES/messages.po"))


def compile_catalogues() -> int:
    """Write the ``.mo`` of every ``.po`` that is newer than it; returns how many were written."""
    written = 0
    for source in catalogues():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        from babel.messages.mofile import write_mo  # noqa: PLC0415 — read only where a catalogue is new
        from babel.messages.pofile import read_po  # noqa: PLC0415

        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parents[1].name, abort_invalid=True)
        draft = target.with_suffix(f".{id(catalogue)}")
        with draft.open("wb") as binary:
            write_mo(binary, catalogue)
        draft.replace(target)
        written += 1
    return written


@cache
def _catalogue(value: Language) -> NullTranslations:
    compile_catalogues()
    merged: Translations | None = None
    for source in catalogues():
        if source.parents[1].name == value:
            with source.with_suffix(".mo").open("rb") as binary:
                part = Translations(binary)
            merged = merged.merge(part) if merged else part  # the first brings the rule of plurals
    return merged or NullTranslations()


__all__ = [
    "LANGUAGES",
    "Language",
    "catalogues",
    "compile_catalogues",
    "gettext",
    "language",
    "lazy",
    "ngettext",
    "pgettext",
    "set_language",
    "speaking",
]
