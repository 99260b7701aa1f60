"""Recording what happens beside the steps, correcting it and taking it back."""

from __future__ import annotations

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.consultations import services
from app.consultations.course import Turn
from app.consultations.forms import TurnForm
from app.consultations.views import parts, room, turn_words
from app.core import clock, formats
from app.core.errors import Changed, NotFound, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.pathways.rules import event_names
from app.web.guard import scope


@room.blueprint.route("/consultations/<consultation_id>/happened/<what>", methods=["GET", "POST"])
def happened(consultation_id: str, what: str) -> room.Page:
    """One event of the machine: what it means and which dates end, then its day. Not possible now: the sentence why."""
    here = room.own(consultation_id)
    form = TurnForm(day=clock.today(), version=str(here.consultation.version))
    refused, changed = None, False
    try:
        ends = services.record_turn(scope(), consultation_id, what, clock.today(), dry=True)
    except Refused as refusal:
        if form.is_submitted() and room.version(form.version.data) != here.consultation.version:
            raise Changed from refusal  # possible when the form was opened: the page of a conflict keeps what was typed
        ends, refused = [], refusal.sentence.say(language())
    if refused is None and form.validate_on_submit() and form.day.day:
        try:
            seen = room.version(form.version.data)
            services.record_turn(scope(), consultation_id, what, form.day.day, note=form.note.data or "", version=seen)
        except Changed:
            changed, form.version.data = True, str(here.consultation.version)
        except Refused as refusal:
            room.say(form, refusal, "day")
        else:
            flash(_("Recorded: %(moves)s", moves=event_names(what).say(language())), "success")
            return redirect(url_for(".show", consultation_id=consultation_id))
    return room.both(
        "happened.html",
        here,
        "show",
        changed=changed,
        both=changed,
        form=form,
        name=event_names(what),
        refused=refused,
        words=turn_words.of(what),
        ends=parts.move_rows([move for move in ends if move.old and not move.new]),
        moves=parts.move_rows([move for move in ends if move.new]),
    )


@room.blueprint.route("/consultations/<consultation_id>/turns/<turn_id>", methods=["GET", "POST"])
def turn(consultation_id: str, turn_id: str) -> room.Page:
    """Another day, or other words, for what was recorded beside the steps."""
    here = room.own(consultation_id)
    known = _known(here, turn_id)
    form = TurnForm(day=known.day, note=known.note, version=str(here.consultation.version))
    stored = None
    if form.validate_on_submit() and form.day.day:
        try:
            seen = room.version(form.version.data)
            services.correct_turn(
                scope(), consultation_id, turn_id, form.day.day, note=form.note.data or "", version=seen
            )
        except Changed:
            stored = [(form.day.label.text, formats.day(known.day)), (form.note.label.text, known.note)]
            form.version.data = str(here.consultation.version)
        except Refused as refusal:
            room.say(form, refusal, "day")
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".show", consultation_id=consultation_id))
    return room.both(
        "turn.html",
        here,
        "show",
        changed=stored,
        form=form,
        turn=known,
        words=turn_words.of(known.event),
        stored=stored,
    )


@room.blueprint.post("/consultations/<consultation_id>/turns/<turn_id>/take-back")
def take_back(consultation_id: str, turn_id: str) -> Response:
    """It was not so: the plan is as it was before."""
    _known(room.own(consultation_id), turn_id)
    form = TurnForm()
    try:
        services.take_back_turn(scope(), consultation_id, turn_id, version=room.version(form.version.data))
    except Refused as refusal:
        flash(refusal.sentence.say(language()), "error")
        return redirect(url_for(".turn", consultation_id=consultation_id, turn_id=turn_id))
    flash(_("The record was taken back."), "success")
    return redirect(url_for(".show", consultation_id=consultation_id))


def _known(here: room.Opened, turn_id: str) -> Turn:
    for one in here.consultation.turns:
        if one.id == turn_id:
            return one
    raise NotFound
