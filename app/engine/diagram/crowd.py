"""Which labels stay when there is no room for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from app.engine.diagram.model import Standing, Station

Fits = Callable[[set[str]], bool]  # whether there is room for these labels


def by_rank(lanes: Sequence[Sequence[Station]]) -> tuple[list[str], list[list[str]]]:
    """The keys of the stations that always keep their labels; of each lane the others, nearest to the present first.

    Of every lane the present and the next station always keep theirs. Of the others the nearer one, in stops from the
    present one, keeps it longer; of two equally near the one ahead.
    """
    always, others = [], []
    for stations in lanes:
        here = _present(stations)
        always += [station.key for station in stations[max(here, 0) : here + 2]]
        beside = [i for i in range(len(stations)) if i not in (here, here + 1)]
        others.append([stations[i].key for i in sorted(beside, key=lambda i: (abs(i - here), i < here))])
    return always, others


def as_many_as_fit(always: Iterable[str], others: Sequence[Sequence[str]], fits: Fits) -> set[str]:
    """``always``, then equally many of every lane's ``others``, then of each lane in turn what still has room."""
    shown = set(always)

    def longest(lanes: Sequence[Sequence[str]]) -> set[str]:
        low, high = 0, max(map(len, lanes), default=0)
        while low < high:
            middle = (low + high + 1) // 2
            if fits(shown.union(*(lane[:middle] for lane in lanes))):
                low = middle
            else:
                high = middle - 1
        return shown.union(*(lane[:low] for lane in lanes))

    shown = longest(others)
    for lane in others:
        shown = longest([lane])
    return shown


def _present(stations: Sequence[Station]) -> int:
    """The place of the present station: the last one reached; -1 where none was."""
    current = [i for i, station in enumerate(stations) if station.standing is Standing.CURRENT]
    past = [i for i, station in enumerate(stations) if station.standing.past]
    return max(current or past, default=-1)
