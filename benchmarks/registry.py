"""What a benchmark is: our way and a named other way of doing the same, timed in turns within one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

ROUNDS = 7
SECONDS_PER_ROUND = 0.05
SECONDS_PER_BENCHMARK = 4.0  # and what takes longer is done less often: the whole takes less than six minutes

Work = Callable[[], object]


class NotHere(Exception):
    """The benchmark cannot run on this machine; the sentence says why."""


@dataclass(frozen=True)
class Goal:
    """At most so many seconds, or at most so many times the time of the other way."""

    at_most: float
    of: Literal["seconds", "times the other"] = "seconds"

    def met(self, result: Result) -> bool:
        """Whether the result keeps it."""
        return (result.ours if self.of == "seconds" else result.times) <= self.at_most


@dataclass(frozen=True)
class Pair:
    """Both ways, ready to run. One run makes ``per`` things (pages, mails), by which the times are divided.

    ``remarks`` are other figures about our way, such as statements or peak memory, read after the last run.
    """

    ours: Work
    other: Work
    per: int = 1
    remarks: Callable[[], Mapping[str, object]] = dict
    close: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Result:
    """Medians in seconds; ``times`` is the median of ours by other, round by round: 2 means that we take twice as long.

    ``spread``: how far the middle half of all rounds lies around that, as a share of it; None after a single round.
    """

    what: str
    ours: float
    baseline: str
    other: float
    times: float
    spread: float | None
    goal: Goal | None
    remarks: Mapping[str, object] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        return self.goal.met(self) if self.goal else None


@dataclass(frozen=True)
class Benchmark:
    """``prepare`` makes both ways ready; it is called when the benchmark's turn has come. ``rounds``: at most so many,
    in at most so many ``seconds``. ``long``: a minute or more, so it is left out unless it is named."""

    what: str
    baseline: str
    prepare: Callable[[], Pair]
    goal: Goal | None = None
    rounds: int = ROUNDS
    seconds: float = SECONDS_PER_BENCHMARK
    long: bool = False

    def run(self) -> Result:
        """Time both ways in turns, so that a machine that gets slower meanwhile is slower for both."""
        pair = self.prepare()
        try:
            times = list(self._rounds(pair))
            remarks = dict(pair.remarks())
        finally:
            pair.close()
        ratios = [ours / other for ours, other in times]
        middle = statistics.median(ratios)
        quarters = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else None
        return Result(
            self.what,
            statistics.median(ours for ours, _other in times) / pair.per,
            self.baseline,
            statistics.median(other for _ours, other in times) / pair.per,
            middle,
            (quarters[-1] - quarters[0]) / 2 / middle if quarters else None,
            self.goal,
            remarks,
        )

    def _rounds(self, pair: Pair) -> Iterator[tuple[float, float]]:
        """The seconds of both ways, in turns. What is slow is done once."""
        first = (_once(pair.ours, 1), _once(pair.other, 1))  # also warms up
        rounds = min(self.rounds, round(self.seconds / sum(first)))
        if rounds < 2:
            yield first
            return
        loops = [max(1, round(SECONDS_PER_ROUND / seconds)) for seconds in first]
        for _ in range(rounds):
            yield _once(pair.ours, loops[0]), _once(pair.other, loops[1])


def _once(work: Work, loops: int) -> float:
    start = time.perf_counter()
    for _ in range(loops):
        work()
    return max((time.perf_counter() - start) / loops, 1e-9)
