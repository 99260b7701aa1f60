"""Today and the page of a therapy."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.desk import therapy as pages
from app.desk import today as morning
from app.pathways.queries import TherapyOverview
from app.schedule.services import path_of
from app.therapies import services as reading
from app.web.components import Link
from app.web.guard import scope
from app.web.links import page

blueprint = Blueprint("desk", __name__, template_folder="templates")


@blueprint.get("/")
def today() -> str | Response:
    """What to do today; a hub's people are sent to their pipeline."""
    if scope().hubs and not scope().own:
        return redirect(url_for("hub.pipeline"))
    add, number = page("therapies.add"), request.args.get("page", 1, int)
    view = morning.today(scope(), clock.today(), language(), number, _list_page)
    return render_template(
        "desk/today.html",
        view=view,
        plan=page("consultations.choose", therapy_id=view.first.id) if view.first and view.first.may_write else None,
        may_add=add is not None,
        first_step=Link(_("Add a therapy"), add) if add else None,
        path_of=path_of,
    )


def _list_page(number: int) -> str:
    return url_for("desk.today", page=number, _anchor="therapies")


@blueprint.get("/therapies/<therapy_id>")
def therapy(therapy_id: str) -> str | Response:
    """Where a therapy is, what comes next and why not yet, its lines over time, its dates, its history."""
    overview = pages.overview(scope(), therapy_id, clock.today())
    if overview.therapy.is_public:
        return redirect(url_for("pathways.precedent", case=overview.therapy.reference))
    reading.log_view(scope(), overview.therapy, "desk.therapy")
    return _therapy(overview)


@blueprint.get("/therapies/<therapy_id>/as-the-hub")
def preview(therapy_id: str) -> str:
    """The same page as the hub sees it, or will see it once it is shared."""
    overview = pages.overview(scope(), therapy_id, clock.today(), own=True)
    if not overview.therapy.may_share:
        raise NotFound
    return _therapy(pages.as_the_hub(overview), preview=True)


def _therapy(overview: TherapyOverview, *, preview: bool = False) -> str:
    here = overview.therapy
    return render_template(
        "desk/therapy.html",
        page=pages.page(scope(), overview, language()),
        therapy=here,
        preview=preview,
        latest=pages.LATEST,
        plan=page("consultations.choose", therapy_id=here.id) if here.may_write else None,
    )
