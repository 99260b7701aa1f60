"""The ledger of routes: each has one row of the policy, and the policy has no row without a route."""

from __future__ import annotations

from flask import Flask

from app.access.policy import POLICY
from app.web.shell import ENTRIES


def test_every_route_has_a_policy_row_and_every_row_a_route(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints - set(POLICY) == set(), "routes without a row in app/access/policy.py"
    assert set(POLICY) - endpoints == set(), "rows of app/access/policy.py without a route"


def test_the_navigation_leads_somewhere(app: Flask) -> None:
    assert {entry.endpoint for entry in ENTRIES} <= set(app.view_functions)


def test_nothing_changes_by_looking(app: Flask) -> None:
    """A route that takes GET only must not be one of the verbs that change something."""
    verbs = ("delete", "remove", "confirm", "revoke", "grant", "withdraw", "accept_all", "mark")
    for rule in app.url_map.iter_rules():
        if rule.methods and "POST" not in rule.methods:
            assert not rule.endpoint.rpartition(".")[2].startswith(verbs), rule.endpoint
