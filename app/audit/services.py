"""Writing the trail."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from app.access.actor import Actor
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import session

_ROW = insert(AuditEvent.__table__)  # type: ignore[arg-type]


def record(
    actor: Actor | None,
    action: str,
    *,
    organisation_id: str | None = None,
    subject_id: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Add one event to the caller's transaction. ``actor`` is None for the program itself."""
    row = {
        "at": clock.now(),
        "actor_id": actor.id if actor else None,
        "actor_name": actor.name if actor else "",
        "action": action,
        "organisation_id": organisation_id,
        "subject_id": subject_id,
        "before": before,
        "after": after,
        "reason": reason,
    }
    session.execute(_ROW, row)
