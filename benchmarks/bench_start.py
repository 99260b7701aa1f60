"""How long until the program is there: a fresh process each time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.registry import Benchmark, Work

ROOT = Path(__file__).resolve().parents[1]


def process(code: str, **environment: str) -> Work:
    """Running ``code`` in a Python of its own."""
    surroundings = {**os.environ, **environment}
    return lambda: subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=surroundings, check=True)


def whole_program() -> tuple[Work, Work]:
    folder = tempfile.mkdtemp(prefix="shirube-bench-")
    ours = process("import wsgi", SHIRUBE_VAR=folder, SHIRUBE_SECRET_KEY="x" * 40)
    return ours, process("import flask; flask.Flask('empty')")


def sign_in_alone() -> tuple[Work, Work]:
    folder = tempfile.mkdtemp(prefix="shirube-bench-")
    ours = process("import wsgi", SHIRUBE_VAR=folder, SHIRUBE_SECRET_KEY="x" * 40)
    libraries = "import flask, flask_security, flask_babel, flask_limiter, flask_wtf, sqlalchemy.orm, pydantic_settings"
    return ours, process(libraries)


BENCHMARKS = [
    Benchmark("start of the program, new process", "an empty Flask", whole_program, goal="ours ≤ 1.5 s"),
    Benchmark("start of the program, new process", "importing only the libraries it needs", sign_in_alone),
]
