"""Marks of confidence, sources and translations, wherever they stand in any file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from app.engine.definition.common import JAPANESE_ONLY, Source
from app.engine.lint.files import Location, Shelf
from app.engine.lint.finding import Finding
from app.engine.loader import line_of

FORBIDDEN = {"known_low", "low", "guessed", "guess"}
VALUES = (
    "rule",
    "days",
    "months",
    "term",
    "offset",
    "window_months",
    "lead_months",
    "value",
    "amount",
    "closes",
    "yen",
    "number",
)
_KANA = re.compile(r"[\u3040-\u30ff]")
_WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")


def mark_findings(shelf: Shelf) -> Iterator[Finding]:
    """Unknown sources, values that must not be loaded, gaps without a question, missing translations, ids twice."""
    known = {source.id for _, source in shelf.of(Source)}
    yield from _sources_twice(shelf)
    for file, raw in shelf.raw.items():
        for location, entry in _mappings(raw, ()):
            faults = [*_text(entry), *(_mark(entry, known) if "provenance" in entry else [])]
            for key, what, to_do in faults:
                line = line_of(raw, (*location, *key))
                yield Finding(file, line, what, to_do)


def _mappings(value: Any, location: Location) -> Iterator[tuple[Location, dict[str, Any]]]:
    if isinstance(value, dict):
        yield location, value
        for key, entry in value.items():
            yield from _mappings(entry, (*location, key))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _mappings(entry, (*location, number))


def _text(entry: dict[str, Any]) -> Iterator[tuple[Location, str, str]]:
    languages = {"ja", "en"} & entry.keys()
    if not languages or entry.keys() - {"ja", "en"}:
        return
    for language in ("ja", "en"):
        if not str(entry.get(language) or "").strip():
            yield (), f"The {language} text is missing.", "Every text exists in Japanese and in English."
    ja, en = str(entry.get("ja") or ""), str(entry.get("en") or "")
    if ja and ja == en and _WORDS.search(ja):
        yield ("ja",), f"The Japanese text is the English one: {ja!r}.", "Translate it."
    if _KANA.search(en) and en != f"{ja}{JAPANESE_ONLY}":
        yield ("en",), f"The English text is Japanese: {en!r}.", "Translate it."


def _mark(entry: dict[str, Any], known: set[str]) -> Iterator[tuple[Location, str, str]]:
    mark = entry["provenance"]
    if not isinstance(mark, dict):
        return
    confidence, sources = str(mark.get("confidence")), list(mark.get("sources") or [])
    for source in sources:
        if source not in known:
            to_do = "Add it to a file of sources/ with the place where it was read, or correct the id."
            yield ("provenance",), f"Source {source} is in no file of sources/.", to_do
    if confidence in FORBIDDEN:
        to_do = "Leave the value out and mark the entry unknown, with the question to ask."
        yield ("provenance",), f"A value known with {confidence} confidence must not be loaded.", to_do
    values = [key for key in VALUES if entry.get(key) is not None]
    if confidence == "unknown" and values:
        to_do = "Leave the value out, or give the source it was read in."
        yield ("provenance",), f"Unknown, and yet it has a value: {', '.join(values)}.", to_do
    if confidence == "own" and (sources or values):
        to_do = "Mark what was read as read, and keep the value out of our own arrangement."
        yield ("provenance",), "Our own arrangement states a source or a value of the rules.", to_do
    yield from _gaps(confidence, sources, mark)


def _gaps(confidence: str, sources: list[str], mark: dict[str, Any]) -> Iterator[tuple[Location, str, str]]:
    """What a mark of this confidence has to say and does not."""
    if confidence in ("read", "derived") and not sources:
        yield ("provenance",), f"Marked {confidence} without a source.", "Name the source."
    if confidence in ("assumed", "unknown") and not mark.get("ask"):
        yield ("provenance",), f"Marked {confidence} without a question.", "Say in `ask` what to ask, and whom."
    if confidence == "assumed" and not mark.get("analogy"):
        yield ("provenance",), "Assumed without an analogy.", "Say in `analogy` what it was taken from."


def _sources_twice(shelf: Shelf) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for built, source in shelf.of(Source):
        if source.id in seen:
            what = f"Source {source.id} stands twice (also in {seen[source.id]})."
            yield shelf.finding(built, ("id",), what, "Give it another id.")
        seen.setdefault(source.id, built.file)
