"""What is not done yet, for pages that show little of much: days that come along with a list of therapies, and the
milestones that such a page then reads.

A part chooses milestones ``among`` therapies, by ids or by a statement of their room; ``read`` reads several at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from operator import lt
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select, tuple_, union

from app.access.scope import Scope
from app.engine.definition.common import Role
from app.schedule import queries
from app.schedule.models import Milestone
from app.schedule.queries import MilestoneView
from app.therapies.models import Therapy

OPEN = (Milestone.done_on.is_(None), Milestone.duty_day.is_not(None))
THEIRS: ColumnElement[bool] = Milestone.role == Role.THEIRS
OURS: ColumnElement[bool] = Milestone.role != Role.THEIRS
BY_DAY = (Milestone.duty_day, Milestone.position)  # an index keeps both
LAST_DAY: ColumnElement[Any] = case(  # see MilestoneView.last_day
    (and_(or_(Milestone.is_window, THEIRS), Milestone.latest.is_not(None)), Milestone.latest), else_=Milestone.duty_day
)

Among = Select[str] | Collection[str]  # ids of therapies


def late_day(today: dt.date) -> ScalarSelect[Any]:
    """The last day of what of ours is late since longest; a value of the statement that reads a therapy."""
    return _first(LAST_DAY, OURS, _past(today))


def duty_day(today: dt.date) -> ScalarSelect[Any]:
    """The day of the next of our duties; such a value."""
    return _first(Milestone.duty_day, OURS, ~_past(today))


def next_day(today: dt.date) -> ScalarSelect[Any]:
    """The day of what comes next, whoever acts; such a value."""
    return _first(Milestone.duty_day, ~_past(today))


def until(among: Among, day: dt.date) -> Select[str]:
    """Everything until a day."""
    return _among(among).where(*OPEN, Milestone.duty_day <= day)


def first(among: Among, most: int, *conditions: ColumnElement[bool]) -> Select[str]:
    """The first ``most`` in the order of days: an index says how far they reach, then only what ties is sorted."""
    some = _among(among).where(*OPEN, *conditions)
    days = some.with_only_columns(*BY_DAY).order_by(*BY_DAY).limit(most).subquery()
    last = select(days).order_by(*(each.desc() for each in days.c)).limit(1).scalar_subquery()
    tied = some.join(Therapy, Therapy.id == Milestone.therapy_id).where(tuple_(*BY_DAY) <= last)
    return select(tied.order_by(*queries.IN_ORDER).limit(most).subquery().c.id)


def heads(among: Among, today: dt.date, *conditions: ColumnElement[bool]) -> Select[str]:
    """Of each therapy what of ours is late since longest, and what comes next, whoever acts; with all that ties."""
    past = _past(today)
    places = func.rank().over(
        partition_by=(Milestone.therapy_id, past),
        order_by=(case((past, LAST_DAY), else_=Milestone.duty_day), *BY_DAY),
    )
    chosen = _among(among).where(*OPEN, or_(OURS, ~past), *conditions)
    found = chosen.add_columns(places.label("place")).subquery()
    return select(found.c.id).where(found.c.place == 1)


def steps(among: Among, keys: Collection[str]) -> Select[str]:
    """The steps of these keys, also done ones and such without a day."""
    return _among(among).where(Milestone.key.in_(keys))


def read(scope: Scope, *parts: Select[str]) -> list[MilestoneView]:
    """The milestones of all parts that the reader may see, each once, in the order of their days; one statement."""
    chosen = queries.visible(scope).where(Milestone.id.in_(union(*parts)))
    return queries.read(chosen.order_by(Milestone.duty_day.is_(None), *queries.IN_ORDER))


def _among(among: Among) -> Select[Any]:
    wanted = among if isinstance(among, Select) else list(among)
    return select(Milestone.id).where(Milestone.therapy_id.in_(wanted))


def _past(today: dt.date) -> ColumnElement[bool]:
    past: ColumnElement[bool] = lt(LAST_DAY, today)
    return past


def _first(day: Any, *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    found = select(func.min(day)).where(Milestone.therapy_id == Therapy.id, *OPEN, *conditions)
    return found.correlate(Therapy).scalar_subquery()
