"""All sources of regulatory facts: ``workflows/sources/``, and those that files of ``published/`` bring along."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from app.engine.definition.common import Source
from app.engine.errors import DefinitionError
from app.engine.loader import WORKFLOWS, build, line_of, read_yaml


@cache
def load_sources(root: Path = WORKFLOWS) -> dict[str, Source]:
    """Every source by id. Raises DefinitionError when an id stands twice or an entry is not as it must be."""
    sources: dict[str, Source] = {}
    for path, entries in _lists(root):
        for number, entry in enumerate(entries):
            source = build(Source, entry, path, root)
            if source.id in sources:
                line = line_of(entries, (number, "id"))
                raise DefinitionError(path.name, line, f"source {source.id} stands twice", "Give it another id")
            sources[source.id] = source
    return sources


def _lists(root: Path) -> Iterator[tuple[Path, Any]]:
    for path in sorted((root / "sources").glob("*.yaml")):
        yield path, read_yaml(path, root)
    for path in sorted((root / "published").glob("*.yaml")):
        yield path, read_yaml(path, root).get("sources") or []
