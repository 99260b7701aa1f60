"""A pathway: which tracks, consultations, guards and evidence belong to one class of product."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.engine.definition.common import Dated, Definition, Key, Provenance, Text
from app.engine.definition.consultation import Class
from app.engine.definition.guards import Guard
from app.engine.definition.machine import TransitionId


class PathwayConsultation(Definition):
    """A consultation type of the pathway: in which states of the programme it is held and which step it prepares."""

    type: Key
    during: tuple[str, ...] = Field(min_length=1)
    prepares: str  # the id of a transition of the programme or application
    strength: Literal["expected", "recommended", "optional"]
    why: Text
    provenance: Provenance


class Particular(Definition):
    """One thing that differs between classes in words: the legal chapter, the committee, the rule of manufacture …"""

    key: Key
    names: Text
    text: Text
    provenance: Provenance


class PathwayDefinition(Dated):
    """What a therapy of the named classes goes through.

    It chooses among the transitions of its machines (``takes`` elective ones, ``leaves_out`` others), may call a step
    by another name, and adds guards. With ``extends`` it has everything of another pathway first: lists are joined,
    ``instead`` names transitions whose inherited guards its own replace, particulars of one key replace each other. A
    pathway without classes is only extended. ``materials`` narrows the therapies it is for; empty means all.
    """

    key: Key
    version: int = Field(ge=1)
    extends: Key | None = None
    names: Text
    classes: dict[str, Text] = Field(default_factory=dict)
    materials: tuple[Key, ...] = ()
    consulted_as: tuple[Class, ...] = ()  # the letters of workflows/consultations/ for its products
    machines: tuple[Key, ...] = ()
    takes: tuple[TransitionId, ...] = ()
    leaves_out: tuple[TransitionId, ...] = ()
    steps: dict[TransitionId, Text] = Field(default_factory=dict)  # what a transition is called on this pathway
    particulars: tuple[Particular, ...] = ()
    consultations: tuple[PathwayConsultation, ...] = ()
    guards: dict[str, tuple[Guard, ...]] = Field(default_factory=dict)  # by id of the transition
    instead: tuple[TransitionId, ...] = ()
    likely: tuple[str, ...] = ()  # ids of the transitions of the usual course, in order; its own, or the inherited
    detour: tuple[str, ...] = ()  # the same of whoever has left the usual course, such as for a trial

    def over(self, base: PathwayDefinition) -> PathwayDefinition:
        """This pathway with everything of ``base`` that it does not replace."""
        kept = {key: guards for key, guards in base.guards.items() if key not in self.instead}
        own = {each.key for each in self.particulars}
        types = {each.type for each in self.consultations}
        return self.model_copy(
            update={
                "consulted_as": self.consulted_as or base.consulted_as,
                "machines": _joined(base.machines, self.machines),
                "takes": _without(_joined(base.takes, self.takes), self.leaves_out),
                "leaves_out": _without(_joined(base.leaves_out, self.leaves_out), self.takes),
                "steps": {**base.steps, **self.steps},
                "particulars": (*(each for each in base.particulars if each.key not in own), *self.particulars),
                "consultations": (
                    *(each for each in base.consultations if each.type not in types),
                    *self.consultations,
                ),
                "guards": {
                    key: (*kept.get(key, ()), *self.guards.get(key, ())) for key in _joined((*kept,), (*self.guards,))
                },
                "likely": self.likely or base.likely,
                "detour": self.detour or base.detour,
            }
        )


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _without(names: tuple[str, ...], gone: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in gone)
