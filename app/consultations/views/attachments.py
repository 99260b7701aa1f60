"""Uploading, naming, ordering, deleting and downloading attachments."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.consultations import queries, services
from app.consultations.forms import ActionForm, FilesForm, TitleForm
from app.consultations.views import room
from app.core.errors import Changed, Refused
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.web import files
from app.web.guard import scope


@room.blueprint.route("/consultations/<consultation_id>/attachments", methods=["GET", "POST"])
def attachments(consultation_id: str) -> str | Response:
    """The attached PDFs, and attaching more: all of an upload, or nothing of it."""
    here = room.own(consultation_id)
    form = FilesForm()
    if form.validate_on_submit():
        try:
            added = services.attach(
                scope(),
                consultation_id,
                files.uploads(form.files.data),
                storage=files.storage(),
                largest=files.largest(),
            )
        except Refused as refusal:
            room.say(form, refusal, "files")
        else:
            text = ngettext("%(num)s file was attached.", "%(num)s files were attached.", len(added))
            flash(text, "success")
            return redirect(url_for(".attachments", consultation_id=consultation_id))
    return room.page(
        "attachments.html",
        here,
        "attachments",
        form=form,
        attachments=queries.attachments(scope(), consultation_id),
        largest=files.largest() // 2**20,
    )


@room.blueprint.route("/consultations/<consultation_id>/attachments/<attachment_id>", methods=["GET", "POST"])
def edit_attachment(consultation_id: str, attachment_id: str) -> room.Page:
    """Give an attachment another title."""
    here = room.own(consultation_id)
    stored = queries.attachment(scope(), consultation_id, attachment_id)
    form, other = TitleForm(obj=stored), None
    if form.validate_on_submit():
        try:
            services.edit_attachment(
                scope(),
                consultation_id,
                attachment_id,
                title=form.title.data,
                version=room.version(form.version.data),
            )
        except Changed:
            other = queries.attachment(scope(), consultation_id, attachment_id)
            form.version.data = str(other.version)
        except Refused as refusal:
            room.say(form, refusal, "title")
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".attachments", consultation_id=consultation_id))
    return room.both("attachment.html", here, "attachments", changed=other, form=form, attachment=stored, other=other)


@room.blueprint.post("/consultations/<consultation_id>/attachments/<attachment_id>/move")
def move_attachment(consultation_id: str, attachment_id: str) -> Response:
    """One place up or down."""
    by = -1 if request.form.get("to") == "up" else 1
    services.move_attachment(scope(), consultation_id, attachment_id, by)
    return redirect(url_for(".attachments", consultation_id=consultation_id, _anchor=f"a-{attachment_id}"))


@room.blueprint.route("/consultations/<consultation_id>/attachments/<attachment_id>/delete", methods=["GET", "POST"])
def delete_attachment(consultation_id: str, attachment_id: str) -> room.Page:
    """Take an attachment away, after being asked once."""
    here = room.own(consultation_id)
    stored = queries.attachment(scope(), consultation_id, attachment_id)
    form, changed = ActionForm(version=str(stored.version)), False
    if form.validate_on_submit():
        try:
            seen = room.version(form.version.data)
            services.delete_attachment(scope(), consultation_id, attachment_id, version=seen)
        except Changed:
            changed, form.version.data = True, str(stored.version)
        else:
            flash(_("Attachment %(number)s was deleted.", number=stored.number), "success")
            return redirect(url_for(".attachments", consultation_id=consultation_id))
    return room.both(
        "delete_attachment.html", here, "attachments", changed=changed, both=changed, form=form, attachment=stored
    )


@room.blueprint.get("/consultations/<consultation_id>/attachments/<attachment_id>/file")
def download(consultation_id: str, attachment_id: str) -> Response:
    """The file as it was attached."""
    stored = queries.attachment(scope(), consultation_id, attachment_id)
    return files.hand_out(stored.sha256, mimetype="application/pdf", name=stored.filename)
