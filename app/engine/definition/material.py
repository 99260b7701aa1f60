"""What a therapy consists of; with the class it leads to the pathway."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from app.engine.definition.common import Definition, Key, Provenance, Text


class Material(Definition):
    """One choice. ``classes``: the product classes it makes sense for; one not ``offered`` is only for precedents.

    Only what is offered says something about products, and has a mark.
    """

    key: Key
    names: Text
    classes: tuple[str, ...] = Field(min_length=1)
    offered: bool = True
    provenance: Provenance | None = None

    @model_validator(mode="after")
    def _has_a_mark(self) -> Self:
        if self.offered != (self.provenance is not None):
            raise ValueError("what is offered, and nothing else, has a mark: `provenance`")
        return self
