"""Finds the Chromium that the browser tests drive; ``python -m tests.browser`` prints its path or why there is none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1] / ".tools" / "browsers"
RELEASE = Path("/etc/os-release")
NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")


def _why_none() -> str:
    """What to type where there is none; Ubuntu's own package wants a running snapd."""
    line = "sudo apt-get install -y chromium libatomic1"
    if not re.search(r"^ID=debian$", RELEASE.read_text() if RELEASE.exists() else "", re.MULTILINE):
        playwright = f"PLAYWRIGHT_BROWSERS_PATH={TOOLS} {sys.prefix}/bin/playwright install --with-deps --only-shell"
        line = f"sudo apt-get install -y libatomic1 && sudo {playwright} chromium"
    return f"no Chromium that Playwright can drive ({line}; SHIRUBE_CHROMIUM names one)"


WHY_NONE = _why_none()


@cache
def find_chromium() -> str | None:
    """The path of a Chromium that starts, or None."""
    if not _runs(sys.executable, "-m", "playwright", "--version"):
        return None  # its driver is a Node.js that wants libatomic1
    wished = os.environ.get("SHIRUBE_CHROMIUM")
    candidates = [wished] if wished else [shutil.which(name) for name in NAMES]
    candidates += [str(path) for path in sorted(TOOLS.glob("chromium*/*/*headless*shell")) if path.is_file()]
    return next((path for path in candidates if path and _runs(path, "--version")), None)


def _runs(*command: str) -> bool:
    # Ubuntu's chromium-browser is a note that asks for a snap; only running it tells.
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    found = find_chromium()
    print(found or WHY_NONE)
    sys.exit(0 if found else 1)
