"""The files of a folder of definitions, parsed with their lines and built where they can be."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.engine.courses import resolved
from app.engine.definition.abroad import Agency, Conflict, Table
from app.engine.definition.calendar import CalendarTable
from app.engine.definition.case import Case
from app.engine.definition.changes import Change, OpenQuestion
from app.engine.definition.clock import Clock
from app.engine.definition.common import Source
from app.engine.definition.consultation import ConsultationType, PublishedTable
from app.engine.definition.evidence import EvidenceSet, Gates
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.material import Material
from app.engine.definition.pathway import PathwayDefinition
from app.engine.definition.published import FeeAmount, OfficialForm
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
    "abroad": Agency,
    "abroad/table.yaml": Table,
    "abroad/conflicts.yaml": Conflict,
    "vocabulary.yaml": Vocabulary,
    "stations.yaml": Stations,
    "gates.yaml": Gates,
    "clocks.yaml": Clock,
    "materials.yaml": Material,
    "changes.yaml": Change,
    "questions.yaml": OpenQuestion,
    "calendars/japan.yaml": CalendarTable,
    "calendars/reception_days.yaml": PublishedTable,
}
SECTIONS: dict[str, type[BaseModel]] = {  # of a file of published/
    "sources": Source,
    "reception": PublishedTable,
    "fees": FeeAmount,
    "forms": OfficialForm,
}
PUBLISHED = (
    "sources/",
    "published/",
    "calendars/",
    "clocks.yaml",
    "consultations/",
)  # what tables, fees and forms need


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
    def open(cls, root: Path, more: Mapping[str, str] | None = None, only: tuple[str, ...] = ("",)) -> Shelf:
        """Read everything that can be read.

        ``only``: files whose names begin so; ``more``: texts by the names of the files in which they would stand.
        """
        shelf = cls(root)
        for path in sorted(root.rglob("*.yaml")):
            name = path.relative_to(root).as_posix()
            if name.startswith(only):
                shelf._read(name, path.read_bytes())
        for name, text in (more or {}).items():
            shelf._read(name, text.encode())
        for needed in ("vocabulary.yaml", "stations.yaml", "gates.yaml"):
            if needed.startswith(only) and not (root / needed).exists():
                shelf.findings.append(
                    Finding(needed, None, "The file is missing.", "Every folder of definitions has one.")
                )
        return shelf

    def _read(self, name: str, content: bytes) -> None:
        try:
            raw = _parsed(content.decode("utf-8"), name)
        except DefinitionError as error:
            self.findings.append(Finding(name, error.line, f"{error.problem}.", f"{error.remedy}."))
            return
        except UnicodeDecodeError as error:
            self.findings.append(Finding(name, None, f"{error}.", "Save the file as UTF-8."))
            return
        self.raw[name] = raw
        if name.startswith("published/") and isinstance(raw, dict):
            self._read_sections(name, raw)
            return
        model = _MODELS.get(name) or _MODELS.get(name.split("/", maxsplit=1)[0])
        if model is None:
            return
        if model is ConsultationType:
            raw = self._filled(self.root / name, name, raw)
        entries = list(enumerate(raw)) if isinstance(raw, list) else [(None, raw)]
        for number, entry in entries:
            self._build(model, name, entry, () if number is None else (number,))

    def _filled(self, path: Path, name: str, raw: Any) -> Any:
        try:
            return extended(path, self.root)
        except DefinitionError as error:
            self.findings.append(Finding(name, 1, f"{error.problem}.", f"{error.remedy}."))
            return raw

    def _read_sections(self, name: str, raw: dict[str, Any]) -> None:
        for section, entries in raw.items():
            if section not in SECTIONS:
                what = f"{section} is no section of this file."
                self.findings.append(
                    Finding(name, line_of(raw, (section,)), what, f"Use {', '.join(SECTIONS)}.", (section,))
                )
                continue
            for number, entry in enumerate(entries or []):
                self._build(SECTIONS[section], name, entry, (section, number))

    def _build(self, model: type[BaseModel], name: str, entry: Any, place: Location) -> None:
        try:
            self.built.append(Built(name, model.model_validate(plain(entry)), place))
        except ValidationError as error:
            for fault in error.errors():
                where = ".".join(str(part) for part in (*place, *fault["loc"]))
                line = line_of(entry, fault["loc"])
                what = f"{where}: {fault['msg']}."
                self.findings.append(Finding(name, line, what, "Correct this entry.", (*place, *fault["loc"])))

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

    def finding(self, built: Built, location: Location, what: str, to_do: str, ja: str = "") -> Finding:
        """A finding at a place inside a definition."""
        place = (*built.place, *location)
        return Finding(built.file, line_of(self.raw[built.file], place), what, to_do, place, ja)
