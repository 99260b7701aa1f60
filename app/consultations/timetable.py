"""Tells the timetable diagram which type of consultation a subject is, so that it can draw what else leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.access.scope import Scope
from app.consultations.models import Consultation
from app.core.db import session
from app.engine.definition.published import Published
from app.rules import queries as rules
from app.schedule import departures
from app.therapies import queries as therapies


def kinds(scope: Scope, ids: Collection[str]) -> Mapping[str, tuple[str, Published]]:
    """By consultation, the key of its type and what its hub entered; only those that the reader may see."""
    visible = Consultation.therapy_id.in_(therapies.visible_ids(scope))
    wanted = Consultation.id.in_(list(ids)), visible
    rows = list(session.execute(select(Consultation.id, Consultation.kind, Consultation.therapy_id).where(*wanted)))
    published = rules.for_therapies({row.therapy_id for row in rows})
    return {row.id: (row.kind, published[row.therapy_id]) for row in rows}


departures.serve("consultation", kinds)
