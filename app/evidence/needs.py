"""What a therapy needs by the rules of a day: the items that concern its class and material, and their gates."""

from __future__ import annotations

from app.core import clock
from app.core.errors import NotFound
from app.engine import evidence
from app.engine.definition.common import Text
from app.engine.definition.evidence import Gate, Part
from app.engine.evidence import Asked
from app.pathways.rules import library
from app.therapies.queries import TherapyView


def needed(therapy: TherapyView) -> tuple[Asked, ...]:
    """Everything that the therapy needs today; of a public precedent nothing is asked."""
    if therapy.is_public:
        raise NotFound
    return evidence.asked(library(), therapy.product_class, therapy.material, clock.today())


def one(therapy: TherapyView, item: str, gate: str) -> tuple[Asked, Gate, Part]:
    """One item at one gate; NotFound where the therapy does not need it."""
    for each in needed(therapy):
        if each.item.key == item:
            for at, part in each.parts:
                if at.key == gate:
                    return each, at, part
    raise NotFound


def gates(therapy: TherapyView) -> tuple[Gate, ...]:
    """The gates that ask for anything, in their order."""
    keys = {gate.key for each in needed(therapy) for gate, _part in each.parts}
    return tuple(gate for gate in library().gates.gates if gate.key in keys)


def gate(therapy: TherapyView, key: str) -> Gate:
    """A gate that asks for something; NotFound for others."""
    for each in gates(therapy):
        if each.key == key:
            return each
    raise NotFound


def guarded(therapy: TherapyView, gate: str) -> tuple[Text, ...]:
    """The names of the steps of the therapy's pathway that wait for a gate."""
    if not therapy.pathway:
        return ()
    return tuple(each.names for each in evidence.guarded(library().course(therapy.pathway, clock.today()), gate))
