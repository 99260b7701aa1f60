"""The blueprint of the room, and what its pages share."""

from __future__ import annotations

from flask import Blueprint, g, url_for

from app.core.i18n import language
from app.engine.entry import Entry
from app.rules import pages, queries
from app.rules.pages import Reader
from app.web.components import EntryMark
from app.web.guard import scope

blueprint = Blueprint("rules", __name__, template_folder="../templates")


@blueprint.app_context_processor
def _addresses() -> dict[str, object]:
    return {"rule_address": address, "entry_mark_of": mark_of}


def reader() -> Reader:
    """The entries for the person of this request."""
    return Reader(scope(), language())


def mark_of(entry_id: str, verified: bool | None = None) -> EntryMark | None:
    """The mark of a shipped entry for the person of this request; None for one that does not exist.

    ``verified``: whether it stands verified for them, where the page has read that with something else.
    """
    entry = pages.shipped_by_id().get(entry_id)
    if entry is None:
        return None
    if verified is None:
        if "verified_rules" not in g:
            g.verified_rules = queries.verifications(scope())
        verified = (entry.id, entry.digest) in g.verified_rules
    return EntryMark(entry.provenance.confidence, verified, address(entry))


def address(entry: Entry) -> str:
    """Where an entry stands, with its anchor."""
    group, key = pages.place(entry)
    if group == "changes":
        return url_for("rules.changes", _anchor=entry.anchor)
    if key:
        return url_for("rules.one", group=group, key=key, _anchor=entry.anchor)
    return url_for("rules.group", group=group, _anchor=entry.anchor)
