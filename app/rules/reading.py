"""Marks of sources and of confidence as pages show them."""

from __future__ import annotations

from dataclasses import replace

from app.core.i18n import Language
from app.engine.definition.common import Confidence, Provenance, Source
from app.engine.library import shipped
from app.rules import queries
from app.web.components import SourceMark

RECALLED = (Confidence.KNOWN_HIGH, Confidence.KNOWN_MEDIUM)


def mark(source: Source, speak: Language, *, recalled: bool = False) -> SourceMark:
    """A source in its look; nothing is verified before a person has verified it."""
    return SourceMark("recalled" if recalled else "read", source.title.say(speak), source.url, source.read_on)


def marks(confidence: str | None, sources: list[str], speak: Language) -> tuple[SourceMark, ...]:
    """The marks of a fact: one for each known source, or that it was recalled."""
    recalled = confidence in RECALLED
    shown = shipped().sources
    known = (mark(shown[key], speak, recalled=recalled) if key in shown else _entered(key, speak) for key in sources)
    found = tuple(each for each in known if each)
    return found or ((SourceMark("recalled"),) if recalled else ())


def address(step: tuple[str, str] | list[str]) -> str:
    """Where the rule of a step stands: the key of the kind of consultation, and of its step."""
    kind, key = step
    return f"/rules/consultations/{kind}#step-{kind}-{key}"


def _entered(key: str, speak: Language) -> SourceMark | None:
    """The mark of what a hub entered, with the name of who did; None for a source that is not known."""
    source = queries.hub_source(key)
    if source is None or source.note is None:
        return None
    said, note = source.title.say(speak), source.note.say(speak)
    return replace(mark(source, speak), title=f"{said}({note})" if speak == "ja" else f"{said} ({note})")


def of_provenance(provenance: Provenance, speak: Language) -> tuple[SourceMark, ...]:
    """The marks of a definition."""
    return marks(provenance.confidence, list(provenance.sources), speak)
