"""Refusals and absences, as sentences for the person who asked."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.definition.common import Text


class Refused(Exception):
    """A service says no. ``sentence`` says why and what to do; ``field`` names the input that is to blame, if any."""

    def __init__(self, sentence: Text, *, field: str | None = None) -> None:
        self.sentence, self.field = sentence, field
        super().__init__(sentence.en)


class NotFound(Exception):
    """It does not exist, or this person may not know that it does: the two are the same answer."""


class Forbidden(Exception):
    """The person may see the thing but not do this to it."""


class Changed(Exception):
    """Somebody else saved first; nothing was overwritten."""


def reasons(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what it was raised from, what that was raised from, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = getattr(error, "orig", None) or error.__cause__ or error.__context__
