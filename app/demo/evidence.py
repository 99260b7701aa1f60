"""The half-filled evidence of the demonstration."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.access.actor import Position
from app.access.scope import Scope
from app.engine.calendar import Month
from app.evidence import services
from app.evidence.services import Told
from app.evidence.states import Status
from app.organisations import queries as organisations

IN_MONTH = 20  # the day of a month on which days of gates fall


def bring(scope: Scope, therapy_id: str, told: dict[str, Any], today: dt.date) -> None:
    """Set the days of the gates, then say of each piece how far it is; places are ``item/gate``."""
    for gate, months in told["days"].items():
        services.plan_gate(scope, therapy_id, gate, _ahead(today, months), version=0)
    owners = _owners(scope, told["owners"])
    pieces: dict[str, Told] = {
        place: Told(Status.ACCEPTED, kept_at=kept, kept_on=today) for place, kept in told["accepted"].items()
    }
    pieces |= {place: Told(Status.NOT_APPLICABLE, reason=why) for place, why in told["not_applicable"].items()}
    for status in (Status.UNDER_REVIEW, Status.IN_WORK):
        sooner = {place: _ahead(today, months) for place, months in told["sooner"].items()}
        pieces |= {place: Told(status, due_on=sooner.get(place)) for place in told[status]}
    for place, piece in pieces.items():
        item, _slash, gate = place.partition("/")
        owned = Told(**{**vars(piece), "owner_id": owners.get(item)})
        services.save(scope, therapy_id, item, gate, owned, version=0)


def _owners(scope: Scope, told: dict[str, str]) -> dict[str, str]:
    people = {member.position: member.person_id for member in organisations.members(scope.own)}
    return {item: people[Position(position)] for item, position in told.items()}


def _ahead(today: dt.date, months: int) -> dt.date:
    month = Month.of(today).plus(months)
    return dt.date(month.year, month.month, IN_MONTH)
