"""Recording what happened, and the conditions that people note."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import NotFound, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.engine.definition.common import Text
from app.engine.machine import Days
from app.pathways import conditions as kept
from app.pathways import pictures, queries, rules, services, wording
from app.pathways.forms import ConditionForm, RecordForm, event_form
from app.pathways.links import help_for
from app.pathways.views import room
from app.therapies import queries as therapies
from app.web.components import Missing
from app.web.guard import scope


@room.blueprint.get("/therapies/<therapy_id>/record")
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


@room.blueprint.route("/therapies/<therapy_id>/record/<event>", methods=["GET", "POST"])
def record_event(therapy_id: str, event: str) -> str | Response:
    """Say when it happened and what it stated."""
    therapy = therapies.own(scope(), therapy_id)
    definition, fields = wording.definition(event), wording.carried(event)
    form = event_form(RecordForm, fields, {"data": {"late": "late" in request.args}})
    conditions: tuple[Text, ...] = ()
    if form.validate_on_submit():
        try:
            done = services.record(
                scope(),
                therapy_id,
                event=event,
                on=Days(*form.on.days),
                attributes=form.carried(),
                instance=request.args.get("instance") or None,
                late=form.late.data,
                **form.told(),
            )
        except services.ReasonNeeded as refusal:
            conditions = form.ask_why(refusal)
        except Refused as refusal:
            room.say(form, refusal)
        else:
            flash(_("Recorded: %(event)s.", event=definition.names.say(language())), "success")
            room.tell(done)
            return redirect(url_for("desk.therapy", therapy_id=therapy_id))
    return render_template(
        "pathways/record.html",
        therapy=therapy,
        missing=() if form.late.data else _missing(therapy_id, event),
        definition=definition,
        form=form,
        fields=fields,
        conditions=conditions,
    )


def _missing(therapy_id: str, event: str) -> tuple[Missing, ...]:
    """What the step waits for today, as the list of steps tells it, each with the page that helps."""
    view = queries.overview(scope(), therapy_id, clock.today(), own=True)
    steps = pictures.steps(view, help_for(view.therapy)) if view.therapy.pathway else ()
    asked = request.args.get("instance")
    same = (each for each in steps if each.choice.event == event and asked in (None, each.choice.instance))
    return next((each.missing for each in same), ())


@room.blueprint.route("/therapies/<therapy_id>/conditions/<kind>/<key>", methods=["GET", "POST"])
def condition(therapy_id: str, kind: str, key: str) -> str | Response:
    """Note whether what a guard asks for is there, and since when."""
    therapy = therapies.own(scope(), therapy_id)
    if not therapy.pathway:
        raise NotFound
    asked = kept.find(rules.pathway(therapy.pathway), kind, key)
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
