"""A plan as the components of a page: rail, warnings, neighbouring months, moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.access.scope import Scope
from app.audit import queries as audit
from app.audit.queries import AuditView
from app.consultations import planning
from app.consultations.occasions import Occasion
from app.consultations.planning import Move
from app.consultations.wish import Wish
from app.core import formats
from app.core.errors import Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.engine.calendar import Month, japan
from app.engine.consultation import Caution, ConsultationPlan, PlannedStep
from app.engine.definition.common import Basis, Role, Text
from app.engine.definition.consultation import Marked
from app.engine.trace import Span
from app.pathways.rules import event_names
from app.schedule import boards
from app.web.components import DateView, Link, SourceMark, Step

Standing = Literal["done", "now", "next", "missed", "not_needed"]
MISSED = {"window_missed", "reception_may_have_passed", "day_past", "meeting_past"}


@dataclass(frozen=True)
class MonthRow:
    """One month of the meeting beside its neighbours."""

    month: Month
    current: bool
    request: DateView | None
    materials: DateView | None
    days_left: int | None  # office days until the first duty; negative when it is too late


@dataclass(frozen=True)
class MoveRow:
    """One date that moves; ``days`` in calendar days."""

    name: str
    old: DateView
    new: DateView
    days: int | None


@dataclass(frozen=True)
class Offer:
    """Something that can be recorded now, or not (``href`` None), and why."""

    event: str
    name: Text
    why: Text
    marks: tuple[SourceMark, ...]
    href: str | None


@dataclass(frozen=True)
class Change:
    """One change of the plan: when, by whom, what happened, and which days moved from and to (None: no day)."""

    at: dt.datetime
    person: str
    what: str | None
    days: tuple[tuple[str, dt.date | None, dt.date | None], ...]


def rail(plan: ConsultationPlan, link: Callable[[PlannedStep], str | None] = lambda _step: None) -> tuple[Step, ...]:
    """The steps of a plan; ``link`` leads to where a step is recorded."""
    late = {caution.step for caution in plan.warnings if caution.code in MISSED}
    done = [place for place, step in enumerate(plan.steps) if step.done]
    last = done[-1] if done else -1
    now = next((s.key for i, s in enumerate(plan.steps) if not s.done and i > last), None)
    shown = []
    for place, step in enumerate(plan.steps):
        draft = planning.draft(plan, step)
        passed_by = place < last and step.role is not Role.NOT_AFTER
        standing = _standing(step, late=step.key in late, passed_by=passed_by, now=step.key == now)
        shown.append(
            Step(
                name=step.step.name.say(language()),
                standing=standing,
                date=boards.date_view(draft, language()),
                whose="theirs" if step.step.actor == "pmda" else "ours" if step.step.actor == "applicant" else None,
                note=note(step, passed_by=standing == "not_needed"),
                link=Link(step.step.name.say(language()), address) if (address := link(step)) else None,
            )
        )
    return tuple(shown)


def _standing(step: PlannedStep, *, late: bool, passed_by: bool, now: bool) -> Standing:
    if step.done:
        return "done"
    if late:
        return "missed"
    if passed_by:
        return "not_needed"
    return "now" if now else "next"


def note(step: PlannedStep, *, passed_by: bool = False) -> str | None:
    """What must be read without opening anything: the hour, an assumption with its analogy, or what to ask."""
    if step.done:
        return None
    if passed_by:
        return _("Not recorded; later steps have happened.")
    mark, speak = step.trace.provenance, language()
    said = []
    if step.alarm_from and step.span and step.alarm_from < step.span.earliest:
        said.append(_("Be ready on %(day)s.", day=formats.day(step.alarm_from)))
    if hours := planning.hours_of(step.step):
        opens = step.step.hours and step.step.hours.opens
        said.append(_("Received %(hours)s.", hours=hours) if opens else _("By %(hours)s.", hours=hours))
    if step.basis is Basis.ASSUMED and mark and mark.analogy:
        said.append(_("Assumed by analogy with %(what)s.", what=mark.analogy.say(speak)))
    if step.basis in (Basis.ASSUMED, Basis.UNKNOWN) and mark and mark.ask:
        said.append(_("To ask: %(what)s", what=mark.ask.say(speak)))
    return (" " if speak == "en" else "").join(said) or None


def warnings(plan: ConsultationPlan) -> list[Caution]:
    """The warnings of a plan, the gravest first."""
    order = ("stop", "warn", "note")
    return sorted(plan.warnings, key=lambda caution: order.index(caution.level))


def months(plan_of: Callable[[Wish], ConsultationPlan], wish: Wish, today: dt.date) -> list[MonthRow]:
    """The month of the wish beside one before and two after; months that the calendar does not reach are left out."""
    centre = wish.in_month
    if centre is None:
        return []
    rows = []
    for offset in (-1, 0, 1, 2):
        month = centre.plus(offset)
        try:
            plan = plan_of(Wish(month=month))
        except Refused:
            continue
        duty = plan.last_safe_day
        rows.append(
            MonthRow(
                month,
                offset == 0,
                _date_of(plan, "schedule_request"),
                _date_of(plan, "materials_due"),
                japan().count(today, duty) if duty else None,
            )
        )
    return rows


def move_rows(moves: Sequence[Move]) -> list[MoveRow]:
    """Moves as rows of a table."""
    return [
        MoveRow(
            move.title.say(language()),
            _bare(move.old, move.old_basis or Basis.UNKNOWN),
            _bare(move.new, move.new_basis),
            move.days,
        )
        for move in moves
    ]


def changes(scope: Scope, consultation_id: str, plan: ConsultationPlan) -> list[Change]:
    """What has moved since the consultation was planned, newest first; only the organisation's own people see it."""
    names = {step.key: step.name.say(language()) for step in plan.kind.steps}
    names |= {step.key: step.step.name.say(language()) for step in plan.steps}
    found = []
    for event in audit.of_subject(scope, consultation_id, limit=60):
        what = _turn(event)
        if event.action != "schedule:plan:put" and not what:
            continue
        before, after = (event.before or {}, event.after or {}) if not what else ({}, {})
        if not any(before.values()) and not what:
            continue  # the plan as it was first made; nothing had moved yet
        days = tuple((names[key], _day(before[key]), _day(after.get(key))) for key in names if key in before)
        if what or days:
            found.append(Change(event.at, event.actor_name, what, days))
    return found


def _turn(event: AuditView) -> str | None:
    """What an event of the trail says about a turn; None for other events."""
    said = (event.after or event.before or {}).get("event", "CONSULTATION_WITHDRAWN")
    name = event_names(str(said)).say(language())
    match event.action.removeprefix("consultations:"):
        case "consultation:withdrawn" | "turn:recorded":
            return name
        case "turn:corrected":
            return _("%(what)s: corrected", what=name)
        case "turn:taken_back":
            return _("%(what)s: taken back", what=name)
    return None


def offer(one: Occasion, href: str | None) -> Offer:
    """An occasion for the page, with the look of the rule's source."""
    mark = one.provenance
    trace = {"sources": list(mark.sources), "confidence": mark.confidence} if mark else None
    return Offer(one.event, one.name, one.why, boards.source_marks(trace, language()) if trace else (), href)


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def marks(entry: Marked) -> tuple[SourceMark, ...]:
    """Where a remark or a fee was read."""
    mark = entry.provenance
    return boards.source_marks({"sources": list(mark.sources), "confidence": mark.confidence}, language())


def _date_of(plan: ConsultationPlan, key: str) -> DateView | None:
    step = next((step for step in plan.steps if step.key == key), None)
    return _bare(step.span, step.basis) if step else None


def _bare(span: Span | None, basis: Basis) -> DateView:
    if span is None:
        return DateView(basis)
    return DateView(basis, day=span.day) if span.day else DateView(basis, earliest=span.earliest, latest=span.latest)
