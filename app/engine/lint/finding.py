"""What a lint says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where (``line`` from 1; None for the whole file), what is wrong, and what to do.

    ``place`` leads to the entry inside the file, and ``ja`` says both sentences to people who typed it into a page.
    """

    file: str
    line: int | None
    what: str
    to_do: str
    place: tuple[int | str, ...] = ()
    ja: str = ""

    def as_json(self) -> dict[str, object]:
        """For commands that print JSON."""
        return {"file": self.file, "line": self.line, "what": self.what, "to_do": self.to_do}

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what} {self.to_do}"
