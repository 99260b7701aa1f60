"""Public precedents."""

from __future__ import annotations

from flask import render_template

from app.core.i18n import language
from app.pathways import public
from app.pathways.views.room import blueprint
from app.web.guard import scope


@blueprint.get("/precedents")
def precedents() -> str:
    """Public histories and where each stands."""
    return render_template("pathways/precedents.html", precedents=public.precedents(scope()))


@blueprint.get("/precedents/<case>")
def precedent(case: str) -> str:
    """One public history: its lines, and every event with its source and how sure it is."""
    return render_template("pathways/precedent.html", page=public.precedent(scope(), case, language()))
