"""Evidence against gates, classes and guards: nothing may speak of what does not exist, or be asked of nobody."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.definition.evidence import EvidenceSet, Gates, Products
from app.engine.definition.guards import EvidenceComplete, FactPresent, Guard
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.material import Material
from app.engine.definition.pathway import PathwayDefinition
from app.engine.lint.files import Built, Location, Shelf
from app.engine.lint.finding import Finding


def evidence_findings(shelf: Shelf) -> Iterator[Finding]:
    """Items twice, gates and classes that do not exist, and guards that ask for evidence that nobody must bring."""
    gates = next((gates for _, gates in shelf.of(Gates)), None)
    if gates is None:
        return
    yield from _sets(shelf, gates)
    yield from _guards(shelf, gates)


def _sets(shelf: Shelf, gates: Gates) -> Iterator[Finding]:
    seen: dict[str, tuple[str, str]] = {}
    editions: set[tuple[str, int]] = set()
    classes = {key for _, pathway in shelf.of(PathwayDefinition) for key in pathway.classes}
    materials = {each.key for _, each in shelf.of(Material)}
    for built, one in shelf.of(EvidenceSet):
        if (one.key, one.version) in editions:
            what = f"Version {one.version} of {one.key} stands twice."
            yield shelf.finding(built, ("version",), what, "Give it the next version.")
        editions.add((one.key, one.version))
        for place, products in _products(one):
            for strange in sorted(set(products.classes) - classes):
                what = f"There is no product class {strange}."
                yield shelf.finding(built, place, what, "Use a class that a pathway is for.")
            for strange in sorted(set(products.materials) - materials):
                what = f"There is no material {strange}."
                yield shelf.finding(built, place, what, "Use a material of materials.yaml.")
        for number, item in enumerate(one.items):
            set_of, file = seen.setdefault(item.key, (one.key, built.file))
            if set_of != one.key or [each.key for each in one.items].index(item.key) != number:
                what = f"{item.key} stands twice (also in {file})."
                yield shelf.finding(built, ("items", number, "key"), what, "Give it another key.")
            for part in item.parts:
                if part.gate not in gates.order:
                    what = f"{item.key} is asked at {part.gate}, which is no gate."
                    yield shelf.finding(built, ("items", number, "parts"), what, "Use a gate of gates.yaml.")


def _products(one: EvidenceSet) -> Iterator[tuple[Location, Products]]:
    for number, products in enumerate(one.products):
        yield ("products", number), products
    for place, item in enumerate(one.items):
        for number, products in enumerate(item.products):
            yield ("items", place, "products", number), products


def _guards(shelf: Shelf, gates: Gates) -> Iterator[Finding]:
    asked = {(item.key, part.gate) for _, one in shelf.of(EvidenceSet) for item in one.items for part in item.parts}
    items = {key for key, _gate in asked}
    yield from _unguarded(shelf, gates)
    for built, place, guard in _all(shelf):
        match guard:
            case EvidenceComplete() if guard.gate not in gates.order:
                what = f"{guard.gate} is no gate."
                yield shelf.finding(built, place, what, "Use a gate of gates.yaml.")
            case EvidenceComplete():
                if "{items}" not in guard.because.ja or "{items}" not in guard.because.en:
                    what = "The guard does not name what is missing."
                    yield shelf.finding(built, place, what, "Put {items} into both texts of `because`.")
                known = {key for key, gate in asked if gate == guard.gate}
                for key in [key for key in guard.items if key not in known] or ([] if known else ["at all"]):
                    what = f"No evidence {key} is asked at {guard.gate}."
                    yield shelf.finding(built, place, what, "Correct the guard, or add the item.")
            case FactPresent() if guard.target and guard.target.room == "evidence":
                for key in (*guard.facts, guard.target.key):
                    if key not in items:
                        what = f"There is no evidence {key}."
                        yield shelf.finding(built, place, what, "Use an item of evidence/, or another target.")
            case _:
                pass


def _unguarded(shelf: Shelf, gates: Gates) -> Iterator[Finding]:
    """A gate that no step waits for says why, and no other does."""
    guarded = {guard.gate for _, _, guard in _all(shelf) if isinstance(guard, EvidenceComplete) and not guard.items}
    built = next(built for built, _ in shelf.of(Gates))
    for number, gate in enumerate(gates.gates):
        if gate.key not in guarded and gate.unguarded is None:
            what, to_do = f"No step waits for {gate.key}.", "Guard a step with it, or say why none is in `unguarded`."
            yield shelf.finding(built, ("gates", number, "key"), what, to_do)
        if gate.key in guarded and gate.unguarded is not None:
            what, to_do = f"A step waits for {gate.key}, which says that none does.", "Drop `unguarded`."
            yield shelf.finding(built, ("gates", number, "unguarded"), what, to_do)


def _all(shelf: Shelf) -> Iterator[tuple[Built, Location, Guard]]:
    for built, machine in shelf.of(MachineDefinition):
        for number, transition in enumerate(machine.transitions):
            for place, guard in enumerate(transition.guards):
                yield built, ("transitions", number, "guards", place), guard
    for built, pathway in shelf.of(PathwayDefinition):
        for key, guards in pathway.guards.items():
            for place, guard in enumerate(guards):
                yield built, ("guards", key, place), guard
