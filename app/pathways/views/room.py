"""What the pages of histories share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request

from app.core.errors import Changed, NotFound, Refused
from app.core.i18n import language
from app.pathways import services

blueprint = Blueprint("pathways", __name__, template_folder="../templates")


def say(form: Any, refusal: Refused, field: str = "on") -> None:
    """Put a refusal beside the field that is to blame; ``field`` where none is named."""
    form[refusal.field if refusal.field in form else field].errors = [refusal.sentence.say(language())]


def gone() -> Exception:
    """Nothing to mend here; whoever wrote about it meanwhile is told that somebody else was faster."""
    return Changed() if request.method == "POST" else NotFound()


def tell(done: services.Recorded) -> None:
    """What the person should know beside the success: what was inferred, cannot be told, or is risky."""
    for note in done.notes:
        if note.kind != "information":
            flash(note.text.say(language()), "info")
    for answer in done.warnings:
        if answer.because:
            flash(answer.because.say(language()), "warning")
