"""Pages with few and many rows: against an empty Flask page, and against the same template with the rows in memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, g, template_rendered
from flask.testing import FlaskClient

from app.web import guard
from benchmarks import office
from benchmarks.office import POSTGRESQL, SQLITE
from benchmarks.registry import Benchmark, Goal, Pair, Work
from tests.factories.statements import counted
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

EMPTY, MEMORY = "an empty Flask page", "rendering the same rows from memory"
MANY = (50, 1000)
Place = Callable[[str, int], tuple[Flask, World, str]]


def page(place: Place, address: str, who: str, baseline: str, database: str, many: int) -> Pair:
    """The page at ``address`` ({therapy} is filled in) as this person sees it."""
    app, world, therapy = place(database, many)
    office.enter(app)
    url, person = address.format(therapy=therapy), getattr(world, who)
    with app.app_context():
        client = Visitor(app).as_(person).client
    _get(client, url)  # the first look is written down
    other = _empty() if baseline == EMPTY else _from_memory(app, client, url, person)
    return Pair(partial(_get, client, url), other, remarks=lambda: {"statements": _statements(client, url)})


def _get(client: FlaskClient, url: str) -> None:
    assert client.get(url).status_code == 200, url


def _statements(client: FlaskClient, url: str) -> int:
    with counted() as seen:
        _get(client, url)
    return len(seen)


def _empty() -> Work:
    empty = Flask("empty")
    empty.add_url_rule("/", view_func=lambda: "")
    return partial(_get, empty.test_client(), "/")


def _from_memory(app: Flask, client: FlaskClient, url: str, person: str) -> Work:
    """The template of the page, with everything that it was given, rendered once more."""
    kept: list[tuple[Any, dict[str, Any]]] = []

    def keep(_app: Flask, template: Any, context: dict[str, Any], **_rest: Any) -> None:
        kept.append((template, context))

    with template_rendered.connected_to(keep, app):
        _get(client, url)
    template, context = kept[-1]
    with app.app_context():
        scope = scope_of(person)

    def render() -> None:
        with app.test_request_context(url):
            g.scope = scope
            guard.speak()
            template.render(context)

    return render


PAGES = (
    ("Today, {many} therapies", office.company, "/", "lead"),
    ("pipeline of the hub, {many} therapies", office.company, "/hub", "staff"),
    ("list of therapies, {many} therapies", office.company, "/therapies", "lead"),
    ("page of a therapy, {many} milestones", office.plan, "/therapies/{therapy}", "lead"),
    ("plan of a therapy, {many} milestones", office.plan, "/therapies/{therapy}/plan", "lead"),
)
BENCHMARKS = [
    Benchmark(
        f"{what.format(many=f'{many:,}')} ({database})",
        baseline,
        partial(page, place, address, who, baseline, database, many),
        goal=Goal(0.004) if many == 50 else Goal(0.05),
    )
    for database, baselines in ((SQLITE, (EMPTY, MEMORY)), (POSTGRESQL, (EMPTY,)))
    for what, place, address, who in PAGES
    for many in MANY
    for baseline in baselines
]
