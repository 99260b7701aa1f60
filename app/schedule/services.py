"""Putting a plan's milestones, and saying what is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.access.scope import Scope
from app.audit import services as audit
from app.core.db import session, transaction
from app.core.errors import Changed, NotFound
from app.core.typed_days import check_plannable
from app.engine.definition.common import Basis, Role, Text
from app.schedule import queries
from app.schedule.models import Milestone
from app.schedule.queries import MilestoneView
from app.therapies import queries as therapies
from app.therapies.models import Therapy


@dataclass(frozen=True)
class Draft:
    """One milestone of a plan, before it is stored. ``done_on`` None leaves a stored one as done as it was."""

    key: str
    title: Text
    role: Role
    basis: Basis
    about: Text | None = None
    certainty: str | None = None
    on_day: dt.date | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None
    alarm_from: dt.date | None = None
    hours: str | None = None
    is_window: bool = False
    trace: dict[str, Any] = field(default_factory=dict)
    why: Text | None = None
    price: Text | None = None
    done_on: dt.date | None = None

    @property
    def subject_kind(self) -> str:
        """Of nothing yet: it is put for a subject."""
        return ""

    @property
    def duty_day(self) -> dt.date | None:
        """The day to reckon with: the day, or the first of the range."""
        return self.on_day or self.earliest

    @property
    def days(self) -> list[dt.date]:
        """All days that it names."""
        named = (self.on_day, self.earliest, self.latest, self.alarm_from, self.done_on)
        return [day for day in named if day is not None]

    @property
    def ours(self) -> bool:
        """True for what we must do or have planned; False for what PMDA does."""
        return self.role is not Role.THEIRS


Record = Callable[[Scope, MilestoneView, dt.date | None], None]


@dataclass(frozen=True)
class Owner:
    """The room that a kind of subject belongs to: how it records what was done, and where its page is."""

    record: Record  # a day: done on it; None: reopened; the room puts its plan anew
    path: str  # with {subject} and {key}


_owners: dict[str, Owner] = {}


def owned_by(subject_kind: str, record: Record, path: str) -> None:
    """Let the room of ``subject_kind`` record what is done itself, so that there is one truth."""
    _owners[subject_kind] = Owner(record, path)


def path_of(milestone: MilestoneView) -> str:
    """Where a person does something about the milestone (a path of this program)."""
    owner = _owners.get(milestone.subject_kind)
    if owner is None:
        return f"/therapies/{milestone.therapy_id}/plan"
    return owner.path.format(subject=milestone.subject_id, key=milestone.key)


def put(
    subject_kind: str,
    subject_id: str,
    therapy_id: str,
    drafts: Iterable[Draft],
    *,
    scope: Scope | None = None,
    keep_done: bool = True,
) -> None:
    """Make the subject's milestones those of ``drafts``, in their order; joins the caller's transaction.

    Ids stay for keys that stay; milestones without a draft vanish. With ``keep_done`` what was done stays done unless a
    draft says when; without it only the drafts say what is done. Raises Refused for a day from which no office days can
    be counted: whoever looks at dates, mails first, must never stumble over one.
    """
    drafts = list(drafts)
    for day in {day for draft in drafts for day in draft.days}:
        check_plannable(day)
    with transaction():
        stored = _stored(subject_kind, subject_id)
        moved: dict[str, list[str | None]] = {}
        kept = set()
        for position, draft in enumerate(drafts, start=1):
            row = stored.get(draft.key)
            before = row.duty_day if row else None
            if row is None:
                row = Milestone(subject_kind=subject_kind, subject_id=subject_id, therapy_id=therapy_id, key=draft.key)
                session.add(row)
            done_on = draft.done_on or (row.done_on if keep_done else None)
            if done_on != row.done_on:
                row.done_by = scope.actor.id if done_on and scope and scope.actor else None
            _fill(row, draft, position, done_on)
            kept.add(draft.key)
            if before != row.duty_day:
                moved[draft.key] = [day.isoformat() if day else None for day in (before, row.duty_day)]
        for key, row in stored.items():
            if key not in kept:
                session.delete(row)
                moved[key] = [row.duty_day.isoformat() if row.duty_day else None, None]
        session.flush()
        if moved:
            audit.record(
                scope.actor if scope else None,
                "schedule:plan:put",
                organisation_id=_owner_of(therapy_id),
                subject_id=subject_id,
                before={key: days[0] for key, days in moved.items()},
                after={key: days[1] for key, days in moved.items()},
            )


def dated(subject_kind: str, subject_id: str) -> set[str]:
    """The keys of the subject's milestones that have a day."""
    return {key for key, row in _stored(subject_kind, subject_id).items() if row.duty_day}


def end(subject_kind: str, subject_id: str) -> None:
    """The subject is over: what is still open vanishes, what was done stays; joins the caller's transaction."""
    with transaction():
        for row in _stored(subject_kind, subject_id).values():
            if row.done_on is None:
                session.delete(row)
        session.flush()


def mark_done(scope: Scope, milestone_id: str, on: dt.date, *, version: int | None = None) -> None:
    """It was done on this day. Only the owner's people; raises NotFound for others, Changed if it was changed since."""
    _say_done(scope, milestone_id, on, version)


def reopen(scope: Scope, milestone_id: str, *, version: int | None = None) -> None:
    """It was not done after all."""
    _say_done(scope, milestone_id, None, version)


def _say_done(scope: Scope, milestone_id: str, on: dt.date | None, version: int | None) -> None:
    milestone = queries.get(scope, milestone_id)
    therapy = therapies.own(scope, milestone.therapy_id)
    if version is not None and version != milestone.version:
        raise Changed
    owner = _owners.get(milestone.subject_kind)
    if owner is not None:
        owner.record(scope, milestone, on)
        return
    with transaction():
        row = session.get(Milestone, milestone_id, populate_existing=True)
        if row is None:
            raise NotFound
        before = row.done_on
        row.done_on, row.done_by, row.version = on, scope.actor.id if scope.actor else None, row.version + 1
        audit.record(
            scope.actor,
            "schedule:milestone:done" if on else "schedule:milestone:reopened",
            organisation_id=therapy.organisation_id,
            subject_id=milestone_id,
            before={"done_on": before and before.isoformat()},
            after={"done_on": on and on.isoformat()},
        )


def _owner_of(therapy_id: str) -> str | None:
    return session.scalar(select(Therapy.organisation_id).where(Therapy.id == therapy_id))


def _stored(subject_kind: str, subject_id: str) -> dict[str, Milestone]:
    rows = session.scalars(
        select(Milestone).where(Milestone.subject_kind == subject_kind, Milestone.subject_id == subject_id)
    )
    return {row.key: row for row in rows}


def _fill(row: Milestone, draft: Draft, position: int, done_on: dt.date | None) -> None:
    empty = Text(ja=" ", en=" ")
    about, why, price = (text or empty for text in (draft.about, draft.why, draft.price))
    values: dict[str, Any] = {
        "title_ja": draft.title.ja,
        "title_en": draft.title.en,
        "about_ja": about.ja.strip(),
        "about_en": about.en.strip(),
        "role": draft.role,
        "basis": draft.basis,
        "certainty": draft.certainty,
        "on_day": draft.on_day,
        "earliest": draft.earliest,
        "latest": draft.latest,
        "duty_day": draft.duty_day,
        "alarm_from": draft.alarm_from,
        "hours": draft.hours,
        "is_window": draft.is_window,
        "trace": draft.trace,
        "why_ja": why.ja.strip(),
        "why_en": why.en.strip(),
        "price_ja": price.ja.strip(),
        "price_en": price.en.strip(),
        "done_on": done_on,
        "position": position,
    }
    changed = [name for name, value in values.items() if getattr(row, name, None) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.version = (row.version or 0) + 1
