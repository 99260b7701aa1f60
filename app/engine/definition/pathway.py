"""A pathway: which tracks, consultations, guards and evidence belong to one class of product."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from app.engine.definition.common import Definition, Key, Provenance, Text
from app.engine.definition.guards import Guard


class PathwayConsultation(Definition):
    """A consultation type of the pathway: in which states of the programme it is held and which step it prepares."""

    type: Key
    during: tuple[str, ...] = Field(min_length=1)
    prepares: str  # the id of a transition of the programme or application
    strength: Literal["expected", "recommended", "optional"]
    why: Text
    provenance: Provenance


class PathwayDefinition(Definition):
    """What a therapy of the named classes goes through; it adds guards to transitions of the machines it uses."""

    key: Key
    version: int = Field(ge=1)
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    names: Text
    classes: dict[str, Text] = Field(min_length=1)
    machines: tuple[Key, ...] = Field(min_length=1)
    consultations: tuple[PathwayConsultation, ...] = ()
    guards: dict[str, tuple[Guard, ...]] = Field(default_factory=dict)  # by id of the transition
    likely: tuple[str, ...] = ()  # ids of the transitions of the usual course, in order; for the picture
