"""Reading the trail."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.access.scope import Scope
from app.audit.models import AuditEvent
from app.core.db import session


@dataclass(frozen=True)
class AuditView:
    """One event, as shown."""

    at: dt.datetime
    actor_name: str
    action: str
    subject_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None


def of_subject(scope: Scope, subject_id: str, *, limit: int = 200) -> list[AuditView]:
    """The events about one thing that belongs to the reader's own organisations, newest first."""
    events = select(AuditEvent).where(AuditEvent.subject_id == subject_id).order_by(AuditEvent.at.desc()).limit(limit)
    if not scope.everything:
        events = events.where(AuditEvent.organisation_id.in_(scope.own))
    return [
        AuditView(e.at, e.actor_name, e.action, e.subject_id, e.before, e.after, e.reason)
        for e in session.scalars(events)
    ]


def count_of(organisation_id: str) -> int:
    """How many events there are about an organisation (for the program itself): one more with every change of its."""
    mine = AuditEvent.organisation_id == organisation_id
    return session.scalar(select(func.count()).select_from(AuditEvent).where(mine)) or 0
