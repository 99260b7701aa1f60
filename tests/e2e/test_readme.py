"""What README.md says can be typed: every command runs as it stands there."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"^    (?:SHIRUBE_\w+=\w+ )?\.venv/bin/flask (.+)$", README, re.MULTILINE)
TARGETS = set(re.findall(r"`?make ([a-z-]+)", README))
HISTORY = "case_id,product,mah,class,date,precision,event,detail,src,conf\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "HISTORIES.csv").write_text(HISTORY)
    (tmp_path / "BUNDLE.zip").write_bytes(b"no bundle at all")
    return tmp_path


@pytest.mark.parametrize("command", [command for command in COMMANDS if not command.startswith("demo")])
def test_a_command_answers_with_json_and_needs_no_database(folder: Path, command: str) -> None:
    environment = {**os.environ, "SHIRUBE_VAR": str(folder / "var"), "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(
        [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"), *shlex.split(command)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    refused = "BUNDLE" in command
    assert answer.returncode == (1 if refused else 0), answer.stdout + answer.stderr
    assert json.loads(answer.stdout)
    assert not (folder / "var" / "shirube.db").exists()


def test_the_demo_moves_its_clock(folder: Path) -> None:
    (command,) = [command for command in COMMANDS if command.startswith("demo")]
    environment = {**os.environ, "SHIRUBE_VAR": str(folder / "var"), "SHIRUBE_DEMO": "true"}
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    subprocess.run([*flask, "setup"], cwd=ROOT, env=environment, check=True)
    answer = subprocess.run(
        [*flask, *shlex.split(command)], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert re.match(r"\d{4}-\d\d-\d\dT", json.loads(answer.stdout)["now"])


def test_every_make_target_exists_and_is_helped() -> None:
    answer = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    offered = set(re.findall(r"^  make ([a-z-]+)", answer.stdout, re.MULTILINE))
    assert offered == {"help", "run", "test", "sure", "test-long", "bench", "fmt"}
    assert TARGETS - {"JSON"} <= offered


def test_every_folder_it_names_exists() -> None:
    named = re.findall(r"`([a-z_]+/(?:[a-z]+/)?)`", README)
    assert named
    assert [name for name in named if name != "var/" and not (ROOT / name).is_dir()] == []
