"""A day on which all these tests happen, and a therapy from iPS cells."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories.therapies import add_therapy, set_clock
from tests.factories.world import World


@pytest.fixture(autouse=True)
def _today(app: Flask) -> None:
    set_clock()


@pytest.fixture
def therapy(app: Flask, world: World) -> str:
    """A therapy of the lead's company of which nothing is recorded yet."""
    with app.app_context():
        return add_therapy(world.lead)
