"""What a therapy consists of; with the class it leads to the pathway."""

from __future__ import annotations

from pydantic import Field

from app.engine.definition.common import Definition, Key, Provenance, Text


class Material(Definition):
    """One choice. ``classes``: the product classes it makes sense for; one not ``offered`` is only for precedents.

    The mark speaks of the class.
    """

    key: Key
    names: Text
    classes: tuple[str, ...] = Field(min_length=1)
    offered: bool = True
    provenance: Provenance
