"""What is not done yet, for pages that show little of much: days that come along with a list of therapies, and the
milestones that such a page then reads.

A part chooses milestones ``among`` therapies, by ids or by a statement of their room; ``read`` reads several at once.
Days and parts are made once and asked again with other values: those of ``day`` and ``therapy_ids``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache
from operator import lt
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Executable,
    ScalarSelect,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
    tuple_,
    union,
)

from app.access.asking import Reader
from app.access.scope import Reads, Scope
from app.engine.definition.common import Role
from app.schedule import queries
from app.schedule.models import Milestone
from app.schedule.queries import LAST_DAY, MilestoneView
from app.therapies.models import Therapy

OPEN = (Milestone.done_on.is_(None), Milestone.duty_day.is_not(None))
THEIRS: ColumnElement[bool] = Milestone.role == Role.THEIRS
OURS: ColumnElement[bool] = Milestone.role != Role.THEIRS
BY_DAY = (Milestone.duty_day, Milestone.position)  # an index keeps both

DAY: BindParameter[dt.date] = bindparam("day", type_=Date)  # the day that is today on the page
THESE: BindParameter[str] = bindparam("therapy_ids", expanding=True)  # the therapies that it shows
PAST: ColumnElement[bool] = lt(LAST_DAY, DAY)

Among = Select[str] | BindParameter[str]  # ids of therapies
Parts = Callable[[Reads], Sequence[Select[str]]]


@cache
def late_day() -> ScalarSelect[Any]:
    """The last day of what of ours is late since longest; a value of the statement that reads a therapy."""
    return _first(LAST_DAY, OURS, PAST)


@cache
def duty_day() -> ScalarSelect[Any]:
    """The day of the next of our duties; such a value."""
    return _first(Milestone.duty_day, OURS, ~PAST)


@cache
def next_day() -> ScalarSelect[Any]:
    """The day of what comes next, whoever acts; such a value."""
    return _first(Milestone.duty_day, ~PAST)


def until(among: Among, day: BindParameter[dt.date]) -> Select[str]:
    """Everything until a day."""
    return _among(among).where(*OPEN, Milestone.duty_day <= day)


def first(among: Among, most: int | BindParameter[int], *conditions: ColumnElement[bool]) -> Select[str]:
    """The first ``most`` in the order of days: an index says how far they reach, then only what ties is sorted."""
    some = _among(among).where(*OPEN, *conditions)
    days = some.with_only_columns(*BY_DAY).order_by(*BY_DAY).limit(most).subquery()
    last = select(days).order_by(*(each.desc() for each in days.c)).limit(1).scalar_subquery()
    tied = some.join(Therapy, Therapy.id == Milestone.therapy_id).where(tuple_(*BY_DAY) <= last)
    return select(tied.order_by(*queries.IN_ORDER).limit(most).subquery().c.id)


def heads(among: Among, *conditions: ColumnElement[bool]) -> Select[str]:
    """Of each therapy what of ours is late since longest, and what comes next, whoever acts; with all that ties."""
    places = func.rank().over(
        partition_by=(Milestone.therapy_id, PAST),
        order_by=(case((PAST, LAST_DAY), else_=Milestone.duty_day), *BY_DAY),
    )
    chosen = _among(among).where(*OPEN, or_(OURS, ~PAST), *conditions)
    found = chosen.add_columns(places.label("place")).subquery()
    return select(found.c.id).where(found.c.place == 1)


def steps(among: Among) -> Select[str]:
    """The steps of the keys that ``keys`` names, also done ones and such without a day."""
    return _among(among).where(Milestone.key.in_(bindparam("keys", expanding=True)))


def read(scope: Scope, parts: Parts, **values: Any) -> list[MilestoneView]:
    """The milestones of all parts that the reader may see, each once, in the order of their days; one statement.

    ``parts`` is a function of the program, called once for every kind of reader; ``values`` are what its parts ask for.
    """
    return queries.read(scope, _chosen, parts, **values)


def _chosen(reader: Reader, parts: Parts) -> Executable:
    chosen = queries.visible(reader).where(Milestone.id.in_(union(*parts(reader))))
    return chosen.order_by(Milestone.duty_day.is_(None), *queries.IN_ORDER)


def _among(among: Among) -> Select[Any]:
    return select(Milestone.id).where(Milestone.therapy_id.in_(among))


def _first(day: Any, *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    found = select(func.min(day)).where(Milestone.therapy_id == Therapy.id, *OPEN, *conditions)
    return found.correlate(Therapy).scalar_subquery()
