"""What the kernel may ask other rooms. They fill it; what they do not know stays unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

FactKind = Literal["fact", "document", "licence", "licence_applied"]


class Truth(StrEnum):
    """What a room knows about a fact."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Facts(Protocol):
    """The only door through which guards see other rooms."""

    def truth(self, kind: FactKind, key: str) -> Truth:
        """Whether the fact, approved document or licence ``key`` is there; UNKNOWN when nobody can say."""
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
        return Truth.UNKNOWN if known is None else Truth.YES if known else Truth.NO

    def therapy(self, attribute: str) -> str | None:
        """See Facts.therapy."""
        return self.attributes.get(attribute)


NOTHING_KNOWN = KnownFacts()
