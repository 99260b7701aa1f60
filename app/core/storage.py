"""Files by content: each is stored once, under its SHA-256, whole or not at all; none is ever changed or taken away."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from app.core.files import sync_folder, whole_file

# For the column of a table that names a stored file; empty where there is none. Backups and checks go by this mark.
NAMES_A_FILE: dict[str, Any] = {"names_a_file": True}


_CHUNK = 1 << 20


class Storage(Protocol):
    """A store of files, addressed by the SHA-256 of their content."""

    def put(self, content: BinaryIO) -> tuple[str, int]:
        """Store a file; returns its SHA-256 (hex) and its size in bytes."""

    def path(self, sha256: str) -> Path:
        """Where the file lies; raises FileNotFoundError."""


@dataclass(frozen=True)
class FolderStorage:
    """Files in a folder of this machine."""

    root: Path

    def put(self, content: BinaryIO) -> tuple[str, int]:
        """Read it for its name, then write it: never a half file, not even after a power cut or a killed process."""
        begin, digest, size = content.tell(), hashlib.sha256(), 0
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
        content.seek(begin)
        target = self._place(digest.hexdigest())
        if not target.parent.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            sync_folder(self.root)
        with whole_file(target) as out:
            shutil.copyfileobj(content, out, _CHUNK)
        return digest.hexdigest(), size

    def path(self, sha256: str) -> Path:
        """The stored file."""
        place = self._place(sha256)
        if not place.is_file():
            raise FileNotFoundError(sha256)
        return place

    def names(self) -> Iterator[str]:
        """The SHA-256 of every stored file, in order."""
        for place in sorted(self.root.glob("??/*")):
            if is_sha256(place.name) and place.parent.name == place.name[:2] and place.is_file():
                yield place.name

    def strays(self) -> list[Path]:
        """What lies in the folder and is no stored file: the drafts of killed processes, and what others put there."""
        known = set(self.names())
        return sorted(place for place in self.root.rglob("*") if place.is_file() and place.name not in known)

    def _place(self, sha256: str) -> Path:
        if not is_sha256(sha256):
            raise FileNotFoundError("not a SHA-256")
        return self.root / sha256[:2] / sha256


def is_sha256(name: str) -> bool:
    """Whether a name is a SHA-256 in lower-case hexadecimal, as every stored file is called."""
    return len(name) == 64 and all(letter in "0123456789abcdef" for letter in name)
