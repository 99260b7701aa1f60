"""Evidence: what must exist by a gate of the development, for which products, and what happens while it is missing."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.engine.definition.common import Confidence, Dated, Definition, Key, Provenance, Text
from app.engine.definition.consultation import Marked

ProductClass = Annotated[str, Field(pattern=r"^[A-Z]+(-[A-Z]+)?$", max_length=20)]
MAY_BLOCK = (Confidence.READ, Confidence.DERIVED, Confidence.KNOWN_HIGH)


class Missing(StrEnum):
    """What an item that is missing at its gate does to the steps that the gate guards."""

    BLOCKS = "blocks"
    WARNS = "warns"


class Gate(Definition):
    """A point of the development by which evidence is asked for. Which steps it guards is said by the pathways.

    ``unguarded``: why no step of any pathway waits for it.
    ``notes_count``: a fact that somebody noted as a condition, before its evidence was kept here, counts at this gate.
    """

    key: Key
    names: Text
    when: Text
    notes_count: bool = False
    unguarded: Text | None = None


class Gates(Definition):
    """All gates in the order in which they come. ``provenance`` speaks of them; every item has a mark of its own."""

    provenance: Provenance
    gates: tuple[Gate, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        keys = [gate.key for gate in self.gates]
        if len(set(keys)) != len(keys):
            raise ValueError("a gate stands twice")
        return self

    def gate(self, key: str) -> Gate:
        """The gate called ``key``; KeyError where there is none."""
        for gate in self.gates:
            if gate.key == key:
                return gate
        raise KeyError(key)

    @property
    def order(self) -> tuple[str, ...]:
        """The keys of the gates as they come."""
        return tuple(gate.key for gate in self.gates)


class Products(Definition):
    """Products of one of ``classes`` that consist of one of ``materials``; an empty tuple asks nothing."""

    classes: tuple[ProductClass, ...] = ()
    materials: tuple[Key, ...] = ()

    def include(self, product_class: str, material: str) -> bool:
        """Whether a product of that class and material is meant."""
        of_class = not self.classes or product_class in self.classes
        return of_class and (not self.materials or material in self.materials)


class Part(Definition):
    """What of an item is asked at one gate, such as its feasibility at the first and all of it at the second."""

    gate: Key
    asked: Text | None = None  # none: all of it
    missing: Missing


class OpenQuestion(Definition):
    """Something about an item that is not known; it is shown, never filled in."""

    text: Text
    ask: Text  # what to ask, and whom


class EvidenceItem(Marked):
    """One thing that must exist. ``products`` narrows those of its set; empty means all of them."""

    key: Key
    names: Text
    content: Text
    products: tuple[Products, ...] = ()
    parts: tuple[Part, ...] = Field(min_length=1)
    note: Text | None = None  # a case or a practice worth knowing
    open: tuple[OpenQuestion, ...] = ()

    @model_validator(mode="after")
    def _parts_are_sound(self) -> Self:
        gates = [part.gate for part in self.parts]
        if len(set(gates)) != len(gates):
            raise ValueError("a gate asks twice for the same item")
        if self.provenance.confidence is Confidence.UNKNOWN:
            raise ValueError("what is not known is no item; put it as an open question to the item that it belongs to")
        if self.provenance.confidence not in MAY_BLOCK and any(part.missing is Missing.BLOCKS for part in self.parts):
            raise ValueError("what may be wrong only warns: an item that blocks must be read or surely known")
        return self

    def part(self, gate: str) -> Part:
        """What is asked at ``gate``; KeyError where nothing is."""
        for part in self.parts:
            if part.gate == gate:
                return part
        raise KeyError(gate)


class EvidenceSet(Dated):
    """One edition of items that belong together, for the products named; a changed rule is the next version.

    A product may have several sets, such as its cells and its device part.
    """

    key: Key
    version: int = Field(ge=1)
    names: Text
    products: tuple[Products, ...] = Field(min_length=1)
    items: tuple[EvidenceItem, ...] = Field(min_length=1)
