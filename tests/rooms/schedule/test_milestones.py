"""Putting milestones, saying what is done, and what comes next; for those who may see the therapy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from app.audit import queries as audit
from app.core import clock
from app.core.db import session, transaction
from app.core.errors import Changed, NotFound, Refused
from app.core.i18n import speaking
from app.engine.calendar import japan
from app.engine.definition.common import Basis, Role, Text
from app.schedule import ahead, boards, queries, services, views
from app.schedule.models import Milestone
from app.schedule.services import Draft
from app.therapies import queries as reading
from app.therapies import services as therapies
from app.web.components import DepartureState
from tests.factories.world import World, scope_of

TODAY = dt.date(2026, 11, 24)
TITLE = Text(ja="届出", en="Filing")


@pytest.fixture
def scope(world: World):
    """The lead of the company, on 24 November 2026."""
    clock.move_to(dt.datetime.fromisoformat("2026-11-24T09:00:00+09:00"))
    return scope_of(world.lead)


@pytest.fixture
def therapy(scope) -> str:
    """A therapy of the company."""
    return therapies.add(scope, name_ja="心筋シート", product_class="RMP-C", material="allogeneic_ips")


def draft(key: str, day: str | None, **more) -> Draft:
    values = {"role": Role.NOT_AFTER, "basis": Basis.COMPUTED, **more}
    return Draft(key, TITLE, **{"on_day": dt.date.fromisoformat(day) if day else None, **values})


def put(therapy: str, *drafts: Draft, subject: str = "s1", **more) -> None:
    services.put("filing", subject, therapy, drafts, **more)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements that are executed meanwhile."""
    seen: list[str] = []

    def remember(_c, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", remember)


def test_what_comes_next_is_read_in_one_statement_late_ones_first(scope, therapy: str) -> None:
    put(therapy, draft("c", "2027-01-08"), draft("a", "2026-11-02"), draft("b", "2026-12-01"), draft("d", None))
    session.rollback()
    with statements() as seen:
        found = queries.upcoming(scope, None, TODAY)
    assert [m.key for m in found] == ["a", "b", "c"]
    assert len([s for s in seen if s.startswith("SELECT")]) == 1
    assert [m.key for m in queries.upcoming(scope, [therapy], TODAY, limit=1)] == ["a"]
    assert [m.key for m in queries.upcoming(scope, [therapy], TODAY, days=7)] == ["a", "b"]
    assert queries.upcoming(scope, [], TODAY) == []
    (days,) = reading.own_page(scope, 1, 9, ahead.late_day(), ahead.duty_day(), ahead.next_day(), day=TODAY).rows
    assert days[1:] == (dt.date(2026, 11, 2), dt.date(2026, 12, 1), dt.date(2026, 12, 1))


def test_ids_stay_and_what_vanished_is_gone(scope, therapy: str) -> None:
    put(therapy, draft("a", "2026-12-01"), draft("b", "2026-12-07"))
    ids = {m.key: m.id for m in queries.of_subject(scope, "filing", "s1")}
    put(therapy, draft("b", "2026-12-08"), draft("c", "2026-12-09"))
    after = {m.key: m for m in queries.of_subject(scope, "filing", "s1")}
    assert set(after) == {"b", "c"}
    assert after["b"].id == ids["b"]
    assert after["b"].version == 2
    assert after["b"].duty_day == dt.date(2026, 12, 8)


def test_a_plan_that_says_the_same_changes_nothing(scope, therapy: str) -> None:
    put(therapy, draft("a", "2026-12-01"), scope=scope)
    put(therapy, draft("a", "2026-12-01"), scope=scope)
    assert [m.version for m in queries.of_subject(scope, "filing", "s1")] == [1]
    assert len(audit.of_subject(scope, "s1")) == 1


def test_done_stays_done_unless_the_plan_alone_decides(scope, therapy: str) -> None:
    put(therapy, draft("a", "2026-12-01"))
    (one,) = queries.of_subject(scope, "filing", "s1")
    services.mark_done(scope, one.id, TODAY, version=one.version)
    put(therapy, draft("a", "2026-12-02"))
    assert queries.get(scope, one.id).done_on == TODAY
    assert queries.upcoming(scope, None, TODAY) == []
    put(therapy, draft("a", "2026-12-02"), keep_done=False)
    assert queries.get(scope, one.id).done_on is None


def test_marking_and_reopening_leave_a_trail_and_respect_the_version(scope, therapy: str) -> None:
    put(therapy, draft("a", "2026-12-01"))
    (one,) = queries.of_subject(scope, "filing", "s1")
    services.mark_done(scope, one.id, TODAY)
    with pytest.raises(Changed):
        services.reopen(scope, one.id, version=one.version)
    services.reopen(scope, one.id)
    assert [e.action for e in audit.of_subject(scope, one.id)] == [
        "schedule:milestone:reopened",
        "schedule:milestone:done",
    ]


def test_a_range_is_due_on_its_first_day(scope, therapy: str) -> None:
    ranged = replace(draft("a", None), earliest=dt.date(2027, 1, 4), latest=dt.date(2027, 1, 8))
    put(therapy, ranged)
    assert queries.of_subject(scope, "filing", "s1")[0].duty_day == dt.date(2027, 1, 4)


def test_nothing_half_put_is_left(scope, therapy: str) -> None:
    def fail() -> None:
        with transaction():
            put(therapy, draft("a", "2026-12-01"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert queries.of_subject(scope, "filing", "s1") == []


def test_strangers_see_and_change_nothing_and_a_hub_only_what_is_granted(scope, world: World, therapy: str) -> None:
    put(therapy, draft("a", "2026-12-01"))
    (one,) = queries.of_therapy(scope, therapy)
    stranger, hub = scope_of(world.stranger), scope_of(world.staff)
    for reader in (stranger, hub):
        assert queries.upcoming(reader, [therapy], TODAY) == []
        with pytest.raises(NotFound):
            queries.get(reader, one.id)
        with pytest.raises(NotFound):
            services.mark_done(reader, one.id, TODAY)
    therapies.grant(scope, therapy, world.hub, None)
    assert [m.key for m in queries.upcoming(hub, None, TODAY)] == ["a"]
    with pytest.raises(NotFound):  # reading is not writing
        services.mark_done(hub, one.id, TODAY)
    assert queries.get(scope, one.id).done_on is None


@pytest.mark.parametrize(
    ("milestone", "state", "days"),
    [
        (draft("a", "2026-12-01"), DepartureState.COUNTED, 5),
        (draft("a", "2026-11-24"), DepartureState.TODAY, 0),
        (draft("a", "2026-11-20"), DepartureState.OVERDUE, 1),
        (draft("a", "2026-12-01", basis=Basis.PREDICTED), DepartureState.PREDICTED, 5),
        (draft("a", "2026-12-01", basis=Basis.ASSUMED), DepartureState.ASSUMED, 5),
        (
            draft("a", None, earliest=dt.date(2027, 1, 4), latest=dt.date(2027, 1, 8), is_window=True),
            DepartureState.NOT_PUBLISHED,
            25,
        ),
        (
            draft("a", None, earliest=dt.date(2026, 11, 20), latest=dt.date(2026, 11, 27), is_window=True),
            DepartureState.TODAY,
            0,
        ),
        (
            draft(
                "a", None, earliest=dt.date(2026, 11, 20), latest=dt.date(2026, 11, 27)
            ),  # a duty: the first day counts
            DepartureState.OVERDUE,
            1,
        ),
    ],
)
def test_a_row_of_the_board_says_how_long_is_left(scope, therapy: str, milestone: Draft, state, days: int) -> None:
    put(therapy, milestone)
    (found,) = queries.upcoming(scope, None, TODAY)
    row = boards.departure(found, TODAY, "ja", japan())
    assert (row.state, row.business_days) == (state, days)


def test_the_board_ends_with_the_price_of_missing_the_first(scope, therapy: str) -> None:
    price = Text(ja="間に合わないと3月になります。", en="It moves to March.")
    put(therapy, draft("a", "2026-12-01", price=price), draft("b", "2026-12-07"))
    board = boards.departure_board(queries.upcoming(scope, None, TODAY), TODAY, "en")
    assert board.foot == "It moves to March."
    assert board.next_business_days == 5
    day = dt.date(2026, 12, 1)
    on_the_day = boards.departure_board(queries.upcoming(scope, None, day), day, "en")
    assert (board.next_is_today, on_the_day.next_is_today) == (False, True)
    assert board.departures[0].therapy is not None
    assert board.departures[0].therapy.label == "心筋シート"


def test_what_shares_a_day_goes_by_what_it_means_wherever_it_is_planned(scope, therapy: str) -> None:
    """Identifiers are random: whatever subjects are called, and whenever they were planned, the board is the same."""
    other = therapies.add(scope, name_en="A", product_class="RMP-C", material="allogeneic_ips")
    for number in (4, 1, 6, 3, 5, 2):  # one of 720 orders is right
        name = Text(ja=f"相談{number}", en=f"Consultation {number}")
        basis = Basis.ASSUMED if number == 6 else Basis.COMPUTED
        put(therapy, draft("b", "2026-12-01", about=name, basis=basis, price=name), subject=f"s{number}")
    put(other, draft("b", "2026-12-01", about=Text(ja="相談9", en="Consultation 9")), subject="s9")

    def said(found) -> str:
        return "".join(each.about.en[-1] for each in found)

    every = queries.upcoming(scope, None, TODAY)
    assert said(every) == "9123456", "A comes before what has a Japanese name only"
    assert said(queries.of_therapy(scope, therapy)) == "123456"
    first, heads = ahead.first(ahead.THESE, 2), ahead.heads(ahead.THESE)
    assert said(ahead.read(scope, lambda _reader: [first], therapy_ids=[therapy, other])[:2]) == "91"
    assert said(ahead.read(scope, lambda _reader: [heads], therapy_ids=[therapy], day=TODAY)[:1]) == "1"
    shuffled = every[3:] + every[:3]
    assert said(sorted(shuffled, key=lambda each: each.among_equals)) == said(every)
    board = boards.departure_board(every, TODAY, "en")
    assert board.foot == "Consultation 6", "the least certain decides the words"
    with speaking("en"):
        assert "Consultation 6" in (views.delay(every) or "")


@pytest.mark.parametrize("day", ["1999-06-28", "2000-12-31", "2046-01-01", "2099-06-28"])
@pytest.mark.parametrize("which", ["on_day", "earliest", "latest", "alarm_from", "done_on"])
def test_no_day_is_put_from_which_office_days_cannot_be_counted(therapy, which, day):
    put(therapy, draft("filed", "2027-01-29"))
    with pytest.raises(Refused, match="table of holidays"):
        put(therapy, draft("filed", "2027-02-01"), draft("read", None, **{which: dt.date.fromisoformat(day)}))
    assert [milestone.on_day for milestone in session.query(Milestone)] == [dt.date(2027, 1, 29)], "all or nothing"
