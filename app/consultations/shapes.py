"""What readers see of a consultation and its parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.consultations.course import ENDS, WRITTEN, Course, Round, Turn
from app.consultations.models import Status
from app.consultations.wish import Wish
from app.engine.consultation import Fact
from app.engine.definition.common import Basis
from app.engine.definition.consultation import ConsultationType
from app.engine.definition.published import Published
from app.pathways import designations
from app.rules import queries as rules


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
    entered: Published | None = None  # by its hub; None: not read yet
    holds: frozenset[str] | None = None  # the kinds of designation of its therapy; None: not read yet

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

    def course(self, rounds: Sequence[Round], more: Published | None = None) -> Course:
        """Everything that decides its plan; ``more`` in the place of what its hub entered."""
        known = self.entered if more is None else more
        told = rules.for_therapy(self.therapy_id) if known is None else known
        holds = designations.held(self.therapy_id) if self.holds is None else self.holds
        return Course(self.kind.key, self.wish, self.facts, rounds, self.turns, told, holds=holds)


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
