"""What a milestone abroad spoils, or is spoilt by: yes, no, or not to be told from days known only by month or year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.engine.abroad import World, happened
from app.engine.definition.abroad import (
    BeforeHome,
    BeforeOther,
    Concerns,
    Condition,
    Conflict,
    During,
    OfTherapy,
    OnTrack,
)
from app.engine.definition.common import Text
from app.engine.machine.days import Days
from app.engine.machine.tracks import Tracks
from app.engine.machine.words import days_text, filled

NOT_PLANNED = Text(ja="予定なし", en="not planned")
Answer = bool | None  # None: cannot tell


@dataclass(frozen=True, slots=True)
class Planned:
    """A milestone of an agency on its day: the actual one where it is known, else the planned one."""

    id: str
    agency: str
    milestone: str
    on: Days


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions may ask of a therapy."""

    product_class: str
    material: str
    tracks: Tracks
    planned: Sequence[Planned]


@dataclass(frozen=True, slots=True)
class Warned:
    """A conflict that holds (or, ``certain`` False, may hold) for a milestone, as a sentence with its days."""

    conflict: Conflict
    milestone: Planned
    certain: bool
    says: Text


def warnings(world: World, facts: Facts) -> tuple[Warned, ...]:
    """Everything to warn of: conflicts that hold first, then those that cannot be told, then what is to be checked."""
    found = [
        warned
        for conflict in world.conflicts
        for planned in sorted(facts.planned, key=lambda each: (each.on.first, each.id))
        if _concerned(world, conflict.concerns, planned)
        if (warned := _warned(world, facts, conflict, planned))
    ]
    return tuple(sorted(found, key=lambda each: (each.conflict.level != "conflict", not each.certain)))


def home_day(world: World, facts: Facts, milestone: str) -> Days | None:
    """The day of a milestone in Japan: as it first happened, else as planned; None when neither is known."""
    home = world.home
    assert home is not None
    events = happened(world.milestone(home.key, milestone), facts.tracks.happened)
    return _first(event.on for event in events) or _day_of(facts, home.key, milestone)


def _warned(world: World, facts: Facts, conflict: Conflict, planned: Planned) -> Warned | None:
    answer = _all(_holds(world, facts, each, planned) for each in conflict.when)
    if answer is False:
        return None
    said = conflict.says if answer or conflict.unsure is None else conflict.unsure
    return Warned(conflict, planned, answer is True, _filled(world, facts, conflict, planned, said))


def _concerned(world: World, concerns: Concerns, planned: Planned) -> bool:
    if world.agencies[planned.agency].home:
        return False
    match = world.milestone(planned.agency, planned.milestone).match
    chosen = ((concerns.agencies, planned.agency), (concerns.matches, match), (concerns.milestones, planned.milestone))
    return all(not wanted or value in wanted for wanted, value in chosen)


def _holds(world: World, facts: Facts, condition: Condition, planned: Planned) -> Answer:
    match condition:
        case OnTrack():
            tracks = facts.tracks.of(condition.machine)
            return any(track.state in condition.states and track.matches(condition.where) for track in tracks)
        case OfTherapy():
            return facts.product_class in condition.classes or facts.material in condition.materials
        case BeforeHome():
            return _before(planned.on, home_day(world, facts, condition.milestone), condition.days)
        case BeforeOther():
            return _before(planned.on, _day_of(facts, planned.agency, condition.milestone), 0)
        case During():
            return _during(facts, condition, planned)


def _before(one: Days, other: Days | None, days: int) -> Answer:
    """Whether ``one`` lies more than ``days`` days before ``other``; before one that is not planned everything does."""
    if other is None:
        return True
    limit = dt.timedelta(days=days)
    if other.first - one.last > limit:
        return True
    return None if other.last - one.first > limit else False


def _during(facts: Facts, condition: During, planned: Planned) -> Answer:
    """Whether it falls into any of the stays that begin and end with those milestones, each ended by the next end."""
    begun = sorted(_days_of(facts, planned.agency, condition.begins))
    ends = sorted(_days_of(facts, planned.agency, condition.ends))
    answers = []
    for start in begun:
        end = next((each for each in ends if each.last >= start.first), None)
        begins_later = _before(planned.on, start, 0)
        still_open = True if end is None else _before(planned.on, end, 0)
        answers.append(_all((_not(begins_later), still_open)))
    return True if True in answers else None if None in answers else False


def _all(answers: Iterable[Answer]) -> Answer:
    told = list(answers)
    return False if False in told else None if None in told else True


def _not(answer: Answer) -> Answer:
    return None if answer is None else not answer


def _day_of(facts: Facts, agency: str, milestone: str) -> Days | None:
    return _first(_days_of(facts, agency, milestone))


def _days_of(facts: Facts, agency: str, milestone: str) -> list[Days]:
    return [each.on for each in facts.planned if (each.agency, each.milestone) == (agency, milestone)]


def _first(days: Iterable[Days]) -> Days | None:
    return min(days, default=None)


def _filled(world: World, facts: Facts, conflict: Conflict, planned: Planned, said: Text) -> Text:
    parts = {
        "agency": world.agencies[planned.agency].short,
        "milestone": world.milestone(planned.agency, planned.milestone).names,
        "day": days_text(planned.on),
    }
    for each in conflict.when:
        if isinstance(each, BeforeHome):
            home, limit = home_day(world, facts, each.milestone), str(each.days)
            parts |= {"home": days_text(home) if home else NOT_PLANNED, "limit": Text(ja=limit, en=limit)}
    return filled(said, **parts)
