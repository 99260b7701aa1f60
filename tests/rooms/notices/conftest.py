"""A company whose lead reads Japanese and whose member reads English, with one therapy and a mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from app.config import Settings
from app.core.db import session, transaction
from app.people.models import Person
from tests.factories.world import World
from tests.rooms.notices.plans import Mailbox, at, therapy

LEAD, MEMBER = "lead@ko.example", "member@ko.example"


@dataclass
class Office:
    """The company at work."""

    world: World
    therapy: str
    box: Mailbox


@pytest.fixture
def office(app: Flask, settings: Settings, world: World) -> Iterator[Office]:
    """Three weeks before the duty of the plans, at nine in the morning; no request is going on."""
    at("2026-11-25")
    with transaction():
        session.get_one(Person, world.member).language = "en"
    yield Office(world, therapy(world.company), Mailbox(settings))
    session.remove()


@pytest.fixture
def alone(office: Office) -> Office:
    """The same with the lead only: one mail for every notice."""
    with transaction():
        session.get_one(Person, office.world.member).active = False
    return office
