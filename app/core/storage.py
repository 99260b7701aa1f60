"""Files by content: each is stored once, under its SHA-256, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


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
        """Write to a draft, flush it to the disk, then give it its name: never a half file."""
        self.root.mkdir(parents=True, exist_ok=True)
        draft = self.root / f".{secrets.token_hex(8)}"
        digest, size = hashlib.sha256(), 0
        try:
            with draft.open("xb") as out:
                while chunk := content.read(1 << 20):
                    digest.update(chunk)
                    size += len(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            target = self._place(digest.hexdigest())
            target.parent.mkdir(exist_ok=True)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def path(self, sha256: str) -> Path:
        """The stored file."""
        place = self._place(sha256)
        if not place.is_file():
            raise FileNotFoundError(sha256)
        return place

    def _place(self, sha256: str) -> Path:
        if len(sha256) != 64 or not all(letter in "0123456789abcdef" for letter in sha256):
            raise FileNotFoundError("not a SHA-256")
        return self.root / sha256[:2] / sha256
