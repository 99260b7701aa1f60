"""Guards that ask for something no room keeps yet: a person notes since when it is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.core.errors import NotFound
from app.engine.definition.common import Text
from app.engine.definition.guards import DocumentApproved, FactPresent, Guard
from app.engine.definition.pathway import PathwayDefinition
from app.pathways.rules import library

Kind = Literal["fact", "document"]


@dataclass(frozen=True, slots=True)
class Condition:
    """What a guard asks for: things of one kind that must all be there."""

    kind: Kind
    keys: tuple[str, ...]
    because: Text
    do: Text

    @property
    def key(self) -> str:
        """Its name in an address."""
        return self.keys[0]


def of(guard: Guard) -> Condition | None:
    """What the guard asks a person to note; None for guards that the history answers by itself."""
    match guard:
        case FactPresent():
            return Condition("fact", guard.facts, guard.because, guard.do)
        case DocumentApproved():
            return Condition("document", guard.documents, guard.because, guard.do)
        case _:
            return None


def find(path: PathwayDefinition, kind: str, key: str) -> Condition:
    """The condition of that name on a pathway; NotFound where nothing asks for it."""
    for condition in _all(path):
        if (condition.kind, condition.key) == (kind, key):
            return condition
    raise NotFound


def _all(path: PathwayDefinition) -> Iterator[Condition]:
    own = (guard for guards in path.guards.values() for guard in guards)
    shared = (g for machine in library().course(path.key).own.values() for t in machine.transitions for g in t.guards)
    for guard in (*own, *shared):
        if condition := of(guard):
            yield condition
