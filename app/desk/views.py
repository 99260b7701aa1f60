"""Today and the page of a therapy."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.desk import today as morning
from app.schedule.services import path_of
from app.web.components import Link
from app.web.guard import scope
from app.web.links import page

blueprint = Blueprint("desk", __name__, template_folder="templates")


@blueprint.get("/")
def today() -> str | Response:
    """What to do today; a hub's people are sent to their pipeline."""
    if scope().hubs and not scope().own:
        return redirect(url_for("hub.pipeline"))
    add = page("therapies.add")
    return render_template(
        "desk/today.html",
        view=morning.today(scope(), clock.today(), language()),
        may_add=add is not None,
        first_step=Link(_("Add a therapy"), add) if add else None,
        path_of=path_of,
    )
