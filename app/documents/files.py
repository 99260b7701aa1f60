"""Files that are whole or absent, and ZIP archives that are the same bytes each time."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import os
import secrets
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20
_PART = ".part"


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under ``path`` only when the block ends well: complete, flushed to disk, in one step.

    While it is written it has no name at all where the system allows that, so even a killed process leaves nothing.
    """
    descriptor = _nameless(path.parent)
    part = path.parent / f".{path.name}.{secrets.token_hex(6)}.part"
    try:
        with part.open("xb+") if descriptor is None else os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if descriptor is not None:
                _name(file.fileno(), part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(path.parent)


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that a reader sees the old file or the new one, never a part."""
    with whole_file(path) as file:
        file.write(data)


def file_sha256(path: Path) -> str:
    """SHA-256 of the file, in lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def add_to_zip(archive: zipfile.ZipFile, name: str, data: bytes | Path, day: dt.date) -> str:
    """Add one entry with nothing of the machine in it (date, system, rights are fixed); returns its SHA-256."""
    entry = zipfile.ZipInfo(name, date_time=(max(day.year, 1980), day.month, day.day, 0, 0, 0))
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    # PDF and Word files are compressed inside already
    entry.compress_type = zipfile.ZIP_STORED if name.endswith((".pdf", ".docx")) else zipfile.ZIP_DEFLATED
    digest = hashlib.sha256()
    if isinstance(data, bytes):
        digest.update(data)
        archive.writestr(entry, data)
    else:
        entry.file_size = data.stat().st_size
        with data.open("rb") as source, archive.open(entry, "w") as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                target.write(chunk)
    return digest.hexdigest()


def _nameless(folder: Path) -> int | None:
    if not hasattr(os, "O_TMPFILE"):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o644)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            return None
        raise


def _name(descriptor: int, path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:  # naming a folder makes Python call linkat, which follows /proc to the nameless file
        os.link(f"/proc/self/fd/{descriptor}", path.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
