"""A hub's administrator says who keeps its rules."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access.actor import Position
from app.core.i18n import gettext as _
from app.organisations import queries as organisations
from app.organisations import services as founding
from app.rules.views.room import blueprint
from app.web.guard import scope


@blueprint.get("/rules/keepers")
def keepers() -> str:
    """The people of the hub, and which of them keep its rules."""
    return render_template("rules/keepers.html", people=organisations.members(frozenset({_hub()})))


@blueprint.post("/rules/keepers/<person_id>")
def appoint(person_id: str) -> Response:
    """Give the rules to a person, or take them back."""
    keeps = request.form.get("keeps") == "1"
    founding.let_keep_rules(scope(), _hub(), person_id, keeps=keeps)
    flash(_("This person now keeps the rules.") if keeps else _("This person no longer keeps the rules."), "success")
    return redirect(url_for("rules.keepers"))


def _hub() -> str:
    return next(m.organisation_id for m in scope().person().memberships if m.position is Position.ADMIN)
