"""Writing, ordering and deleting questions."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.consultations import queries, services
from app.consultations.forms import ActionForm, QuestionForm
from app.consultations.views import room
from app.core.errors import Changed, Refused
from app.core.i18n import gettext as _
from app.web.components import Link
from app.web.guard import scope

TEXTS = ("title", "question", "position", "grounds")


@room.blueprint.get("/consultations/<consultation_id>/questions")
def questions(consultation_id: str) -> str:
    """All questions with their positions."""
    here = room.own(consultation_id)
    found = queries.questions(scope(), consultation_id)
    first = Link(_("Add a question"), url_for(".add_question", consultation_id=consultation_id))
    return room.page("questions.html", here, "questions", questions=found, first=first)


@room.blueprint.route("/consultations/<consultation_id>/questions/new", methods=["GET", "POST"])
def add_question(consultation_id: str) -> str | Response:
    """One more question."""
    here = room.own(consultation_id)
    form = QuestionForm()
    if form.validate_on_submit():
        try:
            services.add_question(scope(), consultation_id, **_typed(form))
        except Refused as refusal:
            room.say(form, refusal, "question")
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".questions", consultation_id=consultation_id))
    return room.page("question.html", here, "questions", form=form, question=None, other=None)


@room.blueprint.route("/consultations/<consultation_id>/questions/<question_id>", methods=["GET", "POST"])
def edit_question(consultation_id: str, question_id: str) -> room.Page:
    """Change one question. When somebody else saved first, what was typed stays and the other text is shown beside."""
    here = room.own(consultation_id)
    stored = queries.question(scope(), consultation_id, question_id)
    form, other = QuestionForm(obj=stored), None
    if form.validate_on_submit():
        try:
            seen = room.version(form.version.data)
            services.edit_question(scope(), consultation_id, question_id, version=seen, **_typed(form))
        except Changed:
            other = queries.question(scope(), consultation_id, question_id)
            form.version.data = str(other.version)
        except Refused as refusal:
            room.say(form, refusal, "question")
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".questions", consultation_id=consultation_id))
    return room.both("question.html", here, "questions", changed=other, form=form, question=stored, other=other)


@room.blueprint.post("/consultations/<consultation_id>/questions/<question_id>/move")
def move_question(consultation_id: str, question_id: str) -> Response:
    """One place up or down."""
    by = -1 if request.form.get("to") == "up" else 1
    services.move_question(scope(), consultation_id, question_id, by)
    return redirect(url_for(".questions", consultation_id=consultation_id, _anchor=f"q-{question_id}"))


@room.blueprint.route("/consultations/<consultation_id>/questions/<question_id>/delete", methods=["GET", "POST"])
def delete_question(consultation_id: str, question_id: str) -> room.Page:
    """Take one question away, after being asked once."""
    here = room.own(consultation_id)
    question = queries.question(scope(), consultation_id, question_id)
    form, changed = ActionForm(version=str(question.version)), False
    if form.validate_on_submit():
        try:
            seen = room.version(form.version.data)
            services.delete_question(scope(), consultation_id, question_id, version=seen)
        except Changed:
            changed, form.version.data = True, str(question.version)
        else:
            flash(_("Question %(number)s was deleted.", number=question.number), "success")
            return redirect(url_for(".questions", consultation_id=consultation_id))
    return room.both(
        "delete_question.html", here, "questions", changed=changed, both=changed, form=form, question=question
    )


def _typed(form: QuestionForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in TEXTS}
