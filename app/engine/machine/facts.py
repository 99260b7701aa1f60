"""What the kernel may ask other rooms. They fill it; what they do not know stays unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from app.engine.definition.common import Text

FactKind = Literal["fact", "document", "licence", "licence_applied"]


class Truth(StrEnum):
    """What a room knows about a fact."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Lack:
    """A piece of evidence that is missing at a gate.

    ``note_counts``: a fact of the same key that somebody noted stands for it.
    """

    key: str
    names: Text
    blocks: bool
    note_counts: bool = False


class Facts(Protocol):
    """The only door through which guards see other rooms: what they know of the day on which the step is taken."""

    def truth(self, kind: FactKind, key: str) -> Truth:
        """Whether the fact, approved document or licence ``key`` is there; UNKNOWN when nobody can say."""
        ...

    def lacking(self, gate: str) -> Sequence[Lack] | None:
        """The evidence that is missing at a gate; None when nobody can say."""
        ...

    def therapy(self, attribute: str) -> str | None:
        """An attribute of the therapy, such as ``class``; None when it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """Facts given as plain mappings; what is not in them is unknown."""

    facts: Mapping[str, bool] = field(default_factory=dict)
    documents: Mapping[str, bool] = field(default_factory=dict)
    licences: Mapping[str, bool] = field(default_factory=dict)
    licences_applied: Mapping[str, bool] = field(default_factory=dict)
    evidence: Mapping[str, Sequence[Lack]] = field(default_factory=dict)  # by gate, what is missing
    attributes: Mapping[str, str] = field(default_factory=dict)

    def truth(self, kind: FactKind, key: str) -> Truth:
        """See Facts.truth."""
        shelf = {
            "fact": self.facts,
            "document": self.documents,
            "licence": self.licences,
            "licence_applied": self.licences_applied,
        }[kind]
        known = shelf.get(key)
        if known is None and kind == "fact" and any(lack.key == key for at in self.evidence.values() for lack in at):
            return Truth.NO  # evidence of which nobody has brought anything yet
        return Truth.UNKNOWN if known is None else Truth.YES if known else Truth.NO

    def lacking(self, gate: str) -> Sequence[Lack] | None:
        """See Facts.lacking."""
        return self.evidence.get(gate)

    def therapy(self, attribute: str) -> str | None:
        """See Facts.therapy."""
        return self.attributes.get(attribute)


NOTHING_KNOWN = KnownFacts()
