"""The desk of inquiries: every round with what was asked, its clock and its answer."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.consultations import planning, queries, services
from app.consultations.course import ANSWERS
from app.consultations.forms import ActionForm, InquiryForm
from app.consultations.queries import InquiryView
from app.consultations.services import Told
from app.consultations.views import parts, room
from app.core import clock
from app.core.errors import Changed, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.engine.consultation import ConsultationPlan
from app.schedule import boards
from app.web.components import DateView
from app.web.guard import scope


@dataclass(frozen=True)
class Row:
    """One round as the page shows it; ``due`` is None once it is answered."""

    inquiry: InquiryView
    due: DateView | None
    note: str | None
    last: bool


@room.blueprint.get("/consultations/<consultation_id>/inquiries")
def inquiries(consultation_id: str) -> str:
    """All rounds, the newest first."""
    here = room.own(consultation_id)
    known = queries.inquiries(scope(), consultation_id)
    plan = services.current_plan(scope(), here.consultation)
    rows = [_row(plan, one, last=one is known[-1]) for one in reversed(known)]
    may_add = here.consultation.end is None and (not known or known[-1].days.answered_on is not None)
    return room.page("inquiries.html", here, "inquiries", rows=rows, may_add=may_add)


@room.blueprint.route("/consultations/<consultation_id>/inquiries/new", methods=["GET", "POST"])
def add_inquiry(consultation_id: str) -> str | Response:
    """PMDA has asked something."""
    here = room.own(consultation_id)
    form = InquiryForm(received_on=clock.today())
    if form.validate_on_submit() and (told := _told(form)):
        try:
            services.add_inquiry(scope(), consultation_id, told)
        except Refused as refusal:
            room.say(form, refusal, "received_on")
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".inquiries", consultation_id=consultation_id))
    return room.page("inquiry.html", here, "inquiries", form=form, inquiry=None, other=None)


@room.blueprint.route("/consultations/<consultation_id>/inquiries/<inquiry_id>", methods=["GET", "POST"])
def edit_inquiry(consultation_id: str, inquiry_id: str) -> room.Page:
    """The answer, or a correction. When somebody else saved first, what was typed stays and the other is shown."""
    here = room.own(consultation_id)
    stored, other = queries.inquiry(scope(), consultation_id, inquiry_id), None
    days = stored.days
    form = InquiryForm(
        received_on=days.received_on,
        answer_by=days.answer_by,
        answered_on=days.answered_on,
        asked=stored.asked,
        answer=stored.answer,
        version=str(stored.version),
    )
    if form.validate_on_submit() and (told := _told(form)):
        try:
            seen = room.version(form.version.data)
            services.edit_inquiry(scope(), consultation_id, inquiry_id, told, version=seen)
        except Changed:
            other = queries.inquiry(scope(), consultation_id, inquiry_id)
            form.version.data = str(other.version)
        except Refused as refusal:
            room.say(form, refusal, "received_on")
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".inquiries", consultation_id=consultation_id))
    return room.both("inquiry.html", here, "inquiries", changed=other, form=form, inquiry=stored, other=other)


@room.blueprint.route("/consultations/<consultation_id>/inquiries/<inquiry_id>/delete", methods=["GET", "POST"])
def delete_inquiry(consultation_id: str, inquiry_id: str) -> room.Page:
    """Take the last round back, after being asked once."""
    here = room.own(consultation_id)
    stored = queries.inquiry(scope(), consultation_id, inquiry_id)
    form, changed = ActionForm(version=str(stored.version)), False
    if form.validate_on_submit():
        try:
            seen = room.version(form.version.data)
            services.delete_inquiry(scope(), consultation_id, inquiry_id, version=seen)
        except Changed:
            changed, form.version.data = True, str(stored.version)
        except Refused as refusal:
            flash(refusal.sentence.say(language()), "error")
            return redirect(url_for(".inquiries", consultation_id=consultation_id))
        else:
            flash(_("The record was taken back."), "success")
            return redirect(url_for(".inquiries", consultation_id=consultation_id))
    return room.both("delete_inquiry.html", here, "inquiries", changed=changed, both=changed, form=form, inquiry=stored)


def _row(plan: ConsultationPlan, one: InquiryView, *, last: bool) -> Row:
    key = ANSWERS if one.number == 1 else f"{ANSWERS}_{one.number}"
    step = next((step for step in plan.steps if step.key == key and not step.done), None)
    if step is None:
        return Row(one, None, None, last)
    return Row(one, boards.date_view(planning.draft(plan, step), language()), parts.note(step), last)


def _told(form: InquiryForm) -> Told | None:
    """What was typed; None without the day of arrival, which the form has complained about."""
    received = form.received_on.day
    if received is None:
        return None
    days = (form.answer_by.day, form.answered_on.day)
    return Told(received, *days, asked=form.asked.data or "", answer=form.answer.data or "")
