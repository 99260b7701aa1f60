"""The page of a therapy's way abroad, and planning, changing and dropping a milestone there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.abroad import cautions, page, queries, services
from app.abroad.forms import DropForm, ForeignForm
from app.abroad.queries import ForeignView, LostView
from app.abroad.services import Told
from app.consultations import queries as consultations
from app.core import clock
from app.core.errors import Changed, NotFound, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.engine.conflicts import Warned
from app.engine.machine import Days
from app.engine.machine.words import days_text
from app.pathways import queries as histories
from app.pathways.pictures import date_of
from app.rules.pages import standing
from app.therapies import queries as therapies
from app.therapies import services as reading
from app.therapies.queries import TherapyView
from app.web.fields import version
from app.web.guard import scope

blueprint = Blueprint("abroad", __name__, template_folder="templates")

Page = str | Response | tuple[str, int]


@blueprint.get("/therapies/<therapy_id>/abroad")
def show(therapy_id: str) -> str:
    """Japan beside the agencies, what is planned there, the dates that follow, and what conflicts."""
    history = histories.history(scope(), therapy_id)
    therapy = history.therapy
    if therapy.is_public:
        raise NotFound
    reading.log_view(scope(), therapy, "abroad.show")
    known, lost, verified = queries.read(scope(), therapy_id)
    agencies = page.columns(request.args.getlist("agency"), known)
    held = consultations.of_therapy(scope(), therapy_id)
    return render_template(
        "abroad/show.html",
        therapy=therapy,
        warnings=cautions.said(queries.warned(therapy, history.tracks, [each.planned for each in known])),
        agencies=agencies,
        offered=queries.world().foreign,
        rows=page.rows(agencies, known, history.tracks.happened, held),
        authorities=page.authorities(known, clock.today()),
        verified=standing(verified),
        lost=[(each, date_of(each.on)) for each in lost],
        reference=page.reference(agencies),
        facts=page.facts(),
    )


@blueprint.route("/therapies/<therapy_id>/abroad/add", methods=["GET", "POST"])
def add(therapy_id: str) -> Page:
    """Plan one more milestone."""
    therapy, form = therapies.own(scope(), therapy_id), ForeignForm()
    warned: Sequence[Warned] = ()
    if form.validate_on_submit():
        try:
            warned = services.conflicts_of(scope(), therapy_id, _told(form))
            if _seen(form, warned):
                services.plan(scope(), therapy_id, _told(form))
                flash(_("Saved."), "success")
                return redirect(url_for(".show", therapy_id=therapy_id))
        except Refused as refusal:
            _say(form, refusal)
    return _form(therapy, form, warned)


@blueprint.route("/therapies/abroad/<foreign_id>", methods=["GET", "POST"])
def edit(foreign_id: str) -> Page:
    """Another day, the actual day, a remark. When somebody else saved first, what was typed stays."""
    therapy, stored = queries.one_of(scope(), foreign_id)
    form = ForeignForm(
        milestone=stored.what,
        target=str(stored.target or ""),
        actual=stored.actual,
        remark=stored.remark,
        version=str(stored.version),
    )
    warned: Sequence[Warned] = ()
    if form.validate_on_submit():
        try:
            seen = version(form.version.data)
            warned = services.conflicts_of(scope(), therapy.id, _told(form), foreign_id, seen)
            if _seen(form, warned):
                services.change(scope(), foreign_id, _told(form), version=seen)
                flash(_("Saved."), "success")
                return redirect(url_for(".show", therapy_id=therapy.id))
        except Changed:
            _therapy, stored = queries.one_of(scope(), foreign_id)
            form.version.data = str(stored.version)
            return _form(therapy, form, (), stored=_stored(stored), foreign=stored), 409
        except Refused as refusal:
            _say(form, refusal)
    return _form(therapy, form, warned, foreign=stored)


@blueprint.route("/therapies/abroad/<foreign_id>/drop", methods=["GET", "POST"])
def drop(foreign_id: str) -> Page:
    """It is planned no longer, after being asked once."""
    therapy, stored = queries.to_drop(scope(), foreign_id)
    form, changed = DropForm(version=str(stored.version)), False
    if form.validate_on_submit():
        try:
            services.drop(scope(), foreign_id, version=version(form.version.data))
        except Changed:
            changed, form.version.data = True, str(stored.version)
        else:
            flash(_("Deleted."), "success")
            return redirect(url_for(".show", therapy_id=therapy.id))
    told = render_template("abroad/drop.html", therapy=therapy, form=form, stored=_stored(stored), changed=changed)
    return (told, 409) if changed else told


def _form(
    therapy: TherapyView,
    form: ForeignForm,
    warned: Sequence[Warned],
    *,
    stored: list[tuple[str, str]] | None = None,
    foreign: ForeignView | None = None,
) -> str:
    return render_template(
        "abroad/form.html", therapy=therapy, form=form, warnings=cautions.said(warned), stored=stored, foreign=foreign
    )


def _told(form: ForeignForm) -> Told:
    agency, _dot, milestone = (form.milestone.data or "").partition(".")
    target = Days(*form.target.days) if form.target.days else None
    return Told(agency, milestone, target, form.actual.day, form.remark.data or "")


def _seen(form: ForeignForm, warned: Sequence[Warned]) -> bool:
    """Whether the person has been shown exactly these warnings before; the form remembers them."""
    said = "".join(sorted(each.says.en for each in warned))
    token = hashlib.sha256(said.encode()).hexdigest()[:20] if warned else ""
    before, form.seen.data = form.seen.data or "", token
    return not token or before == token


def _say(form: ForeignForm, refusal: Refused) -> None:
    form[refusal.field if refusal.field in form else "target"].errors = [refusal.sentence.say(language())]


def _stored(stored: ForeignView | LostView) -> list[tuple[str, str]]:
    speak = language()
    if isinstance(stored, LostView):
        names = [*([stored.agency.say(speak)] if stored.agency else []), stored.what]
    else:
        names = [stored.agency.short.say(speak), stored.milestone.names.say(speak)]
    return [
        (_("Milestone"), " – ".join(names)),
        (_("Planned"), days_text(stored.target).say(speak) if stored.target else ""),
        (_("Actual day"), days_text(Days.of(stored.actual)).say(speak) if stored.actual else ""),
        (_("Remark"), stored.remark),
    ]
