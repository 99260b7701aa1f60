"""How long until the program is there: a fresh process each time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.registry import Benchmark, Goal, Pair, Work

ROOT = Path(__file__).resolve().parents[1]


def process(code: str, **environment: str) -> Work:
    """Running ``code`` in a Python of its own."""
    surroundings = {**os.environ, **environment}
    return lambda: subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=surroundings, check=True)


def start(other: str) -> Pair:
    """The web program in a process of its own, against one that runs ``other``."""
    folder = tempfile.mkdtemp(prefix="shirube-bench-")
    surroundings = {"SHIRUBE_VAR": folder, "SHIRUBE_SECRET_KEY": "x" * 40}
    return Pair(process("import wsgi", **surroundings), process(other), remarks=lambda: _memory(surroundings))


def _memory(surroundings: dict[str, str]) -> dict[str, object]:
    """What the started program takes, in MiB."""
    code = "import resource, wsgi; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **surroundings}, check=True, capture_output=True
    )
    return {"memory": f"{int(done.stdout)} MiB"}


NEEDED = "import flask, flask_security, flask_babel, flask_limiter, flask_wtf, sqlalchemy.orm, pydantic_settings"
EVERYTHING = f"{NEEDED}, weasyprint, pikepdf, docx, apscheduler, lxml.etree, numpy"
BENCHMARKS = [
    Benchmark("start of the program, new process", "a bare import of flask", partial(start, "import flask"), Goal(1.5)),
    Benchmark(
        "start of the program, new process",
        "a bare import of the libraries it needs",
        partial(start, NEEDED),
        Goal(1.5),
    ),
    Benchmark(
        "start of the program, new process",
        "a bare import of flask, sqlalchemy, weasyprint and all others",
        partial(start, EVERYTHING),
        Goal(1.5),
    ),
]
