"""What docs/operating.md says can be typed: every command runs as it stands there, in its order, on both databases."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import ROOT, Settings
from app.core.processes import take_port
from tests import postgresql

PAGE = (ROOT / "docs" / "operating.md").read_text()
COMMANDS = re.findall(r"^    (\S.+)$", PAGE, re.MULTILINE)
SETTING = "export SHIRUBE_DATABASE_URL="
PATIENCE = 90.0  # seconds


class Operator:
    """Types what the page says, with folders, a port and a database of the test."""

    def __init__(self, folder: Path, address: str | None) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SHIRUBE_")}
        self.environment, self._folder, self._address = clean, folder, address
        with take_port("127.0.0.1", 18300) as free:
            self.port = free.getsockname()[1]
        (folder / "backups").mkdir()

    def words(self, command: str) -> str:
        """The command with our folders."""
        command = re.sub(r"^(?:[\d*]+ ){5}", "", command)  # cron's five columns
        command = command.replace("/srv/program", str(ROOT)).replace("/srv/", f"{self._folder}/")
        return command.replace(".venv/bin/", f"{Path(sys.executable).parent}/").replace(":8000", f":{self.port}")

    def type(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        if found := re.fullmatch(r"export (\w+)=(\S+)", self.words(command)):
            self.environment[found[1]] = self._address or "" if command.startswith(SETTING) else found[2]
            return subprocess.CompletedProcess(command, 0, "", "")
        return subprocess.run(
            ["bash", "-c", self.words(command)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, command: str) -> subprocess.Popen[bytes]:
        """Let it run."""
        out = (self._folder / "output").open("ab")
        return subprocess.Popen(
            ["bash", "-c", f"exec {self.words(command)}"], cwd=ROOT, env=self.environment, stdout=out, stderr=out
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def operator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Operator]:
    """Somebody with an empty machine."""
    if request.param == "sqlite":
        yield Operator(tmp_path, None)
        return
    with postgresql.database(request.getfixturevalue("postgresql_server")) as address:
        yield Operator(tmp_path, address)


def healthy(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the page says so."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:  # not yet there, or busy with starting
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_every_command_of_the_page(
    operator: Operator, tmp_path: Path, request: pytest.FixtureRequest, postgresql_server: str
) -> None:
    large = bool(operator._address)
    for command in COMMANDS:
        if command.startswith(SETTING) and not large:
            continue
        if " gunicorn" in command or "/gunicorn" in command or command.endswith("flask worker"):
            process = operator.start(command)
            try:
                if "gunicorn" in command:
                    healthy(operator.port, process)
                else:
                    time.sleep(3)
                    assert process.poll() is None, (tmp_path / "output").read_text()
            finally:
                process.terminate()
                process.wait(PATIENCE)
            continue
        if "restored" in command and large:
            continue  # the next test restores into a database of its own
        done = operator.type(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if "flask backup" in command:
            assert Path(json.loads(done.stdout)["backup"]).is_file()
        if "check" in command:
            assert json.loads(done.stdout)["findings"] == []
    assert len(list((tmp_path / "backups").glob("*.zip"))) == 3
    if large:
        with postgresql.database(postgresql_server) as address:
            operator.environment["SHIRUBE_DATABASE_URL"] = address
            for command in [command for command in COMMANDS if "restored" in command]:
                done = operator.type(command)
                assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_every_setting_is_explained_with_its_default() -> None:
    rows = re.findall(r"^\| `SHIRUBE_(\w+)` \| `?([^|`]*)`? \| (.+) \|$", PAGE, re.MULTILINE)
    explained = {name.lower(): (default.strip(), words) for name, default, words in rows}
    assert list(explained) == list(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        if name != "var":
            default = "" if field.default is None else str(field.default)
            assert explained[name][0].lower() == default.lower(), name
        assert explained[name][1] == (field.description or "").replace("``", "`"), name


def test_every_finding_is_explained() -> None:
    found = set()
    for file in ("app/core/check.py", "app/schedule/agreement.py"):
        found |= set(re.findall(r'(?:Finding|several)\(\s*"([a-z-]+)"', (ROOT / file).read_text()))
    assert len(found) > 8
    assert [word for word in sorted(found) if f"`{word}`" not in PAGE] == []
