"""Tells the timetable diagram which type of consultation a subject is, so that it can draw what else leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.access.scope import Scope
from app.consultations.models import Consultation
from app.core.db import session
from app.schedule import departures
from app.therapies import queries as therapies


def kinds(scope: Scope, ids: Collection[str]) -> Mapping[str, str]:
    """By consultation, the key of its type; only those that the reader may see."""
    visible = Consultation.therapy_id.in_(therapies.visible_ids(scope))
    rows = session.execute(select(Consultation.id, Consultation.kind).where(Consultation.id.in_(list(ids)), visible))
    return {row.id: row.kind for row in rows}


departures.serve("consultation", kinds)
