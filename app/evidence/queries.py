"""Reading evidence: the matrix of a therapy, one piece of it, its documents and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select

from app.access.scope import Scope
from app.audit import queries as audit
from app.core.db import session
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.engine import evidence
from app.engine.entries import evidence_id, of_evidence_item
from app.engine.machine import Truth
from app.evidence import needs
from app.evidence.models import EvidenceDocument, EvidenceGate, EvidencePart
from app.evidence.shapes import Change, DocumentView, GateView, Matrix, OnePart, PartView
from app.evidence.states import Status
from app.organisations import queries as organisations
from app.pathways import queries as pathways
from app.pathways.rules import library
from app.rules import queries as rules
from app.rules.models import RuleVerification
from app.therapies import queries as therapies
from app.therapies.models import Therapy
from app.therapies.queries import TherapyView

__all__ = [
    "Change",
    "DocumentView",
    "GateView",
    "Matrix",
    "OnePart",
    "PartView",
    "document",
    "history",
    "matrix",
    "one",
]


def matrix(scope: Scope, therapy_id: str, *, own: bool = False) -> Matrix:
    """All evidence of a therapy that the reader may see; NotFound for others and for public precedents.

    With ``own`` only the owner's people may ask. Three statements, however much there is.
    """
    therapy, rows, days, documents, _verified = _read(scope, therapy_id, own=own)
    return _matrix(therapy, rows, days, documents)


def _matrix(therapy: TherapyView, rows: Rows, days: Days, documents: Documents) -> Matrix:
    needed, people = needs.needed(therapy), _people(therapy)
    closed = {place for place, row in rows.items() if Status(row.status).closed}
    begun = {item for (item, _gate), row in rows.items() if Status(row.status) is not Status.NOT_STARTED}
    known = pathways.noted(therapy)
    parts = []
    for each in needed:
        for gate, part in each.parts:
            row = rows.get((each.item.key, gate.key))
            noted = gate.notes_count and each.item.key not in begun and known.truth("fact", each.item.key) is Truth.YES
            covered = noted or evidence.satisfied(each, gate.key, closed)
            planned = days[gate.key].planned_on if gate.key in days else None
            base = PartView(each, gate, part, planned, covered, noted)
            parts.append(_filled(base, row, people, documents.get(row.id, [])) if row else base)
    found = []
    for gate in needs.gates(therapy):
        day = days.get(gate.key)
        at = tuple(part for part in parts if part.gate.key == gate.key)
        planned, version = (day.planned_on, day.version) if day else (None, 0)
        found.append(GateView(gate, planned, version, at, needs.guarded(therapy, gate.key)))
    return Matrix(therapy, tuple(parts), tuple(found), people)


def one(scope: Scope, therapy_id: str, item: str, gate: str | None = None, *, own: bool = False) -> OnePart:
    """One item at one gate (the first at which it is missing when none is named); NotFound where it is not needed."""
    therapy, rows, days, documents, verified = _read(scope, therapy_id, own=own, item=item)
    found = _matrix(therapy, rows, days, documents)
    siblings = tuple(part for part in found.parts if part.asked.item.key == item)
    open_first = sorted(siblings, key=lambda part: part.covered)
    wanted = [part for part in (siblings if gate else open_first) if gate in (None, part.gate.key)]
    if not wanted:
        raise NotFound
    here = wanted[0]
    guards, entry = needs.guarded(found.therapy, here.gate.key), of_evidence_item(here.asked.set, here.asked.item)
    stands = (entry.id, entry.digest) in verified
    return OnePart(found.therapy, here, siblings, guards, found.people, entry.id, stands)


def document(scope: Scope, document_id: str, *, own: bool = False) -> tuple[EvidencePart, DocumentView]:
    """A document with the piece that it belongs to, for who may see the therapy (or, with ``own``, change it)."""
    allowed = therapies.owned_ids(scope) if own else therapies.visible_ids(scope)
    row = session.execute(
        select(EvidenceDocument, EvidencePart)
        .join(EvidencePart, EvidencePart.id == EvidenceDocument.part_id)
        .where(EvidenceDocument.id == document_id, EvidencePart.therapy_id.in_(allowed))
    ).first()
    if row is None:
        raise NotFound
    stored, part = row
    return part, _document(stored)


def history(scope: Scope, part: PartView) -> list[Change]:
    """What was changed about one piece, newest first; only the owner's people read it."""
    if part.id is None:
        return []
    events = audit.of_subject(scope, part.id)
    return [
        Change(event.at, event.actor_name, event.action.rpartition(":")[2], event.before or {}, event.after or {})
        for event in events
    ]


Rows = dict[tuple[str, str], EvidencePart]
Days = dict[str, EvidenceGate]
Documents = dict[str, list[DocumentView]]
Verified = set[tuple[str, str]]  # entries of the rules with their hashes


def _read(
    scope: Scope, therapy_id: str, *, own: bool, item: str = ""
) -> tuple[TherapyView, Rows, Days, Documents, Verified]:
    """The therapy, what is written about its pieces, the days of its gates and its documents, in one statement.

    Gates are few, as many as the rules have, so each may come with each piece; and so may who verified ``item``.
    """
    entries = [evidence_id(one, each) for one in library().evidence for each in one.items if each.key == item]
    therapy, found = therapies.get_with_all(
        scope,
        therapy_id,
        (EvidencePart, EvidencePart.therapy_id == Therapy.id),
        (EvidenceGate, EvidenceGate.therapy_id == Therapy.id),
        (EvidenceDocument, EvidenceDocument.part_id == EvidencePart.id),
        (RuleVerification, rules.stands(scope, entries)),
        own=own,
    )
    parts, days, files, verified = (
        {row.id: row for row in rows if row is not None}.values() for rows in zip(*found, strict=True)
    )
    documents: Documents = {}
    for row in sorted(files, key=lambda each: (each.added_at, each.id)):
        documents.setdefault(row.part_id, []).append(_document(row))
    rows = {(row.item, row.gate): row for row in parts}
    return therapy, rows, {row.gate: row for row in days}, documents, {(row.entry, row.digest) for row in verified}


def _people(therapy: TherapyView) -> dict[str, str]:
    """The names of everybody of the therapy's organisation, who can own a piece."""
    members = organisations.members(frozenset([therapy.organisation_id]))
    return {member.person_id: member.name for member in members}


def _document(row: EvidenceDocument) -> DocumentView:
    return DocumentView(
        row.id, row.part_id, row.filename, row.mimetype, row.sha256, row.size, row.added_at, row.added_by_name
    )


def _filled(base: PartView, row: EvidencePart, people: Mapping[str, str], documents: list[DocumentView]) -> PartView:
    return replace(
        base,
        id=row.id,
        status=Status(row.status),
        owner_id=row.owner_id,
        owner=people.get(row.owner_id, _("somebody who has left")) if row.owner_id else None,
        due_on=row.due_on,
        reason=row.reason,
        kept_at=row.kept_at,
        kept_on=row.kept_on,
        remark=row.remark,
        done_on=row.done_on,
        version=row.version,
        documents=tuple(documents),
    )
