"""Entering this year's tables, fees and forms: drafts, what would move, accepting, ending, and the file."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import Changed, NotFound, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.rules import choices, queries, services
from app.rules.forms import FeeForm, OfficialFormForm, ReasonForm, ReceptionForm, SourceForm
from app.rules.kinds import Kind, Standing
from app.rules.moving import Moved
from app.rules.queries import OwnEntry
from app.rules.services import Faulty
from app.rules.views.room import blueprint
from app.therapies import queries as therapies_read
from app.therapies import services as therapies
from app.web.fields import version
from app.web.guard import scope

CONFLICT, PAGE = 409, "rules.moves"
FORMS: dict[Kind, type[ReceptionForm] | type[FeeForm] | type[OfficialFormForm]] = {
    Kind.RECEPTION: ReceptionForm,
    Kind.FEE: FeeForm,
    Kind.FORM: OfficialFormForm,
}


@blueprint.get("/rules/own")
def own() -> str:
    """Everything that the hub entered."""
    return render_template("rules/own.html", entries=queries.kept(scope()))


@blueprint.route("/rules/own/add/<what>", methods=["GET", "POST"])
def add(what: str) -> str | Response:
    """A new draft."""
    if what not in set(Kind):
        raise NotFound
    kind = Kind(what)
    form = _form(kind, choices.empty(kind, request.args.get("family")))
    if kind is Kind.RECEPTION and form.is_submitted():
        choices.follow(form)
    if form.validate_on_submit() and (saved := _save(kind, form)):
        flash(_("Saved as a draft. It counts nowhere yet."), "success")
        return redirect(url_for("rules.moves", entry_id=saved))
    return render_template("rules/enter.html", kind=kind, form=form, found=None)


@blueprint.route("/rules/own/<entry_id>", methods=["GET", "POST"])
def edit(entry_id: str) -> str | Response | tuple[str, int]:
    """Change a draft."""
    found = _standing(entry_id, Standing.DRAFT)
    form = _form(found.kind, choices.filled(found))
    if form.validate_on_submit():
        try:
            saved = _save(found.kind, form, entry_id=entry_id, version=version(request.form.get("version")))
        except Changed:
            found = _standing(entry_id, Standing.DRAFT)  # as the other person left it
            stored = choices.differing(_form(found.kind, choices.filled(found), sent=False), form)
            told = {"kind": found.kind, "form": form, "found": found, "changed": True, "stored": stored}
            return render_template("rules/enter.html", **told), CONFLICT
        if saved:
            flash(_("Saved as a draft. It counts nowhere yet."), "success")
            return redirect(url_for("rules.moves", entry_id=saved))
    return render_template("rules/enter.html", kind=found.kind, form=form, found=found)


@blueprint.post("/rules/own/<entry_id>/discard")
def discard(entry_id: str) -> Response:
    """Throw a draft away."""
    found = queries.get(scope(), entry_id)
    services.discard(scope(), found.id, version=version(request.form.get("version")))
    flash(_("The draft is gone. The trail keeps what it said."), "success")
    return redirect(url_for("rules.own"))


@blueprint.route("/rules/own/<entry_id>/moves", methods=["GET", "POST"])
def moves(entry_id: str) -> str | Response:
    """What would move, before anyone accepts; then accepting it."""
    found = _standing(entry_id, Standing.DRAFT)
    if request.method == "POST":
        return _accepted(found)
    return render_template("rules/moves.html", found=found, moved=_would_move(found), form=None)


@blueprint.route("/rules/own/<entry_id>/end", methods=["GET", "POST"])
def end(entry_id: str) -> str | Response:
    """What was accepted no longer counts; what would move is shown first."""
    found, form = _standing(entry_id, Standing.ACCEPTED), ReasonForm()
    if form.validate_on_submit():
        try:
            seen = version(request.form.get("version"))
            services.end(scope(), entry_id, version=seen, reason=form.reason.data)
        except Refused as refusal:
            form.reason.errors = [refusal.sentence.say(language())]
        else:
            flash(_("It no longer counts. All plans were computed anew."), "success")
            return redirect(url_for("rules.own"))
    return render_template("rules/moves.html", found=found, moved=_would_move(found), form=form)


@blueprint.get("/rules/own/export")
def export() -> FlaskResponse:
    """What counts in the hub, as a file for ``workflows/published/``."""
    answer = FlaskResponse(services.exported(scope()), mimetype="application/yaml")
    answer.headers["Content-Disposition"] = "attachment; filename=hub.yaml"
    return answer


def _accepted(found: OwnEntry) -> Response:
    try:
        services.accept(scope(), found.id, version=version(request.form.get("version")))
    except Faulty as faulty:
        for fault in faulty.faults:
            flash(fault.said.say(language()), "error")
        return redirect(url_for("rules.edit", entry_id=found.id))
    flash(_("It counts from now on for the hub and its companies. All plans were computed anew."), "success")
    return redirect(url_for("rules.own"))


def _would_move(found: OwnEntry) -> list[Moved]:
    moved = services.would_move(scope(), found.id)
    shown = {each.therapy_id for each in moved}
    granted = therapies_read.listed(scope(), PAGE)
    therapies.log_list(scope(), [one for one, logged in granted if one.id in shown and not logged], PAGE)
    return moved


def _standing(entry_id: str, wanted: Standing) -> OwnEntry:
    """An entry that stands so. Whoever sends a form about one that did so before is told that somebody was faster."""
    found = queries.get(scope(), entry_id)
    if found.standing is not wanted:
        raise Changed if request.method == "POST" else NotFound
    return found


def _form(kind: Kind, data: dict[str, Any], *, sent: bool = True) -> Any:
    """The form with what was sent, or with ``data`` where nothing was or it is not ``sent`` that is asked for."""
    form = FORMS[kind]() if sent and request.method == "POST" else FORMS[kind](formdata=None, data=data)
    for name, offered in choices.offered(kind).items():
        form[name].choices = [(key, text.say(language())) for key, text in offered.items()]
    return form


def _save(kind: Kind, form: Any, **where: Any) -> str | None:
    """Save what was typed; None where lint found faults, which then stand at their fields."""
    content, places = form.table() if kind is Kind.RECEPTION else (choices.content(kind, form), [])
    try:
        return services.save(scope(), kind, content, form.source(), **where)
    except Faulty as faulty:
        for fault in faulty.faults:
            _put(form, fault.place, places, fault.said.say(language()))
    return None


def _put(form: SourceForm, place: tuple[int | str, ...], places: list[int], said: str) -> None:
    """A fault at the field that it speaks of, or above the form where it speaks of none."""
    match place:
        case ("rows", int(number), str(name)) if number < len(places):
            field = form["rows"][places[number]].form[name]
        case (str(name), *_rest) if name in form and name != "rows":
            field = form[name]
        case _:
            form.form_errors.append(said)
            return
    field.errors = [*field.errors, said]
