"""The blueprint of the room, and what its pages share."""

from __future__ import annotations

from flask import Blueprint, url_for

from app.core.i18n import language
from app.engine.entries import Entry
from app.rules import pages
from app.rules.pages import Reader
from app.web.guard import scope

blueprint = Blueprint("rules", __name__, template_folder="../templates")


@blueprint.app_context_processor
def _addresses() -> dict[str, object]:
    return {"rule_address": address}


def reader() -> Reader:
    """The entries for the person of this request."""
    return Reader(scope(), language())


def address(entry: Entry) -> str:
    """Where an entry stands, with its anchor."""
    group, key = pages.place(entry)
    if group == "changes":
        return url_for("rules.changes", _anchor=entry.anchor)
    if key:
        return url_for("rules.one", group=group, key=key, _anchor=entry.anchor)
    return url_for("rules.group", group=group, _anchor=entry.anchor)
