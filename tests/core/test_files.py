"""Files are whole or absent."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest

from app.config import Settings
from app.core import files
from app.core.storage import FolderStorage


@pytest.mark.parametrize("nameless", [True, False])
def test_a_file_appears_only_when_it_is_whole(tmp_path, monkeypatch, nameless):
    if not nameless:
        monkeypatch.setattr(files, "_nameless", lambda *_: None)
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_and_fail():
        with files.whole_file(path) as file:
            file.write(b"half")
            assert path.read_bytes() == b"old"
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_and_fail()
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    with files.whole_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("nameless", [True, False])
def test_of_two_that_make_a_new_file_the_first_keeps_its_name(tmp_path, monkeypatch, nameless):
    if not nameless:
        monkeypatch.setattr(files, "_nameless", lambda *_: None)
    path = tmp_path / "file"

    def both():
        with files.whole_file(path, anew=True) as second:
            second.write(b"second")
            with files.whole_file(path, anew=True) as first:
                first.write(b"first")

    with pytest.raises(FileExistsError):
        both()
    assert path.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_is_missing_raises(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.write_atomically(tmp_path / "absent" / "file", b"")


def test_what_is_kept_is_for_its_owners_eyes(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path / "var")
    settings.key()
    stored = FolderStorage(settings.files)
    digest, _size = stored.put(io.BytesIO(b"a company's own"))
    paths = (settings.var, settings.var / "secret_key", stored.path(digest).parent, stored.path(digest))
    assert [oct(stat.S_IMODE(path.stat().st_mode)) for path in paths] == ["0o700", "0o600", "0o700", "0o600"]
