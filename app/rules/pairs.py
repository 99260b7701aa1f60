"""A name and a value of an entry, in both languages, and the words that all kinds of entries share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.engine.definition.common import Provenance, Text

WHAT_TO_DO = Text(ja="すること", en="What to do")


@dataclass(frozen=True)
class Pair:
    """A name and a value; ``provenance`` where the value has a mark of its own."""

    name: Text
    value: Text
    provenance: Provenance | None = None


def listed(names: Sequence[Text]) -> Text:
    """Names in a row."""
    return Text(ja="、".join(name.ja for name in names), en=", ".join(name.en for name in names))
