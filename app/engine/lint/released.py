"""Released definitions are frozen: ``RELEASED`` lists the SHA-256 of each, and a change needs a new version."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.engine.lint.finding import Finding

LIST = "RELEASED"
_ENTRY = re.compile(r"([0-9a-f]{64})  (\S+)")


def release_list(root: Path, files: Iterable[str]) -> str:
    """The lines of ``RELEASED`` that freeze ``files`` (paths relative to ``root``) as they are now."""
    return "".join(f"{_sum(root / file)}  {file}\n" for file in sorted(files))


def released_findings(root: Path) -> Iterator[Finding]:
    """Released files that were changed or removed, and lines that cannot be read."""
    path = root / LIST
    if not path.exists():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _ENTRY.fullmatch(line.strip())
        if match is None:
            yield Finding(LIST, number, f"Not a sum and a path: {line!r}.", "Write `sha256  path`, two spaces between.")
            continue
        digest, name = match.groups()
        if not (root / name).is_file():
            yield Finding(LIST, number, f"Released file {name} is gone.", "Bring it back; end it by valid_to instead.")
        elif _sum(root / name) != digest:
            to_do = "Restore it and put the change into a new file with the next version and valid_from."
            yield Finding(name, None, "This released file was changed.", to_do)


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
