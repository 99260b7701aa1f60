"""Files are whole or absent."""

from __future__ import annotations

import pytest

from app.core import files


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


def test_a_folder_that_is_missing_raises(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.write_atomically(tmp_path / "absent" / "file", b"")
