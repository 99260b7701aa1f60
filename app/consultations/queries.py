"""Reading consultations. Plans are for every reader of the therapy; questions and files for its own people only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from app.access.asking import Reader, ask
from app.access.scope import Reads, Scope
from app.consultations.course import Round, read_turns
from app.consultations.models import Attachment, Briefing, Consultation, Inquiry, Question, Status
from app.consultations.planning import read_facts
from app.consultations.shapes import (
    AttachmentView,
    BriefingView,
    ConsultationView,
    Counts,
    InquiryView,
    QuestionView,
)
from app.consultations.wish import Wish
from app.core.db import session
from app.core.errors import NotFound
from app.engine.calendar import Month
from app.engine.catalogue import consultation_type
from app.pathways import designations
from app.pathways.models import PathwayEvent
from app.rules import queries as rules
from app.rules.models import RuleEntry, RuleVerification
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView

__all__ = [
    "AttachmentView",
    "BriefingView",
    "ConsultationView",
    "Counts",
    "InquiryView",
    "QuestionView",
    "attachment",
    "attachments",
    "briefing",
    "counts",
    "get",
    "inquiries",
    "inquiry",
    "of_therapy",
    "open_of",
    "opened",
    "own",
    "own_with_rounds",
    "question",
    "questions",
    "rounds",
    "rounds_of",
    "view",
    "with_rounds",
    "with_verified",
]

Numbered = TypeVar("Numbered", QuestionView, AttachmentView, InquiryView)
Ids = Callable[[Reads], Select[str]]  # of the therapies among which a consultation is looked for
_THIS = Consultation.id == bindparam("consultation_id")
Part = TypeVar("Part", Question, Attachment, Inquiry, Briefing)


def get(scope: Scope, consultation_id: str) -> ConsultationView:
    """A consultation of a therapy that the reader may see; else NotFound."""
    return _one(scope, therapies.visible_ids, consultation_id)


def own(scope: Scope, consultation_id: str) -> ConsultationView:
    """A consultation of the reader's own organisation, for every change and for what is not shared; else NotFound."""
    return _one(scope, therapies.owned_ids, consultation_id)


def owned_ids(scope: Scope) -> Select[str]:
    """The ids of the consultations of the reader's own organisations, for use inside another statement."""
    return select(Consultation.id).where(Consultation.therapy_id.in_(therapies.owned_ids(scope)))


def of_therapy(scope: Scope, therapy_id: str) -> list[ConsultationView]:
    """All consultations of a therapy, the newest first."""
    return [view(row) for row in ask(scope, _of_therapy, therapy_id=therapy_id).scalars()]


def open_of(scope: Scope, therapy_ids: list[str] | None = None) -> list[ConsultationView]:
    """The consultations that are under way, of these therapies or of all that the reader may see; one statement."""
    rows = _of(therapies.visible_ids(scope)).where(Consultation.status == Status.CONFIRMED)
    if therapy_ids is not None:
        rows = rows.where(Consultation.therapy_id.in_(therapy_ids))
    rows = rows.order_by(Consultation.created_at, Consultation.number, Consultation.id)
    told = rows.add_columns(PathwayEvent).outerjoin(PathwayEvent, designations.told(Consultation.therapy_id))
    found: dict[Consultation, list[PathwayEvent | None]] = {}
    for row, event in session.execute(told):
        found.setdefault(row, []).append(event)
    return [replace(view(row), holds=designations.of_rows(events)) for row, events in found.items()]


def opened(
    scope: Scope, consultation_id: str, *, own: bool = False
) -> tuple[ConsultationView, TherapyView, Counts | None]:
    """A consultation with its therapy and, for its own people, how much is written, in one statement; else NotFound."""
    therapy, row, *counted = therapies.of_row(scope, Consultation, consultation_id, *_counted(), own=own)
    return view(row), therapy, Counts(*counted) if therapy.may_write else None


def own_with_rounds(scope: Scope, consultation_id: str) -> tuple[ConsultationView, list[Round]]:
    """One's own consultation, the days of its rounds and what its hub entered, in one statement; else NotFound."""
    return _read_rounds(ask(scope, _rounds_of, therapies.owned_ids, consultation_id=consultation_id).all())


def with_verified(
    scope: Scope, consultation_id: str, entry_ids: Collection[str]
) -> tuple[ConsultationView, list[Round], set[tuple[str, str]]]:
    """As ``with_rounds``, and which of these entries of the rules stand verified for the reader, with their hashes."""
    rows = _rounds_of(scope, therapies.visible_ids).outerjoin(RuleVerification, rules.stands(scope, entry_ids))
    found = session.execute(rows.add_columns(RuleVerification), {"consultation_id": consultation_id}).all()
    return *_read_rounds(found), {(row[4].entry, row[4].digest) for row in found if row[4] is not None}


def with_rounds(scope: Scope, consultation_id: str) -> tuple[ConsultationView, list[Round]]:
    """The same for every reader of the plan."""
    return _read_rounds(ask(scope, _rounds_of, therapies.visible_ids, consultation_id=consultation_id).all())


def rounds(scope: Scope, consultation_id: str) -> list[Round]:
    """The days of the rounds of inquiries, for every reader of the plan; what was asked is not among them."""
    _row, found = _with(scope, therapies.visible_ids, consultation_id, Inquiry, Inquiry.number)
    return [_round(row) for row in found]


def rounds_of(scope: Scope, consultation_ids: Collection[str]) -> dict[str, list[Round]]:
    """The same for many, in one statement; of one that the reader may not see, none."""
    rows = (
        select(Inquiry)
        .join(Consultation, Consultation.id == Inquiry.consultation_id)
        .where(Consultation.id.in_(consultation_ids), Consultation.therapy_id.in_(therapies.visible_ids(scope)))
        .order_by(Inquiry.number)
    )
    found: dict[str, list[Round]] = {each: [] for each in consultation_ids}
    for row in session.scalars(rows):
        found[row.consultation_id].append(_round(row))
    return found


def inquiries(scope: Scope, consultation_id: str) -> list[InquiryView]:
    """The rounds of inquiries with their texts; only for the organisation's own people."""
    _row, found = _with(scope, therapies.owned_ids, consultation_id, Inquiry, Inquiry.number)
    return [InquiryView(row.id, row.asked, row.answer, _round(row), row.version) for row in found]


def inquiry(scope: Scope, consultation_id: str, inquiry_id: str) -> InquiryView:
    """One round; NotFound."""
    return _pick(inquiries(scope, consultation_id), inquiry_id)


def questions(scope: Scope, consultation_id: str) -> list[QuestionView]:
    """The questions in their order; only for the organisation's own people."""
    _row, found = _with(scope, therapies.owned_ids, consultation_id, Question, Question.number, Question.id)
    return [_question(row) for row in found]


def question(scope: Scope, consultation_id: str, question_id: str) -> QuestionView:
    """One question; NotFound."""
    return _pick(questions(scope, consultation_id), question_id)


def attachments(scope: Scope, consultation_id: str) -> list[AttachmentView]:
    """The attachments in their order; only for the organisation's own people."""
    _row, found = _with(scope, therapies.owned_ids, consultation_id, Attachment, Attachment.number, Attachment.id)
    return [_attachment(row) for row in found]


def attachment(scope: Scope, consultation_id: str, attachment_id: str) -> AttachmentView:
    """One attachment; NotFound."""
    return _pick(attachments(scope, consultation_id), attachment_id)


def briefing(scope: Scope, consultation_id: str) -> BriefingView:
    """What else the documents need; only for the organisation's own people."""
    _row, found = _with(scope, therapies.owned_ids, consultation_id, Briefing)
    return BriefingView(dict(found[0].texts), found[0].version) if found else BriefingView({}, 0)


def counts(scope: Scope, consultation_id: str) -> Counts:
    """How much is written and attached; only for the organisation's own people."""
    _consultation, _therapy, found = opened(scope, consultation_id, own=True)
    assert found
    return found


def view(row: Consultation) -> ConsultationView:
    """A row as its readers see it."""
    return ConsultationView(
        id=row.id,
        therapy_id=row.therapy_id,
        kind=consultation_type(row.kind),
        number=row.number,
        wish=Wish(Month.parse(row.wished_month) if row.wished_month else None, row.meeting_on),
        facts=read_facts(row.facts),
        status=Status(row.status),
        place=row.place,
        version=row.version,
        created_at=row.created_at,
        ended_on=row.ended_on,
        instance=row.line.get("instance"),
        turns=read_turns(row.turns),
    )


def _of(ids: Select[str]) -> Select[Consultation]:
    return select(Consultation).where(Consultation.therapy_id.in_(ids))


def _of_therapy(reader: Reader) -> Select[Consultation]:
    chosen = _of(therapies.visible_ids(reader)).where(Consultation.therapy_id == bindparam("therapy_id"))
    return chosen.order_by(Consultation.number.desc())


def _this(reader: Reader, ids: Ids) -> Select[Consultation]:
    return _of(ids(reader)).where(_THIS)


def _one(scope: Scope, ids: Ids, consultation_id: str) -> ConsultationView:
    row = ask(scope, _this, ids, consultation_id=consultation_id).scalar()
    if row is None:
        raise NotFound
    return view(row)


def _pick(found: list[Numbered], wanted: str) -> Numbered:
    for one in found:
        if one.id == wanted:
            return one
    raise NotFound


def _with_rows(reader: Reader, ids: Ids, rows: type[Part], *order: Any) -> Select[Consultation, Part]:
    joined = select(Consultation, rows).outerjoin(rows, rows.consultation_id == Consultation.id)
    return joined.where(_THIS, Consultation.therapy_id.in_(ids(reader))).order_by(*order)


def _with(scope: Scope, ids: Ids, wanted: str, rows: type[Part], *order: Any) -> tuple[Consultation, list[Part]]:
    """The consultation, if it is of one of these therapies, and its rows of one table, in one statement."""
    found = ask(scope, _with_rows, ids, rows, *order, consultation_id=wanted).all()
    if not found:
        raise NotFound
    return found[0][0], [row[1] for row in found if row[1] is not None]


def _rounds_of(reader: Reads, ids: Ids) -> Select[Consultation, Inquiry, RuleEntry, PathwayEvent]:
    return (
        select(Consultation, Inquiry, RuleEntry, PathwayEvent)
        .outerjoin(Inquiry, Inquiry.consultation_id == Consultation.id)
        .outerjoin(RuleEntry, rules.counts_for(Consultation.therapy_id))
        .outerjoin(PathwayEvent, designations.told(Consultation.therapy_id))
        .where(_THIS, Consultation.therapy_id.in_(ids(reader)))
        .order_by(Inquiry.number)
    )


def _read_rounds(found: Sequence[Any]) -> tuple[ConsultationView, list[Round]]:
    if not found:
        raise NotFound
    rounds = {row[1].id: _round(row[1]) for row in found if row[1] is not None}
    entered, holds = rules.of_rows(row[2] for row in found), designations.of_rows(row[3] for row in found)
    return replace(view(found[0][0]), entered=entered, holds=holds), [*rounds.values()]


@cache
def _counted() -> tuple[ColumnElement[int], ...]:
    """The columns of ``Counts``, for a statement about a consultation."""

    def of(rows: type[Part], what: ColumnElement[int]) -> ColumnElement[int]:
        return select(what).where(rows.consultation_id == Consultation.id).scalar_subquery()

    pages = func.coalesce(func.sum(Attachment.pages), 0)
    return of(Question, func.count()), of(Attachment, func.count()), of(Attachment, pages), of(Inquiry, func.count())


def _round(row: Inquiry) -> Round:
    return Round(row.number, row.received_on, row.answer_by, row.answered_on)


def _question(row: Question) -> QuestionView:
    return QuestionView(row.id, row.number, row.title, row.question, row.position, row.grounds, row.version)


def _attachment(row: Attachment) -> AttachmentView:
    file = row.filename, row.sha256, row.size, row.pages
    return AttachmentView(row.id, row.number, row.title, *file, row.added_at, row.version)
