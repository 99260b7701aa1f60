"""``make run`` for real: everything starts, answers, and leaves no process behind, however it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import PATIENCE, ROOT, Running


@pytest.fixture
def running(tmp_path: Path, port: int) -> Iterator[Running]:
    started = Running(tmp_path / "var", port)
    yield started
    for process in started.processes():
        os.kill(process, signal.SIGKILL)
    started.process.wait()


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return bytes(answer.read())


def test_the_demo_starts_answers_and_ends_without_a_trace(tmp_path: Path, port: int) -> None:
    running = Running(tmp_path / "var", port, demo=True)
    said = running.wait_for("Ctrl-C")
    web, mail = re.findall(r"http://127\.0\.0\.1:\d+", said)[:2]
    assert "Shirube" in fetch(web).decode()
    assert isinstance(json.loads(fetch(f"{mail}/messages")), list)
    assert "example" in said, "the sign-ins of the demo hub are shown"
    assert "database at" not in said, "what only a script wants to know"
    assert sum("gunicorn" in command for command in running.processes().values()) >= 2

    again = subprocess.run(
        running.process.args, cwd=ROOT, env=running.environment, capture_output=True, text=True, check=False
    )
    assert again.returncode == 1
    assert f"already running here: {web}" in again.stderr

    assert running.end(signal.SIGINT) == 0
    assert running.processes() == {}


def test_the_program_can_be_forked_once_it_is_read(tmp_path: Path) -> None:
    """The web server reads it once and forks: no thread may run by then, and no database may be open."""
    code = (
        "import os, threading, wsgi; print(threading.active_count());"
        "[print(os.readlink(f'/proc/self/fd/{f}'))"
        " for f in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{f}')]"
    )
    environment = {**os.environ, "SHIRUBE_VAR": str(tmp_path / "var")}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    threads, *opened = answer.stdout.splitlines()
    assert threads == "1"
    assert not [path for path in opened if str(tmp_path) in path or path.startswith("socket:")]


def test_a_second_start_is_fast_and_loses_nothing(running: Running, port: int) -> None:
    running.wait_for("Ctrl-C")
    before = (running.var / "shirube.db").stat().st_ino
    assert running.end(signal.SIGTERM) == 0
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import wsgi"], cwd=ROOT, env=running.environment, check=True)
    alone = time.monotonic() - began  # how fast this machine is just now
    began = time.monotonic()
    second = Running(running.var, port)
    second.wait_for("Ctrl-C")
    took = time.monotonic() - began
    assert second.end(signal.SIGINT) == 0
    assert (running.var / "shirube.db").stat().st_ino == before
    assert took < 10 * alone, f"a second start took {took:.0f} s, reading the program alone {alone:.1f} s"
    assert second.processes() == {}


def test_when_one_process_dies_all_end_with_a_sentence(running: Running) -> None:
    running.wait_for("Ctrl-C")
    catcher = next(process for process, command in running.processes().items() if "mailcatcher" in command)
    os.kill(catcher, signal.SIGKILL)
    assert running.process.wait(PATIENCE) == 1
    assert "The mail catcher ended by itself (-9), so everything stops." in running.output.read_text()
    assert running.processes() == {}


def test_when_the_supervisor_is_killed_the_others_end_too(running: Running) -> None:
    running.wait_for("Ctrl-C")
    running.end(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while running.processes() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert running.processes() == {}


def test_a_port_in_use_is_told_and_another_one_taken(tmp_path: Path, port: int) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", port))
        busy.listen()
        running = Running(tmp_path / "var", port)
        try:
            said = running.wait_for("Ctrl-C")
        finally:
            running.end(signal.SIGTERM)
    assert f"Port {port} is in use" in said
    assert f"http://127.0.0.1:{port + 1}" in said
    assert running.processes() == {}


def test_two_that_start_at_the_same_time_take_different_ports(tmp_path: Path, port: int) -> None:
    """Ports are held from the moment of choosing; otherwise one of them announces what the other one answers."""
    both = [Running(tmp_path / name, port) for name in ("one", "two")]
    try:
        said = [running.wait_for("Ctrl-C") for running in both]
        addresses = [address for words in said for address in re.findall(r"http://127\.0\.0\.1:\d+", words)[:2]]
        assert len(set(addresses)) == 4
        for address in addresses:
            assert fetch(address)
    finally:
        assert [running.end(signal.SIGTERM) for running in both] == [0, 0]


def test_an_address_of_another_machine_is_a_sentence(tmp_path: Path) -> None:
    environment = {**os.environ, "SHIRUBE_VAR": str(tmp_path), "SHIRUBE_DEMO": "false", "SHIRUBE_HOST": "192.0.2.1"}
    command = [sys.executable, "-m", "app.core.supervisor"]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "SHIRUBE_HOST=192.0.2.1: Cannot assign requested address" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"), [("SHIRUBE_HOST", "0.0.0.0", "loopback"), ("SHIRUBE_PORT", "x", "port")]
)
def test_a_wrong_setting_is_a_sentence_not_a_traceback(tmp_path: Path, name: str, value: str, words: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "app.core.supervisor"],
        cwd=ROOT,
        env={**os.environ, "SHIRUBE_VAR": str(tmp_path), "SHIRUBE_DEMO": "true", name: value},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert answer.returncode == 1
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr
