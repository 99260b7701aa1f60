"""What all services of the room need: the row for a change, numbers without gaps, the trail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import select

from app.access.scope import Scope
from app.audit import services as audit
from app.consultations import queries
from app.consultations.models import Consultation
from app.core.db import session
from app.core.errors import Changed, NotFound, Refused
from app.engine.definition.common import Text
from app.therapies import queries as therapies

LONGEST = 20_000  # characters of one text


class Numbered(Protocol):
    """A table whose rows have a place in a consultation's list."""

    id: Any
    consultation_id: Any
    number: Any


Row = TypeVar("Row", bound=Numbered)


def own_row(scope: Scope, consultation_id: str, version: int | None = None) -> Consultation:
    """The row of a consultation of one's own; NotFound for strangers, Changed when somebody else saved first."""
    queries.own(scope, consultation_id)
    row = session.get(Consultation, consultation_id, populate_existing=True)
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise Changed
    return row


def must_be_unchanged(row: Any, version: int | None) -> None:
    """Changed when ``version``, which the person saw, is no longer the one stored; None asks nothing."""
    if version is not None and row.version != version:
        raise Changed


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


def all_of(table: type[Row], consultation_id: str) -> list[Row]:
    """The rows of a consultation in their order."""
    chosen = select(table).where(table.consultation_id == consultation_id)
    return list(session.scalars(chosen.order_by(table.number, table.id)))


def one_of(table: type[Row], consultation_id: str, row_id: str) -> Row:
    """One row of a consultation, as it is now; NotFound when it belongs to another."""
    row = session.get(table, row_id, populate_existing=True)
    if row is None or row.consultation_id != consultation_id:
        raise NotFound
    return row


def move(scope: Scope, consultation_id: str, table: type[Row], row_id: str, by: int, *, called: str) -> None:
    """One place up (-1) or down (1); the numbers follow, and the trail says it of what is ``called`` so."""
    parent = own_row(scope, consultation_id)
    order = all_of(table, consultation_id)
    row = next((row for row in order if row.id == row_id), None)
    if row is None:
        raise NotFound
    old, place = row.number, order.index(row)
    order.insert(min(max(place + by, 0), len(order) - 1), order.pop(place))
    renumber(order)
    if row.number != old:
        record(scope, parent, f"{called}:moved", before={"number": old}, after={"number": row.number})


def remove(table: type[Row], row: Row) -> None:
    """Delete a row; those behind it move up."""
    kept = [one for one in all_of(table, row.consultation_id) if one.id != row.id]
    session.delete(row)
    renumber(kept)


def renumber(rows: Sequence[Numbered]) -> None:
    """1, 2, 3 … in the order given."""
    for number, row in enumerate(rows, start=1):
        if row.number != number:
            row.number = number


def clean_text(field: str, text: str, limit: int = LONGEST) -> str:
    """What was typed, with line ends of one kind and no blanks around it; refused when it is too long."""
    clean = text.replace("\r\n", "\n").strip()
    if len(clean) > limit:
        raise Refused(
            Text(
                ja=f"{limit:,}文字までです(いま{len(clean):,}文字)。",
                en=f"At most {limit:,} characters; this has {len(clean):,}.",
            ),
            field=field,
        )
    return clean
