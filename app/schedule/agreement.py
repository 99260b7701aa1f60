"""What milestones promise: each belongs to a subject that exists, of a room that is known."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from app.access.scope import EVERYTHING
from app.core import check
from app.core.db import session
from app.schedule import departures
from app.schedule.models import Milestone


def without_subject() -> Iterator[check.Finding]:
    """Milestones of nothing would show on Today for ever, and nobody could end them."""
    rows = session.execute(select(Milestone.id, Milestone.subject_kind, Milestone.subject_id)).all()
    there = {
        (kind, subject)
        for kind in {row.subject_kind for row in rows}
        for subject in departures.known(EVERYTHING, kind, {row.subject_id for row in rows if row.subject_kind == kind})
    }
    lost = [row.id for row in rows if (row.subject_kind, row.subject_id) not in there]
    yield from check.several("milestone-without-subject", "Milestones belong to nothing that exists.", lost)
