"""Every route and form under hostile requests of every role: no fault of ours, and nothing changed by what is refused.

Two cases of each route, always the same, in ``make test``; ten thousand, always others, in ``make test-long``. A failed
drill names its seed; ``SHIRUBE_TEST_SEED`` takes it again with the same decisions.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from secrets import randbits

import pytest
from flask import Flask, Response
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as effort

from app.audit.denials import DENIED
from app.config import Settings
from tests.factories.world import World
from tests.fuzzing.cases import Case, cases
from tests.fuzzing.estate import Estate, build_estate
from tests.fuzzing.judge import Judge
from tests.fuzzing.people import browsers
from tests.fuzzing.state import State
from tests.fuzzing.survey import Route, survey

EACH = 2  # cases of each route in ``make test``: the simplest, which is right, and one with something wrong
HOSTS = ("nobody", "lead", "admin")  # between them they come in everywhere
MANY = ["sqlite"] * 8 + ["postgresql"] * 2  # a thousand each; what differs is told by the fewer, slower ones


@pytest.fixture
def state(app: Flask, settings: Settings) -> Iterator[State]:
    """The state of the program."""
    kept = State(settings.database, settings.files)
    yield kept
    kept.close()


@pytest.fixture
def estate(app: Flask, world: World, settings: Settings) -> Estate:
    """What exists."""
    with app.app_context():
        return build_estate(app, world, settings)


@pytest.fixture
def judge(app: Flask, world: World, state: State, estate: Estate) -> Iterator[Judge]:
    """A judge of cases."""
    with Judge(app, browsers(app, world), state).sitting() as sitting:
        yield sitting


@pytest.fixture
def routes(app: Flask, judge: Judge, state: State, estate: Estate) -> list[Route]:
    """The routes with what they take."""
    return survey(app, estate, {role: judge.browsers[role] for role in HOSTS}, state)


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

    before = judge.cases
    each()
    assert judge.cases >= before + count


def test_hostile_requests_are_no_fault_and_change_nothing(judge: Judge, routes: list[Route], estate: Estate) -> None:
    """Every route of the ledger: by whoever is let in there, filled in rightly, and once more with something wrong."""
    for number, route in enumerate(routes):
        hold(judge, [route], estate, EACH, start=number)
    print(f"{judge.cases} cases: {dict(judge.counts)}")
    inside = {(route.name, "POST" if "POST" in (route.rule.methods or ()) else "GET") for route in routes}
    assert inside - judge.entered == {("web.styleguide", "GET")}, "that one is the demo's alone"
    assert judge.counts["POST 302"] > len(routes) // 4, "forms that nobody gets through prove nothing"
    assert judge.counts["4xx"] > len(routes) // 10


@pytest.mark.long
@pytest.mark.parametrize("database_url", MANY, indirect=True)
def test_ten_thousand_hostile_requests(judge: Judge, routes: list[Route], estate: Estate) -> None:
    start, began = int(os.environ.get("SHIRUBE_TEST_SEED") or randbits(32)), time.monotonic()
    print(f"SHIRUBE_TEST_SEED={start}")
    hold(judge, routes, estate, 1_000, start)
    a_second = judge.cases / (time.monotonic() - began)
    print(f"{judge.cases} cases, {a_second:.1f} a second: {dict(judge.counts)}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_survey_hears_what_views_ask_for(routes: list[Route]) -> None:
    taken = {route.name: route.taken for route in routes}
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
    assert {name for name, t in taken.items() if not t.host} == {"web.styleguide"}, "that one is the demo's alone"


def test_the_judge_sees_a_fault_and_a_change_by_a_refusal(
    app: Flask, judge: Judge, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_the_judge_counts_what_the_trail_says_of_denied_requests(
    app: Flask, judge: Judge, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/therapies/{estate.arguments['therapy_id'][0]}/edit"
    looked = Case("stranger", "therapies.edit", "GET", path)
    assert judge.send(looked).status_code == 404
    assert judge.counts["denied"] == 1

    def noting(times: int, status: int) -> Callable[..., Response]:
        def view(**_words: str) -> Response:
            from app.audit import services as audit
            from app.core import db

            db.expect_writes(True)
            with db.transaction():
                for _each in range(times):
                    said = {"method": "GET", "endpoint": "therapies.edit", "asked": {}}
                    audit.record(None, DENIED, after=said)
            return Response(status=status, mimetype="text/plain")

        return view

    for times, status in ((2, 404), (1, 200), (1, 409)):
        monkeypatch.setitem(app.view_functions, "therapies.edit", noting(times, status))
        with pytest.raises(AssertionError, match=f"{status} for stranger: GET.*and {times} rows of denials"):
            judge.send(looked)
