"""A history may hold so much and no more: one that takes long to put in order must not hold up all others."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from flask import Flask

from app.access.scope import Scope
from app.core.db import session
from app.core.errors import Refused
from app.engine.definition.common import Text
from app.engine.library import shipped
from app.engine.machine import Days, Event, fold
from app.pathways import crowd, outlook, queries, services
from app.pathways.models import PathwayEvent
from tests.factories.therapies import happened
from tests.factories.world import World, scope_of

HEADING = "case_id,product,class,date,precision,event,detail\n"
RECORDED = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)


def event(number: int, on: Days, name: str = "INQUIRY") -> Event:
    return Event(f"{number:04}", name, on, {}, recorded_at=RECORDED + dt.timedelta(seconds=number), history=True)


def days(count: int) -> list[Days]:
    return [Days.of(dt.date(2020, 1, 1) + dt.timedelta(days=number)) for number in range(count)]


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (days(crowd.EVENTS), None),
        (days(crowd.EVENTS + 1), "500 events"),
        ([Days.parse("2020")] * crowd.TOGETHER, None),
        ([Days.parse("2020-03-05")] * (crowd.TOGETHER + 1), "50 events"),
        ([Days.parse("2020"), *[Days.parse("2020-12-31")] * crowd.TOGETHER], "50 events"),
        ([Days.parse("2020")] * crowd.TOGETHER + [Days.parse("2021")] * crowd.TOGETHER, None),
    ],
)
def test_what_counts_is_how_many_there_are_and_how_many_on_one_day(on: list[Days], said: str | None) -> None:
    found = crowd.too_many([], [event(number, each) for number, each in enumerate(on)])
    assert (found and found.en.count(said or "-")) == (1 if said else None), found


def test_the_worst_that_fits_is_put_in_order_in_seconds() -> None:
    """Without a bound it took the square of it: 41 s for a thousand events of one day."""
    names = [name for name, each in shipped().vocabulary.events.items() if each.acts_on]
    on = [Days.parse(str(2000 + number // crowd.TOGETHER)) for number in range(crowd.EVENTS)]
    worst = [event(number, each, names[number % len(names)]) for number, each in enumerate(on)]
    assert crowd.too_many([], worst) is None
    began = time.process_time()
    fold(shipped().course("regenerative_cell"), worst, dt.date(2026, 11, 24), running=True)
    assert time.process_time() - began < 8


def last_of(scope: Scope, therapy: str) -> str:
    return queries.history(scope, therapy).entries[0].id


def test_no_way_leads_past_it(app: Flask, world: World, therapy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "TOGETHER", 3)
    with app.app_context():
        lead = scope_of(world.lead)
        last = [happened(world.lead, therapy, "NOTE", "2024-02") for _each in range(3)][-1]
        with pytest.raises(Refused, match="At most 3 events"):
            happened(world.lead, therapy, "NOTE", "2024-02-29")
        services.correct(lead, last, reason="誤記", on=Days.parse("2024-03-01"))
        happened(world.lead, therapy, "NOTE", "2024-02-29")
        newest = last_of(lead, therapy)
        with pytest.raises(Refused, match="At most 3 events"):
            services.correct(lead, newest, reason="誤記", on=Days.parse("2024-02-29"))
        monkeypatch.setattr(crowd, "TOGETHER", 1)  # as in a history that was full before there was a bound
        services.correct(lead, last_of(lead, therapy), reason="誤記", on=Days.parse("2024-02-28"))
        happened(world.lead, therapy, "NOTE", "2024-05-01")
        with pytest.raises(Refused, match="At most 1 event"):
            happened(world.lead, therapy, "NOTE", "2024-02-28")
        monkeypatch.setattr(crowd, "TOGETHER", 3)
        stored = session.query(PathwayEvent).count()

        def fault(rows: str) -> Text | None:
            seen = outlook.look(lead, HEADING + rows, outlook.target(lead, therapy_id=therapy))
            (case,) = seen.cases
            return case.fault

        assert "At most 3" in str(fault("A,,,2024-02-28,D,NOTE,一\nA,,,2024-02-28,D,NOTE,二\n")), (
            "what is stored counts, too"
        )
        assert fault("A,,,2024-03-03,D,NOTE,新\n") is None
        assert fault("A,,,2024-02,M,NOTE,\n") is None, "what is known already adds nothing"
        assert session.query(PathwayEvent).count() == stored


@pytest.mark.parametrize("detail", ["term=" + "9" * 5000 + "y", "+" + "9" * 5000 + "m"])
def test_a_number_beyond_counting_is_a_sentence_at_its_row(app: Flask, world: World, detail: str) -> None:
    with app.app_context():
        lead: Any = scope_of(world.lead)
        rows = f"A,シートA,RMP-C,2024-12-26,D,{'APPROVED_CTL' if 'term' in detail else 'CTL_EXTENDED'},{detail}\n"
        (case,) = outlook.look(lead, HEADING + rows, outlook.target(lead)).cases
        assert "too long for a term" in str(case.rows[0].reason)
