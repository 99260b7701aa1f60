"""A list of a thousand therapies asks an index for the days it is ordered by, and the table for nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core.db import session
from app.schedule import ahead
from app.therapies.models import Therapy
from tests.factories.therapies import TODAY

ALONE = {"sqlite": "USING COVERING INDEX ix_milestone_ahead", "postgresql": "Only Scan using ix_milestone_ahead"}
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}


@pytest.mark.parametrize("day", [ahead.late_day, ahead.duty_day, ahead.next_day])
def test_the_days_of_a_list_come_from_the_index_of_what_is_open(app: Flask, day) -> None:
    with app.app_context():
        bound = session.get_bind()
        name = bound.dialect.name
        if name == "postgresql":  # which would read an empty table whole
            for way in ("seqscan", "bitmapscan"):
                session.execute(text(f"SET LOCAL enable_{way} = off"))
        asked = select(Therapy.id, day()).params(day=TODAY).compile(bound, compile_kwargs={"literal_binds": True})
        plan = [str(row) for row in session.execute(text(f"{EXPLAIN[name]} {asked}"))]
        assert any(ALONE[name] in step for step in plan), plan
