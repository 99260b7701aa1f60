"""The ledger of routes: each has a row of the policy, and no address names what somebody could count up to."""

from __future__ import annotations

import base64
import secrets

import pytest
from flask import Flask
from sqlalchemy.sql.schema import CallableColumnDefault
from werkzeug.routing import PathConverter, UnicodeConverter

from app.access.permissions import Permission
from app.access.policy import POLICY, REACHES
from app.core import ids
from app.core.db import ID, Base
from app.core.migrations import load_tables
from app.web.shell import ENTRIES

# What an address may name beside an identifier: words of the program's own definitions, and long random secrets.
WORDS = {"case", "entry", "event", "filename", "gate", "group", "item", "key", "kind", "what"}
SECRETS = {"digest", "token"}


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


def test_addresses_name_things_by_identifiers_that_cannot_be_counted(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        for name in rule.arguments:
            assert name.endswith("_id") or name in WORDS | SECRETS, f"{rule}: is {name} an identifier?"
            assert type(rule._converters[name]) in (UnicodeConverter, PathConverter), f"{rule}: {name} can be counted"


def test_a_route_that_names_a_thing_says_whose_things_it_reaches(app: Flask) -> None:
    open_words = {"static", "security.static", "pathways.precedent"}
    for rule in app.url_map.iter_rules():
        if rule.arguments and rule.endpoint not in open_words:
            assert REACHES.get(POLICY[rule.endpoint].permission), rule.endpoint
        if rule.arguments & SECRETS:
            assert POLICY[rule.endpoint].permission in (Permission.SECRET, Permission.ACCOUNT), rule.endpoint


def test_all_identifiers_come_from_the_one_generator() -> None:
    load_tables()
    for table in Base.metadata.sorted_tables:
        if "id" in table.columns:
            column = table.columns["id"]
            assert column.type is ID, table.name
            assert isinstance(column.default, CallableColumnDefault), table.name
            assert column.default.arg.__wrapped__ is ids.new_id, table.name  # type: ignore[attr-defined]


def test_nothing_of_the_128_random_bits_of_an_identifier_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = bytes(range(256 - 16, 256))
    monkeypatch.setattr(secrets, "token_bytes", lambda count: drawn[:count])
    name = ids.new_id()
    assert base64.b32decode(name.upper() + "=" * (-len(name) % 8)) == drawn
    assert len(drawn) * 8 >= 122
    assert len(name) == ids.ID_LENGTH
    assert ids.is_id(name)


@pytest.mark.parametrize(
    "text", ["", "1", "a" * 19, "a" * 27, "A" * 26, "a" * 25 + "1", "a" * 25 + "\n", "\x00" * 26, "あ" * 26]
)
def test_what_has_another_shape_is_no_identifier(text: str) -> None:
    assert not ids.is_id(text)
