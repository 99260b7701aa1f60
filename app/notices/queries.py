"""Reading one's notices, what will be mailed next, one's choices and the calendar feed."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import func, select

from app.access.actor import Position
from app.access.scope import Scope
from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.i18n import speaking
from app.core.outbox import OutboxMail
from app.engine.calendar import DAY, japan
from app.engine.definition.common import Text
from app.notices import ics, rules
from app.notices.due import subject_of
from app.notices.models import Notice, NoticeChoice
from app.notices.rules import Due, Rule
from app.organisations import queries as organisations
from app.schedule import queries as schedule
from app.schedule.models import Milestone
from app.schedule.queries import MilestoneView
from app.therapies import queries as therapies
from app.therapies.models import Therapy

AHEAD = 60  # calendar days of mails to come that are shown
MILESTONES = 500


@dataclass(frozen=True)
class SentView:
    """One mail to the reader. ``sent_at`` None: it waits for the mail server, or was given up at ``failed_at``."""

    subject: str
    queued_at: dt.datetime
    sent_at: dt.datetime | None
    failed_at: dt.datetime | None


@dataclass(frozen=True)
class NextView:
    """A mail that will come if nothing changes."""

    due: Due
    milestone: MilestoneView
    day: dt.date


@dataclass(frozen=True)
class ChoiceView:
    """What a person chose. ``feed_seed`` is None while there is no feed."""

    mails: bool = True
    hide_names: bool = True
    feed_seed: str | None = None
    feed_made_at: dt.datetime | None = None
    version: int = 1


def sent(scope: Scope, *, page: int = 1, size: int = 50) -> tuple[list[SentView], int]:
    """One page of the reader's own mails, newest first, and how many there are in all."""
    mine = OutboxMail.key.in_(select(Notice.mail_key).where(Notice.person_id == scope.person().id))
    every = select(func.count()).select_from(OutboxMail).where(mine)
    rows = session.execute(
        select(OutboxMail.subject, OutboxMail.queued_at, OutboxMail.sent_at, OutboxMail.failed_at)
        .add_columns(every.scalar_subquery())
        .where(mine)
        .order_by(OutboxMail.queued_at.desc(), OutboxMail.id)
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    count = rows[0][-1] if rows else session.scalar(every) if page > 1 else 0
    return [SentView(*row[:-1]) for row in rows], count or 0


def coming(scope: Scope, chosen: ChoiceView, *, limit: int = 12) -> list[NextView]:
    """The mails that the reader, who chose this, will get within sixty calendar days if nothing changes, soonest first.

    Whatever a lead chose, a lead gets them.
    """
    calendar, today = japan(), clock.today()
    if not rules.awake(clock.now()):
        today -= DAY  # today's mails are still to come
    lead = Position.LEAD in scope.person().positions()
    if not lead and not chosen.mails:
        return []
    found, own = [], therapies.owned_ids(scope)
    for milestone in schedule.upcoming(scope, own, today, MILESTONES, days=AHEAD + rules.ALARM_AHEAD):
        if subject := subject_of(milestone):
            found += [NextView(due, milestone, subject.counted) for due in rules.ladder(subject, calendar)]
    shown = [
        each
        for each in found
        if today < each.due.on <= today + AHEAD * DAY and (lead or each.due.rule is not Rule.SILENCE)
    ]
    return sorted(shown, key=lambda each: (each.due.on, each.day, each.milestone.among_equals))[:limit]


def choice(scope: Scope) -> ChoiceView:
    """What the reader chose."""
    row = session.get(NoticeChoice, scope.person().id)
    if row is None:
        return ChoiceView()
    return ChoiceView(row.mails, row.hide_names, row.feed_seed, row.feed_made_at, row.version)


def feed(token: str) -> str:
    """The calendar behind a secret address: all milestones of the person's own organisations' therapies, nothing that
    others granted. Raises NotFound for an address that was ended, renewed or never was, or of somebody who left."""
    row = session.scalar(select(NoticeChoice).where(NoticeChoice.feed_sha256 == digest(token)))
    actor = organisations.actor(row.person_id) if row else None
    if row is None or actor is None:
        raise NotFound
    scope = Scope(actor)
    rows = session.execute(
        select(Milestone, Therapy.name_ja, Therapy.name_en)
        .join(Therapy, Therapy.id == Milestone.therapy_id)
        .where(Therapy.id.in_(therapies.owned_ids(scope)))
        .order_by(*schedule.IN_ORDER)
    )
    milestones = [
        schedule.view(milestone, Text(ja=name_ja or name_en or "–", en=name_en or name_ja or "–"))
        for milestone, name_ja, name_en in rows
    ]
    with speaking(actor.language):
        look = ics.Look(names=not row.hide_names, alarm=False)
        return ics.calendar_file(milestones, clock.now(), look, name=_("Shirube: dates"))


def feed_token(secret: str, seed: str) -> str:
    """The secret part of a feed's address: nobody can make it from the database alone."""
    return (
        base64.urlsafe_b64encode(hmac.digest(secret.encode(), f"feed:{seed}".encode(), "sha256")).decode().rstrip("=")
    )


def digest(token: str) -> str:
    """The form in which a token is stored and looked for."""
    return hashlib.sha256(token.encode()).hexdigest()
