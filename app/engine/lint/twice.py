"""Keys that stand in two files or entries where the program expects each once: the later one would win unseen."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from app.engine.definition.abroad import Agency, Conflict
from app.engine.definition.case import Case
from app.engine.definition.consultation import ConsultationType
from app.engine.definition.material import Material
from app.engine.definition.pathway import PathwayDefinition
from app.engine.lint.files import Shelf
from app.engine.lint.finding import Finding

ONCE: dict[type[BaseModel], tuple[str, ...]] = {  # by what a definition is told from others of its kind
    ConsultationType: ("key",),
    PathwayDefinition: ("key", "version"),
    Agency: ("key",),
    Conflict: ("key",),
    Material: ("key",),
    Case: ("id",),
}


def twice_findings(shelf: Shelf) -> Iterator[Finding]:
    """Every definition whose key stood already, with where."""
    for model, names in ONCE.items():
        seen: dict[tuple[object, ...], str] = {}
        for built, value in shelf.of(model):
            key = tuple(getattr(value, name) for name in names)
            if key in seen:
                said = ", version ".join(str(part) for part in key)
                what = f"{said} stands twice (also in {seen[key]})."
                to_do = "Give it the next version." if "version" in names else "Give it another key."
                yield shelf.finding(built, (names[-1],), what, to_do)
            seen.setdefault(key, built.file)
