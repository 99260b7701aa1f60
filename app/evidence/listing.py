"""The matrix as a list of rows: what is missing first, and only what the reader wants to see."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.evidence import Asked
from app.evidence.shapes import GateView, Matrix, PartView

MISSING = "missing"
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader chose to see; empty means everything. ``status`` may also be MISSING, ``owner`` NOBODY."""

    gate: str = ""
    owner: str = ""
    status: str = ""

    def fits(self, part: PartView) -> bool:
        """Whether a piece is wanted."""
        owner = {"": True, NOBODY: part.owner_id is None}.get(self.owner, part.owner_id == self.owner)
        status = {"": True, MISSING: not part.covered}.get(self.status, part.status == self.status)
        return owner and status and self.gate in ("", part.gate.key)


@dataclass(frozen=True, slots=True)
class Row:
    """One item; ``cells`` stand below the gates of the matrix, None where a gate does not ask for it."""

    asked: Asked
    cells: tuple[PartView | None, ...]

    @property
    def missing(self) -> tuple[int, PartView] | None:
        """The first gate shown at which it is missing, by its number, and what is missing there."""
        return next(((at, cell) for at, cell in enumerate(self.cells) if cell and not cell.covered), None)

    @property
    def urgency(self) -> tuple[int, bool]:
        """The order of the list: by the gate at which it is missing first, and there what blocks before what warns."""
        return (self.missing[0], not self.missing[1].blocks) if self.missing else (len(self.cells), True)


def columns(matrix: Matrix, wanted: Wanted) -> tuple[GateView, ...]:
    """The gates to show."""
    return tuple(gate for gate in matrix.gates if wanted.gate in ("", gate.gate.key))


def rows(matrix: Matrix, wanted: Wanted) -> list[Row]:
    """The items with any wanted piece: what is missing at the nearest gate first, what is there last."""
    shown = columns(matrix, wanted)
    found: dict[str, Row] = {}
    for part in matrix.parts:
        key = part.asked.item.key
        if key in found or not any(wanted.fits(each) for each in matrix.of(part.asked)):
            continue
        at = {each.gate.key: each for each in matrix.of(part.asked)}
        found[key] = Row(part.asked, tuple(at.get(gate.gate.key) for gate in shown))
    return sorted(found.values(), key=lambda row: row.urgency)


@dataclass(frozen=True, slots=True)
class Group:
    """What one gate asks for, as a telephone lists it: what is missing first. ``opened``: the next gate of the way."""

    gate: GateView
    parts: tuple[PartView, ...]
    opened: bool

    @property
    def missing(self) -> int:
        """How many pieces are missing."""
        return sum(not part.covered for part in self.parts)


def groups(matrix: Matrix, wanted: Wanted) -> list[Group]:
    """The wanted pieces by gate; open is the first gate at which any is missing, or the only one shown."""
    found = []
    for gate in columns(matrix, wanted):
        parts = [part for part in gate.parts if wanted.fits(part)]
        if parts:
            found.append((gate, tuple(sorted(parts, key=lambda part: (part.covered, not part.blocks)))))
    missing = next((gate for gate, parts in found if any(not part.covered for part in parts)), None)
    return [Group(gate, parts, gate is missing or len(found) == 1) for gate, parts in found]
