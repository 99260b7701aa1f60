"""The data that the documents need beside questions and attachments."""

from __future__ import annotations

from flask import flash, redirect, url_for

from app.consultations import queries, services
from app.consultations.forms import BRIEFING_GROUPS, BriefingForm
from app.consultations.services.briefing import abbreviations
from app.consultations.views import room
from app.core.errors import Changed, Refused
from app.core.i18n import gettext as _
from app.web.guard import scope

KEPT_OUT = {"csrf_token", "version", "place"}


@room.blueprint.route("/consultations/<consultation_id>/briefing", methods=["GET", "POST"])
def briefing(consultation_id: str) -> room.Page:
    """One long form; nothing in it is required. When somebody else saved first, what was typed stays."""
    here = room.own(consultation_id)
    stored = queries.briefing(scope(), consultation_id)
    form, conflict = (
        BriefingForm(data={**stored.texts, "place": here.consultation.place, "version": str(stored.version)}),
        False,
    )
    if form.validate_on_submit():
        texts = {key: value or "" for key, value in form.data.items() if key not in KEPT_OUT}
        try:
            abbreviations(texts["abbreviations"])
            seen = room.version(form.version.data)
            services.save_briefing(scope(), consultation_id, texts, version=seen, place=form.place.data)
        except Changed:
            conflict = True
            stored = queries.briefing(scope(), consultation_id)
            form.version.data = str(stored.version)
        except Refused as refusal:
            room.say(form, refusal, "purpose")
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".briefing", consultation_id=consultation_id))
    return room.both(
        "briefing.html",
        here,
        "briefing",
        changed=conflict,
        form=form,
        groups=BRIEFING_GROUPS,
        stored=stored,
        conflict=conflict,
    )
