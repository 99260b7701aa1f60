"""The windows of the regulator beside a plan: in which months a request leaves, and for which meeting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from app.access.scope import Scope
from app.engine import catalogue, windows
from app.engine.calendar import Month, japan
from app.engine.definition.common import Basis
from app.engine.definition.published import NOTHING, Published
from app.engine.errors import CalendarRangeError
from app.therapies import queries as therapies

# By subject, the key of its type (empty: it leaves in no window of the regulator) and what its hub entered.
Kinds = Callable[[Scope, Collection[str]], Mapping[str, tuple[str, Published]]]

_known: dict[str, Kinds] = {}
_windowless: set[str] = set()


@dataclass(frozen=True, slots=True)
class Train:
    """A request that can leave: from ``earliest`` to ``latest``, for a meeting in ``month``."""

    month: Month
    earliest: dt.date
    latest: dt.date
    basis: Basis


@dataclass(frozen=True, slots=True)
class Line:
    """What leaves beside one subject, and which of its steps are the request and the meeting."""

    request: str
    meeting: str
    trains: tuple[Train, ...]


def serve(subject_kind: str, kinds: Kinds, *, windows: bool = True) -> None:
    """Let the room of ``subject_kind`` say of which type its subjects are; without ``windows`` only which there are."""
    _known[subject_kind] = kinds
    if not windows:
        _windowless.add(subject_kind)


def of_therapies(scope: Scope, subjects: Collection[str]) -> Mapping[str, tuple[str, Published]]:
    """For what belongs to a therapy itself, which has no windows of the regulator beside it."""
    return dict.fromkeys(therapies.existing(scope, subjects), ("", NOTHING))


def known(scope: Scope, subject_kind: str, subjects: Collection[str]) -> Collection[str]:
    """Which of the subjects exist for the reader."""
    kinds = _known.get(subject_kind)
    return kinds(scope, subjects).keys() if kinds else ()


def lines(scope: Scope, subjects: Collection[tuple[str, str]], first: Month, last: Month) -> dict[str, Line]:
    """By subject, its line with what leaves from ``first`` to ``last``; none where no month is tied to a request."""
    found: dict[str, Line] = {}
    for subject_kind in {kind for kind, _subject in subjects} & _known.keys() - _windowless:
        ids = [subject for kind, subject in subjects if kind == subject_kind]
        for subject, (key, more) in _known[subject_kind](scope, ids).items():
            if line := _line(key, more, first, last):
                found[subject] = line
    return found


def _line(key: str, more: Published, first: Month, last: Month) -> Line | None:
    kind = catalogue.consultation_type(key)
    if kind.reception.pattern is None:
        return None
    place = {step.place: step.key for step in kind.steps if step.place}
    tables = windows.reception_table((*catalogue.published_tables(), *more.reception))
    published = windows.table_for(kind, tables)
    trains, month = [], first
    while month <= last.plus(kind.reception.pattern.lead_months):
        try:
            received = windows.reception(kind.reception.pattern, month, japan(), published)
        except CalendarRangeError:  # the table of holidays ends here
            break
        trains.append(Train(month, received.span.earliest, received.span.latest, received.basis))
        month = month.plus(1)
    return Line(place["reception"], place["meeting"], tuple(trains))
