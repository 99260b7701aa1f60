"""Finding in the tables what is due, for all therapies at once (for the worker). No date is computed row by row in SQL:
the few days for which a rule is due today are reckoned first and looked up."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ColumnElement, CompoundSelect, Select, case, func, select, union_all
from sqlalchemy.orm import aliased

from app.core import outbox
from app.core.db import session
from app.core.outbox import OutboxMail
from app.engine.calendar import DAY, OfficeCalendar
from app.engine.definition.common import Role, Text
from app.engine.errors import CalendarRangeError
from app.notices import rules
from app.notices.models import Notice
from app.notices.rules import OURS, Due, Rule, Subject
from app.organisations.models import Organisation
from app.schedule import queries as schedule
from app.schedule.models import Milestone
from app.schedule.queries import MilestoneView
from app.therapies.models import Therapy

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Candidate:
    """A milestone about which a mail is due now. ``waits``: the mail may be about others, too."""

    milestone: MilestoneView
    due: Due
    day: dt.date  # the day that the mail is about
    organisation_id: str
    organisation: Text
    waits: bool

    @property
    def told(self) -> Told:
        """What a notice says of it."""
        return self.milestone.id, self.due.rule, self.day


Told = tuple[str, Rule, dt.date]  # which milestone, by which rule, about which day


@dataclass(frozen=True)
class Waiting:
    """A notice whose mail has not left yet, with what its milestone says now (``subject`` None: it vanished)."""

    notice_id: str
    milestone_id: str
    rule: Rule
    day: dt.date
    person_id: str
    mail_key: str
    subject: Subject | None
    done: bool
    organisation_id: str | None


def subject_of(milestone: Milestone | MilestoneView) -> Subject | None:
    """A milestone as the rules see it; None without a date."""
    day = milestone.duty_day
    if day is None:
        return None
    return Subject(Role(milestone.role), day, milestone.on_day or milestone.latest or day, milestone.alarm_from)


def candidates(today: dt.date, calendar: OfficeCalendar) -> list[Candidate]:
    """Every open milestone whose most urgent due mail has not been queued for its present day."""
    silent = list(session.scalars(_silent(today, calendar)))
    chosen = [*session.scalars(_ours_due(today, calendar)), *_unblocked(silent)]
    if not chosen:
        return []  # nearly always: nothing has come up since the last look
    found = _read(Milestone.id.in_(chosen), today, calendar)
    known = told([candidate.milestone.id for candidate in found if candidate.milestone.alarm_from])
    return [candidate for candidate in found if candidate.told not in known]


def standing(milestone_ids: list[str], today: dt.date, calendar: OfficeCalendar) -> dict[str, Candidate]:
    """What is due about these milestones now, whether a mail about it was queued or not, in the order of their days."""
    if not milestone_ids:
        return {}
    found = _read(Milestone.id.in_(milestone_ids), today, calendar)
    return {candidate.milestone.id: candidate for candidate in found}


def told(milestone_ids: list[str]) -> set[Told]:
    """What notices of these milestones there are, to whomever."""
    if not milestone_ids:
        return set()
    rows = session.execute(
        select(Notice.milestone_id, Notice.rule, Notice.subject_day).where(Notice.milestone_id.in_(milestone_ids))
    )
    return {(milestone, Rule(rule), day) for milestone, rule, day in rows}


def unchanged(candidates: Iterable[Candidate]) -> set[str]:
    """The milestones that still are as they were read, and open."""
    versions = {candidate.milestone.id: candidate.milestone.version for candidate in candidates}
    rows = session.execute(
        select(Milestone.id, Milestone.version).where(Milestone.id.in_(versions), Milestone.done_on.is_(None))
    )
    return {milestone for milestone, version in rows if versions[milestone] == version}


def waiting() -> list[Waiting]:
    """All notices whose mail has not left yet."""
    found = []
    for n, row, owner in session.execute(_WAITING):
        milestone: Milestone | None = row
        subject = subject_of(milestone) if milestone is not None else None
        done = milestone is not None and milestone.done_on is not None
        found.append(
            Waiting(n.id, n.milestone_id, Rule(n.rule), n.subject_day, n.person_id, n.mail_key, subject, done, owner)
        )
    return found


def days_named_before(milestone_ids: list[str]) -> dict[tuple[str, str], dt.date]:
    """By milestone and person, the day that the last mail that left was about."""
    rows = session.execute(
        select(Notice.milestone_id, Notice.person_id, Notice.subject_day)
        .join(OutboxMail, OutboxMail.key == Notice.mail_key)
        .where(Notice.milestone_id.in_(milestone_ids), OutboxMail.sent_at.is_not(None))
        .order_by(Notice.made_at, Notice.id)
    )
    return {(milestone, person): day for milestone, person, day in rows}


# Statements are put together once, which takes longer than asking.
_WAITING = (
    select(Notice, Milestone, Therapy.organisation_id)
    .join(OutboxMail, OutboxMail.key == Notice.mail_key)
    .outerjoin(Milestone, Milestone.id == Notice.milestone_id)
    .outerjoin(Therapy, Therapy.id == Notice.therapy_id)
    .where(outbox.unsent())
)


# Each of the three reads the index of open milestones by day and nothing else of the table, so that a million of them
# cost a few milliseconds.


@lru_cache(maxsize=2)
def _ours_due(today: dt.date, calendar: OfficeCalendar) -> CompoundSelect[str]:
    """What of ours may be due, as one statement; it holds all day."""
    return union_all(_ours(today, calendar), _opening(today, calendar))


def _ours(today: dt.date, calendar: OfficeCalendar) -> Select[str]:
    by_day = rules.rules_by_day(today, calendar)
    overdue = rules.last_overdue_day(today, calendar)
    whens = [(Milestone.duty_day <= overdue, Rule.OVERDUE.value)]
    whens += [(Milestone.duty_day == day, rule.value) for day, rule in by_day.items()]
    return _open(
        Milestone.role.in_(OURS),
        Milestone.duty_day <= today + rules.DAYS_AHEAD * DAY,
        ~_has_notice(case(*whens, else_=""), Milestone.duty_day),
    )


def _opening(today: dt.date, calendar: OfficeCalendar) -> Select[str]:
    """Few: milestones whose alarm lies before their day; whether theirs is due is decided by the rules.

    The days are named one by one, so that of each the index finds those with an alarm without passing the others.
    """
    last = rules.last_overdue_day(today, calendar)
    ahead = (today + rules.ALARM_AHEAD * DAY - last).days
    return _open(
        Milestone.duty_day.in_([last + n * DAY for n in range(1, ahead + 1)]),
        Milestone.role.in_(OURS),
        Milestone.alarm_from < Milestone.duty_day,
        Milestone.alarm_from <= today,
    )


@lru_cache(maxsize=2)
def _silent(today: dt.date, calendar: OfficeCalendar) -> Select[str]:
    """The regulator's that is late, and nobody was told."""
    expected = func.coalesce(Milestone.on_day, Milestone.latest, Milestone.duty_day)
    last = rules.last_overdue_day(today, calendar)
    return _open(
        Milestone.role == Role.THEIRS,
        Milestone.duty_day <= last,
        expected <= last,
        ~_has_notice(Rule.SILENCE.value, expected),
    )


def _unblocked(milestone_ids: list[str]) -> list[str]:
    """Those before which nothing of ours is open: first we, then they.

    Asked about the few that were found: within the search PostgreSQL would read the whole table twice for it.
    """
    if not milestone_ids:
        return []
    earlier = aliased(Milestone)
    blocked = (
        select(earlier.id)
        .where(
            earlier.subject_kind == Milestone.subject_kind,
            earlier.subject_id == Milestone.subject_id,
            earlier.position < Milestone.position,
            earlier.role == Role.NOT_AFTER,
            earlier.duty_day.is_not(None),
            earlier.done_on.is_(None),
        )
        .exists()
    )
    return list(session.scalars(select(Milestone.id).where(Milestone.id.in_(milestone_ids), ~blocked)))


def _current(milestone_id: str, subject: Subject, today: dt.date, calendar: OfficeCalendar) -> Due | None:
    try:
        return rules.current(subject, today, calendar)
    except CalendarRangeError:  # it must never be put; if it lies there after all, it holds up no mail about others
        log.exception("no mail about milestone %s", milestone_id)
        return None


def _open(*conditions: ColumnElement[bool]) -> Select[str]:
    return select(Milestone.id).where(Milestone.done_on.is_(None), *conditions)


def _has_notice(rule: object, day: object) -> ColumnElement[bool]:
    same = (Notice.milestone_id == Milestone.id, Notice.rule == rule, Notice.subject_day == day)
    return select(Notice.milestone_id).where(*same).exists()


def _read(chosen: ColumnElement[bool], today: dt.date, calendar: OfficeCalendar) -> list[Candidate]:
    rows = session.execute(
        select(Milestone, Therapy.name_ja, Therapy.name_en, Organisation)
        .join(Therapy, Therapy.id == Milestone.therapy_id)
        .join(Organisation, Organisation.id == Therapy.organisation_id)
        .where(chosen)
        .order_by(*schedule.IN_ORDER)
        .execution_options(populate_existing=True)
    )
    found = []
    for milestone, name_ja, name_en, owner in rows:
        subject = subject_of(milestone)
        due = _current(milestone.id, subject, today, calendar) if subject else None
        if subject and due:
            name = Text(ja=name_ja or name_en or "–", en=name_en or name_ja or "–")
            owners = Text(ja=owner.name_ja, en=owner.name_en)
            waits = rules.can_wait(subject, today, calendar)
            found.append(Candidate(schedule.view(milestone, name), due, subject.counted, owner.id, owners, waits))
    return found
