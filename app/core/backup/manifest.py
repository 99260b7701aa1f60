"""What a backup holds, with the SHA-256 of every part; a backup is read only after every sum was compared."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from app.core.backup import CannotError

MANIFEST, DATABASE, KEY, CLOCK = "manifest.json", "database.sqlite", "secret_key", "clock"
_PART = re.compile(rf"{re.escape(DATABASE)}|{KEY}|{CLOCK}|tables/[a-z_][a-z0-9_]*|files/(?P<sha256>[0-9a-f]{{64}})")
_CHUNK = 1 << 20


class Part(BaseModel):
    """One entry of the archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str
    size: int


class Manifest(BaseModel):
    """The table of contents. ``columns``: those of each table of PostgreSQL, in the order of their values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    program: Literal["shirube"] = "shirube"
    made_at: str
    database: Literal["sqlite", "postgresql"]
    revision: str
    columns: dict[str, tuple[str, ...]] = {}
    key_fingerprint: str
    missing_files: tuple[str, ...] = ()
    parts: tuple[Part, ...]

    def names(self) -> set[str]:
        """The names of all parts."""
        return {part.name for part in self.parts}

    def holds_key(self) -> bool:
        """Whether the secret key is among the parts."""
        return KEY in self.names()

    def files(self) -> list[str]:
        """The SHA-256 of every stored file that the backup holds."""
        return [part.sha256 for part in self.parts if part.name.startswith("files/")]


def fingerprint(key: str) -> str:
    """Tells whether two secret keys are the same, and nothing else about them."""
    return hmac.digest(key.encode(), b"shirube: which key is this?", "sha256").hex()[:32]


def add(archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes], *, compress: bool = False) -> Part:
    """Write one part."""
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o100600 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    digest, size = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as out:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    return Part(name=name, sha256=digest.hexdigest(), size=size)


def read(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The bytes of one part."""
    with archive.open(name) as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def unpack(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    """Write a part to the disk; the archive compares its own sum once more while it is read."""
    with target.open("xb") as out:
        for chunk in read(archive, name):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())


def verified(archive: zipfile.ZipFile) -> Manifest:
    """The manifest, after every part was read and compared; raises CannotError for a backup that is not whole."""
    try:
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except (KeyError, ValidationError) as error:
        raise CannotError("This is no backup that this version of Shirube can read: its manifest says so.") from error
    inside = sorted(archive.namelist())
    if inside != sorted([MANIFEST, *(part.name for part in manifest.parts)]):
        raise CannotError("The backup is damaged: its parts are not those of its manifest.")
    for part in manifest.parts:
        found = _PART.fullmatch(part.name)
        if not found or (found["sha256"] or part.sha256) != part.sha256:
            raise CannotError(f"The backup is damaged: it has a part called {part.name!r}.")
        digest, size = hashlib.sha256(), 0
        for chunk in read(archive, part.name):
            digest.update(chunk)
            size += len(chunk)
        if (digest.hexdigest(), size) != (part.sha256, part.size):
            raise CannotError(f"The backup is damaged: {part.name} is not what was written.")
    return manifest
