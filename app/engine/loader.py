"""Strict YAML 1.2 to definitions. Every error names file and line, and says what to do."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.engine.compiled import digest_of, learn, recall
from app.engine.errors import DefinitionError

if TYPE_CHECKING:  # the parser is slow to import and not needed where everything is compiled
    from ruamel.yaml import YAML

Model = TypeVar("Model", bound=BaseModel)

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"


@cache
def _parser() -> YAML:
    from ruamel.yaml import YAML  # noqa: PLC0415 — slow to import, and not needed where everything is compiled

    yaml = YAML(typ="rt", pure=True)
    yaml.version = (1, 2)
    yaml.allow_duplicate_keys = False
    return yaml


def read_yaml(path: Path, root: Path = WORKFLOWS) -> Any:
    """The content of one YAML file as ruamel's mappings and lists, which remember their lines.

    A file that was read and found good before comes back as plain content without lines (see compiled.py).

    Raises DefinitionError with file and line for anything that is not strict YAML 1.2 (a key twice, a tab, …).
    """
    name = _relative(path, root)
    try:
        content = path.read_bytes()
        digest = digest_of(content)
        known = recall(digest)
        return known if known is not None else learn(digest, parse(content.decode("utf-8"), name))
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(name, None, str(error), "The file must be readable UTF-8") from error


def extended(path: Path, root: Path = WORKFLOWS) -> Any:
    """The content of a file that may say ``extends: other``: what it leaves out stands in ``other.yaml`` beside it.

    Raises DefinitionError where that file does not exist, or extends a third one.
    """
    entry = read_yaml(path, root)
    base = entry.get("extends") if isinstance(entry, dict) else None
    if base is None:
        return entry
    whole = read_yaml(path.parent / f"{base}.yaml", root)
    if "extends" in whole:
        raise DefinitionError(_relative(path, root), None, f"{base} itself extends another", "Extend that one")
    return Filled(entry, whole)


class Filled(dict[str, Any]):
    """An entry filled up from another one; lines are those of the entry itself."""

    def __init__(self, own: Any, base: Any) -> None:
        super().__init__({**base, **own})
        if hasattr(own, "lc"):
            self.lc = own.lc


def parse(text: str, name: str) -> Any:
    """The content of a YAML text called ``name``, with lines. Raises DefinitionError as ``read_yaml`` does."""
    from ruamel.yaml.error import MarkedYAMLError  # noqa: PLC0415 — as above

    try:
        return _parser().load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise DefinitionError(name, line, str(error.problem), "Mend the YAML at this line") from error


def build(model: type[Model], data: Any, path: Path, root: Path = WORKFLOWS) -> Model:
    """Validate parsed YAML as ``model``; the first failing field becomes a DefinitionError with its line."""
    try:
        return model.model_validate(plain(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DefinitionError(
            _relative(path, root), line_of(data, first["loc"]), f"{where}: {first['msg']}", "Correct this entry"
        ) from error


def load(model: type[Model], path: Path, root: Path = WORKFLOWS) -> Model:
    """Read and validate one file."""
    return build(model, read_yaml(path, root), path, root)


def line_of(data: Any, location: tuple[int | str, ...]) -> int | None:
    """The line (from 1) of the entry that ``location`` points to, or of the nearest parent that has one."""
    line: int | None = data.lc.line + 1 if hasattr(data, "lc") else None
    for part in location:
        if not hasattr(data, "lc"):
            break
        try:
            position = data.lc.key(part) if hasattr(data, "keys") else data.lc.item(part)
            line, data = position[0] + 1, data[part]
        except (KeyError, IndexError, TypeError):
            break
    return line


def plain(value: Any) -> Any:
    """Ruamel's containers and scalars as plain Python, so that definitions hold nothing of the parser."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, dt.datetime):
        return dt.datetime(*value.timetuple()[:6], tzinfo=value.tzinfo)
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day)
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _relative(path: Path, root: Path) -> str:
    try:
        return str(path.resolve().relative_to(root.resolve()))
    except ValueError:
        return path.name
