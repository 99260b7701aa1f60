"""Every route and form under hostile requests of every role: no fault of ours, and nothing changed by what is refused.

Some hundred cases, always the same, in ``make test``; ten thousand, always others, in ``make test-long``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from secrets import randbits

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as effort
from sqlalchemy import make_url

from app.config import Settings
from tests.factories.world import World
from tests.fuzzing.cases import Case, cases
from tests.fuzzing.estate import Estate, build_estate
from tests.fuzzing.judge import Judge
from tests.fuzzing.people import browsers
from tests.fuzzing.state import State
from tests.fuzzing.survey import Route, survey

FEW = 150
MANY = {"sqlite": 8_000, "postgresql": 2_000}  # what differs between them is told by the fewer, slower ones


@pytest.fixture
def state(app: Flask, settings: Settings) -> Iterator[State]:
    """The state of the program."""
    kept = State(settings.database, settings.files)
    yield kept
    kept.close()


@pytest.fixture
def fuzzer(app: Flask, world: World, settings: Settings, state: State) -> Iterator[tuple[Judge, list[Route], Estate]]:
    """A judge of cases, the routes with what they take, and what exists."""
    with app.app_context():
        estate = build_estate(app, world, settings)
    known = browsers(app, world)
    with Judge(app, known, state).sitting() as judge:
        yield judge, survey(app, estate, [known["nobody"], known["lead"], known["admin"]], state), estate


def hold(judge: Judge, routes: Sequence[Route], estate: Estate, count: int, start: int) -> None:
    """Judge ``count`` cases that follow from ``start``; the first failure is made small and told."""

    @seed(start)
    @effort(
        max_examples=count,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(routes, estate))
    def each(case: Case) -> None:
        judge.send(case)

    began = time.monotonic()
    each()
    sent = sum(number for kind, number in judge.counts.items() if kind.endswith("xx"))
    print(f"{sent} cases from {start}, {sent / (time.monotonic() - began):.1f} a second: {dict(judge.counts)}")
    assert sent >= count


def test_hostile_requests_are_no_fault_and_change_nothing(fuzzer: tuple[Judge, list[Route], Estate]) -> None:
    judge, routes, estate = fuzzer
    hold(judge, routes, estate, FEW, start=20261128)
    assert judge.counts["2xx"] > FEW // 20, "cases that get nowhere prove nothing"
    assert judge.counts["POST 302"] > FEW // 50
    assert judge.counts["4xx"] > FEW // 10


@pytest.mark.long
def test_ten_thousand_hostile_requests(fuzzer: tuple[Judge, list[Route], Estate], settings: Settings) -> None:
    judge, routes, estate = fuzzer
    hold(judge, routes, estate, MANY[make_url(settings.database).get_backend_name()], start=randbits(32))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_survey_hears_what_views_ask_for(fuzzer: tuple[Judge, list[Route], Estate]) -> None:
    taken = {route.name: route.taken for route in fuzzer[1]}
    assert taken["consultations.add_question"].fields["question"][0] == "TextAreaField"
    assert len(taken["therapies.add"].fields["material"][1]) > 3
    assert {"q"} <= taken["rules.sources"].names
    assert {"sort", "stage", "page", "late"} <= taken["hub.pipeline"].names
    assert {"to"} <= taken["consultations.move_question"].names
    assert {"name", "password", "again"} <= taken["organisations.accept_invitation"].names
    assert taken["consultations.turn"].fields["note"][0] == "TextAreaField"
    silent = {name for name, t in taken.items() if t.names == {"csrf_token"} and not t.fields}
    assert silent == {
        *("notices.renew_feed", "notices.end_feed", "people.end_session", "people.end_other_sessions"),
        "therapies.revoke",
    }, "these have one button and nothing to fill in"
    assert {name for name, t in taken.items() if not t.reached} == {"web.styleguide"}, "that one is the demo's alone"


def test_the_judge_sees_a_fault_and_a_change_by_a_refusal(
    app: Flask, fuzzer: tuple[Judge, list[Route], Estate], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, _routes, estate = fuzzer
    therapy = estate.arguments["therapy_id"][0]
    edit = Case(
        "lead", "therapies.edit", "POST", f"/therapies/{therapy}/edit", form=(("name_ja", "乙"), ("version", "9"))
    )
    assert judge.send(edit).status_code in {200, 409}

    def faulty(**_words: str) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(app.view_functions, "therapies.edit", faulty)
    with pytest.raises(AssertionError, match=r"(?s)500 for lead: POST.*ZeroDivisionError"):
        judge.send(edit)

    def half_done(**_words: str) -> tuple[str, int]:
        from app.core.db import transaction
        from app.people.models import Person

        with transaction() as current:
            for person in current.query(Person):
                person.name = "changed"
        return "", 400

    monkeypatch.setitem(app.view_functions, "therapies.edit", half_done)
    with pytest.raises(AssertionError, match=r"400 for lead: POST.*and yet changed: \['person'\]"):
        judge.send(edit)
