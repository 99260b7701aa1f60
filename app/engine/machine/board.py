"""The tracks as they stand between two events of a history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from app.engine.machine.tracks import Track


class Board:
    """Tracks by machine and instance, those of one machine in the order in which they began."""

    def __init__(self, tracks: Iterable[Track] = ()) -> None:
        self._lines: dict[str, dict[str, Track]] = {}
        self._limited: dict[tuple[str, str], Track] = {}
        for track in tracks:
            self.put(track)

    def __iter__(self) -> Iterator[Track]:
        for line in self._lines.values():
            yield from line.values()

    @property
    def machines(self) -> Collection[str]:
        """The machines that have a track."""
        return self._lines.keys()

    @property
    def limited(self) -> Collection[Track]:
        """The tracks with a running term."""
        return self._limited.values()

    def of(self, machine: str) -> Collection[Track]:
        """All tracks of a machine."""
        line = self._lines.get(machine)
        return line.values() if line else ()

    def get(self, machine: str, instance: str) -> Track | None:
        """One track, if it has begun."""
        line = self._lines.get(machine)
        return line.get(instance) if line else None

    def put(self, track: Track) -> None:
        """The track stands there now; it keeps its place in the order."""
        self._lines.setdefault(track.machine, {})[track.instance] = track
        if track.term_start is not None:
            self._limited[track.machine, track.instance] = track
        elif self._limited:
            self._limited.pop((track.machine, track.instance), None)
