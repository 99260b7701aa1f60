"""Signing in with a wrong password: an address that is known against one that is not, and against argon2 alone."""

from __future__ import annotations

from itertools import count

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask import Flask

from app.access.actor import Position
from app.core.db import session
from app.people.models import Person
from app.people.sign_in import limiter
from benchmarks import office
from benchmarks.office import SQLITE
from benchmarks.registry import Benchmark, Goal, Pair, Work
from tests.factories.world import World, add_person, build_world
from tests.web.visitor import Visitor

PEOPLE = 40  # each is tried a few times only: tries of one account are limited


def against_strangers() -> Pair:
    app, _world = _office()
    return Pair(_tries(app, "person{}@ko.example"), _tries(app, "nobody{}@ko.example"))


def against_argon() -> Pair:
    app, world = _office()
    with app.app_context():
        kept = session.get_one(Person, world.lead).password or ""
    hasher = PasswordHasher()

    def other() -> None:
        try:
            hasher.verify(kept, "wrong horse battery staple")
        except VerifyMismatchError:
            return
        raise AssertionError("the wrong password was taken")

    return Pair(_tries(app, "person{}@ko.example"), other)


def _office() -> tuple[Flask, World]:
    app = office.program(SQLITE)
    limiter.enabled = False  # of tries from one address
    with app.app_context():
        world = build_world()
        for number in range(PEOPLE):
            add_person(f"person{number}@ko.example", "研究員", world.company, Position.MEMBER)
    return app, world


def _tries(app: Flask, address: str) -> Work:
    """A try with a wrong password, each time as another one."""
    with app.app_context():
        browser = Visitor(app).as_(None)
    token, numbers = browser.token(), count()

    def one() -> None:
        email = address.format(next(numbers) % PEOPLE)
        typed = {"email": email, "password": "wrong horse battery staple", "csrf_token": token}
        assert browser.client.post("/sign-in", data=typed).status_code == 200

    return one


BENCHMARKS = [
    Benchmark(
        "a refused sign-in, known address",
        "the same with an unknown address",
        against_strangers,
        Goal(1.1, "times the other"),
        rounds=80,
        seconds=10,
    ),
    Benchmark("a refused sign-in, known address", "argon2 alone on the same hash", against_argon, Goal(0.15)),
]
