"""What all services of the room need: the row for a change, numbers without gaps, the trail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from app.access.scope import Scope
from app.audit import services as audit
from app.consultations import queries
from app.consultations.models import Consultation
from app.core.db import session
from app.core.errors import Changed, NotFound
from app.therapies import queries as therapies


class Numbered(Protocol):
    """A row with a place in a list."""

    id: str
    number: int


def own_row(scope: Scope, consultation_id: str, version: int | None = None) -> Consultation:
    """The row of a consultation of one's own; NotFound for strangers, Changed when somebody else saved first."""
    queries.own(scope, consultation_id)
    row = session.get(Consultation, consultation_id, populate_existing=True)
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise Changed
    return row


def record(
    scope: Scope,
    row: Consultation,
    action: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """One event of the trail about a consultation, in the caller's transaction."""
    therapy = therapies.own(scope, row.therapy_id)
    audit.record(
        scope.actor,
        f"consultations:{action}",
        organisation_id=therapy.organisation_id,
        subject_id=row.id,
        before=before,
        after=after,
    )


def renumber(rows: Sequence[Numbered]) -> None:
    """1, 2, 3 … in the order given."""
    for number, row in enumerate(rows, start=1):
        if row.number != number:
            row.number = number


def moved(rows: Sequence[Numbered], row_id: str, by: int) -> list[Numbered]:
    """The rows with one of them moved up (-1) or down (1); NotFound when it is not among them."""
    order = list(rows)
    place = next((i for i, row in enumerate(order) if row.id == row_id), None)
    if place is None:
        raise NotFound
    target = min(max(place + by, 0), len(order) - 1)
    order.insert(target, order.pop(place))
    return order
