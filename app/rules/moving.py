"""What would move if a rule changed, told by the rooms that hold dates; this room does not know them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.access.scope import Scope
from app.engine.definition.common import Basis, Text
from app.engine.definition.published import Published
from app.engine.trace import Span


@dataclass(frozen=True)
class DateMove:
    """One date, what it is now, what it would be (None: no date), and why it would be that."""

    title: Text
    old: Span | None
    new: Span | None
    old_basis: Basis | None
    new_basis: Basis
    why: Text | None

    @property
    def days(self) -> int | None:
        """Calendar days later (earlier when negative)."""
        return (self.new.earliest - self.old.earliest).days if self.old and self.new else None


@dataclass(frozen=True)
class Moved:
    """What would move of one thing of a therapy, such as a consultation."""

    therapy_id: str
    therapy: Text
    organisation: Text
    what: Text
    path: str
    dates: tuple[DateMove, ...]


class Plans(Protocol):
    """A room that computes dates by the rules."""

    def would_move(self, scope: Scope, companies: Collection[str], published: Published) -> Sequence[Moved]:
        """What would move for the therapies of ``companies`` that the reader may see."""

    def compute_anew(self, companies: Collection[str]) -> None:
        """Put all open plans of ``companies`` anew, in the caller's transaction."""


_plans: list[Plans] = []


def register(plans: Plans) -> None:
    """Let a room say what moves, and move it."""
    _plans.append(plans)


def would_move(scope: Scope, companies: Collection[str], published: Published) -> list[Moved]:
    """What would move, in every room; only what the reader may see."""
    return [moved for plans in _plans for moved in plans.would_move(scope, companies, published)]


def compute_anew(companies: Collection[str]) -> None:
    """Compute every open plan of these companies by the rules as they are now; joins the caller's transaction."""
    for plans in _plans:
        plans.compute_anew(companies)
