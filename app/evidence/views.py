"""The matrix of a therapy's evidence, the page of one piece, its documents, and the days of the gates."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import uploads
from app.core.errors import Changed, NotFound, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext
from app.evidence import facts, listing, needs, queries, services, wording
from app.evidence.forms import FilesForm, GateForm, PartForm, RemoveForm
from app.evidence.listing import Wanted
from app.evidence.services import Told
from app.evidence.shapes import OnePart
from app.evidence.states import Status
from app.rules.reading import of_provenance
from app.therapies import queries as therapies
from app.therapies import services as reading
from app.web import files
from app.web.fields import version
from app.web.guard import scope

blueprint = Blueprint("evidence", __name__, template_folder="templates")

__all__ = ["blueprint", "facts"]  # guards ask facts

Page = str | Response | tuple[str, int]


@blueprint.url_value_preprocessor
def _room_for_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if endpoint == "evidence.attach":
        files.make_room()


@blueprint.get("/therapies/<therapy_id>/evidence")
@blueprint.get("/therapies/<therapy_id>/evidence/<gate>")
def matrix(therapy_id: str, gate: str = "") -> str:
    """Items by gates, what is missing first; of one gate, one owner or one status when asked."""
    found = queries.matrix(scope(), therapy_id)
    if gate:
        needs.gate(found.therapy, gate)
    reading.log_view(scope(), found.therapy, "evidence.matrix")
    wanted = Wanted(gate or request.args.get("gate", ""), request.args.get("owner", ""), request.args.get("status", ""))
    owners = {part.owner_id: part.owner for part in found.parts if part.owner_id and part.owner}
    return render_template(
        "evidence/matrix.html",
        therapy=found.therapy,
        matrix=found,
        wanted=wanted,
        columns=listing.columns(found, wanted),
        rows=listing.rows(found, wanted),
        groups=listing.groups(found, wanted),
        owners=sorted(owners.items(), key=lambda owner: owner[1] or ""),
        statuses=wording.status_names(),
        standing=wording.standing,
        done=sum(part.covered for part in found.parts),
        may_plan=found.therapy.may_share,
    )


@blueprint.route("/therapies/<therapy_id>/evidence/items/<item>", methods=["GET"])
def item(therapy_id: str, item: str) -> Page:
    """One item at the first gate at which it is missing."""
    return _show(queries.one(scope(), therapy_id, item))


@blueprint.get("/therapies/<therapy_id>/evidence/<gate>/<item>")
def part(therapy_id: str, gate: str, item: str) -> Page:
    """What a piece is and why, how far it is, its documents and its history."""
    return _show(queries.one(scope(), therapy_id, item, gate))


@blueprint.post("/therapies/<therapy_id>/evidence/<gate>/<item>")
def save(therapy_id: str, gate: str, item: str) -> Page:
    """Write down how far a piece is."""
    here = queries.one(scope(), therapy_id, item, gate, own=True)
    form = _form(here)
    if not form.validate_on_submit():
        return _page(here, form)
    try:
        services.save(scope(), therapy_id, item, gate, _told(form), version=version(form.version.data))
    except Changed:
        stored = queries.one(scope(), therapy_id, item, gate, own=True)
        form.version.data = str(stored.part.version)
        return _page(stored, form, conflict=True), 409
    except Refused as refusal:
        form[refusal.field or "status"].errors = [refusal.sentence.say(language())]
        return _page(here, form)
    flash(_("Saved."), "success")
    return redirect(url_for("evidence.part", therapy_id=therapy_id, gate=gate, item=item))


@blueprint.post("/therapies/<therapy_id>/evidence/<gate>/<item>/documents")
def attach(therapy_id: str, gate: str, item: str) -> Page:
    """Attach documents: all of an upload, or nothing of it."""
    here, form = queries.one(scope(), therapy_id, item, gate, own=True), FilesForm()
    if not form.validate_on_submit():
        return _page(here, _form(here, seen=True), upload=form)
    try:
        added = services.attach(
            scope(),
            therapy_id,
            item,
            gate,
            files.uploads(form.files.data),
            storage=files.storage(),
            largest=files.largest(),
        )
    except Refused as refusal:
        form.files.errors = [refusal.sentence.say(language())]
        return _page(here, _form(here, seen=True), upload=form)
    flash(ngettext("%(num)s document was attached.", "%(num)s documents were attached.", len(added)), "success")
    return redirect(url_for("evidence.part", therapy_id=therapy_id, gate=gate, item=item, _anchor="documents"))


@blueprint.get("/evidence/documents/<document_id>/file")
def download(document_id: str) -> Response:
    """The file as it was attached, for whoever may see the therapy; a read from outside is written down."""
    piece, stored = queries.document(scope(), document_id)
    reading.log_view(scope(), therapies.get(scope(), piece.therapy_id), "evidence.download")
    return files.hand_out(stored.sha256, mimetype=stored.mimetype, name=stored.filename)


@blueprint.route("/evidence/documents/<document_id>/remove", methods=["GET", "POST"])
def remove(document_id: str) -> Page:
    """Take a document away, after being asked once."""
    piece, stored = queries.document(scope(), document_id, own=True)
    back = url_for("evidence.part", therapy_id=piece.therapy_id, gate=piece.gate, item=piece.item, _anchor="documents")
    form = RemoveForm()
    if form.validate_on_submit():
        try:
            services.remove_document(scope(), document_id)
        except Refused as refusal:
            flash(refusal.sentence.say(language()), "error")
        else:
            flash(_("The document was removed."), "success")
        return redirect(back)
    here = queries.one(scope(), piece.therapy_id, piece.item, piece.gate, own=True)
    return render_template(
        "evidence/remove.html", therapy=here.therapy, here=here, document=stored, form=form, back=back
    )


@blueprint.route("/therapies/<therapy_id>/evidence/days/<gate>", methods=["GET", "POST"])
def plan_gate(therapy_id: str, gate: str) -> Page:
    """The day on which the therapy means to pass a gate."""
    found = queries.matrix(scope(), therapy_id, own=True)
    therapy = found.therapy
    stored = next((each for each in found.gates if each.gate.key == gate), None)
    if stored is None or not therapy.may_share:
        raise NotFound
    form, conflict = GateForm(planned_on=stored.planned_on, version=str(stored.version)), False
    if form.validate_on_submit():
        try:
            seen = version(form.version.data)
            services.plan_gate(scope(), therapy_id, gate, form.planned_on.day, version=seen)
        except Changed:
            conflict, form.version.data = True, str(stored.version)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("evidence.matrix", therapy_id=therapy_id))
    page = render_template("evidence/gate.html", therapy=therapy, gate=stored, form=form, conflict=conflict)
    return (page, 409) if conflict else page


def _show(here: OnePart) -> str:
    reading.log_view(scope(), here.therapy, "evidence.part")
    return _page(here, _form(here) if here.therapy.may_write else None)


def _form(here: OnePart, *, seen: bool = False) -> PartForm:
    """The form of a piece with what is stored; ``seen``: another form of the page was sent."""
    part = here.part
    people = {**here.people, **({part.owner_id: part.owner or "–"} if part.owner_id else {})}
    stored = {name: getattr(part, name) for name in vars(Told(Status.NOT_STARTED))}
    stored |= {"owner_id": part.owner_id or "", "version": str(part.version)}
    return PartForm(people.items(), None if seen else request.form or None, data=stored)


def _told(form: PartForm) -> Told:
    return Told(
        status=Status(form.status.data),
        owner_id=form.owner_id.data or None,
        due_on=form.due_on.day,
        reason=form.reason.data or "",
        kept_at=form.kept_at.data or "",
        kept_on=form.kept_on.day,
        remark=form.remark.data or "",
    )


def _page(here: OnePart, form: PartForm | None, *, upload: FilesForm | None = None, conflict: bool = False) -> str:
    return render_template(
        "evidence/part.html",
        therapy=here.therapy,
        here=here,
        form=form,
        upload=upload or FilesForm(formdata=None),
        conflict=conflict,
        pairs=wording.pairs(here.part),
        marks=of_provenance(here.part.asked.item.provenance, language()),
        standing=wording.standing,
        history=[
            (change, wording.changes(change, here.people))
            for change in (queries.history(scope(), here.part) if form else ())
        ],
        endings=",".join(uploads.endings()),
        largest=files.largest() // 2**20,
    )
