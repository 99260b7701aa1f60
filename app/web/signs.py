"""The code of a station, for lists."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup


def station_code(letter: str, number: str, name: str | None = None) -> Markup:
    """The code, such as P04, with the name of the station after it; the letter picks the colour of the line."""
    return _code(letter, number) + f" {name}" if name else _code(letter, number)


@lru_cache(maxsize=512)  # stations
def _code(letter: str, number: str) -> Markup:
    return Markup('<span class="code line-{0}">{0}{1}</span>').format(letter, number)
