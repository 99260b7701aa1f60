"""Kinds of consultations, clocks, what PMDA publishes and agencies abroad, read once from ``workflows/``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.engine.abroad import World
from app.engine.definition.abroad import Agency, Conflict, Table
from app.engine.definition.clock import Clock
from app.engine.definition.common import Provenance
from app.engine.definition.consultation import ConsultationType, PublishedTable
from app.engine.definition.material import Material
from app.engine.definition.published import Published
from app.engine.errors import UnknownDefinitionError
from app.engine.law import in_force, in_order
from app.engine.loader import WORKFLOWS, build, extended, load, read_yaml
from app.engine.sources import load_sources

BESIDE_AGENCIES = ("table", "conflicts")  # files of abroad/ that are no agency


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
def published(root: Path = WORKFLOWS) -> Published:
    """What PMDA published: ``calendars/reception_days.yaml`` and all files of ``workflows/published/``."""
    path = root / "calendars" / "reception_days.yaml"
    tables = [build(PublishedTable, entry, path, root) for entry in read_yaml(path, root)]
    files = [load(Published, file, root) for file in sorted((root / "published").glob("*.yaml"))]
    return Published(
        sources=tuple(source for file in files for source in file.sources),
        reception=(*tables, *(table for file in files for table in file.reception)),
        fees=tuple(fee for file in files for fee in file.fees),
        forms=tuple(form for file in files for form in file.forms),
    )


def published_tables(root: Path = WORKFLOWS) -> tuple[PublishedTable, ...]:
    """The tables of reception days that are published."""
    return published(root).reception


@cache
def clock_entries(root: Path = WORKFLOWS) -> tuple[Clock, ...]:
    """Every statutory or customary clock, from ``workflows/clocks.yaml``; several may follow each other in time."""
    path = root / "clocks.yaml"
    return tuple(build(Clock, entry, path, root) for entry in read_yaml(path, root))


@cache
def clocks(root: Path = WORKFLOWS) -> dict[str, Clock]:
    """The latest entry of every clock by key."""
    return {clock.key: clock for clock in in_order(clock_entries(root))}


@cache
def materials(root: Path = WORKFLOWS) -> dict[str, Material]:
    """What therapies can consist of, by key, from ``workflows/materials.yaml``."""
    path = root / "materials.yaml"
    return {one.key: one for one in (build(Material, entry, path, root) for entry in read_yaml(path, root))}


@cache
def world(root: Path = WORKFLOWS) -> World:
    """Japan and the agencies abroad, from ``workflows/abroad/``; an empty world where there is no such folder."""
    folder = root / "abroad"
    if not folder.is_dir():
        return World()
    conflicts, paths = folder / "conflicts.yaml", sorted(folder.glob("*.yaml"))
    table = build(Table, read_yaml(folder / "table.yaml", root), folder / "table.yaml", root)
    found = [build(Agency, read_yaml(path, root), path, root) for path in paths if path.stem not in BESIDE_AGENCIES]
    agencies = {agency.key: agency for agency in found}
    return World(
        table,
        {key: agencies[key] for key in table.agencies if key in agencies},
        tuple(build(Conflict, entry, conflicts, root) for entry in read_yaml(conflicts, root)),
    )


def clock(key: str, root: Path = WORKFLOWS, *, on: dt.date | None = None) -> Clock:
    """The clock called ``key`` that counts for what starts ``on`` that day; the latest one without a day.

    Raises UnknownDefinitionError naming those that exist, or saying that none counts on that day.
    """
    known = clocks(root)
    if key not in known:
        raise UnknownDefinitionError(f"There is no clock {key!r}; there are {', '.join(sorted(known))}")
    if on is None:
        return known[key]
    found = in_force((entry for entry in clock_entries(root) if entry.key == key), on)
    if found is None:
        raise UnknownDefinitionError(f"No entry of the clock {key!r} counts for what starts on {on}")
    return found


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
    told = published(root)
    for entry in (*told.reception, *told.fees, *told.forms):
        yield "published", entry.provenance
    for agency in world(root).agencies.values():
        for clock_abroad in agency.clocks:
            for one_part in clock_abroad.parts:
                yield f"abroad/{agency.key}.yaml ({clock_abroad.id})", one_part.provenance
    for one in clock_entries(root):
        yield f"clocks.yaml ({one.key})", one.provenance
