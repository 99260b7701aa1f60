"""``python -m benchmarks.run [word …]``: every ``BENCHMARKS`` of every ``bench_*.py`` but long ones; or what is named.

``--json PATH`` writes the figures for programs, ``--table PATH`` as the table for people (docs/figures.md).
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks import machine, tables
from benchmarks.registry import Benchmark, NotHere, Result

LONGER = "takes minutes; name it to measure it"


def found() -> Iterator[tuple[str, list[Benchmark]]]:
    """What each file measures, in its own words, in the order of their names."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        module = importlib.import_module(f"benchmarks.{path.stem}")
        yield " ".join((module.__doc__ or path.stem).split()), module.BENCHMARKS


def named(benchmark: Benchmark, words: list[str]) -> bool:
    """Whether it names one of the words; without words all do but the long ones."""
    if not words:
        return not benchmark.long
    return any(word in f"{benchmark.what} {benchmark.baseline}" for word in words)


def main(given: list[str]) -> int:
    """Print the figures; 1 if a benchmark broke."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--table", type=Path)
    options = parser.parse_args(given)
    began = time.monotonic()
    print(machine.words(), flush=True)
    chapters: list[tuple[str, list[Result]]] = []
    missing: dict[str, str] = {}
    broken: dict[str, str] = {}
    left_out = 0
    for about, benchmarks in found():
        chosen = [each for each in benchmarks if named(each, options.words)]
        longer = [] if options.words else [each for each in benchmarks if each.long]
        missing |= {f"{each.what}, against {each.baseline}": LONGER for each in longer}
        left_out += len(benchmarks) - len(chosen) - len(longer)
        results: list[Result] = []
        for benchmark in chosen:
            name = f"{benchmark.what}, against {benchmark.baseline}"
            print(benchmark.what, flush=True)
            try:
                result = benchmark.run()
            except NotHere as reason:
                missing[name] = str(reason)
                print(f"    not measured: {reason}", flush=True)
            except Exception as error:  # noqa: BLE001 — one broken benchmark must not hide the others
                said = str(error).partition("\n")[0]
                broken[name] = f"{type(error).__name__}: {said}"
                print(f"    broken: {broken[name]}", flush=True)
            else:
                results.append(result)
                print(tables.lines(result), flush=True)
        if results:
            chapters.append((about, results))
    seconds = time.monotonic() - began
    print(f"{sum(len(results) for _about, results in chapters)} figures in {seconds:.0f} s", flush=True)
    if options.json:
        figures = [{**asdict(result), "met": result.met} for _about, results in chapters for result in results]
        everything = {"machine": machine.facts(), "results": figures, "not measured": missing, "broken": broken}
        options.json.write_text(json.dumps(everything, indent=2, ensure_ascii=False) + "\n")
    if options.table:
        options.table.write_text(tables.page(chapters, missing | broken, left_out, seconds))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
