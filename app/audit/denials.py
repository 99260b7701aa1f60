"""Denied requests in the trail: each once, and never so many that a stranger fills the disk with them."""

from __future__ import annotations

import datetime as dt
import logging
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, true
from sqlalchemy.exc import SQLAlchemyError

from app.access.actor import Actor
from app.access.policy import Denial
from app.audit import services
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import session, transaction
from app.core.ids import is_id

log = logging.getLogger(__name__)

DENIED = "audit:request:denied"
SILENT = "audit:requests:not_noted"  # the last row of somebody who was denied too often
SAME = dt.timedelta(minutes=1)  # within it the same request of the same person is one denial: pages are loaded again
WINDOW, MOST = dt.timedelta(hours=1), 1000  # more than a person can click; the access log still has every request
LONGEST = 60  # signs of a name that was asked for


def note(denial: Denial) -> None:
    """Write a denied request down; where that cannot be written the answer to the person is the same."""
    asked = {name: value[:LONGEST] for name, value in denial.asked.items()}
    what = {"method": denial.method, "endpoint": denial.endpoint, "asked": asked}
    try:
        if what not in _noted(denial.actor)[1]:  # asked without the turn to write: nobody waits for a flood of the same
            _write(denial.actor, what)
    except SQLAlchemyError as error:
        session.rollback()
        log.critical("a denied request could not be written down: %s", error)


def _write(actor: Actor | None, what: dict[str, Any]) -> None:
    with transaction():
        noted, just_now = _noted(actor)
        if what in just_now:
            return
        if noted < MOST:
            named = [value for value in what["asked"].values() if is_id(value)]
            services.record(actor, DENIED, subject_id=named[-1] if named else None, after=what)
        elif noted == MOST:
            services.record(actor, SILENT)


def _noted(actor: Actor | None) -> tuple[int, list[Any]]:
    """How many rows there are of somebody (None: of all who were not signed in), and what the newest of them say."""
    now = clock.now()
    values = {"since": now - WINDOW, "just_now": now - SAME}
    found = session.execute(_rows(actor is None), values | ({"actor_id": actor.id} if actor else {})).all()
    return found[0].noted, [row.after for row in found if row.after is not None]


@cache
def _rows(of_nobody: bool) -> Select[*tuple[Any, ...]]:
    row = AuditEvent.__table__.c
    whose = row.actor_id.is_(None) if of_nobody else row.actor_id == bindparam("actor_id")
    theirs = whose, row.action.in_((DENIED, SILENT))
    count = select(func.count().label("noted")).where(*theirs, row.at > bindparam("since")).subquery()
    newest = select(row.after).where(*theirs, row.at > bindparam("just_now")).subquery()
    return select(count.c.noted, newest.c.after).outerjoin_from(count, newest, true())
