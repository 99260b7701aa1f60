"""The weekly digest: every Monday morning, to everybody of a hub, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Select, select

from app.access.scope import Scope
from app.audit import services as audit
from app.core import clock, outbox
from app.core.db import session, transaction
from app.core.mail import Mail
from app.hub import emails, queries
from app.hub.models import HubDigest
from app.organisations import queries as organisations
from app.therapies import services as therapies

HOUR = dt.time(8, 30)  # in Japan, like all our mails


def send_digests() -> int:
    """Queue this week's digest for everybody of every hub who has not had it; returns how many."""
    now, week = _week()
    if now < dt.datetime.combine(week, HOUR, clock.TOKYO):
        return 0
    return sum(_send_to_hub(hub.id, week, now.date()) for hub in organisations.hubs())


def take_back() -> int:
    """Digests that wait for the mail server and no longer say what their readers may see, such as what a company took
    back meanwhile: each is written anew, or taken back where its week or its reader is gone. Returns how many."""
    now, this_week = _week()
    changed = 0
    for key in outbox.waiting(emails.DIGESTS):
        hub_id, week, person_id = emails.parts(key)
        with transaction():
            mail = _anew(hub_id, person_id, week, now.date()) if week == this_week else None
            if (mail and outbox.says(mail)) or not outbox.withdraw([key]):
                continue
            if mail:
                outbox.enqueue(mail)
            audit.record(
                None,
                "hub:digest:rewritten" if mail else "hub:digest:withdrawn",
                organisation_id=hub_id,
                subject_id=person_id,
                before={"week": week.isoformat()},
            )
        changed += 1
    return changed


def _week() -> tuple[dt.datetime, dt.date]:
    """Now in Japan, and the Monday of this week."""
    now = clock.now().astimezone(clock.TOKYO)
    return now, now.date() - dt.timedelta(days=now.weekday())


def _anew(hub_id: str, person_id: str, week: dt.date, today: dt.date) -> Mail | None:
    """The digest as it would be written now, in the caller's transaction; None for somebody who has left."""
    member = next((each for each in organisations.members(frozenset({hub_id})) if each.person_id == person_id), None)
    if member is None:
        return None
    scope = Scope(organisations.actor(person_id))
    rows, _near = queries.filled(scope, queries.pipeline(scope, today, "hub.digest"), today)
    therapies.log_list(scope, [row.therapy for row in rows if not row.logged], "hub.digest")
    digests = {row.week: row for row in session.scalars(_digests(hub_id, person_id, week))}
    if week in digests:
        digests[week].conflicts = queries.conflicts(rows)
    return emails.digest(member, hub_id, week, today, rows, _known(digests.values(), week))


def _digests(hub_id: str, person_id: str, week: dt.date) -> Select[HubDigest]:
    """The last two digests of a person up to that week, the newest first."""
    mine = HubDigest.hub_id == hub_id, HubDigest.person_id == person_id, HubDigest.week <= week
    return select(HubDigest).where(*mine).order_by(HubDigest.week.desc()).limit(2)


def _known(digests: Iterable[HubDigest], week: dt.date) -> set[str]:
    """The conflicts that there were at the last digest before that week."""
    return set(next((row.conflicts for row in digests if row.week < week), ()))


def _send_to_hub(hub_id: str, week: dt.date, today: dt.date) -> int:
    queued = 0
    had = set(session.scalars(select(HubDigest.person_id).where(HubDigest.hub_id == hub_id, HubDigest.week == week)))
    for member in organisations.members(frozenset({hub_id})):
        if member.person_id in had:
            continue
        actor = organisations.actor(member.person_id)
        scope = Scope(actor)
        rows, _near = queries.filled(scope, queries.pipeline(scope, today, "hub.digest"), today)
        with transaction():
            before = session.scalars(_digests(hub_id, member.person_id, week)).all()
            if any(row.week == week for row in before):
                continue  # another worker was faster
            named = {"person_id": member.person_id, "conflicts": queries.conflicts(rows)}
            session.add(HubDigest(hub_id=hub_id, week=week, queued_at=clock.now(), **named))
            outbox.enqueue(emails.digest(member, hub_id, week, today, rows, _known(before, week)))
            therapies.log_list(scope, [row.therapy for row in rows if not row.logged], "hub.digest")
            audit.record(
                None,
                "hub:digest:queued",
                organisation_id=hub_id,
                subject_id=member.person_id,
                after={"week": week.isoformat()},
            )
        queued += 1
    return queued
