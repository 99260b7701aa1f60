"""Public precedents: the cases of ``workflows/cases/`` as histories of a public organisation, for everybody to read."""

from __future__ import annotations

import base64
import hashlib

from app.core import clock
from app.core.db import session, transaction
from app.engine.definition.case import Case, CaseEvent
from app.engine.machine import RETRACTED, Days
from app.organisations import services as organisations
from app.pathways import log
from app.pathways.models import PathwayEvent
from app.pathways.rules import library
from app.pathways.sentences import READ_AGAIN
from app.therapies import services as therapies


def cases() -> dict[str, Case]:
    """The public cases by their ids; made-up ones only try the rules."""
    return {case.id: case for case in library().cases.values() if case.public}


def load() -> int:
    """Bring every public case into the database; returns how many events were added. Loading again adds nothing.

    An event that a newer edition of a case no longer holds is taken back, never erased.
    """
    added = 0
    with transaction():
        owner = organisations.public_record()
        for case in cases().values():
            therapy_id = therapies.add_public(
                organisation_id=owner, reference=case.id, names=case.product, product_class=case.product_class
            )
            added += _bring(case, therapy_id)
    return added


def _bring(case: Case, therapy_id: str) -> int:
    wanted = {
        row.id: row
        for number, event in enumerate(case.events)
        for row in (_row(case, therapy_id, number, event), *_readings(case, therapy_id, number, event))
    }
    rows = log.rows_of(therapy_id)
    known = {row.id for row in rows if row.event != RETRACTED}
    gone = {row.supersedes_id for row in rows if row.event == RETRACTED}
    fresh = [row for key, row in wanted.items() if key not in known]
    retracted = [_retraction(row) for row in rows if row.event != RETRACTED and row.id not in gone | wanted.keys()]
    session.add_all([*fresh, *retracted])
    session.flush()
    return sum(row.event != log.ALSO_READ for row in fresh)


def _row(case: Case, therapy_id: str, number: int, event: CaseEvent) -> PathwayEvent:
    on, mark = Days.parse(event.on), event.provenance
    return PathwayEvent(
        id=_identity(case.id, number, event),
        therapy_id=therapy_id,
        event=event.event,
        first_day=on.first,
        last_day=on.last,
        attributes=dict(event.attributes),
        history=True,
        source=" ".join(mark.sources) if mark else None,
        confidence=str(mark.confidence) if mark else None,
        certainty=event.certainty,
        note_ja=event.detail.ja if event.detail else "",
        note_en=event.detail.en if event.detail else "",
        recorded_at=clock.now(),
        recorded_by=None,
        recorded_by_name="",
    )


def _readings(case: Case, therapy_id: str, number: int, event: CaseEvent) -> list[PathwayEvent]:
    """The other days that sources give for an event."""
    about = _identity(case.id, number, event)
    return [
        PathwayEvent(
            id=_key(f"{about}/{each.model_dump_json()}"),
            therapy_id=therapy_id,
            event=log.ALSO_READ,
            first_day=Days.parse(each.on).first,
            last_day=Days.parse(each.on).last,
            attributes={},
            history=True,
            source=" ".join(each.provenance.sources) or None if each.provenance else None,
            confidence=str(each.provenance.confidence) if each.provenance else None,
            certainty=each.certainty,
            note_ja=each.detail.ja if each.detail else "",
            note_en=each.detail.en if each.detail else "",
            about_id=about,
            recorded_at=clock.now(),
            recorded_by_name="",
        )
        for each in event.also_read
    ]


def _retraction(row: PathwayEvent) -> PathwayEvent:
    return PathwayEvent(
        therapy_id=row.therapy_id,
        event=RETRACTED,
        first_day=row.first_day,
        last_day=row.last_day,
        attributes={},
        history=True,
        note_ja="",
        note_en="",
        supersedes_id=row.id,
        reason=READ_AGAIN.en,
        recorded_at=clock.now(),
        recorded_by_name="",
    )


def _identity(case: str, number: int, event: CaseEvent) -> str:
    """The same event of a case has the same id on every machine, so that loading twice adds nothing."""
    return _key(f"{case}/{number}/{event.model_dump_json(exclude={'also_read'})}")


def _key(said: str) -> str:
    return base64.b32encode(hashlib.sha256(said.encode()).digest()).decode().lower()[:20]
