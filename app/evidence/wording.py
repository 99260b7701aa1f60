"""Words of this room: statuses, and what changed in the history of a piece."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from app.core import formats
from app.core.i18n import gettext as _
from app.core.i18n import ngettext, pgettext
from app.evidence.shapes import Change, PartView
from app.evidence.states import Status


def status_names() -> dict[Status, str]:
    """What each status is called."""
    return {
        Status.NOT_STARTED: pgettext("evidence", "Not started"),
        Status.IN_WORK: pgettext("evidence", "In work"),
        Status.UNDER_REVIEW: pgettext("evidence", "Under review"),
        Status.ACCEPTED: pgettext("evidence", "Accepted"),
        Status.NOT_APPLICABLE: pgettext("evidence", "Not applicable"),
    }


def standing(part: PartView) -> str:
    """The status of a piece for a list; what is there for another reason says so."""
    if part.covered and not part.status.closed:
        return _("Noted as a condition") if part.noted else _("Covered later")
    return status_names()[part.status]


def pairs(part: PartView) -> list[tuple[str, str]]:
    """Everything that is stored about a piece, by the labels of its form."""
    days = {name: formats.day(day) if day else "" for name, day in (("due", part.due_on), ("kept", part.kept_on))}
    values = (standing(part), part.reason, part.owner or "", days["due"], part.kept_at, days["kept"], part.remark)
    return [(label, value or "–") for label, value in zip(_fields().values(), values, strict=True)]


def changes(change: Change, people: Mapping[str, str]) -> list[str]:
    """What one entry of the history says, line by line."""
    if change.action == "attached":
        files = ", ".join(str(name) for name in change.after.values())
        return [
            ngettext(
                "%(num)d document attached: %(names)s",
                "%(num)d documents attached: %(names)s",
                len(change.after),
                names=files,
            )
        ]
    if change.action == "removed":
        return [_("Document removed: %(name)s", name=", ".join(str(name) for name in change.before.values()))]
    told = (change.before, change.after)
    said = [
        (label, *(_said(key, values, people) for values in told)) for key, label in _fields().items() if key in told[1]
    ]
    return [_("%(field)s: %(before)s → %(after)s", field=label, before=old, after=new) for label, old, new in said]


def _fields() -> dict[str, str]:
    return {
        "status": _("Status"),
        "reason": _("Why it does not apply"),
        "owner_id": _("Owner"),
        "due_on": _("Own earlier day"),
        "kept_at": _("Where it is kept"),
        "kept_on": _("Kept there since"),
        "remark": _("Remark"),
    }


def _said(key: str, values: Mapping[str, str | None], people: Mapping[str, str]) -> str:
    value = values.get(key)
    if not value:
        return "–"
    if key == "status":
        return status_names()[Status(value)]
    if key == "owner_id":
        return people.get(value, _("somebody who has left"))
    return formats.day(dt.date.fromisoformat(value)) if key.endswith("_on") else value
