"""Writing the questions: their number is their place, positions and grounds are the applicant's own."""

from __future__ import annotations

from app.access.scope import Scope
from app.consultations.models import Question
from app.consultations.services import rows
from app.core.db import session, transaction
from app.core.errors import Changed, Refused
from app.engine.definition.common import Text

MOST = 60


def add_question(
    scope: Scope, consultation_id: str, *, title: str = "", question: str, position: str = "", grounds: str = ""
) -> str:
    """A new question at the end; returns its id."""
    with transaction():
        parent = rows.own_row(scope, consultation_id)
        before = rows.all_of(Question, consultation_id)
        if len(before) >= MOST:
            raise Refused(
                Text(
                    ja=f"相談事項は{MOST}件までです。関連するものをまとめてください。",
                    en=f"A consultation takes at most {MOST} questions; please join those that belong together.",
                ),
                field="question",
            )
        row = Question(consultation_id=consultation_id, number=len(before) + 1, version=1)
        _fill(row, title=title, question=question, position=position, grounds=grounds)
        session.add(row)
        session.flush()
        rows.record(scope, parent, "question:added", after={"question": row.id, "number": row.number})
    return row.id


def edit_question(
    scope: Scope,
    consultation_id: str,
    question_id: str,
    *,
    version: int,
    title: str = "",
    question: str,
    position: str = "",
    grounds: str = "",
) -> None:
    """Change one question. Raises Changed, and saves nothing, when it was changed since ``version`` was shown."""
    with transaction():
        parent = rows.own_row(scope, consultation_id)
        row = rows.one_of(Question, consultation_id, question_id)
        if row.version != version:
            raise Changed
        before = {"title": row.title, "question": row.question, "position": row.position, "grounds": row.grounds}
        _fill(row, title=title, question=question, position=position, grounds=grounds)
        row.version += 1
        after = {"title": row.title, "question": row.question, "position": row.position, "grounds": row.grounds}
        rows.record(scope, parent, "question:edited", before={**before, "id": row.id}, after={**after, "id": row.id})


def move_question(scope: Scope, consultation_id: str, question_id: str, by: int) -> None:
    """One place up (-1) or down (1); the numbers follow."""
    with transaction():
        rows.move(scope, consultation_id, Question, question_id, by, called="question")


def delete_question(scope: Scope, consultation_id: str, question_id: str, *, version: int | None = None) -> None:
    """Take one question away; what it said stays in the trail."""
    with transaction():
        parent = rows.own_row(scope, consultation_id)
        row = rows.one_of(Question, consultation_id, question_id)
        rows.must_be_unchanged(row, version)
        rows.remove(Question, row)
        rows.record(
            scope,
            parent,
            "question:deleted",
            before={
                "id": row.id,
                "number": row.number,
                "title": row.title,
                "question": row.question,
                "position": row.position,
                "grounds": row.grounds,
            },
        )


def _fill(row: Question, **texts: str) -> None:
    for name, text in texts.items():
        setattr(row, name, rows.clean_text(name, text, 200 if name == "title" else rows.LONGEST))
