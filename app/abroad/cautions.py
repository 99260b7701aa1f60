"""What has to be warned of, as a reader is told it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.i18n import language
from app.engine.conflicts import Warned
from app.rules import reading
from app.web.components import SourceMark


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to warn of, said once for all milestones that it is the same for."""

    level: str
    certain: bool
    sentence: str
    do: str
    marks: tuple[SourceMark, ...]


def said(warned: Iterable[Warned]) -> tuple[Caution, ...]:
    """The warnings in the reader's language, each sentence once."""
    speak = language()
    found = {
        each.says: Caution(
            each.conflict.level,
            each.certain,
            each.says.say(speak),
            each.conflict.do.say(speak),
            reading.of_provenance(each.conflict.provenance, speak),
        )
        for each in warned
    }
    return tuple(found.values())
