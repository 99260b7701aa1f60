"""The machine on which the figures were made, in general words, and the day."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path

from app.core import clock

COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


def facts() -> dict[str, object]:
    """What decides how fast everything is."""
    return {
        "day": clock.machine_time().date().isoformat(),
        "cores": os.cpu_count() or 1,
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load": round(os.getloadavg()[0], 1),
    }


def words() -> str:
    """The same as a sentence."""
    here = facts()
    cores = int(str(here["cores"]))
    number = COUNTS[cores] if cores < len(COUNTS) else str(cores)
    return (
        f"{here['day']}: {number} {'core' if cores == 1 else 'cores'} ({here['processor']}), {here['memory_gib']} GiB "
        f"of memory, {here['system']}, Python {here['python']}, SQLite {here['sqlite']}; load {here['load']}"
    )


def _processor() -> str:
    """The maker's family of the processor, without its number."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    return " ".join(word for word in name.split() if not any(sign.isdigit() for sign in word) and "@" not in word)
