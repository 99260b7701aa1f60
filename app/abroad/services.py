"""Planning, changing and dropping milestones at agencies; who saves against a conflict has seen it before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.abroad import queries
from app.abroad.models import ForeignMilestone
from app.access.scope import Scope
from app.audit import services as audit
from app.core import clock
from app.core.db import session, transaction
from app.core.errors import Changed, NotFound, Refused
from app.engine.conflicts import Planned, Warned, warnings
from app.engine.definition.common import Text
from app.engine.errors import UnknownDefinitionError
from app.engine.machine import Days
from app.pathways import queries as histories
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView

UNSAVED = "unsaved"  # the id of what is being planned and has none yet


@dataclass(frozen=True)
class Told:
    """What a person says about one milestone: ``agency`` and ``milestone`` by key, the planned days, the actual day."""

    agency: str
    milestone: str
    target: Days | None = None
    actual: dt.date | None = None
    remark: str = ""


def conflicts_of(
    scope: Scope, therapy_id: str, told: Told, foreign_id: str | None = None, version: int | None = None
) -> tuple[Warned, ...]:
    """What would have to be warned of, and is not yet today, once this was saved; Refused for what cannot be.

    Raises Changed when what is changed was saved by somebody else since ``version`` was shown.
    """
    on = _checked(told)
    therapy, known = therapies.own(scope, therapy_id), queries.of_therapy(scope, therapy_id)
    tracks = histories.tracks(scope, therapy_id)
    if any(each.version != version for each in known if each.id == foreign_id):
        raise Changed
    others = [each.planned for each in known if each.id != foreign_id]
    new = Planned(foreign_id or UNSAVED, told.agency, told.milestone, on)
    before = queries.warned(therapy, tracks, [each.planned for each in known])
    after = warnings(queries.world(), queries.facts_of(therapy, tracks, [*others, new]))
    already = {each.says for each in before}
    return tuple(each for each in after if each.says not in already)


def plan(scope: Scope, therapy_id: str, told: Told) -> str:
    """One more milestone of a therapy of one's own; returns its id."""
    _checked(told)
    with transaction():
        therapy = therapies.own(scope, therapy_id)
        row = ForeignMilestone(therapy_id=therapy.id, created_at=clock.now(), version=1)
        _fill(row, told)
        session.add(row)
        session.flush()
        _record(scope, therapy, "planned", after=_said(row))
    return row.id


def change(scope: Scope, foreign_id: str, told: Told, *, version: int) -> None:
    """Another day, the actual day or a remark. Raises Changed when it was changed since ``version`` was shown."""
    _checked(told)
    with transaction():
        therapy, _stored = queries.one_of(scope, foreign_id)
        row = _as_shown(foreign_id, version)
        before = _said(row)
        _fill(row, told)
        row.version += 1
        _record(scope, therapy, "changed", before=before, after=_said(row))


def drop(scope: Scope, foreign_id: str, *, version: int) -> None:
    """It is planned no longer, or the definitions no longer have it; what it said stays in the trail."""
    with transaction():
        therapy, _stored = queries.to_drop(scope, foreign_id)
        row = _as_shown(foreign_id, version)
        session.delete(row)
        _record(scope, therapy, "dropped", before=_said(row))


def _as_shown(foreign_id: str, version: int) -> ForeignMilestone:
    row = session.get(ForeignMilestone, foreign_id, populate_existing=True)
    if row is None:
        raise NotFound
    if row.version != version:
        raise Changed
    return row


def _checked(told: Told) -> Days:
    """The day of what was told; Refused where there is none, or where it cannot be."""
    try:
        found = queries.world().milestone(told.agency, told.milestone)
    except UnknownDefinitionError:
        found = None
    if found is None or found.day is None:
        raise Refused(Text(ja="一覧から選んでください。", en="Please choose one of the list."), field="milestone")
    if told.actual and queries.world().agencies[told.agency].home:
        raise Refused(
            Text(
                ja="日本での実績は、経過に記録してください。ここには予定だけを入力できます。",
                en="What happened in Japan is recorded in the history; only a plan can be entered here.",
            ),
            field="actual",
        )
    if told.actual and told.actual > clock.today():
        raise Refused(
            Text(
                ja="実績の日がまだ来ていません。予定は「予定」の欄に入力してください。",
                en="The actual day has not come yet. What is intended belongs into the planned day.",
            ),
            field="actual",
        )
    on = Days.of(told.actual) if told.actual else told.target
    if on is None:
        raise Refused(
            Text(ja="予定の日か、実績の日を入力してください。", en="Please give the planned day, or the actual day."),
            field="target",
        )
    return on


def _fill(row: ForeignMilestone, told: Told) -> None:
    row.agency, row.milestone = told.agency, told.milestone
    row.first_day = told.target.first if told.target else None
    row.last_day = told.target.last if told.target else None
    row.actual_day, row.remark = told.actual, told.remark.strip()


def _said(row: ForeignMilestone) -> dict[str, Any]:
    days = {"first_day": row.first_day, "last_day": row.last_day, "actual_day": row.actual_day}
    plain: Mapping[str, str | None] = {name: day.isoformat() if day else None for name, day in days.items()}
    return {"id": row.id, "agency": row.agency, "milestone": row.milestone, **plain, "remark": row.remark}


def _record(scope: Scope, therapy: TherapyView, verb: str, **what: Any) -> None:
    audit.record(
        scope.actor,
        f"abroad:milestone:{verb}",
        organisation_id=therapy.organisation_id,
        subject_id=therapy.id,
        **what,
    )
