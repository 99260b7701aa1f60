"""Days by which evidence must be there, as dates of the therapy: on Today, in the plan, in mails and calendars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.access.scope import Scope
from app.core.errors import Refused
from app.engine.definition.common import Basis, Role, Text
from app.evidence import dates
from app.evidence.dates import Due
from app.schedule import departures, services
from app.schedule.queries import MilestoneView
from app.schedule.services import Draft

KIND = "evidence"
PATH = "/therapies/{subject}/evidence/{key}"
HERE = Text(
    ja="証拠は、そのページで受入れ済みにしてください。ここでは完了を記録できません。",
    en="Accept the evidence on its own page; it cannot be called done here.",
)
WHY = Text(
    ja="組織が定めた、証拠をそろえる目標の日です。", en="The day that your organisation set for having the evidence."
)


def put(scope: Scope, therapy_id: str, due: Sequence[Due]) -> None:
    """See app.evidence.dates.Timetable. In the order of the days: the timetable runs down, never back in time."""
    drafts = [
        Draft(
            key=each.key,
            title=each.title,
            about=each.about,
            role=Role.OWN,
            basis=Basis.TARGET,
            on_day=each.day,
            why=WHY,
            done_on=each.done_on,
        )
        for each in sorted(due, key=lambda each: each.day)
    ]
    services.put(KIND, therapy_id, therapy_id, drafts, scope=scope, keep_done=False)


def _record(_scope: Scope, _milestone: MilestoneView, _on: dt.date | None) -> None:
    raise Refused(HERE)


dates.register(put)
services.owned_by(KIND, _record, PATH)
departures.serve(KIND, departures.of_therapies, windows=False)
