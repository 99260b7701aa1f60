"""The history of a therapy, also as it was on a day; correcting it, and other sources' days for its events."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import NotFound, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.engine.definition.common import Text
from app.engine.machine import Days
from app.pathways import queries, services, wording
from app.pathways.forms import AlsoForm, CorrectForm, LookForm, WithdrawForm, event_form
from app.pathways.log import ALSO_READ
from app.pathways.maps import travelled
from app.pathways.queries import Look
from app.pathways.views import room
from app.therapies import services as reading
from app.web.guard import scope
from app.web.linemap import line_map_view


@room.blueprint.get("/therapies/<therapy_id>/history")
def history(therapy_id: str) -> str:
    """Every event, newest first, as today or as on a day of the past; wrong ones stay visible with who and why."""
    form, look = LookForm(request.args), Look()
    if form.validate():
        look = Look(form.known.day, form.stood.day)
    try:
        found = queries.history(scope(), therapy_id, look)
    except Refused as refusal:
        room.say(form, refusal, "known")
        found = queries.history(scope(), therapy_id)
    reading.log_view(scope(), found.therapy, "pathways.history")
    drawn = travelled(found.tracks)
    return render_template(
        "pathways/history.html",
        therapy=found.therapy,
        history=found,
        look=found.look,
        form=form,
        map=line_map_view(drawn, language(), _("Line map"), past=found.look.back) if drawn.lanes else None,
    )


@room.blueprint.route("/therapies/events/<event_id>/correct", methods=["GET", "POST"])
def correct(event_id: str) -> str | Response:
    """Put what is right in the place of a wrong event."""
    therapy, old = queries.event(scope(), event_id)
    if not old.may_be_corrected:
        raise room.gone()
    fields = () if old.event == ALSO_READ else wording.carried(old.event)
    known = {f"carried_{key}": value for key, value in old.attributes.items()}
    told = {"source": old.source, "certainty": old.certainty or "", "because": old.reason_passed(language())}
    form = event_form(CorrectForm, fields, {"data": {"on": str(old.on), "note": old.note(language()), **told, **known}})
    conditions: tuple[Text, ...] = ()
    if form.validate_on_submit():
        try:
            done = services.correct(
                scope(),
                event_id,
                reason=form.reason.data,
                on=Days(*form.on.days),
                attributes=form.carried(),
                **form.told(),
            )
        except services.ReasonNeeded as refusal:
            conditions = form.ask_why(refusal)
        except Refused as refusal:
            room.say(form, refusal)
        else:
            flash(_("Corrected. The earlier entry stays in the history, struck through."), "success")
            room.tell(done)
            return redirect(url_for("pathways.history", therapy_id=therapy.id))
    return render_template(
        "pathways/correct.html", therapy=therapy, old=old, form=form, fields=fields, conditions=conditions
    )


@room.blueprint.route("/therapies/events/<event_id>/withdraw", methods=["GET", "POST"])
def withdraw(event_id: str) -> str | Response:
    """Take back an event that never happened."""
    therapy, old = queries.event(scope(), event_id)
    if not old.may_be_withdrawn:
        raise room.gone()
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


@room.blueprint.route("/therapies/events/<event_id>/also", methods=["GET", "POST"])
def also(event_id: str) -> str | Response:
    """Keep that another source gives another day."""
    therapy, told = queries.event(scope(), event_id)
    if not told.may_have_readings:
        raise NotFound
    form = AlsoForm()
    if form.validate_on_submit():
        try:
            services.read_also(
                scope(),
                event_id,
                on=Days(*(form.on.days or ())),
                source=form.source.data or "",
                certainty=form.certainty.data,
                note=form.note.data or "",
            )
        except Refused as refusal:
            room.say(form, refusal)
        else:
            flash(_("Kept. The lines go by the first day; where the other one matters, the page says so."), "success")
            return redirect(url_for("pathways.history", therapy_id=therapy.id))
    return render_template("pathways/also.html", therapy=therapy, told=told, form=form)
