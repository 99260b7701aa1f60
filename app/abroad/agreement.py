"""What milestones abroad promise: each is one of an agency that the definitions still have."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from app.abroad.models import ForeignMilestone
from app.abroad.queries import world
from app.core import check
from app.core.db import session


def without_definition() -> Iterator[check.Finding]:
    """Nothing follows from a milestone that left the definitions; its page says so, and its people may delete it."""
    rows = session.execute(select(ForeignMilestone.id, ForeignMilestone.agency, ForeignMilestone.milestone)).all()
    known = {(agency.key, key) for agency in world().agencies.values() for key in agency.by_key}
    lost = [row.id for row in rows if (row.agency, row.milestone) not in known]
    yield from check.several("milestone-abroad-without-definition", "Milestones abroad are in no definition.", lost)
