"""The contracts of imports can fail: each planted violation is caught by the contract that forbids it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# contract, the file to which a line is added, the line
PLANTED = [
    ("layers", "app/people/queries.py", "import app.hub"),
    ("layers", "app/notices/planted.py", "import app.documents"),
    ("layers", "app/stray.py", ""),  # a module that belongs to no layer
    ("no-rings", "app/people/queries.py", "import app.people.services\nimport app.people.views"),
    ("pure-engine", "app/engine/calendar.py", "import sqlite3"),
    ("pure-engine", "app/engine/loader.py", "import app.core.clock"),
    ("domain-without-flask", "app/people/queries.py", "import app.web.guard"),
    ("flask-doors", "app/therapies/planted.py", "import flask"),
    ("tables", "app/therapies/views.py", "import app.therapies.models"),
    ("tables", "app/therapies/forms.py", "from sqlalchemy import select"),
    ("private", "app/desk/planted.py", "import app.therapies.forms"),
    ("weasyprint-door", "app/documents/services.py", "import weasyprint"),
    ("scheduler-door", "app/core/planted.py", "import apscheduler"),
    ("jobs-door", "app/worker.py", "import huey"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program without its data, to plant violations in."""
    there = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "app", there / "app", ignore=shutil.ignore_patterns("*.mo", "static", "__pycache__"))
    (there / "tests/architecture").mkdir(parents=True)
    shutil.copy(ROOT / "tests/architecture/contracts.py", there / "tests/architecture")
    shutil.copy(ROOT / "pyproject.toml", there)
    return there


def lint(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache", "--contract", contract]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_a_planted_violation_is_caught(copy: Path, contract: str, file: str, line: str) -> None:
    target = copy / file
    before = target.read_text() if target.exists() else None
    try:
        target.parent.mkdir(exist_ok=True)
        target.write_text(f"{before or ''}\n{line}\n")
        answer = lint(copy, contract)
    finally:
        target.unlink() if before is None else target.write_text(before)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "0 broken" not in answer.stdout
    assert "1 broken" in answer.stdout


@pytest.mark.parametrize("contract", sorted({contract for contract, _file, _line in PLANTED}))
def test_the_program_itself_keeps_every_contract(contract: str) -> None:
    answer = lint(ROOT, contract)
    assert answer.returncode == 0, answer.stdout + answer.stderr
