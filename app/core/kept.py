"""What is expensive to find and follows from its key alone, kept in this process for the next time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Generic, TypeVar

Name = TypeVar("Name")
Value = TypeVar("Value")


_LONGEST = 256  # bytes; what is shorter needs about as much memory as its sum, and no time


def brief(value: Hashable) -> Hashable:
    """What stands for a value in a key: of a long text its sum, so that thousands of keys stay small."""
    if isinstance(value, str) and len(value) > _LONGEST:
        return hashlib.blake2b(value.encode(), digest_size=32).digest()
    return value


class Kept(Generic[Value]):
    """The newest ``most`` values by their keys.

    A key must say everything that its value follows from, so that nothing can ever be stale: what has changed has
    another key. Whether the reader may know the value is settled before; the key says whose it is to nobody.
    """

    def __init__(self, most: int) -> None:
        self._most, self._values, self._lock = most, dict[Hashable, Value](), Lock()

    def each(
        self, keys: Mapping[Name, Hashable], find: Callable[[list[Name]], Mapping[Name, Value]]
    ) -> dict[Name, Value]:
        """The value of every key, by the name that it has here; ``find`` is asked once, for those that are not kept."""
        with self._lock:
            values = {name: self._values[key] for name, key in keys.items() if key in self._values}
        missing = [name for name in keys if name not in values]
        if missing:
            found = find(missing)
            with self._lock:
                self._values.update((keys[name], value) for name, value in found.items())
                while len(self._values) > self._most:
                    del self._values[next(iter(self._values))]
            values.update(found)
        return values
