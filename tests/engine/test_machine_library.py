"""The library: read with lines, kept compiled, never believed when it is foreign."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.engine import compiled
from app.engine.errors import DefinitionError
from app.engine.library import Library, keep_compiled, shipped
from app.engine.loader import WORKFLOWS, parse, plain


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "rules"
    shutil.copytree(WORKFLOWS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_everything_is_there_under_its_key():
    library = shipped()
    assert list(library.machines)[:2] == ["programme", "consultation"]
    for pathway in library.pathways.values():
        assert {each.type for each in pathway.consultations} <= library.consultations.keys()
    assert library.sources["S02"].tier == "A"
    assert library.vocabulary.find("SAKIGAKE_DESIGNATED") is not None
    assert library.clocks["ctn_first_contract"].id == "CK01"
    assert "AMCHEPRY" in library.cases


def test_a_fault_names_file_line_and_what_to_do(folder: Path):
    file = folder / "machines" / "supply.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("    to: SHIPPABLE", "    too: SHIPPABLE", 1), encoding="utf-8")
    line = text[: text.index("    to: SHIPPABLE")].count("\n") + 1
    with pytest.raises(DefinitionError) as caught:
        Library.load(folder)
    assert (caught.value.file, caught.value.line) == ("machines/supply.yaml", line)
    assert caught.value.remedy


def test_two_machines_of_one_key_are_a_fault(folder: Path):
    shutil.copy(folder / "machines" / "supply.yaml", folder / "machines" / "supply2.yaml")
    with pytest.raises(DefinitionError, match="two files"):
        Library.load(folder)


def test_what_was_compiled_is_what_was_read(folder: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    keep_compiled(folder, cache)
    for path in folder.rglob("*.yaml"):
        kept = compiled.recall(compiled.digest_of(path.read_bytes()), cache)
        assert kept == plain(parse(path.read_text(encoding="utf-8"), path.name)), path
    names = {path.name for path in cache.iterdir()}
    assert names == {"definitions.json"}, "nothing half-made is left"


def test_an_edited_file_is_not_recalled(folder: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    keep_compiled(folder, cache)
    file = folder / "machines" / "supply.yaml"
    assert compiled.recall(compiled.digest_of(file.read_bytes()), cache) is not None
    assert compiled.recall(compiled.digest_of(file.read_bytes() + b"\n"), cache) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"code": "other", "files": {"a": 1}}', '{"files": 3}'])
def test_a_damaged_or_foreign_cache_is_ignored(content: str, tmp_path: Path):
    (tmp_path / "definitions.json").write_text(content, encoding="utf-8")
    assert compiled.recall("a", tmp_path) is None


def test_a_change_of_the_code_empties_the_cache(tmp_path: Path):
    compiled.keep({"a": {"day": None}}, tmp_path)
    assert compiled.recall("a", tmp_path) == {"day": None}
    kept = json.loads((tmp_path / "definitions.json").read_text(encoding="utf-8"))
    other = tmp_path / "other"
    other.mkdir()
    (other / "definitions.json").write_text(json.dumps({**kept, "code": "0" * 64}), encoding="utf-8")
    assert compiled.recall("a", other) is None


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    compiled.keep({"a": 1}, blocked / "cache")
    assert compiled.recall("a", blocked / "cache") is None
