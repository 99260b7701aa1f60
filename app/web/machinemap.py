"""A machine for a reader: the drawing, and the same facts as a table for those who do not see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.engine.definition.common import Language
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.pathway import PathwayDefinition
from app.engine.diagram.machine import MachineDrawing, arrows, drawn, origins_of


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step in the table twin; ``number`` is that of its arrow, None for a step that moves nothing."""

    number: int | None
    name: str
    origins: tuple[str, ...]  # codes of stations; empty: it begins the line
    to: str | None
    usual: bool
    conditions: int
    elective: bool


@dataclass(frozen=True, slots=True)
class MachineMapView:
    """A machine ready to be drawn; ``key`` keeps the ids of several on one page apart."""

    key: str
    title: str
    letter: str
    drawing: MachineDrawing
    rows: tuple[StepRow, ...]


def machine_map_view(
    machine: MachineDefinition,
    letter: str,
    numbers: Mapping[str, str],
    language: Language,
    pathway: PathwayDefinition | None = None,
) -> MachineMapView:
    """The view of ``machine``; with ``pathway`` its usual course is marked and its conditions count, too.

    ``letter`` and ``numbers`` are those of the line and its stations in workflows/stations.yaml.
    """
    conditions = {
        each.id: len(each.guards) + (len(pathway.guards.get(each.id, ())) if pathway else 0)
        for each in machine.transitions
    }
    usual = pathway.likely if pathway else ()
    shown = arrows(machine, usual, {key for key, count in conditions.items() if count})
    number_of = {step: arrow.number for arrow in shown for step in arrow.steps}
    rows = tuple(
        StepRow(
            number_of.get(each.id),
            each.names.say(language),
            tuple(letter + numbers[state] for state in origins_of(machine, each)),
            letter + numbers[each.to] if each.to else None,
            each.id in usual,
            conditions[each.id],
            each.elective,
        )
        for each in machine.transitions
        if each.opens or origins_of(machine, each)
    )
    drawing = drawn(machine, shown, numbers, language)
    return MachineMapView(machine.key, machine.names.say(language), letter, drawing, rows)
