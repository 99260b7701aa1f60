"""Consultations, the data for their documents, their questions and attachments."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import ID, Base, Moment, id_column
from app.core.storage import NAMES_A_FILE


class Status(StrEnum):
    """How far a consultation is; ``closed`` when its record is confirmed or nothing more is to come."""

    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"  # by the applicant
    CANCELLED = "cancelled"  # by PMDA
    REJECTED = "rejected"  # by PMDA: outside its scope
    CLOSED = "closed"


class Consultation(Base):
    """One PMDA consultation of a therapy.

    Exactly one of ``wished_month`` (``YYYY-MM``) and ``meeting_on`` is set; ``agreed`` when PMDA named the day.
    ``facts``: by step, the day and whether it happened (actual), was agreed or was published; inquiries have rows of
    their own. ``turns``: what happened beside the steps (closed in writing, cancelled …), in the order of recording.
    """

    __tablename__ = "consultation"

    id: Mapped[str] = id_column()
    therapy_id: Mapped[str] = mapped_column(ID, ForeignKey("therapy.id"))
    kind: Mapped[str] = mapped_column(String(64))  # key of a type in workflows/consultations/
    kind_version: Mapped[int] = mapped_column(Integer, default=1)  # version of the type that the plan was made by
    number: Mapped[int] = mapped_column(Integer)  # 1, 2, … within the therapy; names its track
    wished_month: Mapped[str | None] = mapped_column(String(7))
    meeting_on: Mapped[dt.date | None] = mapped_column(Date)
    agreed: Mapped[bool] = mapped_column(Boolean, default=False)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    turns: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")  # see course.py
    line: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what the history knows of it; see lines.py
    status: Mapped[Status] = mapped_column(String(20), default=Status.CONFIRMED)
    place: Mapped[str] = mapped_column(String(20), default="")  # how to meet: in_person, web, both, kansai
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    ended_on: Mapped[dt.date | None] = mapped_column(Date)  # no longer under way since

    __table_args__ = (UniqueConstraint("therapy_id", "number"),)


class Briefing(Base):
    """What the request form and the briefing package need beside questions and attachments; everything optional."""

    __tablename__ = "consultation_briefing"

    consultation_id: Mapped[str] = mapped_column(ID, ForeignKey("consultation.id"), primary_key=True)
    texts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # by the field names of forms.BriefingForm
    version: Mapped[int] = mapped_column(Integer, default=1)


class Inquiry(Base):
    """One round of inquiries (照会事項): what PMDA asked, when it came, and the answer with its clock.

    ``answer_by``: only a day that PMDA named; without it the day follows from the rule of the kind of consultation.
    """

    __tablename__ = "consultation_inquiry"

    id: Mapped[str] = id_column()
    consultation_id: Mapped[str] = mapped_column(ID, ForeignKey("consultation.id"))
    number: Mapped[int] = mapped_column(Integer)
    asked: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    received_on: Mapped[dt.date] = mapped_column(Date)
    answer_by: Mapped[dt.date | None] = mapped_column(Date)
    answered_on: Mapped[dt.date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (Index("ix_consultation_inquiry_place", "consultation_id", "number"),)


class Question(Base):
    """One question (相談事項) with the applicant's own position and its grounds; numbered from 1 without gaps."""

    __tablename__ = "consultation_question"

    id: Mapped[str] = id_column()
    consultation_id: Mapped[str] = mapped_column(ID, ForeignKey("consultation.id"))
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200), default="")
    question: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[str] = mapped_column(Text, default="")
    grounds: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (Index("ix_consultation_question_place", "consultation_id", "number"),)


class Attachment(Base):
    """A PDF handed in with the consultation; its bytes lie in the store under ``sha256``."""

    __tablename__ = "consultation_attachment"

    id: Mapped[str] = id_column()
    consultation_id: Mapped[str] = mapped_column(ID, ForeignKey("consultation.id"))
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64), info=NAMES_A_FILE)
    size: Mapped[int] = mapped_column(Integer)  # bytes
    pages: Mapped[int] = mapped_column(Integer)
    added_at: Mapped[dt.datetime] = mapped_column(Moment)
    added_by: Mapped[str | None] = mapped_column(ID)
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (Index("ix_consultation_attachment_place", "consultation_id", "number"),)
