"""Everything of ``workflows/`` as one frozen library.

The slow part is reading strict YAML with its lines. So what was read is kept as plain JSON under the SHA-256 of each
file's bytes: an edited file has another sum and is read again, and a damaged or foreign cache is only ignored.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from app.engine import loader
from app.engine.catalogue import clocks, consultation_types
from app.engine.definition.case import Case
from app.engine.definition.clock import Clock
from app.engine.definition.common import Definition, Source
from app.engine.definition.consultation import ConsultationType
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.pathway import PathwayDefinition
from app.engine.definition.vocabulary import Stations, Vocabulary
from app.engine.errors import DefinitionError
from app.engine.loader import WORKFLOWS, load
from app.engine.sources import load_sources

_CACHE = "definitions.json"
_FORMAT = 1
Keyed = TypeVar("Keyed", bound=Definition)


@dataclass(frozen=True, slots=True)
class Library:
    """All definitions, by their keys, in the order of ``stations.yaml`` for machines and of file names otherwise."""

    machines: Mapping[str, MachineDefinition]
    pathways: Mapping[str, PathwayDefinition]
    consultations: Mapping[str, ConsultationType]
    clocks: Mapping[str, Clock]
    sources: Mapping[str, Source]
    vocabulary: Vocabulary
    stations: Stations
    cases: Mapping[str, Case] = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path = WORKFLOWS, cache: Path | None = None) -> Library:
        """Read the folder ``root``; with the folder ``cache`` what does not change is read once.

        Raises DefinitionError with file and line for anything that is not as it must be.
        """
        if cache is None:
            return cls._read(root)
        known = _open(cache / _CACHE)
        loader.compiled.update(known)
        try:
            library = cls._read(root)
        except DefinitionError:
            if not known:
                raise
            loader.compiled.clear()  # compiled content has no lines: read again, so that the error names its line
            return cls._read(root)
        _keep(cache / _CACHE, root, known)
        return library

    @classmethod
    def _read(cls, root: Path) -> Library:
        stations = load(Stations, root / "stations.yaml", root)
        order = list(stations.lines)
        machines = _folder(MachineDefinition, root, "machines")
        return cls(
            machines=dict(sorted(machines.items(), key=lambda item: order.index(item[0]) if item[0] in order else 99)),
            pathways=_folder(PathwayDefinition, root, "pathways"),
            consultations=consultation_types.__wrapped__(root),
            clocks=clocks.__wrapped__(root),
            sources=load_sources.__wrapped__(root),
            vocabulary=load(Vocabulary, root / "vocabulary.yaml", root),
            stations=stations,
            cases=_folder(Case, root, "cases", key="id"),
        )


@cache
def shipped(cache_folder: Path | None = None) -> Library:
    """The library that travels with the program, read once per process."""
    return Library.load(WORKFLOWS, cache_folder)


def _folder(model: type[Keyed], root: Path, name: str, key: str = "key") -> dict[str, Keyed]:
    found: dict[str, Keyed] = {}
    for path in sorted((root / name).glob("*.yaml")):
        entry = load(model, path, root)
        own_key = str(getattr(entry, key))
        if own_key in found:
            raise DefinitionError(f"{name}/{path.name}", 1, f"{own_key} stands in two files", "Give it another key")
        found[own_key] = entry
    return found


def _open(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"), object_hook=_from_json)
    except (OSError, ValueError):
        return {}
    files = kept.get("files") if isinstance(kept, dict) and kept.get("format") == _FORMAT else None
    return files if isinstance(files, dict) else {}


def _keep(path: Path, root: Path, known: Mapping[str, Any]) -> None:
    """Write what was read, whole or not at all. A cache that cannot be written only costs time."""
    contents = [file.read_bytes() for file in sorted(root.rglob("*.yaml"))]
    sums = {hashlib.sha256(content).hexdigest(): content for content in contents}
    if known.keys() == sums.keys():
        return
    files = {
        digest: loader.compiled[digest]
        if digest in loader.compiled
        else loader.plain(loader.parse(content.decode("utf-8"), ""))
        for digest, content in sums.items()
    }
    kept = json.dumps({"format": _FORMAT, "files": files}, ensure_ascii=False, default=_to_json)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(kept)
        Path(name).replace(path)


def _to_json(value: object) -> object:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return {"$day": value.isoformat()}
    raise TypeError(f"{value!r} has no place in a definition")


def _from_json(value: dict[str, Any]) -> Any:
    return dt.date.fromisoformat(value["$day"]) if value.keys() == {"$day"} else value
