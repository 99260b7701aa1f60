"""Results as lines on a screen and as the page docs/figures.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import machine
from benchmarks.registry import Result

HEAD = """# Figures

Made by `make bench TABLE=docs/figures.md`, never by hand. Each line is one run of both ways in turns on the same
machine, so read the ratios; the times are medians and change with the machine. *Times the other* above 1 means that
our way takes so many times as long as the named other way, which nearly always does less: it is the limit, not a
competitor.

{machine}.

| What | Ours | The other way | Other | Times the other | Goal | Also |
|---|---:|---|---:|---:|---|---|
"""
MET = {True: "met", False: "**missed**"}


def seconds(value: float) -> str:
    """A time with the unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def lines(result: Result) -> str:
    """One result for the screen."""
    times = f"{seconds(result.ours)} : {seconds(result.other)} = {result.times:.3g} × ± {result.spread:.0%}"
    more = [f"goal {goal(result)}"] if result.goal else []
    return f"{result.what}\n    {times}  against {result.baseline}" + "".join(
        f"\n    {each}" for each in [*more, *([also(result.remarks)] if result.remarks else [])]
    )


def page(results: Sequence[Result], skipped: Mapping[str, str]) -> str:
    """The whole page."""
    rows = [
        f"| {r.what} | {seconds(r.ours)} | {r.baseline} | {seconds(r.other)} | {r.times:.3g} ± {r.spread:.0%} "
        f"| {goal(r)} | {also(r.remarks)} |"
        for r in results
    ]
    missing = [f"\nNot measured, {what}: {reason}." for what, reason in skipped.items()]
    return HEAD.format(machine=machine.words()) + "\n".join(rows) + "\n" + "\n".join(missing)


def goal(result: Result) -> str:
    """The goal and whether it is met."""
    if result.goal is None:
        return ""
    most = result.goal.at_most
    said = f"≤ {seconds(most)}" if result.goal.of == "seconds" else f"≤ {most:g} × the other"
    return f"{said}: {MET[result.goal.met(result)]}"


def also(remarks: Mapping[str, object]) -> str:
    """The other figures in one line."""
    return ", ".join(f"{name} {value}" for name, value in remarks.items())
