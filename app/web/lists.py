"""Views of long lists: table heads, tab bars, pages of rows (macros in tables.html and navigation.html)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a table column; ``sort`` is the address that sorts by it."""

    label: str
    sort: str | None = None
    sorted: Literal["ascending", "descending"] | None = None
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """An entry of a tab bar, which is a navigation: each tab has an address. ``count`` is shown after the label."""

    label: str
    href: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Pagination:
    """Which part of a list is on the page: rows ``first`` to ``last`` of ``total``; pages count from 1."""

    page: int
    pages: int
    first: int
    last: int
    total: int
    url: Callable[[int], str]

    @classmethod
    def of(cls, page: int, per_page: int, total: int, url: Callable[[int], str]) -> Pagination:
        """The pagination of ``total`` rows; a page outside the list becomes the nearest one."""
        pages = max(1, -(-total // per_page))
        page = min(max(page, 1), pages)
        return cls(
            page,
            pages,
            min((page - 1) * per_page + 1, total),
            min(page * per_page, total),
            total,
            url,
        )

    def cut(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Of the rows of the whole list those of this page."""
        return rows[max(self.first - 1, 0) : self.last]

    @property
    def numbers(self) -> Sequence[int | None]:
        """Page numbers to offer: the ends and the neighbours; None stands for a gap."""
        wanted = sorted(
            {
                1,
                self.pages,
                *range(max(1, self.page - 1), min(self.pages, self.page + 1) + 1),
            }
        )
        shown: list[int | None] = []
        for number in wanted:
            if shown and shown[-1] is not None and number > shown[-1] + 1:
                shown.append(None)
            shown.append(number)
        return shown
