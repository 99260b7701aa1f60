"""Recording what happened, the history with its corrections, and the conditions that people note."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import Changed, NotFound, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.engine.machine import Days
from app.pathways import conditions, pictures, places, public, queries, rules, services, wording
from app.pathways.forms import ConditionForm, CorrectForm, RecordForm, WithdrawForm, event_form
from app.pathways.links import help_for
from app.therapies import queries as therapies
from app.therapies import services as reading
from app.web.guard import scope

blueprint = Blueprint("pathways", __name__, template_folder="templates")

__all__ = ["blueprint", "places"]  # the room of therapies asks places


@blueprint.get("/therapies/<therapy_id>/record")
def record(therapy_id: str) -> str:
    """Choose what happened: the steps that may follow now, or anything of the past."""
    view = queries.overview(scope(), therapy_id, clock.today(), own=True)
    therapy = view.therapy
    if not therapy.pathway:
        raise NotFound
    steps = pictures.steps(view, help_for(therapy))
    blocked = sum(not (step.choice.possible or step.usual) for step in steps)
    return render_template(
        "pathways/choose.html", therapy=therapy, steps=steps, blocked=blocked, groups=wording.groups(therapy)
    )


@blueprint.route("/therapies/<therapy_id>/record/<event>", methods=["GET", "POST"])
def record_event(therapy_id: str, event: str) -> str | Response:
    """Say when it happened and what it stated."""
    therapy = therapies.own(scope(), therapy_id)
    definition, fields = wording.definition(event), wording.carried(event)
    form = event_form(RecordForm, fields, {"data": {"late": "late" in request.args}})
    if form.validate_on_submit():
        try:
            done = services.record(
                scope(),
                therapy_id,
                event=event,
                on=Days(*form.on.days),
                attributes=form.carried(),
                instance=request.args.get("instance") or None,
                note=form.note.data or "",
                late=form.late.data,
            )
        except Refused as refusal:
            form[refusal.field if refusal.field in form else "on"].errors = [refusal.sentence.say(language())]
        else:
            flash(_("Recorded: %(event)s.", event=definition.names.say(language())), "success")
            _say(done)
            return redirect(url_for("desk.therapy", therapy_id=therapy_id))
    return render_template(
        "pathways/record.html", therapy=therapy, definition=definition, form=form, fields=fields, today=clock.today()
    )


@blueprint.get("/therapies/<therapy_id>/history")
def history(therapy_id: str) -> str:
    """Every event, newest first; wrong ones stay visible with who, when and why."""
    found = queries.history(scope(), therapy_id)
    reading.log_view(scope(), found.therapy, "pathways.history")
    return render_template("pathways/history.html", therapy=found.therapy, history=found)


@blueprint.route("/therapies/events/<event_id>/correct", methods=["GET", "POST"])
def correct(event_id: str) -> str | Response:
    """Put what is right in the place of a wrong event."""
    therapy, old = queries.event(scope(), event_id)
    if not old.may_be_corrected:
        raise _gone()
    fields = wording.carried(old.event)
    known = {f"carried_{key}": value for key, value in old.attributes.items()}
    form = event_form(CorrectForm, fields, {"data": {"on": str(old.on), "note": old.note(language()), **known}})
    if form.validate_on_submit():
        try:
            done = services.correct(
                scope(),
                event_id,
                reason=form.reason.data,
                on=Days(*form.on.days),
                attributes=form.carried(),
                note=form.note.data or "",
            )
        except Refused as refusal:
            form[refusal.field if refusal.field in form else "on"].errors = [refusal.sentence.say(language())]
        else:
            flash(_("Corrected. The earlier entry stays in the history, struck through."), "success")
            _say(done)
            return redirect(url_for("pathways.history", therapy_id=therapy.id))
    return render_template("pathways/correct.html", therapy=therapy, old=old, form=form, fields=fields)


@blueprint.route("/therapies/events/<event_id>/withdraw", methods=["GET", "POST"])
def withdraw(event_id: str) -> str | Response:
    """Take back an event that never happened."""
    therapy, old = queries.event(scope(), event_id)
    if not old.may_be_withdrawn:
        raise _gone()
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            services.withdraw(scope(), event_id, reason=form.reason.data)
        except Refused as refusal:
            form.reason.errors = [refusal.sentence.say(language())]
        else:
            flash(_("Withdrawn. It stays in the history, struck through."), "success")
            return redirect(url_for("pathways.history", therapy_id=therapy.id))
    return render_template("pathways/withdraw.html", therapy=therapy, old=old, form=form)


@blueprint.route("/therapies/<therapy_id>/conditions/<kind>/<key>", methods=["GET", "POST"])
def condition(therapy_id: str, kind: str, key: str) -> str | Response:
    """Note whether what a guard asks for is there, and since when."""
    therapy = therapies.own(scope(), therapy_id)
    if not therapy.pathway:
        raise NotFound
    asked = conditions.find(rules.pathway(therapy.pathway), kind, key)
    form = ConditionForm()
    if form.validate_on_submit():
        try:
            services.note_fact(
                scope(),
                therapy_id,
                kind=asked.kind,
                keys=asked.keys,
                on=form.on.day or clock.today(),
                holds=form.holds.data != "no",
                note=form.note.data or "",
            )
        except Refused as refusal:
            form.on.errors = [refusal.sentence.say(language())]
        else:
            flash(_("Noted."), "success")
            return redirect(url_for("desk.therapy", therapy_id=therapy_id))
    return render_template("pathways/condition.html", therapy=therapy, asked=asked, form=form)


@blueprint.get("/precedents")
def precedents() -> str:
    """Public histories and where each stands."""
    return render_template("pathways/precedents.html", precedents=public.precedents(scope()))


@blueprint.get("/precedents/<case>")
def precedent(case: str) -> str:
    """One public history: its lines, and every event with its source and how sure it is."""
    return render_template("pathways/precedent.html", page=public.precedent(scope(), case, language()))


def _gone() -> Exception:
    """Nothing to mend here; whoever wrote about it meanwhile is told that somebody else was faster."""
    return Changed() if request.method == "POST" else NotFound()


def _say(done: services.Recorded) -> None:
    """What the person should know beside the success: what was inferred, cannot be told, or is risky."""
    for note in done.notes:
        if note.kind != "information":
            flash(note.text.say(language()), "info")
    for answer in done.warnings:
        if answer.because:
            flash(answer.because.say(language()), "warning")
