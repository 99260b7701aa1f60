"""``python -m benchmarks.run [word …]``: every ``BENCHMARKS`` of every ``bench_*.py``, or those that name a word.

``--json PATH`` writes the figures for programs, ``--table PATH`` as the table for people (docs/figures.md).
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks import machine, tables
from benchmarks.registry import Benchmark, NotHere, Result

LEFT_OUT = "left out of this run"


def found() -> Iterator[Benchmark]:
    """The benchmarks of all files, in the order of their names."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        module = importlib.import_module(f"benchmarks.{path.stem}")
        yield from module.BENCHMARKS


def named(benchmark: Benchmark, words: list[str]) -> bool:
    """Whether it names one of the words; without words all do."""
    return not words or any(word in f"{benchmark.what} {benchmark.baseline}" for word in words)


def main(given: list[str]) -> int:
    """Print the figures; 1 if a benchmark broke."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--table", type=Path)
    options = parser.parse_args(given)
    print(machine.words())
    results: list[Result] = []
    every = list(found())
    chosen = [each for each in every if named(each, options.words)]
    skipped = {f"{each.what}, against {each.baseline}": LEFT_OUT for each in every if each not in chosen}
    broken: dict[str, str] = {}
    for benchmark in chosen:
        try:
            result = benchmark.run()
        except NotHere as reason:
            skipped[benchmark.what] = str(reason)
            print(f"{benchmark.what}: skipped: {reason}", flush=True)
        except Exception as error:  # noqa: BLE001 — one broken benchmark must not hide the others
            broken[benchmark.what] = f"{type(error).__name__}: {error}"
            print(f"{benchmark.what}: broken: {broken[benchmark.what]}", flush=True)
        else:
            results.append(result)
            print(tables.lines(result), flush=True)
    if options.json:
        figures = [{**asdict(result), "met": result.met} for result in results]
        everything = {"machine": machine.facts(), "results": figures, "skipped": skipped, "broken": broken}
        options.json.write_text(json.dumps(everything, indent=2, ensure_ascii=False) + "\n")
    if options.table:
        options.table.write_text(tables.page(results, skipped | broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
