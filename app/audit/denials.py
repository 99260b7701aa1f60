"""Denied requests in the trail: each once, and never so many that a stranger fills the disk with them."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from sqlalchemy import ColumnElement, func, select
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
        if not _known(denial.actor, what):  # asked without the turn to write: nobody waits for a flood of the same
            _write(denial.actor, what)
    except SQLAlchemyError as error:
        session.rollback()
        log.critical("a denied request could not be written down: %s", error)


def _write(actor: Actor | None, what: dict[str, Any]) -> None:
    with transaction():
        if _known(actor, what):
            return
        noted = session.scalar(select(func.count()).select_from(AuditEvent).where(*_denials(actor, WINDOW))) or 0
        if noted < MOST:
            named = [value for value in what["asked"].values() if is_id(value)]
            services.record(actor, DENIED, subject_id=named[-1] if named else None, after=what)
        elif noted == MOST:
            services.record(actor, SILENT)


def _known(actor: Actor | None, what: dict[str, Any]) -> bool:
    return what in session.scalars(select(AuditEvent.after).where(*_denials(actor, SAME))).all()


def _denials(actor: Actor | None, within: dt.timedelta) -> tuple[ColumnElement[bool], ...]:
    return (
        AuditEvent.actor_id == (actor.id if actor else None),
        AuditEvent.action.in_((DENIED, SILENT)),
        AuditEvent.at > clock.now() - within,
    )
