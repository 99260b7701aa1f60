"""Pathways: references to nothing, ways that cannot be gone, dead ends of one class only, classes without a door."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.courses import Course, course, has, ordered, resolved
from app.engine.definition.consultation import ConsultationType
from app.engine.definition.machine import MachineDefinition, StateKind
from app.engine.definition.material import Material
from app.engine.definition.pathway import PathwayDefinition
from app.engine.errors import UnknownDefinitionError
from app.engine.lint.files import Built, Location, Shelf
from app.engine.lint.finding import Finding

NO_STEP = "Use the id of a transition."


def pathway_findings(shelf: Shelf) -> Iterator[Finding]:
    """Everything that is wrong with a pathway, by itself and with what it extends."""
    for built, pathway in shelf.of(PathwayDefinition):
        yield from _references(shelf, built, pathway)
        yield from _consultations(shelf, built, pathway)
    try:
        courses = courses_of(shelf)
    except UnknownDefinitionError as error:
        yield Finding("pathways", None, f"{error}.", "Name another pathway that does not lead back to this one.")
        return
    for built, each in courses:
        yield from _likely(shelf, built, each)
        yield from _detour(shelf, built, each)
        yield from _dead_ends(shelf, built, each)
        yield from _strange_guards(shelf, built, each)
    yield from _never_taken(shelf, [each for _, each in courses])
    yield from _doors(shelf, courses)


def courses_of(shelf: Shelf) -> list[tuple[Built, Course]]:
    """The rules of every pathway that is for a class. Raises UnknownDefinitionError for a base that does not exist."""
    editions: dict[str, list[PathwayDefinition]] = {}
    for _, pathway in shelf.of(PathwayDefinition):
        editions.setdefault(pathway.key, []).append(pathway)
    machines: dict[str, list[MachineDefinition]] = {}
    for _, machine in shelf.of(MachineDefinition):
        machines.setdefault(machine.key, []).append(machine)
    words, whole = shelf.vocabulary(), resolved(editions)
    if words is None:
        return []
    found = []
    for built, pathway in shelf.of(PathwayDefinition):
        mine = next(each for each in whole[pathway.key] if each.version == pathway.version)
        if mine.classes:
            found.append((built, course(mine, {key: ordered(each) for key, each in machines.items()}, words)))
    return found


def _references(shelf: Shelf, built: Built, pathway: PathwayDefinition) -> Iterator[Finding]:
    machines = shelf.machines()
    transitions = {each.id for _, machine in shelf.of(MachineDefinition) for each in machine.transitions}
    for machine in pathway.machines:
        if machine not in machines:
            what = f"There is no machine {machine}."
            yield shelf.finding(built, ("machines",), what, "Name a machine of machines/.")
    named: list[tuple[Location, str]] = [
        *((("guards", key), key) for key in pathway.guards),
        *((("steps", key), key) for key in pathway.steps),
    ]
    for place in ("likely", "detour", "takes", "leaves_out", "instead"):
        named += [((place,), key) for key in getattr(pathway, place)]
    for where, key in named:
        if key not in transitions:
            yield shelf.finding(built, where, f"{key} is no transition.", NO_STEP)
    materials = {each.key for _, each in shelf.of(Material)}
    for key in pathway.materials:
        if key not in materials:
            what = f"There is no material {key}."
            yield shelf.finding(built, ("materials",), what, "Add it to materials.yaml, or use one that is there.")


def _consultations(shelf: Shelf, built: Built, pathway: PathwayDefinition) -> Iterator[Finding]:
    programme = shelf.machines().get("programme")
    transitions = {each.id for _, machine in shelf.of(MachineDefinition) for each in machine.transitions}
    types = {kind.key for _, kind in shelf.of(ConsultationType)}
    for number, each in enumerate(pathway.consultations):
        place = ("consultations", number)
        if each.type not in types:
            what = f"There is no consultation type {each.type}."
            yield shelf.finding(built, place, what, "Name a type of consultations/.")
        if each.prepares not in transitions:
            what = f"{each.type} prepares {each.prepares}, which is no transition."
            yield shelf.finding(built, place, what, NO_STEP)
        for state in each.during:
            if programme and state not in programme.by_key:
                yield shelf.finding(built, place, f"The programme has no state {state}.", "Correct the state.")


def _likely(shelf: Shelf, built: Built, rules: Course) -> Iterator[Finding]:
    """The usual course must be a way: each step starts where the one before it on the same line led."""
    steps = {each.id: (machine, each) for machine in rules.own.values() for each in machine.transitions}
    where = {key: machine.initial for key, machine in rules.own.items()}
    for key in rules.pathway.likely:
        if key not in steps:
            what = f"The usual course names {key}, which this pathway does not have."
            yield shelf.finding(built, ("likely",) if "likely" in shelf.raw[built.file] else (), what, NO_STEP)
            continue
        machine, step = steps[key]
        here = where[machine.key]
        if not (here in step.origins if here else step.opens):
            what = f"The usual course cannot go on by {key}: {machine.key} stands in {here or 'no state yet'} there."
            yield shelf.finding(built, (), what, "Name the steps in the order in which they can be taken.")
        where[machine.key] = step.to or here


def _detour(shelf: Shelf, built: Built, rules: Course) -> Iterator[Finding]:
    """A detour, too, must be a way; it begins where the usual course does not pass."""
    steps = {each.id: each for machine in rules.own.values() for each in machine.transitions}
    likely = [steps[key] for key in rules.pathway.likely if key in steps]
    passed = {state for step in likely for state in (*step.origins, step.to)}
    here: str | None = None
    for key in rules.pathway.detour:
        step = steps.get(key)
        begins = step is not None and (here in step.origins if here else passed.isdisjoint(step.origins))
        if step is None or not begins:
            what = f"The detour cannot go by {key} there." if step else f"The detour names {key}, which is not here."
            yield shelf.finding(built, (), what, "Name the steps off the usual course in the order they are taken.")
            continue
        here = step.to or here


def _dead_ends(shelf: Shelf, built: Built, rules: Course) -> Iterator[Finding]:
    for machine in rules.own.values():
        for state in machine.states:
            ways_out = any(
                state.key in each.origins and each.to not in (None, state.key) for each in machine.transitions
            )
            if state.kind not in (StateKind.END, StateKind.RETIRED) and not ways_out and len(machine.states) > 1:
                what = f"On this pathway, state {state.key} of {machine.key} is a dead end."
                yield shelf.finding(
                    built, (), what, "Take a step that leads on, or leave out the one that leads there."
                )


def _strange_guards(shelf: Shelf, built: Built, rules: Course) -> Iterator[Finding]:
    own = {each.id for machine in rules.own.values() for each in machine.transitions}
    known = {each.id for machine in shelf.machines().values() for each in machine.transitions}
    for key in rules.pathway.guards:
        if key in known - own and key in shelf.raw[built.file].get("guards", {}):
            what = f"{key} has guards, but this pathway does not have the step."
            yield shelf.finding(built, ("guards", key), what, "Take the step, or remove the guards.")


def _never_taken(shelf: Shelf, courses: list[Course]) -> Iterator[Finding]:
    for built, machine in shelf.of(MachineDefinition):
        for number, step in enumerate(machine.transitions):
            if step.elective and courses and not any(has(each.pathway, step) for each in courses):
                what = f"{step.id} is elective, and no pathway takes it."
                yield shelf.finding(
                    built, ("transitions", number), what, "Name it in `takes` of a pathway, or remove it."
                )


def _doors(shelf: Shelf, courses: list[tuple[Built, Course]]) -> Iterator[Finding]:
    """A person comes to a pathway by class and material: each pair must lead to exactly one."""
    materials = [each for _, each in shelf.of(Material)]
    newest = {each.pathway.key: (built, each.pathway) for built, each in courses}
    for built, pathway in newest.values():
        for key in pathway.classes:
            fitting = [each for each in materials if key in each.classes and each.offered]
            if materials and not fitting:
                what = f"No material is of class {key}, so nobody can choose it."
                yield shelf.finding(built, ("classes",), what, "Add one to materials.yaml.")
            rivals = [
                other.key
                for _, other in newest.values()
                if other.key != pathway.key and key in other.classes and _meet(pathway, other)
            ]
            if rivals:
                what = f"Class {key} leads to this pathway and to {', '.join(rivals)}."
                yield shelf.finding(built, ("classes",), what, "Tell them apart by `materials`.")


def _meet(one: PathwayDefinition, other: PathwayDefinition) -> bool:
    return not one.materials or not other.materials or bool(set(one.materials).intersection(other.materials))
