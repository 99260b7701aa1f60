"""A process starts fast: what is slow to read and rarely needed is read where it is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LATER = {"alembic", "apscheduler", "docx", "fontTools", "huey", "icalendar", "lxml", "numpy", "pikepdf", "psycopg"}
LATER |= {"pypdfium2", "ruamel", "weasyprint"}


def test_start_reads_no_library_that_waits_for_its_use(tmp_path: Path) -> None:
    code = "import gc, json, sys, wsgi; print(json.dumps([gc.isenabled(), gc.get_freeze_count(), list(sys.modules)]))"
    environment = {**os.environ, "SHIRUBE_VAR": str(tmp_path), "SHIRUBE_DATABASE_URL": ""}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    collecting, frozen, modules = json.loads(answer.stdout)
    assert not {name.partition(".")[0] for name in modules} & LATER
    assert collecting
    assert frozen > 0
