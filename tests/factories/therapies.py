"""Therapies that most tests of histories need."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.access.scope import Scope
from app.core import clock
from app.engine.machine import Days
from app.pathways import services as histories
from app.therapies import services
from tests.factories.world import scope_of

TODAY = dt.date(2026, 11, 24)  # a Tuesday


def set_clock() -> None:
    """Let it be noon of TODAY in Japan."""
    clock.move_to(dt.datetime.combine(TODAY, dt.time(12), clock.TOKYO))


def add_therapy(person: str | Scope, *, stage: str = "", name: str = "心筋シート", **more: Any) -> str:
    """A cell therapy of the person's organisation; returns its id."""
    scope = person if isinstance(person, Scope) else scope_of(person)
    return services.add(
        scope,
        **{
            "name_ja": name,
            "indication_ja": "拡張型心筋症",
            "product_class": "RMP-C",
            "material": "allogeneic_ips",
            "stage": stage,
            "because": "開発会議の記録" if stage else "",
            **more,
        },
    )


def happened(person: str, therapy_id: str, event: str, on: str, **more: Any) -> str:
    """An event of the past, with a reason where it passes over a guard; returns its id."""
    why = {"because": "利用開始前の経過", **more}
    done = histories.record(scope_of(person), therapy_id, event=event, on=Days.parse(on), late=True, **why)
    return done.event_id
