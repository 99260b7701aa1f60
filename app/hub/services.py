"""The weekly digest: every Monday morning, to everybody of a hub, once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from app.access.scope import Scope
from app.audit import services as audit
from app.core import clock
from app.core.db import session, transaction
from app.hub import emails, queries
from app.hub.models import HubDigest
from app.organisations import queries as organisations
from app.therapies import services as therapies

HOUR = dt.time(8, 30)  # in Japan, like all our mails


def send_digests() -> int:
    """Queue this week's digest for everybody of every hub who has not had it; returns how many."""
    now = clock.now().astimezone(clock.TOKYO)
    week = now.date() - dt.timedelta(days=now.weekday())
    if now < dt.datetime.combine(week, HOUR, clock.TOKYO):
        return 0
    return sum(_send_to_hub(hub.id, week, now.date()) for hub in organisations.hubs())


def _send_to_hub(hub_id: str, week: dt.date, today: dt.date) -> int:
    queued = 0
    had = set(session.scalars(select(HubDigest.person_id).where(HubDigest.hub_id == hub_id, HubDigest.week == week)))
    for member in organisations.members(frozenset({hub_id})):
        if member.person_id in had:
            continue
        actor = organisations.actor(member.person_id)
        scope = Scope(actor)
        rows = queries.pipeline(scope, today, "hub.digest")
        with transaction():
            if session.scalar(
                select(HubDigest.id).where(
                    HubDigest.hub_id == hub_id, HubDigest.week == week, HubDigest.person_id == member.person_id
                )
            ):
                continue  # another worker was faster
            session.add(HubDigest(hub_id=hub_id, person_id=member.person_id, week=week, queued_at=clock.now()))
            emails.queue_digest(member, hub_id, week, today, rows)
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
