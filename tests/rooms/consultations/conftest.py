"""A therapy of the company, a day in November 2026, and a consultation planned for 17 February 2027."""

from __future__ import annotations

import datetime as dt

import pytest

from app.access.scope import Scope
from app.consultations import services
from app.consultations.wish import Wish
from app.core import clock
from app.therapies import services as therapies
from tests.factories.world import World, scope_of

MEETING = dt.date(2027, 2, 17)


def move_to(day: str) -> None:
    """Let it be nine in the morning of that day in Japan."""
    clock.move_to(dt.datetime.fromisoformat(f"{day}T09:00:00+09:00"))


@pytest.fixture
def scope(world: World) -> Scope:
    """The lead of the company, on 24 November 2026."""
    move_to("2026-11-24")
    return scope_of(world.lead)


@pytest.fixture
def therapy(scope: Scope) -> str:
    """A therapy of the company."""
    return therapies.add(scope, name_ja="心筋シート", product_class="RMP-C", material="allogeneic_ips")


@pytest.fixture
def consultation(scope: Scope, therapy: str) -> str:
    """End-of-phase-2 advice, wished for 17 February 2027."""
    return services.confirm(scope, therapy, "drug_eop2", Wish(meeting=MEETING))
