"""Where a therapy stands is folded once and never stale: lists say what is true, whoever changed it."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.core import clock, db
from app.core.db import session
from app.core.ids import new_id
from app.core.kept import Kept
from app.engine.calendar import DAY
from app.engine.machine import Days
from app.pathways import log, queries, services
from app.pathways.models import PathwayEvent
from app.pathways.places import place, places_of
from app.pathways.rules import leading
from app.therapies import queries as therapies
from app.therapies import services as changing
from app.therapies.places import Place
from tests.factories.statements import counted
from tests.factories.therapies import TODAY, add_therapy, happened
from tests.factories.world import World, scope_of

TERM_ENDS = dt.date(2033, 3, 5)


def looked_up(world: World, as_of: dt.date) -> dict[str, Place | None]:
    """As lists of therapies do it."""
    session.rollback()
    told = therapies.own_page(scope_of(world.lead), 1, 50, log.history()).rows
    return places_of([(view, history) for view, history in told], as_of)


def folded(world: World, as_of: dt.date) -> dict[str, Place | None]:
    """Anew, from every event."""
    session.rollback()
    found = queries.tracks_of(therapies.of_own(scope_of(world.lead)), as_of)
    return {key: place(lead) if (lead := leading(tracks)) else None for key, tracks in found.items()}


def check(world: World, as_of: dt.date = TODAY) -> dict[str, Place | None]:
    """Both agree, and a second look reads no event."""
    places = looked_up(world, as_of)
    assert places == folded(world, as_of)
    with counted() as seen:
        assert looked_up(world, as_of) == places
    assert not [each for each in seen if each.startswith("SELECT pathway_event.")]
    return places


def another_process_records(therapy: str, event: str, on: dt.date) -> None:
    """Write on a connection that nothing in this process knows of."""
    engine = db.make_engine(session.get_bind().engine.url.render_as_string(hide_password=False))
    row = {"id": new_id(), "therapy_id": therapy, "event": event, "first_day": on, "last_day": on, "history": True}
    with engine.begin() as connection:
        connection.execute(sa.insert(PathwayEvent).values(**row, recorded_at=dt.datetime.now(dt.UTC)))
    engine.dispose()


def test_no_list_says_what_is_no_longer_true(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        steps = [check(world)[therapy]]
        filed = happened(world.lead, therapy, "CTN_FILED", "2026-03-06")
        steps.append(check(world)[therapy])
        services.correct(lead, filed, on=Days.parse("2026-04-01"), reason="受付印")
        steps.append(check(world)[therapy])
        mended = queries.history(lead, therapy).entries[0].id
        services.read_also(lead, mended, on=Days.parse("2026-04-02"), source="受付票")
        steps.append(check(world)[therapy])
        services.withdraw(lead, mended, reason="別の品目")
        steps.append(check(world)[therapy])
        another_process_records(therapy, "CTN_FILED", dt.date(2026, 5, 1))
        steps.append(check(world)[therapy])
        steps.append(check(world, dt.date(2026, 4, 30))[therapy])  # another day is another answer
        assert [step and (step.state, step.first_day, step.disputed) for step in steps] == [
            ("CONCEPT", None, False),
            ("CTN_CLOCK", dt.date(2026, 3, 6), False),
            ("CTN_CLOCK", dt.date(2026, 4, 1), False),
            ("CTN_CLOCK", dt.date(2026, 4, 1), True),
            ("CONCEPT", None, False),
            ("CTN_CLOCK", dt.date(2026, 5, 1), False),
            ("CONCEPT", None, False),
        ]


def test_midnight_in_japan_ends_a_term_in_lists_too(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        happened(world.lead, therapy, "APPROVED_CTL", "2026-03-06", attributes={"term": "7y"})
        states = []
        for today, hour in ((TERM_ENDS, dt.time(23, 59)), (TERM_ENDS + DAY, dt.time())):
            clock.move_to(dt.datetime.combine(today, hour, clock.TOKYO))
            states += [found.state for day in (TERM_ENDS, today) if (found := check(world, day)[therapy])]
        assert states == ["CTL_RUNNING", "CTL_RUNNING", "LAPSED", "LAPSED"]


def test_another_class_is_folded_by_its_own_rules(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        happened(world.lead, therapy, "CTN_FILED", "2026-03-06")
        check(world)
        view = therapies.own(scope_of(world.lead), therapy)
        values = {"product_class": "RMP-GV", "material": "viral_vector", "name_ja": "遺伝子治療"}
        changing.edit(scope_of(world.lead), therapy, version=view.version, **values)
        with counted() as seen:
            looked_up(world, TODAY)
        assert [each for each in seen if each.startswith("SELECT pathway_event.")]


def test_only_what_is_new_is_folded_and_nobody_gets_what_is_anothers(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        check(world)
        other = add_therapy(world.stranger, name="別社の品", stage="CTN_READY")
        assert other not in check(world)
        mine = add_therapy(world.lead, name="新しい品", stage="CTN_READY")
        assert set(check(world)) == {therapy, mine}


def test_what_is_kept_is_asked_for_once_and_never_grows_beyond_its_bound() -> None:
    asked: list[list[str]] = []

    def find(names: list[str]) -> dict[str, str]:
        asked.append(names)
        return {name: name.upper() for name in names}

    kept: Kept[str] = Kept(2)
    assert kept.each({"a": 1, "b": 2}, find) == {"a": "A", "b": "B"}
    assert kept.each({"x": 1, "c": 3}, find) == {"x": "A", "c": "C"}  # by what it follows from, not by its name here
    assert kept.each({"b": 2, "c": 3}, find) == {"b": "B", "c": "C"}
    assert kept.each({"a": 1}, find) == {"a": "A"}  # the oldest had gone
    assert asked == [["a", "b"], ["c"], ["a"]]


def test_a_long_history_makes_no_long_key(
    app: Flask, world: World, therapy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[tuple[object, ...]] = []
    each = Kept.each

    def noting(self: Kept[Any], given: dict[str, tuple[object, ...]], find: Any) -> Any:
        keys.extend(given.values())
        return each(self, given, find)

    monkeypatch.setattr(Kept, "each", noting)
    with app.app_context():
        for day in range(1, 15):
            another_process_records(therapy, "NOTE", dt.date(2026, 3, day))
        before = check(world)
        another_process_records(therapy, "CTN_FILED", dt.date(2026, 3, 20))
        assert check(world) != before, "one more event of many is another key"
    assert len(set(keys)) == 2
    assert max(sys.getsizeof(part) for key in keys for part in key) < 400


@pytest.mark.parametrize("verb", ["UPDATE pathway_event SET event = 'X'", "DELETE FROM pathway_event"])
def test_an_event_stays_as_it_is_so_that_its_id_says_all_of_it(
    app: Flask, world: World, therapy: str, verb: str
) -> None:
    with app.app_context():
        happened(world.lead, therapy, "CTN_FILED", "2026-03-06")
        session.rollback()
        with pytest.raises(sa.exc.DBAPIError, match="only added to"):
            session.execute(sa.text(verb))
        session.rollback()
