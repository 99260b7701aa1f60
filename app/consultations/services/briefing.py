"""What the request form and the briefing package need beside questions and attachments."""

from __future__ import annotations

from collections.abc import Mapping

from app.access.scope import Scope
from app.consultations.models import Briefing
from app.consultations.places import PLACES
from app.consultations.services import rows
from app.core.db import session, transaction
from app.core.errors import Changed, Refused
from app.engine.definition.common import Text


def save_briefing(
    scope: Scope, consultation_id: str, texts: Mapping[str, str], *, version: int, place: str | None = None
) -> None:
    """Keep the texts by field. Raises Changed when somebody saved since ``version`` was shown."""
    with transaction():
        parent = rows.own_row(scope, consultation_id)
        row = session.get(Briefing, consultation_id, populate_existing=True)
        if (row.version if row else 0) != version:
            raise Changed
        clean = {name: rows.clean_text(name, text) for name, text in texts.items()}
        before = dict(row.texts) if row else {}
        if row is None:
            row = Briefing(consultation_id=consultation_id, version=0)
            session.add(row)
        row.texts = {name: text for name, text in clean.items() if text}
        row.version = version + 1
        if place is not None and place in PLACES:
            parent.place = place
        changed = sorted(name for name in {*before, *row.texts} if before.get(name) != row.texts.get(name))
        rows.record(
            scope,
            parent,
            "briefing:saved",
            before={name: before.get(name) for name in changed},
            after={name: row.texts.get(name) for name in changed},
        )


def abbreviations(written: str) -> list[tuple[str, str]]:
    """Lines of ``short = full`` as pairs. Raises Refused naming the first line that is not one."""
    found = []
    for number, line in enumerate(written.splitlines(), start=1):
        if not line.strip():
            continue
        short, sign, full = line.replace("=", "=").partition("=")
        if not sign or not short.strip() or not full.strip():
            raise Refused(
                Text(
                    ja=f"{number}行目を「略号 = 正式名称」の形で入力してください。",
                    en=f"Line {number}: please write it as short = full name.",
                ),
                field="abbreviations",
            )
        found.append((short.strip(), full.strip()))
    return found
