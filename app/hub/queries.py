"""The pipeline: every therapy that was granted, where it stands, what comes next and how late it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import nsmallest
from typing import Any

from app.access.scope import Scope
from app.engine.calendar import japan
from app.engine.definition.common import Language, Text
from app.pathways.places import place
from app.pathways.queries import tracks_of
from app.pathways.rules import leading
from app.schedule import queries as schedule
from app.schedule.queries import MilestoneView
from app.therapies import queries as therapies
from app.therapies.places import Place
from app.therapies.queries import TherapyView

SOON = 10  # office days: what lies nearer than that counts as soon


class Order(StrEnum):
    """By what the pipeline can be sorted."""

    LATE = "late"
    NEXT = "next"
    STAGE = "stage"
    COMPANY = "company"
    NAME = "name"


@dataclass(frozen=True)
class PipelineRow:
    """One therapy. ``slack``: office days to the next duty that is not done; with ``late`` the office days since that
    one's last day as a negative number (0 before the first of them)."""

    therapy: TherapyView
    place: Place | None
    next: MilestoneView | None
    next_at_pmda: MilestoneView | None
    slack: int | None
    late: MilestoneView | None
    recorded_on: dt.date | None
    ahead: tuple[MilestoneView, ...] = ()  # everything that is not done, soonest first
    logged: bool = False  # that the reader saw it today is written down

    @property
    def stage(self) -> str:
        """Letter and number of the station, for filters."""
        return f"{self.place.letter}{self.place.number}" if self.place else ""


@dataclass(frozen=True)
class Stage:
    """A station at which therapies stand, and how many."""

    code: str
    names: Text
    count: int


def pipeline(scope: Scope, today: dt.date, page: str = "") -> list[PipelineRow]:
    """Every therapy granted to the reader's hubs, the latest first; three statements whatever their number.

    ``page`` is the list in which they are shown; the rows say whether that is written down.
    """
    listed = therapies.listed(scope, page)
    views = [view for view, _logged in listed]
    tracks = tracks_of(views, today)
    ahead: dict[str, list[MilestoneView]] = {}
    for milestone in schedule.upcoming(scope, [view.id for view in views], today, limit=None):
        ahead.setdefault(milestone.therapy_id, []).append(milestone)
    rows = [_row(view, tracks[view.id], ahead.get(view.id, []), today, logged) for view, logged in listed]
    return sorted(rows, key=_KEYS[Order.LATE])


def arranged(
    rows: Sequence[PipelineRow], *, order: Order, stage: str = "", only_late: bool = False, language: Language = "ja"
) -> list[PipelineRow]:
    """The rows of one stage, or only the late ones, in the wished order."""
    chosen = [row for row in rows if (not stage or row.stage == stage) and (not only_late or row.late)]
    by_words: dict[Order, Callable[[PipelineRow], Any]] = {
        Order.COMPANY: lambda row: (row.therapy.organisation(language), row.therapy.name(language)),
        Order.NAME: lambda row: row.therapy.name(language),
    }
    return sorted(chosen, key=by_words.get(order) or _KEYS[order])


def soonest(rows: Sequence[PipelineRow], today: dt.date, *, days: int, most: int) -> list[MilestoneView]:
    """Of all rows the first ``most`` dates that lie at most ``days`` calendar days ahead, late ones before all."""
    last = today + dt.timedelta(days=days)
    near = [m for row in rows for m in row.ahead if m.duty_day and m.duty_day <= last]
    return nsmallest(most, near, key=lambda m: (m.duty_day, m.position, m.id))


def stages(rows: Sequence[PipelineRow]) -> list[Stage]:
    """The stations at which therapies stand, in the order of their codes along the lines P, A, K."""
    places = {row.stage: row.place for row in rows if row.place}
    found = [Stage(code, here.names, sum(row.stage == code for row in rows)) for code, here in places.items()]
    return sorted(found, key=lambda stage: _along(stage.code))


def _row(view: TherapyView, tracks: Any, ahead: list[MilestoneView], today: dt.date, logged: bool) -> PipelineRow:
    calendar, lead = japan(), leading(tracks)
    duties = [m for m in ahead if m.ours and m.duty_day]
    late = next((m for m in duties if m.last_day and m.last_day < today), None)
    coming = [m for m in ahead if m.last_day and m.last_day >= today]
    duty = next((m for m in coming if m.ours), None)
    slack = None
    if late and late.last_day:
        slack = -calendar.count(late.last_day, today)
    elif duty and duty.duty_day:
        slack = calendar.count(today, max(duty.duty_day, today))
    happened = [event.on.last for event in tracks.happened]
    return PipelineRow(
        therapy=view,
        place=place(lead) if lead else None,
        next=coming[0] if coming else None,
        next_at_pmda=next((m for m in coming if m.key == "meeting"), None),
        slack=slack,
        late=late,
        recorded_on=max(happened) if happened else None,
        ahead=tuple(ahead),
        logged=logged,
    )


def _along(code: str) -> tuple[int, str]:
    return ("PAKSY".find(code[:1]) if code[:1] in "PAKSY" else 9, code)


_FAR = dt.date.max
_KEYS: dict[Order, Callable[[PipelineRow], Any]] = {
    Order.LATE: lambda row: (
        row.late is None,
        10_000 if row.slack is None else row.slack,
        row.therapy.name_ja,
        row.therapy.id,
    ),
    Order.NEXT: lambda row: (row.next.duty_day if row.next and row.next.duty_day else _FAR, row.therapy.name_ja),
    Order.STAGE: lambda row: (*_along(row.stage), row.therapy.name_ja),
}
