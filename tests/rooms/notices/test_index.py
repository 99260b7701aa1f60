"""The search for due mails reads an index alone, so that it stays fast over a million milestones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Select, text

from app.core import clock
from app.core.db import session
from app.engine.calendar import japan
from app.notices import due
from tests.factories.therapies import set_clock

ALONE = {
    "sqlite": "milestone USING COVERING INDEX ix_milestone_open",
    "postgresql": "Only Scan using ix_milestone_open",
}
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}


@pytest.mark.parametrize("search", [due._ours, due._opening, due._silent])
def test_the_search_reads_the_index_of_open_milestones_and_not_the_table(
    app: Flask, search: Callable[..., Select[str]]
) -> None:
    with app.app_context():
        set_clock()
        bound = session.get_bind()
        name = bound.dialect.name
        if name == "postgresql":  # which would read an empty table whole, or by whichever index
            for way in ("seqscan", "bitmapscan"):
                session.execute(text(f"SET LOCAL enable_{way} = off"))
            session.execute(text("DROP INDEX ix_milestone_ahead"))  # until the end of this transaction
        asked = search(clock.today(), japan()).compile(bound, compile_kwargs={"literal_binds": True})
        plan = [str(row) for row in session.execute(text(f"{EXPLAIN[name]} {asked}"))]
        assert any(ALONE[name] in step for step in plan), plan
