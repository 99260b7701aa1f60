"""A consultation that has ended says nothing more: what was queued is taken back, and no date of it is mailed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from app.access.scope import Scope
from app.consultations import services
from app.consultations.wish import Wish
from app.core.db import session
from app.core.outbox import OutboxMail
from app.notices import sweep
from app.notices.models import Notice
from app.schedule import queries as schedule
from tests.factories.world import scope_of
from tests.rooms.notices.conftest import Office
from tests.rooms.notices.plans import at, text_of

D = dt.date.fromisoformat
MEETING, OTHER = D("2027-02-17"), D("2027-02-24")
DONE = {
    "schedule_request": "2026-12-01",
    "date_notice": "2026-12-07",
    "fee_and_application": "2026-12-25",
    "materials_due": "2027-01-08",
}


@dataclass
class Talks:
    """Two consultations of one therapy, with the first's materials handed in."""

    scope: Scope
    ends: str
    goes_on: str
    office: Office


@pytest.fixture
def talks(alone: Office) -> Talks:
    scope = scope_of(alone.world.lead)
    at("2026-11-24")
    ends, goes_on = (
        services.confirm(scope, alone.therapy, "drug_eop2", Wish(meeting=meeting)) for meeting in (MEETING, OTHER)
    )
    for key, day in DONE.items():
        at(day)
        services.record_step(scope, ends, key, D(day))
    alone.box.look()
    return Talks(scope, ends, goes_on, alone)


def withdrawn(talks: Talks, on: dt.date) -> None:
    services.withdraw(talks.scope, talks.ends, on)


def cancelled(talks: Talks, on: dt.date) -> None:
    services.record_turn(talks.scope, talks.ends, "CONSULTATION_CANCELLED", on)


def closed_in_writing(talks: Talks, on: dt.date) -> None:
    services.record_turn(talks.scope, talks.ends, "CLOSED_IN_WRITING", on)


def names_of(talks: Talks, consultation: str) -> set[str]:
    """The ids of its open milestones."""
    found = schedule.of_subject(talks.scope, "consultation", consultation)
    return {milestone.id for milestone in found if milestone.done_on is None}


@pytest.mark.parametrize("end", [withdrawn, cancelled, closed_in_writing])
def test_nothing_of_it_is_mailed_any_more(talks: Talks, end: Callable[[Talks, dt.date], None]) -> None:
    opinion = D("2027-02-08")
    at(opinion)
    services.record_step(talks.scope, talks.ends, "preliminary_opinion", opinion)
    assert sweep.sweep().queued
    mine = names_of(talks, talks.ends)
    queued = {notice.milestone_id for notice in waiting()}
    assert queued & mine, "something of it waits"
    assert queued - mine, "and something of the other"
    end(talks, opinion)
    session.remove()
    mails = talks.office.box.look()
    assert mails
    assert talks.office.box.swept.withdrawn
    through = talks.office.box.through(opinion + dt.timedelta(days=1), D("2027-06-30"))
    mails += [mail for _day, mails in through for mail in mails]
    assert len(mails) > 5, "the other one goes on"
    assert not [mail for mail in mails if f"/consultations/{talks.ends}" in text_of(mail)]
    assert not [notice for notice in session.query(Notice) if notice.milestone_id in mine and sent_after(notice)]


def waiting() -> list[Notice]:
    """The notices whose mail has not left."""
    keys = {mail.key for mail in session.query(OutboxMail) if mail.sent_at is None}
    return [notice for notice in session.query(Notice) if notice.mail_key in keys]


def sent_after(notice: Notice) -> bool:
    """Whether it was made when the consultation had ended."""
    return notice.made_at.date() > D("2027-02-07")
