"""Everything of ``workflows/`` as one frozen library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

from app.engine import compiled
from app.engine.abroad import World
from app.engine.catalogue import clocks, consultation_types, materials, world
from app.engine.courses import Course, Edition, course, on_day, ordered, resolved
from app.engine.definition.case import Case
from app.engine.definition.clock import Clock
from app.engine.definition.common import Definition, Source
from app.engine.definition.consultation import ConsultationType
from app.engine.definition.evidence import EvidenceSet, Gates
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.material import Material
from app.engine.definition.pathway import PathwayDefinition
from app.engine.definition.vocabulary import Stations, Vocabulary
from app.engine.errors import DefinitionError
from app.engine.loader import WORKFLOWS, load, parse, plain
from app.engine.sources import load_sources

Keyed = TypeVar("Keyed", bound=Definition)


@dataclass(frozen=True, slots=True)
class Library:
    """All definitions, by their keys, in the order of ``stations.yaml`` for machines and of file names otherwise.

    ``machines`` and ``pathways`` are the newest editions, ``editions`` all of a machine that has more than one, oldest
    first. A pathway has what it extends. ``evidence`` holds every edition of every set.
    """

    machines: Mapping[str, MachineDefinition]
    editions: Mapping[str, tuple[MachineDefinition, ...]]
    pathways: Mapping[str, PathwayDefinition]
    courses: Mapping[str, tuple[Course, ...]]
    consultations: Mapping[str, ConsultationType]
    clocks: Mapping[str, Clock]
    materials: Mapping[str, Material]
    sources: Mapping[str, Source]
    vocabulary: Vocabulary
    stations: Stations
    gates: Gates
    evidence: tuple[EvidenceSet, ...]
    cases: Mapping[str, Case] = field(default_factory=dict)
    abroad: World = field(default_factory=World)

    @classmethod
    def load(cls, root: Path = WORKFLOWS) -> Library:
        """Read the folder ``root``.

        Raises DefinitionError with file and line for anything that is not as it must be.
        """
        stations = load(Stations, root / "stations.yaml", root)
        order = list(stations.lines)
        found = _editions(MachineDefinition, root, "machines")
        machines = dict(sorted(found.items(), key=lambda item: order.index(item[0]) if item[0] in order else 99))
        vocabulary = load(Vocabulary, root / "vocabulary.yaml", root)
        pathways = resolved(_editions(PathwayDefinition, root, "pathways"))
        return cls(
            machines={key: editions[-1] for key, editions in machines.items()},
            editions={key: editions for key, editions in machines.items() if len(editions) > 1},
            pathways={key: editions[-1] for key, editions in pathways.items()},
            courses={
                key: tuple(course(each, machines, vocabulary) for each in editions)
                for key, editions in pathways.items()
            },
            consultations=consultation_types.__wrapped__(root),
            clocks=clocks.__wrapped__(root),
            materials=materials.__wrapped__(root),
            sources=load_sources.__wrapped__(root),
            vocabulary=vocabulary,
            stations=stations,
            gates=load(Gates, root / "gates.yaml", root),
            evidence=tuple(load(EvidenceSet, path, root) for path in sorted((root / "evidence").glob("*.yaml"))),
            cases=_folder(Case, root, "cases", key="id"),
            abroad=world.__wrapped__(root),
        )

    def course(self, pathway: str, on: dt.date | None = None) -> Course:
        """The rules of a pathway as they are on a day (the newest when not given). KeyError where there is none."""
        editions = self.courses[pathway]
        wanted = on_day([each.pathway for each in editions], on) if on else editions[-1].pathway
        return next(each for each in editions if each.pathway is wanted)

    def for_class(self, product_class: str, material: str | None = None) -> PathwayDefinition | None:
        """The pathway of a class, and of the material where several share the class; None where there is none."""
        found = [each for each in self.pathways.values() if product_class in each.classes]
        chosen = [each for each in found if material in each.materials]
        return next(iter([*chosen, *(each for each in found if not each.materials), *found]), None)


@cache
def shipped() -> Library:
    """The library that travels with the program, read once per process and kept compiled for the next one."""
    library = Library.load(WORKFLOWS)
    keep_compiled(WORKFLOWS)
    return library


def keep_compiled(root: Path, folder: Path = compiled.FOLDER) -> None:
    """Keep what the files of ``root`` were read to; call it only when all of them were found good."""
    contents = {}
    for path in sorted(root.rglob("*.yaml")):
        content = path.read_bytes()
        digest = compiled.digest_of(content)
        kept = compiled.recall(digest, folder)
        fresh = compiled.learnt(digest) if kept is None else None
        contents[digest] = kept if kept is not None else plain(fresh or parse(content.decode("utf-8"), path.name))
    compiled.keep(contents, folder)


def _folder(model: type[Keyed], root: Path, name: str, key: str = "key") -> dict[str, Keyed]:
    found: dict[str, Keyed] = {}
    for path in sorted((root / name).glob("*.yaml")):
        entry = load(model, path, root)
        own_key = str(getattr(entry, key))
        if own_key in found:
            raise DefinitionError(f"{name}/{path.name}", 1, f"{own_key} stands in two files", "Give it another key")
        found[own_key] = entry
    return found


def _editions(model: type[Edition], root: Path, name: str) -> dict[str, tuple[Edition, ...]]:
    """Every edition by its key, oldest first; each stands in a file of its own."""
    found: dict[str, list[Edition]] = {}
    for path in sorted((root / name).glob("*.yaml")):
        entry = load(model, path, root)
        if any(each.version == entry.version for each in found.get(entry.key, [])):
            what = f"Version {entry.version} of {entry.key} stands in two files"
            raise DefinitionError(f"{name}/{path.name}", 1, what, "Give it the next version")
        found.setdefault(entry.key, []).append(entry)
    return {key: ordered(entries) for key, entries in found.items()}
