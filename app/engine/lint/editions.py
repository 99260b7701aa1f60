"""Editions of one machine: they follow each other in time, and histories written under the first stay readable."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from app.engine.definition.machine import MachineDefinition
from app.engine.lint.files import Built, Shelf
from app.engine.lint.finding import Finding


def edition_findings(shelf: Shelf) -> Iterator[Finding]:
    """Versions twice, editions that do not begin one after the other, and states that were dropped."""
    found: dict[str, list[tuple[Built, MachineDefinition]]] = {}
    for built, machine in shelf.of(MachineDefinition):
        found.setdefault(machine.key, []).append((built, machine))
    for editions in found.values():
        editions.sort(key=lambda each: each[1].version)
        for (earlier, old), (later, new) in pairwise(editions):
            if old.version == new.version:
                what = f"Version {new.version} of {new.key} stands twice (also in {earlier.file})."
                yield shelf.finding(later, ("version",), what, "Give it the next version.")
            if new.valid_from is None or (old.valid_from and new.valid_from <= old.valid_from):
                what = f"Version {new.version} of {new.key} does not begin after version {old.version}."
                yield shelf.finding(later, ("version",), what, "Say in valid_from from which day it is the law.")
            for state in sorted(old.by_key.keys() - new.by_key.keys()):
                what = f"Version {new.version} of {new.key} drops state {state}."
                to_do = "Keep it and mark it as `kind: retired`, so that histories can still be read."
                yield shelf.finding(later, ("states",), what, to_do)
