"""What a benchmark is: our way and a named other way of doing the same, timed in turns within one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ROUNDS = 7
SECONDS_PER_ROUND = 0.05

Work = Callable[[], object]


class NotHere(Exception):
    """The benchmark cannot run on this machine; the sentence says why."""


@dataclass(frozen=True)
class Result:
    """Medians in seconds; ``ratio`` says how many times faster our way is (below 1: slower)."""

    what: str
    ours: float
    baseline: str
    other: float
    ratio: float
    spread: float  # half the range of the ratios of all rounds, as a share of the median
    goal: str = ""


@dataclass(frozen=True)
class Benchmark:
    """``prepare`` returns our way and the other way, and how many things (pages) one run makes if that is not ``per``.

    The times are divided by it.
    """

    what: str
    baseline: str
    prepare: Callable[[], tuple[Work, Work] | tuple[Work, Work, int]]
    per: int = 1
    goal: str = ""

    def run(self) -> Result:
        """Time both ways in turns, so that a machine that gets slower meanwhile is slower for both."""
        ours, other, *many = self.prepare()
        per = many[0] if many else self.per
        times = [(_once(ours, loops), _once(other, others)) for loops, others in self._rounds(ours, other)]
        ratios = sorted(b / a for a, b in times)
        middle = statistics.median(ratios)
        return Result(
            self.what,
            statistics.median(a for a, _b in times) / per,
            self.baseline,
            statistics.median(b for _a, b in times) / per,
            middle,
            (ratios[-1] - ratios[0]) / 2 / middle,
            self.goal,
        )

    @staticmethod
    def _rounds(ours: Work, other: Work) -> Iterator[tuple[int, int]]:
        loops = [max(1, round(SECONDS_PER_ROUND / _once(work, 1))) for work in (ours, other)]  # also warms up
        rounds = ROUNDS if max(_once(ours, 1), _once(other, 1)) < 2 else 3
        for _ in range(rounds):
            yield loops[0], loops[1]


def _once(work: Work, loops: int) -> float:
    start = time.perf_counter()
    for _ in range(loops):
        work()
    return max((time.perf_counter() - start) / loops, 1e-9)
