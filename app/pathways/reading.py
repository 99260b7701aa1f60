"""Marks of sources and of confidence as pages show them."""

from __future__ import annotations

from app.core.i18n import Language
from app.engine.definition.common import Confidence, Provenance, Source
from app.pathways.rules import library
from app.web.components import SourceMark

RECALLED = (Confidence.KNOWN_HIGH, Confidence.KNOWN_MEDIUM)


def mark(source: Source, speak: Language, *, recalled: bool = False) -> SourceMark:
    """A source in its look; nothing is verified before a person has verified it."""
    return SourceMark("recalled" if recalled else "read", source.title.say(speak), source.url, source.read_on)


def marks(confidence: str | None, sources: list[str], speak: Language) -> tuple[SourceMark, ...]:
    """The marks of a fact: one for each known source, or that it was recalled."""
    recalled = confidence in RECALLED
    known = library().sources
    found = tuple(mark(known[key], speak, recalled=recalled) for key in sources if key in known)
    return found or ((SourceMark("recalled"),) if recalled else ())


def of_provenance(provenance: Provenance, speak: Language) -> tuple[SourceMark, ...]:
    """The marks of a definition."""
    return marks(provenance.confidence, list(provenance.sources), speak)
