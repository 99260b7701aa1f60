"""Everything that the documents of a consultation are made from, read at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.access.scope import Scope
from app.consultations import costs, queries
from app.consultations.costs import Costs
from app.consultations.places import PLACES
from app.consultations.queries import AttachmentView, ConsultationView, QuestionView
from app.consultations.services.briefing import abbreviations
from app.core import clock
from app.core.errors import Refused
from app.engine.definition.common import Text
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView

HEADING = 48  # characters of a heading that is made from the question


@dataclass(frozen=True)
class Past:
    """An earlier consultation of the therapy that was held."""

    day: dt.date
    name: Text
    record_on: dt.date | None


@dataclass(frozen=True)
class BundleSource:
    """What a bundle says, in no language yet. ``texts`` by the field names of the page of the documents' data."""

    consultation: ConsultationView
    therapy: TherapyView
    texts: Mapping[str, str]
    abbreviations: tuple[tuple[str, str], ...]
    questions: tuple[QuestionView, ...]
    attachments: tuple[AttachmentView, ...]
    history: tuple[Past, ...]
    costs: Costs

    @property
    def manner(self) -> Text | None:
        """How the applicant wants to meet; None while that is not decided."""
        return PLACES[self.consultation.place] if self.consultation.place else None

    @property
    def wished_days(self) -> tuple[dt.date, ...]:
        """The days wished for, while PMDA has named none."""
        day = self.consultation.wish.meeting
        return (day,) if day and self.agreed_day is None else ()

    @property
    def agreed_day(self) -> dt.date | None:
        """The day that PMDA named, or on which the meeting was held."""
        fact = self.consultation.meeting_fact
        return fact.day if fact else None


def bundle_source(scope: Scope, consultation_id: str) -> BundleSource:
    """The contents of a bundle; NotFound for everybody but the organisation's own people (and the program itself)."""
    consultation, rounds = queries.own_with_rounds(scope, consultation_id)
    today = clock.today()
    plan = consultation.course(rounds).plan(today)
    texts = dict(queries.briefing(scope, consultation_id).texts)
    try:
        pairs = tuple(abbreviations(texts.get("abbreviations", "")))
    except Refused:
        pairs = ()  # the form refuses such lines; nothing half-read is printed
    return BundleSource(
        consultation=consultation,
        therapy=therapies.own(scope, consultation.therapy_id),
        texts=texts,
        abbreviations=pairs,
        questions=tuple(_headed(one) for one in queries.questions(scope, consultation_id)),
        attachments=tuple(queries.attachments(scope, consultation_id)),
        history=tuple(
            Past(one.held_on, one.kind.name, _record_day(one))
            for one in sorted(
                queries.of_therapy(scope, consultation.therapy_id), key=lambda c: c.held_on or dt.date.max
            )
            if one.held_on and one.id != consultation_id
        ),
        costs=costs.of_plan(plan, consultation.entered, today),
    )


def _record_day(consultation: ConsultationView) -> dt.date | None:
    fact = consultation.facts.get("record")
    return fact.day if fact else None


def _headed(one: QuestionView) -> QuestionView:
    """A question without a heading is headed by its own beginning."""
    if one.title:
        return one
    line = " ".join(one.question.split())
    return replace(one, title=line if len(line) <= HEADING else f"{line[:HEADING]}…")
