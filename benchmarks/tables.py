"""Results as lines on a screen and as the page docs/figures.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import machine
from benchmarks.registry import Result

HEAD = """# Figures

Made by `make bench TABLE=docs/figures.md`, never by hand. Each line is both ways in turns on the same machine within
one run, so read the ratios; the times are medians and change with the machine. *Times* above 1 means that our way
takes so many times as long as the other, which nearly always does less: it is the limit, not a competitor. *±* is how
far the middle half of the rounds lies around that; what takes long is done once.

{machine}. The whole took {seconds:.0f} s.
"""
CHAPTER = """
## {title}

{about}

| What | Ours | The other way | Other | Times | Goal | Also |
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
    times = f"{seconds(result.ours)} : {seconds(result.other)} = {ratio(result)} times  against {result.baseline}"
    more = [f"goal {goal(result)}"] if result.goal else []
    return "\n".join(f"    {each}" for each in [times, *more, *([also(result.remarks)] if result.remarks else [])])


def page(
    chapters: Sequence[tuple[str, Sequence[Result]]], missing: Mapping[str, str], left_out: int, took: float
) -> str:
    """The whole page. ``missing``: what could not be measured, and why; ``left_out``: how many nobody asked for."""
    parts = [HEAD.format(machine=machine.words(), seconds=took)]
    for about, results in chapters:
        title, _colon, rest = about.partition(": ")
        parts += [CHAPTER.format(title=title, about=f"{rest[:1].upper()}{rest[1:]}"), *map(row, results)]
    if missing or left_out:
        parts.append("\n## Not measured\n\n")
        parts += [f"- {what}: {reason}\n" for what, reason in missing.items()]
        parts += [f"- {left_out} others, which were left out of this run.\n"] if left_out else []
    return "".join(parts)


def row(result: Result) -> str:
    """One result for the page."""
    cells = (
        result.what,
        seconds(result.ours),
        result.baseline,
        seconds(result.other),
        ratio(result),
        goal(result),
        also(result.remarks),
    )
    return f"| {' | '.join(cells)} |\n"


def ratio(result: Result) -> str:
    """How many times as long we take, and how sure that is."""
    times = f"{result.times:,.0f}" if result.times >= 100 else f"{result.times:.3g}"
    return times if result.spread is None else f"{times} ± {result.spread:.0%}"


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
