"""Making a backup: the database first, then the files, which nothing ever changes or takes away."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.config import Settings
from app.core import clock
from app.core.backup import CannotError, snapshot
from app.core.backup.manifest import CLOCK, KEY, MANIFEST, Manifest, Part, add, fingerprint
from app.core.files import file_sha256, whole_file
from app.core.migrations import load_tables
from app.core.storage import FolderStorage

_TAKEN = "{path} exists already; nothing was written over it."


@dataclass(frozen=True)
class Made:
    """The backup that was made; ``sha256`` and ``size`` are those of the whole file."""

    path: Path
    sha256: str
    size: int
    manifest: Manifest


def make(settings: Settings, target: Path, *, incomplete: bool = False) -> Made:
    """Write a backup to ``target``, a folder or a new file; raises CannotError or OSError and then leaves nothing.

    A stored file that a row names and that is missing or damaged is a reason to refuse, unless ``incomplete``.
    """
    load_tables()
    moment = clock.machine_time()
    path = target / f"shirube-{moment:%Y%m%dT%H%M%SZ}.zip" if target.is_dir() else target
    if path.exists() or path.is_symlink():
        raise CannotError(_TAKEN.format(path=path))
    if not path.parent.is_dir():
        raise CannotError(f"There is no folder {path.parent}.")
    try:
        manifest = _write(settings, path, moment, incomplete=incomplete)
    except FileExistsError as error:
        raise CannotError(_TAKEN.format(path=path)) from error
    except OSError:
        path.unlink(missing_ok=True)  # its folder could not be told of it: nobody knows whether it will still be there
        raise
    return Made(path, file_sha256(path), path.stat().st_size, manifest)


def _write(settings: Settings, path: Path, moment: dt.datetime, *, incomplete: bool) -> Manifest:
    storage = FolderStorage(settings.files)
    with (
        snapshot.work_folder(path.parent) as work,
        snapshot.take(settings.database, Path(work)) as state,
        whole_file(path, mode=0o600, anew=True) as out,
        zipfile.ZipFile(out, "w", allowZip64=True, compresslevel=1) as archive,
    ):
        parts = [add(archive, name, chunks, compress=True) for name, chunks in state.parts]
        parts += [add(archive, name, [content]) for name, content in _settings(settings)]
        missing = _add_files(archive, storage, state.files, parts)
        if missing and not incomplete:
            raise CannotError(
                f"{len(missing)} stored files that the database names are missing or damaged (flask check lists them): "
                f"{', '.join(missing[:3])}. Bring them back from an older backup, or let this one be --incomplete."
            )
        manifest = Manifest(
            made_at=moment.isoformat(timespec="seconds"),
            database=state.kind,
            revision=state.revision,
            columns=state.columns,
            key_fingerprint=fingerprint(settings.key()),
            missing_files=tuple(missing),
            parts=tuple(parts),
        )
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    return manifest


def _settings(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """The key, where the program made it itself: without it no password is right. And the moved clock of a demo."""
    if not settings.secret_key:
        yield KEY, settings.key().encode()
    if settings.clock and settings.clock.is_file():
        yield CLOCK, settings.clock.read_bytes()


def _add_files(archive: zipfile.ZipFile, storage: FolderStorage, named: Iterable[str], parts: list[Part]) -> list[str]:
    """Add every stored file, also those that only the audit trail still knows; returns the named ones that lack."""
    lacking = set(named)
    for name in storage.names():
        if file_sha256(storage.path(name)) != name:
            continue  # damaged: it is no longer the file of that name
        parts.append(add(archive, f"files/{name}", snapshot.chunks(storage.path(name))))
        if parts[-1].sha256 != name:
            raise CannotError(f"The stored file {name} changed while it was read.")
        lacking.discard(name)
    return sorted(lacking)
