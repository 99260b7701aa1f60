"""What strict YAML was read to before: plain JSON by the SHA-256 of a file's bytes, so that starting is fast.

Reading YAML with its lines takes seconds, reading this takes milliseconds. An edited file has another sum and is read
again; a change of the definitions' code, a damaged or a foreign cache makes all files be read again. Nothing in the
cache can run: it is JSON. It has no lines; whoever needs them parses the file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "var" / "compiled"
_FILE = "definitions.json"
_DEFINITIONS = Path(__file__).parent / "definition"


def recall(digest: str, folder: Path = FOLDER) -> Any | None:
    """The plain content kept under this sum, or None."""
    return _kept(folder).get(digest)


_learnt: dict[str, Any] = {}


def learn(digest: str, content: Any) -> Any:
    """Remember for this process what a file was just read to; returns it."""
    _learnt[digest] = content
    return content


def learnt(digest: str) -> Any | None:
    """What a file of this sum was read to in this process, or None."""
    return _learnt.get(digest)


def digest_of(content: bytes) -> str:
    """The sum under which a file's content is kept."""
    return hashlib.sha256(content).hexdigest()


def keep(contents: Mapping[str, Any], folder: Path = FOLDER) -> None:
    """Keep exactly these contents by their sums, whole or not at all; a folder not writable only costs time."""
    if _kept(folder).keys() == contents.keys():
        return
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        kept = json.dumps({"code": _code(), "files": contents}, ensure_ascii=False, default=_to_json)
        handle, name = tempfile.mkstemp(dir=folder, prefix=_FILE)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(kept)
        Path(name).replace(folder / _FILE)
    _kept.cache_clear()


@cache
def _kept(folder: Path) -> dict[str, Any]:
    try:
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"), object_hook=_from_json)
    except (OSError, ValueError):
        return {}
    files = kept.get("files") if isinstance(kept, dict) and kept.get("code") == _code() else None
    return files if isinstance(files, dict) else {}


@cache
def _code() -> str:
    """The sum of the code of all definitions: what it accepted before, it need not accept now."""
    return digest_of(b"".join(path.read_bytes() for path in _modules()))


def _modules() -> Iterable[Path]:
    return sorted(_DEFINITIONS.glob("*.py"))


def _to_json(value: object) -> object:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return {"$day": value.isoformat()}
    raise TypeError(f"{value!r} has no place in a definition")


def _from_json(value: dict[str, Any]) -> Any:
    return dt.date.fromisoformat(value["$day"]) if value.keys() == {"$day"} else value
