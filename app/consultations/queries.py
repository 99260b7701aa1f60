"""Reading consultations. Plans are for every reader of the therapy; questions and files for its own people only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, func, select

from app.access.scope import Scope
from app.consultations.course import ENDS, WRITTEN, Course, Round, Turn, read_turns
from app.consultations.models import Attachment, Briefing, Consultation, Inquiry, Question, Status
from app.consultations.planning import read_facts
from app.consultations.wish import Wish
from app.core.db import session
from app.core.errors import NotFound
from app.engine.calendar import Month
from app.engine.catalogue import consultation_type
from app.engine.consultation import Fact
from app.engine.definition.common import Basis
from app.engine.definition.consultation import ConsultationType
from app.therapies import queries as therapies


@dataclass(frozen=True)
class ConsultationView:
    """A consultation as its readers see it."""

    id: str
    therapy_id: str
    kind: ConsultationType
    number: int
    wish: Wish
    facts: Mapping[str, Fact]
    status: Status
    place: str
    version: int
    created_at: dt.datetime
    ended_on: dt.date | None
    instance: str | None = None  # the name of its track in the history
    turns: tuple[Turn, ...] = ()  # what happened beside the steps

    @property
    def open(self) -> bool:
        """Whether anything is still to come."""
        return self.status is Status.CONFIRMED

    @property
    def meeting_fact(self) -> Fact | None:
        """The day of the meeting as agreed with PMDA or as held."""
        return self.facts.get(self.meeting_key)

    @property
    def meeting_key(self) -> str:
        """The key of the step that is the meeting."""
        return next(step.key for step in self.kind.steps if step.place == "meeting")

    @property
    def held_on(self) -> dt.date | None:
        """The day on which the meeting was held, or on which it was closed in writing, which counts as held."""
        fact = self.meeting_fact
        if fact and fact.basis is Basis.ACTUAL:
            return fact.day
        return self.written.day if self.written else None

    @property
    def written(self) -> Turn | None:
        """The closing in writing."""
        return next((turn for turn in self.turns if turn.event == WRITTEN), None)

    @property
    def end(self) -> Turn | None:
        """The withdrawal, cancellation or refusal that ended it."""
        return next((turn for turn in self.turns if turn.event in ENDS), None)

    def course(self, rounds: Sequence[Round]) -> Course:
        """Everything that decides its plan."""
        return Course(self.kind.key, self.wish, self.facts, rounds, self.turns)


@dataclass(frozen=True)
class InquiryView:
    """One round of inquiries: what PMDA asked and what was answered, with their days."""

    id: str
    asked: str
    answer: str
    days: Round
    version: int

    @property
    def number(self) -> int:
        """Its place, from 1."""
        return self.days.number


@dataclass(frozen=True)
class QuestionView:
    """One question with the applicant's position and its grounds."""

    id: str
    number: int
    title: str
    question: str
    position: str
    grounds: str
    version: int


@dataclass(frozen=True)
class AttachmentView:
    """One attached PDF; ``size`` in bytes."""

    id: str
    number: int
    title: str
    filename: str
    sha256: str
    size: int
    pages: int
    added_at: dt.datetime
    version: int


Numbered = TypeVar("Numbered", QuestionView, AttachmentView, InquiryView)


@dataclass(frozen=True)
class BriefingView:
    """What else the documents need, by the names of the form's fields."""

    texts: Mapping[str, str]
    version: int


@dataclass(frozen=True)
class Counts:
    """How much is written and attached."""

    questions: int
    attachments: int
    pages: int
    inquiries: int = 0


def get(scope: Scope, consultation_id: str) -> ConsultationView:
    """A consultation of a therapy that the reader may see; else NotFound."""
    return _one(_of(therapies.visible_ids(scope)), consultation_id)


def own(scope: Scope, consultation_id: str) -> ConsultationView:
    """A consultation of the reader's own organisation, for every change and for what is not shared; else NotFound."""
    return _one(_of(therapies.owned_ids(scope)), consultation_id)


def of_therapy(scope: Scope, therapy_id: str) -> list[ConsultationView]:
    """All consultations of a therapy, the newest first."""
    rows = _of(therapies.visible_ids(scope)).where(Consultation.therapy_id == therapy_id)
    return [view(row) for row in session.scalars(rows.order_by(Consultation.number.desc()))]


def open_of(scope: Scope, therapy_ids: list[str] | None = None) -> list[ConsultationView]:
    """The consultations that are under way, of these therapies or of all that the reader may see."""
    rows = _of(therapies.visible_ids(scope)).where(Consultation.status == Status.CONFIRMED)
    if therapy_ids is not None:
        rows = rows.where(Consultation.therapy_id.in_(therapy_ids))
    return [view(row) for row in session.scalars(rows.order_by(Consultation.created_at))]


def rounds(scope: Scope, consultation_id: str) -> list[Round]:
    """The days of the rounds of inquiries, for every reader of the plan; what was asked is not among them."""
    get(scope, consultation_id)
    return [_round(row) for row in _inquiries(consultation_id)]


def inquiries(scope: Scope, consultation_id: str) -> list[InquiryView]:
    """The rounds of inquiries with their texts; only for the organisation's own people."""
    own(scope, consultation_id)
    return [InquiryView(row.id, row.asked, row.answer, _round(row), row.version) for row in _inquiries(consultation_id)]


def inquiry(scope: Scope, consultation_id: str, inquiry_id: str) -> InquiryView:
    """One round; NotFound."""
    return _pick(inquiries(scope, consultation_id), inquiry_id)


def questions(scope: Scope, consultation_id: str) -> list[QuestionView]:
    """The questions in their order; only for the organisation's own people."""
    own(scope, consultation_id)
    rows = select(Question).where(Question.consultation_id == consultation_id).order_by(Question.number, Question.id)
    return [_question(row) for row in session.scalars(rows)]


def question(scope: Scope, consultation_id: str, question_id: str) -> QuestionView:
    """One question; NotFound."""
    return _pick(questions(scope, consultation_id), question_id)


def attachments(scope: Scope, consultation_id: str) -> list[AttachmentView]:
    """The attachments in their order; only for the organisation's own people."""
    own(scope, consultation_id)
    rows = select(Attachment).where(Attachment.consultation_id == consultation_id)
    return [_attachment(row) for row in session.scalars(rows.order_by(Attachment.number, Attachment.id))]


def attachment(scope: Scope, consultation_id: str, attachment_id: str) -> AttachmentView:
    """One attachment; NotFound."""
    return _pick(attachments(scope, consultation_id), attachment_id)


def briefing(scope: Scope, consultation_id: str) -> BriefingView:
    """What else the documents need; only for the organisation's own people."""
    own(scope, consultation_id)
    row = session.get(Briefing, consultation_id)
    return BriefingView(dict(row.texts), row.version) if row else BriefingView({}, 0)


def counts(scope: Scope, consultation_id: str) -> Counts:
    """How much is written and attached."""
    own(scope, consultation_id)
    asked = session.scalar(select(func.count()).where(Question.consultation_id == consultation_id)) or 0
    files = session.execute(
        select(func.count(), func.coalesce(func.sum(Attachment.pages), 0)).where(
            Attachment.consultation_id == consultation_id
        )
    ).one()
    rounds = session.scalar(select(func.count()).where(Inquiry.consultation_id == consultation_id)) or 0
    return Counts(asked, files[0], files[1], rounds)


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


def _one(rows: Select[Consultation], consultation_id: str) -> ConsultationView:
    row = session.scalars(rows.where(Consultation.id == consultation_id)).first()
    if row is None:
        raise NotFound
    return view(row)


def _pick(found: list[Numbered], wanted: str) -> Numbered:
    for one in found:
        if one.id == wanted:
            return one
    raise NotFound


def _inquiries(consultation_id: str) -> list[Inquiry]:
    chosen = select(Inquiry).where(Inquiry.consultation_id == consultation_id)
    return list(session.scalars(chosen.order_by(Inquiry.number)))


def _round(row: Inquiry) -> Round:
    return Round(row.number, row.received_on, row.answer_by, row.answered_on)


def _question(row: Question) -> QuestionView:
    return QuestionView(row.id, row.number, row.title, row.question, row.position, row.grounds, row.version)


def _attachment(row: Attachment) -> AttachmentView:
    return AttachmentView(
        row.id,
        row.number,
        row.title,
        row.filename,
        row.sha256,
        row.size,
        row.pages,
        row.added_at,
        row.version,
    )
