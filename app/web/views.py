"""Routes of the program itself: choosing the language, health, the style guide."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session
from werkzeug.wrappers import Response

from app.core import i18n
from app.core.errors import NotFound
from app.engine.definition.common import LANGUAGES
from app.web.guard import check_database, on_language
from app.web.links import local_address
from app.web.samples import samples
from app.web.shell import settings

blueprint = Blueprint("web", __name__, template_folder="templates")


@blueprint.post("/language")
def language() -> Response:
    """Speak the chosen language from now on, and stay on the page."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
        for remember in on_language:
            remember(chosen)
    return redirect(local_address(request.form.get("next")))


@blueprint.get("/health")
def health() -> dict[str, str]:
    """Whether the program and its database answer (for the supervisor)."""
    check_database()
    return {"status": "ok"}


@blueprint.get("/styleguide")
def styleguide() -> str:
    """Every component once, for those who build pages (demo only)."""
    if not settings().demo:
        raise NotFound
    return render_template("web/styleguide.html", **samples(i18n.language()))
