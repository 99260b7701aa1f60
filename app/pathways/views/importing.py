"""Importing files of histories: upload, look at what would be done, confirm."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.engine.definition.common import Text
from app.pathways import pictures, services, wording
from app.pathways.forms import ImportForm, UploadForm, UploadOneForm
from app.pathways.maps import travelled
from app.pathways.outlook import CaseView
from app.pathways.views import room
from app.therapies import queries as therapies
from app.therapies.kinds import classes
from app.web.guard import scope
from app.web.linemap import line_map_view


@room.blueprint.route("/therapies/<therapy_id>/import", methods=["GET", "POST"])
def import_into(therapy_id: str) -> str | Response:
    """Choose a file with the history of one therapy."""
    therapy = therapies.led(scope(), therapy_id)
    return _choose(UploadOneForm(), therapy)


@room.blueprint.route("/therapies/import", methods=["GET", "POST"])
def import_new() -> str | Response:
    """Choose a file whose cases become therapies of their own."""
    return _choose(UploadForm())


@room.blueprint.route("/imports/<upload_id>", methods=["GET", "POST"])
def import_confirm(upload_id: str) -> str | Response | tuple[str, int]:
    """What the file would do; then do it, or forget it, also to choose another one."""
    found, form, status = services.waiting(scope(), upload_id), ImportForm(), 200
    into = found.target.therapy
    back = url_for("pathways.history", therapy_id=into.id) if into else url_for("therapies.index")
    if form.validate_on_submit() and "drop" in request.form:
        services.drop(scope(), upload_id)
        if request.form["drop"] == "for another":
            return redirect(
                url_for("pathways.import_into", therapy_id=into.id) if into else url_for("pathways.import_new")
            )
        flash(_("The file was dropped; nothing was imported."), "info")
        return redirect(back)
    conditions: tuple[Text, ...] = ()
    if form.is_submitted() and not form.errors:
        try:
            chosen, digest = form.cases.data or [], form.digest.data or ""
            done = services.confirm(scope(), upload_id, cases=chosen, digest=digest, because=form.because.data or "")
        except services.ReasonNeeded as refusal:
            conditions = refusal.conditions
            form.because.flags.required = True
            form.because.errors = [_("Please say why it happened although these conditions were not met.")]
        except Refused as refusal:
            status = 409 if refusal.field is None else 200
            room.say(form, refusal, "cases")
        else:
            flash(_("Imported: %(num)s events.", num=done.events), "success")
            return redirect(back)
    possible = [case for case in found.outlook.cases if case.possible and case.changes]
    form.cases.choices = []  # the page lists them itself, with their names as they were typed
    if not form.is_submitted():
        form.cases.data = [case.case for case in possible]
    form.digest.data = found.outlook.digest
    page = render_template(
        "pathways/import_confirm.html",
        found=found,
        form=form,
        into=into,
        possible=possible,
        needs_reason=any(case.passed for case in possible),
        conditions=conditions,
        maps=[_map(number, case) for number, case in enumerate(found.outlook.cases)],
        tracks=[pictures.track_rows(case.tracks) for case in found.outlook.cases],
    )
    return page, status


def _choose(form: Any, therapy: therapies.TherapyView | None = None) -> str | Response:
    if form.validate_on_submit():
        try:
            kept = services.upload(
                scope(),
                filename=form.file.data.filename or "",
                data=form.file.data.stream.read(services.LARGEST + 1),
                therapy_id=therapy.id if therapy else None,
                case=(form["case"].data or "").strip() if therapy else "",
            )
        except Refused as refusal:
            room.say(form, refusal, "file")
        else:
            return redirect(url_for("pathways.import_confirm", upload_id=kept))
    return render_template(
        "pathways/import.html",
        form=form,
        therapy=therapy,
        classes=classes(),
        words=wording.groups(therapy) if therapy and therapy.pathway else wording.vocabulary(),
        largest=services.LARGEST // 2**20,
        most=services.MOST_ROWS,
    )


def _map(number: int, case: CaseView) -> Any:
    drawn = travelled(case.tracks)
    return line_map_view(drawn, language(), _("Line map"), key=f"map{number}") if drawn.lanes else None
