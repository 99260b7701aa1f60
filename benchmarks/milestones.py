"""A database with a million milestones, of which the past ones are done and every due mail has been told of."""

from __future__ import annotations

import datetime as dt
from functools import cache

from flask import Flask
from sqlalchemy import Connection, text

from app.core import clock, db
from app.core.clock import TOKYO
from app.core.db import Base
from app.engine.calendar import japan
from app.notices import due
from app.notices.models import Notice
from app.organisations.models import Organisation
from app.people.models import Person
from benchmarks import office

TODAY = dt.date(2026, 11, 25)  # a Wednesday
MANY = 1_000_000
PER_THERAPY = 80
FAR = 1800  # days before and after today over which they are spread
OWNER = "organisation0"

# The same on both databases: the days lie in a table of their own, everything else is arithmetic on a number.
DAYS = "CREATE TEMPORARY TABLE day_of (n INTEGER PRIMARY KEY, day DATE NOT NULL, last DATE NOT NULL)"
NUMBERS = "WITH RECURSIVE number(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i + 1 < :many)"
THERAPIES = f"""
INSERT INTO therapy (id, organisation_id, name_ja, name_en, product_class, indication_ja, indication_en, material,
                     pathway, created_at, version)
{NUMBERS} SELECT 'therapy' || i, '{OWNER}', '品' || i, 'Product ' || i, 'RMP-C', '', '', 'autologous_cells',
                 'regenerative_cell', :now, 1 FROM number
"""
MILESTONES = f"""
INSERT INTO milestone (id, therapy_id, subject_kind, subject_id, key, title_ja, title_en, about_ja, about_en, role,
                       basis, on_day, earliest, latest, duty_day, is_window, trace, why_ja, why_en, price_ja, price_en,
                       done_on, position, version)
{NUMBERS}, shaped AS (
    SELECT i, i / {PER_THERAPY} AS therapy, i % {PER_THERAPY} AS position, (i % {2 * FAR} * 7919) % {2 * FAR} AS n,
           CASE i % 3 WHEN 0 THEN 'not_after' WHEN 1 THEN 'own' ELSE 'theirs' END AS role
    FROM number
)
SELECT 'milestone' || i, 'therapy' || therapy, 'bench', 'subject' || therapy, 'step' || position, '資料搬入',
       'Briefing materials due', '', '', role, 'computed',
       CASE WHEN role <> 'theirs' THEN day END, CASE WHEN role = 'theirs' THEN day END,
       CASE WHEN role = 'theirs' THEN last END, day, FALSE, '{{}}', '', '', '', '',
       CASE WHEN n <= {FAR} THEN day END, position, 1
FROM shaped JOIN day_of USING (n)
"""


@cache
def estate(database: str) -> Flask:
    """A program with a million milestones."""
    app = office.program(database)
    fill(app.extensions["settings"].database, MANY)
    return app


def fill(url: str, many: int) -> None:
    """Make ``many`` milestones in a migrated database, which becomes the database of this process; it is ``TODAY``."""
    db.connect(url)
    clock.move_to(dt.datetime.combine(TODAY, dt.time(12), TOKYO))
    with db.transaction() as session:
        session.add(Organisation(id=OWNER, kind="company", name_ja="甲", name_en="Ko", created_at=clock.now()))
        session.add(
            Person(id="person0", email="a@b.example", fs_uniquifier="u", name="甲", create_datetime=clock.now())
        )
        session.flush()
        _fill(session.connection(), many)
    office.tidy()
    tell()
    office.tidy()


def tell() -> int:
    """Write down a notice for whatever is due; returns of how many."""
    found = due.candidates(TODAY, japan())
    with db.transaction():
        db.insert_missing(Notice, [_notice(number, candidate) for number, candidate in enumerate(found)])
    return len(found)


def _fill(connection: Connection, many: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    indexes = Base.metadata.tables["milestone"].indexes
    for index in indexes:
        index.drop(connection)
    connection.execute(text(DAYS))
    one = dt.timedelta(days=1)
    days = [(n, TODAY + (n - FAR) * one, TODAY + (n - FAR + 20) * one) for n in range(2 * FAR)]
    connection.execute(
        text("INSERT INTO day_of VALUES (:n, :day, :last)"),
        [{"n": n, "day": day.isoformat(), "last": last.isoformat()} for n, day, last in days],
    )
    connection.execute(text(THERAPIES), {"many": many // PER_THERAPY, "now": clock.now().isoformat(sep=" ")})
    connection.execute(text(MILESTONES), {"many": many})
    for index in indexes:  # sooner made at the end than grown row by row
        index.create(connection)


def _notice(number: int, candidate: due.Candidate) -> dict[str, object]:
    return {
        "id": f"notice{number}",
        "milestone_id": candidate.milestone.id,
        "therapy_id": candidate.milestone.therapy_id,
        "rule": candidate.due.rule,
        "subject_day": candidate.day,
        "person_id": "person0",
        "due_on": candidate.due.on,
        "mail_key": f"mail{number}",
        "made_at": clock.now(),
    }
