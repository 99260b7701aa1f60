"""Kinds of consultations, clocks and published reception tables, read once from ``workflows/``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.engine.definition.clock import Clock
from app.engine.definition.common import Provenance
from app.engine.definition.consultation import ConsultationType, PublishedTable
from app.engine.definition.material import Material
from app.engine.errors import UnknownDefinitionError
from app.engine.loader import WORKFLOWS, build, extended, read_yaml
from app.engine.sources import load_sources


@cache
def consultation_types(root: Path = WORKFLOWS) -> dict[str, ConsultationType]:
    """Every kind of consultation by key, from ``workflows/consultations/``."""
    paths = sorted((root / "consultations").glob("*.yaml"))
    found = (build(ConsultationType, extended(path, root), path, root) for path in paths)
    return {kind.key: kind for kind in found}


def consultation_type(key: str, root: Path = WORKFLOWS) -> ConsultationType:
    """The kind of consultation called ``key``. Raises UnknownDefinitionError naming those that exist."""
    kinds = consultation_types(root)
    if key not in kinds:
        raise UnknownDefinitionError(f"There is no consultation type {key!r}; there are {', '.join(sorted(kinds))}")
    return kinds[key]


@cache
def published_tables(root: Path = WORKFLOWS) -> tuple[PublishedTable, ...]:
    """The tables of reception days that are published, from ``workflows/calendars/reception_days.yaml``."""
    path = root / "calendars" / "reception_days.yaml"
    return tuple(build(PublishedTable, entry, path, root) for entry in read_yaml(path, root))


@cache
def clocks(root: Path = WORKFLOWS) -> dict[str, Clock]:
    """Every statutory or customary clock by key, from ``workflows/clocks.yaml``."""
    path = root / "clocks.yaml"
    return {clock.key: clock for clock in (build(Clock, entry, path, root) for entry in read_yaml(path, root))}


@cache
def materials(root: Path = WORKFLOWS) -> dict[str, Material]:
    """What therapies can consist of, by key, from ``workflows/materials.yaml``."""
    path = root / "materials.yaml"
    return {one.key: one for one in (build(Material, entry, path, root) for entry in read_yaml(path, root))}


def clock(key: str, root: Path = WORKFLOWS) -> Clock:
    """The clock called ``key``. Raises UnknownDefinitionError naming those that exist."""
    known = clocks(root)
    if key not in known:
        raise UnknownDefinitionError(f"There is no clock {key!r}; there are {', '.join(sorted(known))}")
    return known[key]


def unknown_sources(root: Path = WORKFLOWS) -> list[str]:
    """Sentences about source ids that are used here but stand in no file of ``workflows/sources/``; for lint."""
    known = load_sources(root)
    return [
        f"{place}: source {source} is in no file of sources/"
        for place, mark in _marks(root)
        for source in mark.sources
        if source not in known
    ]


def _marks(root: Path) -> Iterator[tuple[str, Provenance]]:
    """Every provenance of this catalogue with the place where it stands."""
    for kind in consultation_types(root).values():
        place = f"consultations/{kind.key}.yaml"
        parts = [kind, kind.fee, kind.reception, kind.reception.pattern, *kind.remarks]
        for part in [*parts, *kind.steps, *(step.hours for step in kind.steps)]:
            if part is not None:
                yield place, part.provenance
    for table in published_tables(root):
        yield "calendars/reception_days.yaml", table.provenance
    for one in clocks(root).values():
        yield f"clocks.yaml ({one.key})", one.provenance
