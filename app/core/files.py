"""Files that are whole or absent: a reader, a full disk or a killed process never leaves or sees a part."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def whole_file(path: Path, *, mode: int = 0o600, anew: bool = False) -> Iterator[BinaryIO]:
    """A file that appears under ``path`` only when the block ends well: complete, flushed to disk, in one step.

    While it is written it has no name at all where the system allows that, so even a killed process leaves nothing.
    Raises FileExistsError at the end where the name is taken by then and it must be a new one (``anew``).
    """
    descriptor = _nameless(path.parent, mode)
    part = path.parent / f".{path.name}.{secrets.token_hex(6)}.part"
    try:
        if descriptor is None:
            part.touch(mode=mode, exist_ok=False)
        with part.open("rb+") if descriptor is None else os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if descriptor is None or not _named(file.fileno(), path, part):
                path.hardlink_to(part) if anew else part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write ``data`` to ``path`` so that a reader sees the old file or the new one, never a part."""
    with whole_file(path, mode=mode) as file:
        file.write(data)


def file_sha256(path: Path) -> str:
    """SHA-256 of the file, in lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Put the names in a folder onto the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _nameless(folder: Path, mode: int) -> int | None:
    if not hasattr(os, "O_TMPFILE"):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR, mode)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            return None
        raise


def _named(descriptor: int, path: Path, part: Path) -> bool:
    """Give a nameless file its name in one step; where that is taken, only the name ``part``, and False."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:  # naming a folder makes Python call linkat, which follows /proc to the nameless file
        for name in (path.name, part.name):
            with contextlib.suppress(FileExistsError):
                os.link(f"/proc/self/fd/{descriptor}", name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
                return name == path.name
        raise FileExistsError(part)
    finally:
        os.close(folder)
