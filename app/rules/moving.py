"""What would move if a rule changed, told by the rooms that hold dates; this room does not know them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.access.scope import Scope
from app.engine.definition.common import Basis, Text
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.published import Published
from app.engine.trace import Span
from app.therapies.queries import TherapyView


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


@dataclass(frozen=True)
class Impossible:
    """A recorded event that could then not have happened, and why."""

    therapy: Text
    event: Text
    on: Text
    reason: Text


class Fate(StrEnum):
    """What becomes of a line when an edition of a machine is accepted."""

    GOES_OVER = "goes_over"
    STAYS = "stays"  # with the edition that it has: going over is not safe
    FOLLOWS = "follows"  # it has ended or is of another machine; only its days would be others


@dataclass(frozen=True)
class LineMove:
    """One line under another edition of a machine; ``reasons``: why it stays, naming the states."""

    therapy_id: str
    therapy: Text
    organisation: Text
    line: Text
    instance: str
    letter: str  # of its station
    number: str
    state: Text
    fate: Fate
    reasons: tuple[Text, ...]
    dates: tuple[DateMove, ...]
    impossible: tuple[Impossible, ...] = ()  # told with the first line of the therapy


class Lines(Protocol):
    """The room that runs lines by the editions of their machines."""

    def under_edition(
        self, views: Sequence[TherapyView], waits: frozenset[tuple[str, int]], edition: MachineDefinition
    ) -> Sequence[LineMove]:
        """Every line of these therapies that accepting ``edition`` concerns, while they wait for ``waits``."""


class Plans(Protocol):
    """A room that computes dates by the rules."""

    def would_move(self, scope: Scope, companies: Collection[str], published: Published) -> Sequence[Moved]:
        """What would move for the therapies of ``companies`` that the reader may see."""

    def compute_anew(self, companies: Collection[str]) -> None:
        """Put all open plans of ``companies`` anew, in the caller's transaction."""


_plans: list[Plans] = []
_lines: list[Lines] = []


def register(plans: Plans) -> None:
    """Let a room say what moves, and move it."""
    _plans.append(plans)


def register_lines(lines: Lines) -> None:
    """Let a room say what becomes of its lines."""
    _lines.append(lines)


def under_edition(
    views: Sequence[TherapyView], waits: frozenset[tuple[str, int]], edition: MachineDefinition
) -> list[LineMove]:
    """What accepting an edition would do to the lines of these therapies, in every room that runs some."""
    return [each for lines in _lines for each in lines.under_edition(views, waits, edition)]


def would_move(scope: Scope, companies: Collection[str], published: Published) -> list[Moved]:
    """What would move, in every room; only what the reader may see."""
    return [moved for plans in _plans for moved in plans.would_move(scope, companies, published)]


def compute_anew(companies: Collection[str]) -> None:
    """Compute every open plan of these companies by the rules as they are now; joins the caller's transaction."""
    for plans in _plans:
        plans.compute_anew(companies)
