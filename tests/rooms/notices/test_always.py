"""Whatever the plan and the clock do: no mail twice, and what is overdue is said at least once."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from app.core.db import session, transaction
from app.core.outbox import OutboxMail
from app.engine.calendar import japan
from app.notices import rules
from app.notices.due import subject_of
from app.notices.models import Notice
from app.notices.rules import Rule
from app.notices.sweep import sweep
from app.schedule.models import Milestone
from tests.rooms.notices.conftest import Office
from tests.rooms.notices.plans import DUTY, at, done, plan, step

START = dt.date(2026, 11, 30)
CALENDAR = japan()

MOVES = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 25)),
    st.tuples(st.just("wait"), st.integers(1, 3)),
    st.tuples(st.just("move"), st.integers(-5, 40)),  # the duty's day, counted from the present one
    st.tuples(st.just("crash"), st.just(0)),  # looked, but nothing was delivered
    st.tuples(st.just("done"), st.just(0)),
    st.tuples(st.just("reopen"), st.just(0)),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(MOVES, min_size=1, max_size=12))
def test_at_most_once_each_and_overdue_at_least_once(alone: Office, moves: list[tuple[str, int]]) -> None:
    with transaction():
        for table in (Notice, OutboxMail, Milestone):
            session.execute(delete(table))
    day, today = DUTY, START
    at(today)
    (milestone,) = plan(alone.therapy, step(day=day))
    arrived: Counter[str] = Counter()
    for move, n in moves:
        if move == "wait":
            today += dt.timedelta(days=n)
            at(today)
        elif move == "move":
            day = today + dt.timedelta(days=n)
            plan(alone.therapy, step(day=day))
        elif move == "done":
            done(milestone, today)
        elif move == "reopen":
            done(milestone, None)
        if move == "crash":
            look_and_die()
        else:
            arrived.update(str(mail["Message-ID"]) for mail in alone.box.look())
        said = session.query(Notice.rule).filter_by(milestone_id=milestone, subject_day=day).all()
        row = session.get_one(Milestone, milestone, populate_existing=True)
        subject = subject_of(row)
        assert subject is not None
        if row.done_on is None and move != "crash":
            due = rules.current(subject, today, CALENDAR)
            assert due is None or due.rule in {Rule(rule) for (rule,) in said}, "what is due was said"
            if due and due.rule is Rule.OVERDUE:
                assert session.query(OutboxMail).filter(OutboxMail.sent_at.is_(None)).count() == 0
    assert all(times == 1 for times in arrived.values())
    keys = session.query(Notice.milestone_id, Notice.rule, Notice.subject_day, Notice.person_id).all()
    assert len(keys) == len(set(keys)) == len(arrived) + session.query(OutboxMail).filter_by(sent_at=None).count()


SEVERAL = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 6), st.just(0)),
    st.tuples(st.just("move"), st.integers(-5, 40), st.integers(0, 3)),  # which step, how far from today
    st.tuples(st.just("done"), st.integers(0, 1), st.integers(0, 3)),
    st.tuples(st.just("crash"), st.just(0), st.just(0)),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(SEVERAL, min_size=1, max_size=12))
def test_whatever_shares_a_mail_each_day_is_told_once(office: Office, moves: list[tuple[str, int, int]]) -> None:
    """Everybody reads of every day by each of its rules at most once, and what is due was told to all."""
    with transaction():
        for table in (Notice, OutboxMail, Milestone):
            session.execute(delete(table))
    today, days = START, [DUTY + dt.timedelta(days=n) for n in (0, 1, 5, 9)]
    at(today)
    ids = plan(office.therapy, *(step(f"step_{n}", day) for n, day in enumerate(days)))
    arrived: Counter[str] = Counter()
    for move, n, which in moves:
        if move == "wait":
            today += dt.timedelta(days=n)
            at(today)
        elif move == "move":
            days[which] = today + dt.timedelta(days=n)
            plan(office.therapy, *(step(f"step_{n}", day) for n, day in enumerate(days)))
        elif move == "done":
            done(ids[which], today if n else None)
        if move == "crash":
            look_and_die()
            continue
        arrived.update(str(mail["Message-ID"]) for mail in office.box.look())
        told = set(session.query(Notice.milestone_id, Notice.rule, Notice.subject_day, Notice.person_id).all())
        for row in session.query(Milestone).filter(Milestone.done_on.is_(None)):
            subject = subject_of(row)
            due = rules.current(subject, today, CALENDAR) if subject else None
            for person in (office.world.lead, office.world.member) if due else ():
                assert due
                assert (row.id, due.rule, row.duty_day, person) in told, "what is due was told"
    assert all(times == 1 for times in arrived.values())
    carried = Counter(key for (key,) in session.query(Notice.mail_key))
    mails = {row.key: row for row in session.query(OutboxMail)}
    assert set(carried) == set(mails), "each notice has its mail, and each mail its notices"
    assert len(arrived) == sum(mail.sent_at is not None for mail in mails.values())
    assert {key: (row.calendar or "").count("BEGIN:VEVENT") for key, row in mails.items()} == dict(carried)


def look_and_die() -> None:
    """A look whose process dies before it delivers anything."""
    sweep()
    session.remove()
