"""The files of a folder of definitions, parsed with their lines and built where they can be."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.engine.courses import resolved
from app.engine.definition.calendar import CalendarTable
from app.engine.definition.case import Case
from app.engine.definition.clock import Clock
from app.engine.definition.common import Source
from app.engine.definition.consultation import ConsultationType, PublishedTable
from app.engine.definition.evidence import EvidenceSet, Gates
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.material import Material
from app.engine.definition.pathway import PathwayDefinition
from app.engine.definition.vocabulary import Stations, Vocabulary
from app.engine.errors import DefinitionError, UnknownDefinitionError
from app.engine.lint.finding import Finding
from app.engine.loader import extended, line_of, parse, plain

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[int | str, ...]

_MODELS: dict[str, type[BaseModel]] = {
    "machines": MachineDefinition,
    "pathways": PathwayDefinition,
    "cases": Case,
    "consultations": ConsultationType,
    "evidence": EvidenceSet,
    "sources": Source,
    "vocabulary.yaml": Vocabulary,
    "stations.yaml": Stations,
    "gates.yaml": Gates,
    "clocks.yaml": Clock,
    "materials.yaml": Material,
    "calendars/japan.yaml": CalendarTable,
    "calendars/reception_days.yaml": PublishedTable,
}


@lru_cache(maxsize=256)
def _parsed(text: str, name: str) -> Any:
    """Parsed once per content: reading again after an edit of one file reads only that one. Never changed here."""
    return parse(text, name)


@dataclass(frozen=True, slots=True)
class Built:
    """One definition with the place where it stands: its file, and its number where the file is a list."""

    file: str
    value: BaseModel
    place: Location = ()


@dataclass(slots=True)
class Shelf:
    """All files of ``root``: parsed (``raw``, by path relative to it) and built; faults met on the way."""

    root: Path
    raw: dict[str, Any] = field(default_factory=dict)
    built: list[Built] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def open(cls, root: Path) -> Shelf:
        """Read everything that can be read."""
        shelf = cls(root)
        for path in sorted(root.rglob("*.yaml")):
            shelf._read(path)
        for needed in ("vocabulary.yaml", "stations.yaml", "gates.yaml"):
            if not (root / needed).exists():
                shelf.findings.append(
                    Finding(needed, None, "The file is missing.", "Every folder of definitions has one.")
                )
        return shelf

    def _read(self, path: Path) -> None:
        name = path.relative_to(self.root).as_posix()
        try:
            raw = _parsed(path.read_bytes().decode("utf-8"), name)
        except DefinitionError as error:
            self.findings.append(Finding(name, error.line, f"{error.problem}.", f"{error.remedy}."))
            return
        except UnicodeDecodeError as error:
            self.findings.append(Finding(name, None, f"{error}.", "Save the file as UTF-8."))
            return
        self.raw[name] = raw
        model = _MODELS.get(name) or _MODELS.get(name.split("/", maxsplit=1)[0])
        if model is None:
            return
        if model is ConsultationType:
            raw = self._filled(path, name, raw)
        entries = list(enumerate(raw)) if isinstance(raw, list) else [(None, raw)]
        for number, entry in entries:
            self._build(model, name, entry, () if number is None else (number,))

    def _filled(self, path: Path, name: str, raw: Any) -> Any:
        try:
            return extended(path, self.root)
        except DefinitionError as error:
            self.findings.append(Finding(name, 1, f"{error.problem}.", f"{error.remedy}."))
            return raw

    def _build(self, model: type[BaseModel], name: str, entry: Any, place: Location) -> None:
        try:
            self.built.append(Built(name, model.model_validate(plain(entry)), place))
        except ValidationError as error:
            for fault in error.errors():
                where = ".".join(str(part) for part in (*place, *fault["loc"]))
                line = line_of(entry, fault["loc"])
                self.findings.append(Finding(name, line, f"{where}: {fault['msg']}.", "Correct this entry."))

    def of(self, model: type[Model]) -> Iterator[tuple[Built, Model]]:
        """Everything built as ``model``."""
        for each in self.built:
            if isinstance(each.value, model):
                yield each, each.value

    def machines(self) -> dict[str, MachineDefinition]:
        """The newest edition of each machine by key."""
        found = sorted((machine for _, machine in self.of(MachineDefinition)), key=lambda each: each.version)
        return {machine.key: machine for machine in found}

    def pathways(self) -> list[PathwayDefinition]:
        """All pathways with what they extend; nothing where that cannot be told (a finding of its own)."""
        editions: dict[str, list[PathwayDefinition]] = {}
        for _, pathway in self.of(PathwayDefinition):
            editions.setdefault(pathway.key, []).append(pathway)
        with contextlib.suppress(UnknownDefinitionError):
            return [each for found in resolved(editions).values() for each in found]
        return []

    def vocabulary(self) -> Vocabulary | None:
        """The words, when they could be read."""
        return next((words for _, words in self.of(Vocabulary)), None)

    def finding(self, built: Built, location: Location, what: str, to_do: str) -> Finding:
        """A finding at a place inside a definition."""
        line = line_of(self.raw[built.file], (*built.place, *location))
        return Finding(built.file, line, what, to_do)
