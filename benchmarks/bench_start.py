"""Starting: how long until the program is there, a fresh process each time, and what it then takes."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from app.config import Settings
from benchmarks import office, tables
from benchmarks.office import SQLITE
from benchmarks.registry import Benchmark, Goal, Pair, Work

ROOT = Path(__file__).resolve().parents[1]
MEMORY = 120  # MiB


def process(code: str, **environment: str) -> Work:
    """Running ``code`` in a Python of its own."""
    surroundings = {**os.environ, **environment}
    return lambda: subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=surroundings, check=True)


def start(other: str) -> Pair:
    """The web program in a process of its own, against one that runs ``other``."""
    settings: Settings = office.program(SQLITE).extensions["settings"]
    here = {"SHIRUBE_VAR": str(settings.var), "SHIRUBE_SECRET_KEY": settings.secret_key}
    return Pair(process("import wsgi", **here), process(other), remarks=lambda: _memory(here))


def _memory(here: dict[str, str]) -> dict[str, object]:
    """What the program has when it has shown its first page and waits for the next."""
    if not Path("/proc/self/statm").exists():
        return {}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAGE], cwd=ROOT, env={**os.environ, **here}, check=True, capture_output=True
    )
    size = int(done.stdout.split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
    return {"memory after its first page": f"{size} MiB, goal ≤ {MEMORY} MiB: {tables.MET[size <= MEMORY]}"}


FIRST_PAGE = """
import wsgi
assert wsgi.app.test_client().get("/sign-in").status_code == 200
print(open("/proc/self/statm").read())
"""
NEEDED = "import flask, flask_security, flask_babel, flask_limiter, flask_wtf, sqlalchemy.orm, pydantic_settings"
BENCHMARKS = [
    Benchmark("start of the program, new process", against, partial(start, code), Goal(1.5), seconds=8)
    for against, code in (
        ("a bare import of the libraries it needs", NEEDED),
        ("a bare import of flask", "import flask"),
    )
]
