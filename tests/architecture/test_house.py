"""The house is in order: sizes, sentences of the rooms, the lock, and nothing that belongs to one machine only."""

from __future__ import annotations

import ast
import re
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
TOP = {
    *("app", "workflows", "docs_templates", "migrations", "tests", "wsgi.py", "pyproject.toml"),
    *("README.md", "LICENSE", "NOTICE", "Makefile", "uv.lock", "alembic.ini", "docs", "benchmarks"),
}
MADE = {".git", ".venv", ".tools", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
MADE |= {".hypothesis", ".import_linter_cache", ".benchmarks", "shots"}
BINARY = {".ttf", ".png", ".pdf", ".mo", ".docx", ".xlsx", ".zip", ".pyc", ".ico", ".woff2"}

LIMITS = [("app/**/*.py", 300), ("tests/**/*.py", 400), ("app/**/*.html", 60), ("docs_templates/**/*.html", 60)]

# Written so that this file does not find itself.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.:/-])/(?:wor[k]|roo[t]|hom[e]/\w+|opt/whee[l]s|opt/pyp[i])(?:/|\b)"),
    "a package mirror": re.compile(r"artifact[-]?registr[y]|artifactor[y]|/simple/?[^\n]*mirro[r]", re.IGNORECASE),
    "a key or token": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KE[Y]|AKI[A][0-9A-Z]{16}|gh[p]_\w{30}"),
}


def read_yaml(path: Path) -> Any:
    """The content of a YAML file."""
    return YAML(typ="safe", pure=True).load(path.read_text())


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file that somebody wrote; what the machine makes is left out."""
    for path in sorted(folder.iterdir()):
        if path.name in MADE:
            continue
        if path.is_dir():
            yield from files(path)
        elif path.is_file():
            yield path


def test_the_top_level_is_fixed() -> None:
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - MADE
    assert found <= TOP, f"only {sorted(TOP)} may stand at the top, not {sorted(found - TOP)}"


@pytest.mark.parametrize(("pattern", "limit"), LIMITS)
def test_no_file_grows_into_a_drawer(pattern: str, limit: int) -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in ROOT.glob(pattern)}
    crowded = [f"{path}: {length} lines" for path, length in lengths.items() if length > limit]
    if crowded:
        warnings.warn(f"more than {limit} lines, a smell: {', '.join(crowded)}", stacklevel=1)
    assert not [path for path, length in lengths.items() if length > limit * 1.5], crowded


def test_every_room_says_what_it_is_for() -> None:
    for room in (ROOT / "app").iterdir():
        if room.is_dir() and room.name not in {"__pycache__", "translations"}:
            sentence = ast.get_docstring(ast.parse((room / "__init__.py").read_text()))
            assert sentence, f"app/{room.name}/__init__.py needs its sentence: what the room is for, and what not"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_belongs_to_one_machine_only(what: str) -> None:
    found = []
    for path in files():
        if path.suffix in BINARY or path.name == "uv.lock" or "vendor" in path.parts:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if FORBIDDEN[what].search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not found, f"{what}: " + "\n".join(found)


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of one machine", "see /wor" + "k/main/app"),
        ("a path of one machine", 'open("/roo' + 't/x")'),
        ("a path of one machine", "/hom" + "e/aoi/shirube"),
        ("a package mirror", "https://europe-python.pkg.dev/artifact" + "registry/simple"),
        ("a key or token", "-----BEGIN RSA PRIVATE KE" + "Y-----"),
    ],
)
def test_the_search_itself_can_find(what: str, line: str) -> None:
    assert FORBIDDEN[what].search(line)


def test_the_lock_knows_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    ours = next(package for package in lock["package"] if package["name"] == project["project"]["name"])

    def wanted(lines: list[str]) -> set[tuple[str, frozenset[str]]]:
        split = [re.match(r"([\w.-]+)(?:\[[^]]*])?\s*([^;]*)", line) for line in lines]
        return {(re.sub(r"[-_.]+", "-", m[1]).lower(), frozenset(filter(None, m[2].split(",")))) for m in split if m}

    def locked(entries: list[dict[str, str]]) -> set[tuple[str, frozenset[str]]]:
        return {(e["name"], frozenset(filter(None, e.get("specifier", "").split(",")))) for e in entries}

    assert wanted(project["project"]["dependencies"]) == locked(ours["metadata"]["requires-dist"])
    assert wanted(project["dependency-groups"]["dev"]) == locked(ours["metadata"]["requires-dev"]["dev"])


def test_the_lock_names_the_public_index_only() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    places = {package["source"].get("registry") for package in lock["package"] if "virtual" not in package["source"]}
    assert places == {"https://pypi.org/simple"}


def test_the_notice_names_all_that_others_made() -> None:
    notice = (ROOT / "NOTICE").read_text()
    vendored = read_yaml(ROOT / "app/web/static/vendor/VENDORED.yaml")
    fonts = read_yaml(ROOT / "docs_templates/_shared/fonts/fonts.yaml")["fonts"]
    assert vendored
    assert fonts
    assert [entry["name"] for entry in vendored if entry["name"] not in notice] == []
    assert [font["family"] for font in fonts if font["family"] not in notice] == []
    for folder in (ROOT / "app/web/static/vendor").iterdir():
        if folder.is_dir():
            assert f"{folder.name}/LICENSE" in notice
            assert (folder / "LICENSE").is_file()
