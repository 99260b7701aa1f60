"""The same signed-in browsers for every case, however the case before ended."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient

from tests.factories.world import World
from tests.fuzzing.estate import ROLES
from tests.web.visitor import Visitor

COOKIE = "shirube"


@dataclass(frozen=True)
class Browser:
    """A sign-in that can be taken up again and again: its cookie, and a token that its forms accept."""

    app: Flask
    cookie: str
    token: str

    def client(self) -> FlaskClient:
        """A client that is signed in so."""
        client = self.app.test_client()
        client.set_cookie(COOKIE, self.cookie)
        return client


def browsers(app: Flask, world: World) -> dict[str, Browser]:
    """One browser for each role, speaking its language."""
    found = {}
    for role, (name, language) in ROLES.items():
        visitor = Visitor(app).as_(getattr(world, name) if name else None, language)
        token = visitor.token()
        cookie = visitor.client.get_cookie(COOKIE)
        assert cookie is not None
        found[role] = Browser(app, cookie.value, token)
    return found
