"""Bringing a backup back into an empty place: checked as a whole, prepared aside, and in the last step the database.

Without a database nothing looks like a restored program, so a restore that is interrupted leaves nothing that does.
"""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.core import migrations
from app.core.backup import CannotError, loading
from app.core.backup.manifest import CLOCK, KEY, Manifest, fingerprint, unpack, verified
from app.core.files import sync_folder, write_atomically

_ASIDE = ".restoring"


def restore(settings: Settings, backup: Path, *, other_key: bool = False) -> Manifest:
    """Bring the backup back; raises CannotError or OSError, and then has left nothing behind.

    ``other_key``: the key of the backup is lost, and everybody will choose a new password.
    """
    try:
        with zipfile.ZipFile(backup) as archive:
            manifest = verified(archive)
            _check_revision(manifest)
            key = _key(settings, archive, manifest, other_key=other_key)
            _check_empty(settings, manifest)
            _bring_back(settings, archive, manifest, key)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise CannotError(f"{backup} is damaged or no backup: {error}.") from error
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise CannotError(f"The database did not take it; nothing was kept: {error}") from error
    return manifest


def _check_revision(manifest: Manifest) -> None:
    if manifest.revision not in migrations.revisions():
        raise CannotError(
            f"The backup was made by another, probably newer version of Shirube (tables at {manifest.revision})."
        )


def _key(settings: Settings, archive: zipfile.ZipFile, manifest: Manifest, *, other_key: bool) -> bytes | None:
    """The key to keep in the folder, or None where it is a setting or lost."""
    inside = archive.read(KEY) if KEY in manifest.names() else None
    if not settings.secret_key and inside is not None:
        return inside
    if not settings.secret_key and not other_key:
        raise CannotError(
            "The secret key is not in this backup: it was a setting where the backup was made. Set SHIRUBE_SECRET_KEY "
            "to it. If it is lost: --other-key, and everybody chooses a new password."
        )
    if settings.secret_key and fingerprint(settings.secret_key) != manifest.key_fingerprint and not other_key:
        raise CannotError(
            "SHIRUBE_SECRET_KEY is not the key of this backup; no password would be right. If the key is lost: "
            "--other-key, and everybody chooses a new password."
        )
    return None


def _check_empty(settings: Settings, manifest: Manifest) -> None:
    """The program makes itself a key when it starts, so a key alone is no data; so is what a killed restore left."""
    here = settings.var
    inside = {path.name for path in here.iterdir()} if here.is_dir() else set()
    known = {KEY, *(path.name for path in _rests(here))}
    others = sorted(name for name in inside - known if not _is_empty_folder(here / name))
    if others:
        raise CannotError(f"The folder {here} is not empty ({', '.join(others[:3])}); restore into an empty one.")
    if loading.kind_fits(settings.database, manifest):
        loading.check_empty(settings.database)
    else:
        raise CannotError("A backup of PostgreSQL goes into PostgreSQL only: set SHIRUBE_DATABASE_URL.")


def _rests(here: Path) -> list[Path]:
    """What a restore left that was killed; without its folder aside nothing is taken for that."""
    if not (here / _ASIDE).is_dir():
        return []
    return [here / _ASIDE, *(path for path in (here / "files", here / CLOCK) if path.exists()), *here.glob(".*.part")]


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _bring_back(settings: Settings, archive: zipfile.ZipFile, manifest: Manifest, key: bytes | None) -> None:
    settings.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        _aside(settings) as aside,
        loading.loaded(settings.database, archive, manifest, aside) as finish,
        _files(settings, archive, manifest, aside),
    ):
        if key is not None:
            write_atomically(settings.var / KEY, key, mode=0o600)
        if CLOCK in manifest.names() and settings.clock:
            write_atomically(settings.clock, archive.read(CLOCK))
        sync_folder(settings.var)
        finish()


@contextmanager
def _aside(settings: Settings) -> Iterator[Path]:
    """A folder for what is not yet in its place; a killed restore leaves it, and the next one begins afresh."""
    aside = settings.var / _ASIDE
    for rest in reversed(_rests(settings.var)):  # the folder aside, which says what the others are, goes last
        if rest.is_dir():
            shutil.rmtree(rest)
        else:
            rest.unlink()
    aside.mkdir(mode=0o700)
    done = aside.with_name(".restored")
    try:
        yield aside
        aside.rename(done)  # in one step it says no longer that what lies beside it is unfinished
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(done, ignore_errors=True)


@contextmanager
def _files(settings: Settings, archive: zipfile.ZipFile, manifest: Manifest, aside: Path) -> Iterator[None]:
    """The stored files in their place; taken away again if the block fails."""
    folder = aside / "files"
    folder.mkdir(mode=0o700)
    for name in manifest.files():
        (folder / name[:2]).mkdir(exist_ok=True)
        unpack(archive, f"files/{name}", folder / name[:2] / name)
    for place in sorted(folder.iterdir()):
        sync_folder(place)
    sync_folder(folder)
    with suppress(FileNotFoundError):
        settings.files.rmdir()
    folder.rename(settings.files)
    try:
        yield
    except BaseException:
        shutil.rmtree(settings.files, ignore_errors=True)
        if settings.clock and CLOCK in manifest.names():
            settings.clock.unlink(missing_ok=True)
        raise
