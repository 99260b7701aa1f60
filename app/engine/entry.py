"""One definition as an entry that can be pointed at, searched for, and verified as it stands.

An entry is verified by the hash of its content: whatever changes in it makes it another one.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from app.engine.definition.common import Confidence, Definition, Provenance, Text


def folded(text: str) -> str:
    """A text as a search compares it: Ⅱ is II, and neither width nor case tells words apart."""
    return unicodedata.normalize("NFKC", text).casefold()


@dataclass(frozen=True)
class Entry:
    """One definition: ``group`` and ``page`` say where it stands, ``id`` names it among all."""

    id: str
    group: str
    page: str
    names: Text
    content: Definition
    provenance: Provenance

    @property
    def anchor(self) -> str:
        """Its place on its page."""
        return self.id.replace(":", "-")

    @property
    def ours(self) -> bool:
        """Whether it is an arrangement or a wording of this program, with nothing to verify it against."""
        return self.provenance.confidence is Confidence.OWN

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content; what a definition leaves at its default does not count."""
        content = self.content.model_dump(mode="json", exclude_defaults=True)
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @cached_property
    def words(self) -> str:
        """Everything that a search may find, folded."""
        return folded(" ".join([self.id, *_strings(self.content.model_dump(mode="json"))]))


def weakest(marks: Iterable[Provenance]) -> Provenance:
    """The mark of what consists of others: as sure as the least sure of them, with the sources of all."""
    found = list(marks)
    least = max(found, key=lambda mark: list(Confidence).index(mark.confidence))
    sources = dict.fromkeys(source for mark in found for source in mark.sources)
    return least.model_copy(update={"sources": tuple(sources)})


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        for entry in value.values():
            yield from _strings(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _strings(entry)
    elif isinstance(value, str):
        yield value
