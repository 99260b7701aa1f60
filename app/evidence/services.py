"""Saying how far a piece of evidence is, attaching what proves it, and setting the days of the gates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import func, select

from app.access.scope import Scope
from app.audit import services as audit
from app.core import clock, uploads
from app.core.db import outside_turn, session, transaction
from app.core.errors import Changed, NotFound, Refused
from app.core.storage import Storage
from app.core.uploads import Upload
from app.engine.definition.common import Text
from app.evidence import dates, needs, queries, sentences
from app.evidence.models import EvidenceDocument, EvidenceGate, EvidencePart
from app.evidence.states import Status
from app.organisations import queries as organisations
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView

MOST = 100  # documents of one piece
MOST_OF_ALL = 1000  # … of a therapy: they are read together, also by whoever has the turn to write


@dataclass(frozen=True)
class Told:
    """Everything that a person says about a piece of evidence."""

    status: Status
    owner_id: str | None = None
    due_on: dt.date | None = None
    reason: str = ""
    kept_at: str = ""
    kept_on: dt.date | None = None
    remark: str = ""


def save(scope: Scope, therapy_id: str, item: str, gate: str, told: Told, *, version: int) -> None:
    """Write down how far it is. ``version`` is what the person saw, 0 where nothing was written yet.

    Raises Changed when somebody else saved in between, Refused with the field where something is missing: nothing is
    accepted without a document or a place where it is kept and the day, nothing is left out without a reason.
    """
    with transaction():
        therapy = therapies.own(scope, therapy_id)
        needs.one(therapy, item, gate)
        row = _part(therapy_id, item, gate)
        if (row.version if row else 0) != version:
            raise Changed
        told = _clean(told)
        _check(therapy, told, row, _gate(therapy_id, gate))
        row = row or _begun(therapy_id, item, gate)
        before = {field.name: getattr(row, field.name) for field in fields(Told)}
        for name, value in vars(told).items():
            setattr(row, name, value)
        row.done_on = (row.done_on or clock.today()) if told.status.closed else None
        row.version = version + 1
        session.flush()
        _record(scope, therapy, row, "saved", before, vars(told))
        dates.tell(scope, queries.matrix(scope, therapy_id, own=True))


def attach(
    scope: Scope, therapy_id: str, item: str, gate: str, files: Sequence[Upload], *, storage: Storage, largest: int
) -> list[str]:
    """Attach documents, all of them or none; returns their ids. ``largest``: bytes of one file."""
    needs.one(therapies.own(scope, therapy_id), item, gate)
    if not files:
        raise Refused(Text(ja="ファイルを選んでください。", en="Please choose at least one file."), field="files")
    with outside_turn():  # both are slow
        kinds = uploads.all_or_none(files, largest, uploads.inspected)
        stored = [storage.put(upload.content) for upload in files]
    with transaction():
        therapy = therapies.own(scope, therapy_id)
        row = _part(therapy_id, item, gate) or _begun(therapy_id, item, gate)
        if _count(row.id) + len(files) > MOST:
            raise Refused(
                Text(ja=f"文書は{MOST}件までです。", en=f"At most {MOST} documents can be attached."), field="files"
            )
        if _count_of_all(therapy_id) + len(files) > MOST_OF_ALL:
            raise Refused(
                Text(
                    ja=f"一つの開発品目に添付できる文書は{MOST_OF_ALL}件までです。",
                    en=f"At most {MOST_OF_ALL} documents can be attached to the evidence of one therapy.",
                ),
                field="files",
            )
        added = [
            EvidenceDocument(
                part_id=row.id,
                filename=uploads.safe_name(upload.filename, kind.endings),
                mimetype=kind.mimetype,
                sha256=digest,
                size=size,
                added_at=clock.now(),
                added_by=scope.actor.id if scope.actor else None,
                added_by_name=scope.actor.name if scope.actor else "",
            )
            for upload, kind, (digest, size) in zip(files, kinds, stored, strict=True)
        ]
        session.add_all(added)
        session.flush()
        _record(scope, therapy, row, "attached", {}, {each.sha256: each.filename for each in added})
    return [each.id for each in added]


def remove_document(scope: Scope, document_id: str) -> None:
    """Take a document away; the bytes stay in the store. Refused for the only proof of something accepted."""
    with transaction():
        part, _seen = queries.document(scope, document_id, own=True)
        therapy = therapies.own(scope, part.therapy_id)
        row = session.get(EvidenceDocument, document_id, populate_existing=True)
        if row is None:
            raise NotFound
        if Status(part.status) is Status.ACCEPTED and _count(part.id) == 1 and not part.kept_at:
            raise Refused(sentences.ONLY_PROOF)
        session.delete(row)
        session.flush()
        _record(scope, therapy, part, "removed", {row.sha256: row.filename}, {})


def plan_gate(scope: Scope, therapy_id: str, gate: str, planned_on: dt.date | None, *, version: int) -> None:
    """The lead says when the therapy means to pass a gate; None takes the day back. Raises Changed as ``save`` does."""
    with transaction():
        therapy = therapies.own(scope, therapy_id)
        if not therapy.may_share and not scope.everything:
            raise NotFound
        needs.gate(therapy, gate)
        row = _gate(therapy_id, gate)
        if (row.version if row else 0) != version:
            raise Changed
        if row is None:
            row = EvidenceGate(therapy_id=therapy_id, gate=gate, version=0)
            session.add(row)
        before, row.planned_on, row.version = row.planned_on, planned_on, version + 1
        session.flush()
        audit.record(
            scope.actor,
            "evidence:gate:planned",
            organisation_id=therapy.organisation_id,
            subject_id=row.id,
            before={"gate": gate, "planned_on": _plain(before)},
            after={"gate": gate, "planned_on": _plain(planned_on)},
        )
        dates.tell(scope, queries.matrix(scope, therapy_id, own=True))


def _check(therapy: TherapyView, told: Told, row: EvidencePart | None, day: EvidenceGate | None) -> None:
    if told.status is Status.NOT_APPLICABLE and not told.reason:
        raise Refused(sentences.REASON, field="reason")
    if bool(told.kept_at) != bool(told.kept_on):
        raise Refused(sentences.PLACE_AND_DAY, field="kept_on" if told.kept_at else "kept_at")
    if told.kept_on and told.kept_on > clock.today():
        raise Refused(sentences.kept_later(told.kept_on), field="kept_on")
    if told.status is Status.ACCEPTED and not told.kept_at and not (row and _count(row.id)):
        raise Refused(sentences.PROOF, field="status")
    members = organisations.members(frozenset([therapy.organisation_id]))
    known = {member.person_id for member in members} | {row.owner_id if row else None}
    if told.owner_id and told.owner_id not in known:
        raise Refused(sentences.OWNER, field="owner_id")
    if told.due_on and day and day.planned_on and told.due_on > day.planned_on:
        raise Refused(sentences.after_gate(day.planned_on), field="due_on")


def _clean(told: Told) -> Told:
    reason = " ".join(told.reason.split()) if told.status is Status.NOT_APPLICABLE else ""
    remark = told.remark.replace("\r\n", "\n").strip()
    values = {**vars(told), "reason": reason, "kept_at": " ".join(told.kept_at.split()), "remark": remark}
    return Told(**{**values, "owner_id": told.owner_id or None})


def _part(therapy_id: str, item: str, gate: str) -> EvidencePart | None:
    same = (EvidencePart.therapy_id == therapy_id, EvidencePart.item == item, EvidencePart.gate == gate)
    return session.scalar(select(EvidencePart).where(*same).execution_options(populate_existing=True))


def _gate(therapy_id: str, gate: str) -> EvidenceGate | None:
    same = (EvidenceGate.therapy_id == therapy_id, EvidenceGate.gate == gate)
    return session.scalar(select(EvidenceGate).where(*same).execution_options(populate_existing=True))


def _begun(therapy_id: str, item: str, gate: str) -> EvidencePart:
    """A new row, which others cannot have made meanwhile: only one transaction writes at a time."""
    row = EvidencePart(
        therapy_id=therapy_id,
        item=item,
        gate=gate,
        status=Status.NOT_STARTED,
        reason="",
        kept_at="",
        remark="",
        version=0,
    )
    session.add(row)
    session.flush()
    return row


def _count(part_id: str) -> int:
    counted = select(func.count()).select_from(EvidenceDocument).where(EvidenceDocument.part_id == part_id)
    return session.scalar(counted) or 0


def _count_of_all(therapy_id: str) -> int:
    joined = select(func.count()).select_from(EvidenceDocument).join(EvidencePart)
    return session.scalar(joined.where(EvidencePart.therapy_id == therapy_id)) or 0


def _record(
    scope: Scope, therapy: TherapyView, row: EvidencePart, verb: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """One event of the trail; of a saved piece only what changed."""
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    audit.record(
        scope.actor,
        f"evidence:part:{verb}",
        organisation_id=therapy.organisation_id,
        subject_id=row.id,
        before={key: _plain(value) for key, value in before.items() if key in changed},
        after={key: _plain(value) for key, value in after.items() if key in changed},
    )


def _plain(value: object) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, dt.date) else str(value)
