"""Notices: a look over a million milestones after due mails, in vain, against reading the same part of the index."""

from __future__ import annotations

import datetime as dt
from functools import partial

from sqlalchemy import select

from app.core import clock
from app.core.db import session
from app.notices import rules, sweep
from app.notices.rules import DAYS_AHEAD
from app.schedule.models import Milestone
from benchmarks import milestones, office
from benchmarks.office import POSTGRESQL, SQLITE
from benchmarks.registry import Benchmark, Goal, Pair


def look(database: str) -> Pair:
    """One sweep when all that is due was told of."""
    office.enter(milestones.estate(database))
    last = milestones.TODAY + dt.timedelta(days=DAYS_AHEAD)
    near = select(Milestone.id).where(Milestone.done_on.is_(None), Milestone.duty_day <= last)
    assert (clock.today(), rules.awake(clock.now())) == (milestones.TODAY, True), "a look that would read nothing"
    open_ones = len(session.scalars(near).all())

    def ours() -> None:
        assert sweep.sweep() == sweep.Swept(0, 0)
        session.rollback()

    def other() -> None:
        assert len(session.scalars(near).all()) == open_ones
        session.rollback()

    return Pair(ours, other, remarks=lambda: {"milestones": f"{milestones.MANY:,}", "open ones read": f"{open_ones:,}"})


BENCHMARKS = [
    Benchmark(
        f"notice sweep over a million milestones ({database})",
        "one query of the ids by the index",
        partial(look, database),
        goal=Goal(seconds),
    )
    for database, seconds in ((SQLITE, 0.005), (POSTGRESQL, 0.010))
]
