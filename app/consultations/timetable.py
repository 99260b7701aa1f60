"""Tells the timetable diagram which type of consultation a subject is, so that it can draw what else leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.access.scope import Scope
from app.consultations.models import Consultation
from app.core.db import session
from app.engine.definition.published import Published
from app.rules import queries as rules
from app.rules.models import RuleEntry
from app.schedule import departures
from app.therapies import queries as therapies


def kinds(scope: Scope, ids: Collection[str]) -> Mapping[str, tuple[str, Published]]:
    """By consultation, the key of its type and what its hub entered; only those that the reader may see."""
    found = session.execute(
        select(Consultation.id, Consultation.kind, RuleEntry)
        .outerjoin(RuleEntry, rules.counts_for(Consultation.therapy_id))
        .where(Consultation.id.in_(list(ids)), Consultation.therapy_id.in_(therapies.visible_ids(scope)))
    ).all()
    entered: dict[str, list[RuleEntry | None]] = defaultdict(list)
    for consultation, _kind, entry in found:
        entered[consultation].append(entry)
    return {each: (kind, rules.of_rows(entered[each])) for each, kind, _entry in found}


departures.serve("consultation", kinds)
