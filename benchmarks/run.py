"""``python -m benchmarks.run [word …]``: every ``BENCHMARKS`` of every ``bench_*.py``, or those that name a word."""

from __future__ import annotations

import importlib
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.registry import Benchmark, NotHere, Result


def found() -> Iterator[Benchmark]:
    """The benchmarks of all files, in the order of their names."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        module = importlib.import_module(f"benchmarks.{path.stem}")
        yield from module.BENCHMARKS


def seconds(value: float) -> str:
    """A time with the unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def row(result: Result) -> str:
    """One line of the table."""
    spread = f"± {result.spread:.0%}"
    times = f"{seconds(result.ours):>9}  {seconds(result.other):>9}"
    return f"{result.what:<46} {times}  {result.ratio:>7.3g}×  {spread:>6}  {result.baseline:<44} {result.goal}"


def main(words: list[str]) -> int:
    """Print the table; 1 if a benchmark broke."""
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, {platform.system()}")
    print(f"{'what':<46} {'ours':>9}  {'other':>9}  {'faster':>8}  {'':>6}  {'the other way':<44} goal")
    broken = 0
    for benchmark in found():
        if words and not any(word in f"{benchmark.what} {benchmark.baseline}" for word in words):
            continue
        try:
            print(row(benchmark.run()), flush=True)
        except NotHere as reason:
            print(f"{benchmark.what:<46} skipped: {reason}", flush=True)
        except Exception as error:  # noqa: BLE001 — one broken benchmark must not hide the others
            broken += 1
            print(f"{benchmark.what:<46} broken: {type(error).__name__}: {error}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
