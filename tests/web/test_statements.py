"""Every page that can be looked at costs the same few statements, however much there is to show."""

from __future__ import annotations

import pytest
from flask import Flask

from app.access import asking
from app.access.policy import POLICY, allows
from app.config import Settings
from tests.factories.fullness import Fullness
from tests.factories.statements import counted
from tests.factories.therapies import set_clock
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

MOST = 6
WEIGHING = {"rules.moves": 12, "rules.end": 12}  # they compute every plan of the hub anew, and still in so many
DOORS = {"security.login", "security.forgot_password", "security.reset_password", "organisations.accept_invitation"}
OTHERWISE = {("desk.today", "admin"): 302}  # a hub's people are sent to their pipeline
OTHERWISE |= {("web.styleguide", who): 404 for who in ("lead", "admin", "")}  # the demo's alone


@pytest.fixture
def full(app: Flask, world: World, settings: Settings) -> Fullness:
    """A company with one of everything, and a hub that may see it."""
    set_clock()
    found = Fullness(world, settings)
    with app.app_context():
        found.begin()
    return found


def looked_at(app: Flask, visitor: Visitor, who: str, full: Fullness) -> dict[str, list[str]]:
    """The statements of every page that this person may look at, by its route."""
    visitor.token()
    visitor.client.get("/health")  # the first answer writes down which browser it is,
    visitor.client.get(full.door)  # and an invitation in which language it speaks
    actor = scope_of(getattr(full.world, who)).actor if who else None
    found = {}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not allows(POLICY[rule.endpoint], actor):
            continue
        if actor and rule.endpoint in DOORS:
            continue
        with counted() as seen:
            answer = visitor.client.get(full.address(rule))
        assert answer.status_code == OTHERWISE.get((rule.endpoint, who), 200), (rule.endpoint, who, answer.status)
        found[rule.endpoint] = seen
    return found


def test_every_page_costs_at_most_six_statements_however_much_there_is(
    app: Flask, visit: Visitor, world: World, full: Fullness
) -> None:
    people = {who: visit.as_(getattr(world, who) if who else None) for who in ("lead", "admin", "")}
    few = {who: looked_at(app, person, who, full) for who, person in people.items()}
    with app.app_context():
        full.more()
    made = asking._made.cache_info().misses
    many = {who: looked_at(app, person, who, full) for who, person in people.items()}
    assert asking._made.cache_info().misses == made, "a statement is made anew whenever it is asked"
    for who, pages in many.items():
        assert {page: len(seen) for page, seen in few[who].items()} == {page: len(seen) for page, seen in pages.items()}
        for page, seen in pages.items():
            assert len(seen) <= WEIGHING.get(page, MOST), f"{page} as {who or 'nobody'}:\n" + "\n".join(seen)
    looks = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert looks == {page for pages in many.values() for page in pages}
