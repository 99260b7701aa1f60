"""Asking for a bundle, seeing how far it is and what was found, and taking it home."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.consultations import queries as consultations
from app.consultations.tabs import tabs
from app.core import jobs
from app.core.errors import NotFound, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.documents import queries, services
from app.documents.forms import BundleForm
from app.documents.states import State
from app.web import files
from app.web.components import JobProgress, Link
from app.web.guard import scope

blueprint = Blueprint("documents", __name__, template_folder="templates")

PROGRESS = {State.WAITING: "waiting", State.RUNNING: "running", State.READY: "done"}


@blueprint.route("/consultations/<consultation_id>/bundles", methods=["GET", "POST"])
def bundles(consultation_id: str) -> BaseResponse:
    """The bundles of a consultation, the state of the newest, and the button that makes another."""
    consultation, therapy, counts = consultations.opened(scope(), consultation_id, own=True)
    form = BundleForm(language=language())
    if form.validate_on_submit():
        try:
            services.request(scope(), consultation_id, form.language.data, japanese_era=form.japanese_era.data)
        except Refused as refusal:
            form.language.errors = [refusal.sentence.say(language())]
        else:
            jobs.soon("bundles")
            return redirect(url_for("documents.bundles", consultation_id=consultation_id))
    made = queries.of_consultation(scope(), consultation_id)
    answer = make_response(
        render_template(
            "documents/bundles.html",
            consultation=consultation,
            therapy=therapy,
            counts=counts,
            tabs=tabs(consultation_id, counts, "bundles"),
            bundles=made,
            newest=made[0] if made else None,
            progress=_progress(made[0]) if made else None,
            form=form,
        )
    )
    if made and made[0].pending:
        answer.headers["Refresh"] = "2"
    return answer


@blueprint.get("/bundles/<bundle_id>/download")
def download(bundle_id: str) -> BaseResponse:
    """The finished bundle as a file."""
    bundle = queries.get(scope(), bundle_id)
    if bundle.state is not State.READY:
        raise NotFound
    return files.hand_out(bundle.sha256, mimetype="application/zip", name=bundle.file_name)


def _progress(bundle: queries.BundleView) -> JobProgress:
    messages = {
        State.BLOCKED: _("The bundle was not made. What must be mended first is listed below."),
        State.FAILED: _("The bundle could not be made, and the fault is ours. Please try again; nothing was lost."),
    }
    link = None
    if bundle.state is State.READY:
        link = Link(_("Download the bundle (ZIP)"), url_for("documents.download", bundle_id=bundle.id))
    return JobProgress(
        label=_("Bundle of the consultation"),
        state=PROGRESS.get(bundle.state, "failed"),  # type: ignore[arg-type]
        message=messages.get(bundle.state),
        link=link,
    )
