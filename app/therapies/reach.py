"""Which therapies a reader reaches, as parts of statements and as whole ones, and a row as the reader sees it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, case, false, func, or_, select, true

from app.access.actor import OrganisationKind
from app.access.scope import Reads, Scope
from app.engine.definition.common import Language
from app.organisations.models import Organisation
from app.therapies.models import Grant, ReadLog, Therapy
from app.therapies.shapes import Standing, TherapyView

_COLUMNS: tuple[Any, ...] = (  # in the order of TherapyView, then what its standing follows from
    Therapy.id,
    Therapy.organisation_id,
    Organisation.name_ja,
    Organisation.name_en,
    Therapy.name_ja,
    Therapy.name_en,
    Therapy.product_class,
    Therapy.indication_ja,
    Therapy.indication_en,
    Therapy.material,
    Therapy.pathway,
    Therapy.reference,
    Therapy.created_at,
    Therapy.version,
    Organisation.kind,
)
WIDTH = len(_COLUMNS)  # of a row of ``rows``; what a statement adds comes after


def rows() -> Select[*tuple[Any, ...]]:
    """All therapies; a condition must follow."""
    owned = Organisation.id == Therapy.organisation_id
    return select(*_COLUMNS).select_from(Therapy).join(Organisation, owned)


def view(scope: Scope, row: Sequence[Any]) -> TherapyView:
    """A row that begins with those of ``rows``."""
    owner, kind = row[1], row[WIDTH - 1]
    if scope.everything or owner in scope.own:
        standing = Standing.OWN
    else:
        standing = Standing.PUBLIC if kind == OrganisationKind.PUBLIC else Standing.GRANTED
    return TherapyView(*(*row[: WIDTH - 1], standing, owner in scope.led))


def is_own(scope: Reads) -> ColumnElement[bool]:
    """Whether a therapy is of the reader's own organisations."""
    return true() if scope.everything else Therapy.organisation_id.in_(scope.own)


def may_see(scope: Reads) -> ColumnElement[bool]:
    """Whether a therapy is the reader's own, granted to a hub of theirs, or of the public."""
    if scope.everything:
        return true()
    if scope.nobody:
        return false()
    return or_(is_own(scope), Therapy.id.in_(granted_ids(scope)), Organisation.kind == OrganisationKind.PUBLIC)


def granted_ids(scope: Reads) -> Select[str]:
    """The ids of what was granted to the reader's hubs and is still in force, for use inside another statement."""
    return select(Grant.therapy_id).where(
        Grant.organisation_id.in_(scope.hubs),
        Grant.revoked_at.is_(None),
        or_(Grant.until.is_(None), Grant.until >= scope.today),
    )


def visible_ids(scope: Reads) -> Select[str]:
    """The ids of all therapies the reader may see, for use inside another statement."""
    return select(Therapy.id).join(Organisation, Organisation.id == Therapy.organisation_id).where(may_see(scope))


def owned_ids(scope: Reads) -> Select[str]:
    """The ids of the reader's own therapies, for use inside another statement."""
    return select(Therapy.id).where(is_own(scope))


def led_ids(scope: Reads) -> Select[str]:
    """The ids of the therapies that the reader may share, for use inside another statement."""
    return select(Therapy.id).where(true() if scope.everything else Therapy.organisation_id.in_(scope.led))


# --- whole statements, made once for all readers of a kind: see access/asking.py ------------------------------------

Allowed = Callable[[Reads], ColumnElement[bool]]
Rows = Select[*tuple[Any, ...]]
_THIS = Therapy.id == bindparam("therapy_id")


def by_name(speak: Language) -> tuple[Any, ...]:
    """The order of lists: by the name that a reader of the language is shown."""
    names = (Therapy.name_ja, Therapy.name_en) if speak == "ja" else (Therapy.name_en, Therapy.name_ja)
    return func.coalesce(*(func.nullif(name, "") for name in names)), Therapy.id


def allowed(own: bool) -> Allowed:
    """Whether a reader may have a therapy: only its own people, or all who may see it."""
    return is_own if own else may_see


def one(reader: Reads, may: Allowed) -> Rows:
    """The therapy ``therapy_id``."""
    return rows().where(_THIS, may(reader))


def with_more(reader: Reads, may: Allowed, table: type[Any], *columns: ColumnElement[Any]) -> Rows:
    """The same, beside each row of a table that belongs to it, with ``columns``."""
    joined = rows().add_columns(table, *columns).outerjoin(table, table.therapy_id == Therapy.id)
    return joined.where(_THIS, may(reader))


def of_row(reader: Reads, may: Allowed, table: type[Any], *columns: ColumnElement[Any]) -> Rows:
    """The therapy of the row ``row_id`` of a table, the row, and ``columns``."""
    joined = rows().add_columns(table, *columns).join(table, table.therapy_id == Therapy.id)
    return joined.where(table.id == bindparam("row_id"), may(reader))


def own_page(reader: Reads, speak: Language, by: ColumnElement[dt.date] | None, *columns: ColumnElement[Any]) -> Rows:
    """Own therapies from ``start`` on, ``per_page`` of them, or the last page; with how many there are and the first.

    The order is found before anything else of a therapy is read, so ``columns`` cost what is shown.
    """
    order = by_name(speak) if by is None else (func.coalesce(by, dt.date.max), *by_name(speak))
    places = select(
        Therapy.id,
        func.row_number().over(order_by=order).label("place"),
        func.count().over().label("total"),
        func.first_value(Therapy.id).over(order_by=order).label("first"),
    )
    found = places.where(is_own(reader)).subquery()
    own, start, size = found.c, bindparam("start", type_=Integer), bindparam("per_page", type_=Integer)
    begins = case((start < own.total, start), else_=(own.total - 1) // size * size)
    chosen = rows().join(found, own.id == Therapy.id).where(own.place > begins, own.place <= begins + size)
    return chosen.add_columns(*columns, own.total, own.first).order_by(own.place)


def listed(reader: Reads, speak: Language, *columns: ColumnElement[Any]) -> Rows:
    """What was granted, by name, and of each whether ``person_id`` saw it on ``page`` since ``midnight``."""
    seen = select(ReadLog.id).where(
        ReadLog.therapy_id == Therapy.id,
        ReadLog.at >= bindparam("midnight"),
        ReadLog.page == bindparam("page"),
        ReadLog.person_id == bindparam("person_id"),
    )
    granted = Therapy.id.in_(granted_ids(reader))
    return rows().add_columns(seen.exists(), *columns).where(granted).order_by(*by_name(speak))
