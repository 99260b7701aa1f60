"""A request that may write says so before its first statement; one that turns writer midway is refused by SQLite."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from app.core import db
from tests.factories.world import PASSWORD, World
from tests.web.visitor import Visitor


@pytest.mark.parametrize(("method", "begins"), [("post", "BEGIN IMMEDIATE"), ("get", "BEGIN")], ids=["post", "get"])
def test_the_method_decides_how_transactions_begin(visit: Visitor, world: World, method: str, begins: str) -> None:
    visitor = visit.as_(None, "ja")  # a cookie, so that the session is read at once
    token, said = visitor.token(), []
    engine = db.session.get_bind()

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        data = {"email": "lead@ko.example", "password": PASSWORD, "csrf_token": token}
        getattr(visitor.client, method)("/sign-in", data=data if method == "post" else None)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    assert said[0] == begins
    assert method == "get" or set(said) == {begins}  # a page that was only read may still note that it was seen
