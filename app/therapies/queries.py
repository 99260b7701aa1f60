"""Reading therapies, grants and the log of outside reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, false, or_, select, true
from sqlalchemy.orm import aliased

from app.access.actor import OrganisationKind
from app.access.scope import Scope
from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.organisations.models import Organisation
from app.people.models import Person
from app.therapies.models import Grant, ReadLog, Therapy
from app.therapies.shapes import GrantView, ReadView, Standing, TherapyView

__all__ = [
    "GrantView",
    "ReadView",
    "Standing",
    "TherapyView",
    "by_reference",
    "every",
    "existing",
    "get",
    "get_with",
    "get_with_all",
    "get_with_more",
    "grants",
    "led",
    "led_ids",
    "listed",
    "of_own",
    "of_row",
    "own",
    "owned_ids",
    "public",
    "reads",
    "shared",
    "visible_ids",
]


class BelongsToTherapy(Protocol):
    """A table of any room with a column ``therapy_id``."""

    therapy_id: Any


Belonging = TypeVar("Belonging", bound=BelongsToTherapy)


def get(scope: Scope, therapy_id: str) -> TherapyView:
    """A therapy that the reader may see: own, granted to a hub of theirs, or of the public; else NotFound."""
    row = session.execute(_rows().where(Therapy.id == therapy_id, _may_see(scope))).first()
    if row is None:
        raise NotFound
    return _view(scope, row)


def own(scope: Scope, therapy_id: str | ScalarSelect[str]) -> TherapyView:
    """A therapy of the reader's own organisation, for every change; else NotFound.

    ``therapy_id`` may be the part of a statement that finds it, so that a stranger learns nothing on the way there.
    """
    row = session.execute(_rows().where(Therapy.id == therapy_id, _is_own(scope))).first()
    if row is None:
        raise NotFound
    return _view(scope, row)


def led(scope: Scope, therapy_id: str) -> TherapyView:
    """A therapy of an organisation that the reader leads, for what only the lead does; else NotFound."""
    therapy = own(scope, therapy_id)
    if not therapy.may_share and not scope.everything:
        raise NotFound
    return therapy


def get_with(
    scope: Scope, therapy_id: str, rows: type[Belonging], *, own: bool = False
) -> tuple[TherapyView, list[Belonging]]:
    """A therapy that the reader may see and the rows of another room that belong to it, in one statement.

    ``rows`` is a table with a column ``therapy_id``. With ``own`` it must be the reader's own; else NotFound.
    """
    allowed = _is_own(scope) if own else _may_see(scope)
    joined = _rows().add_columns(rows).outerjoin(rows, rows.therapy_id == Therapy.id)
    found = session.execute(joined.where(Therapy.id == therapy_id, allowed)).all()
    if not found:
        raise NotFound
    return _view(scope, found[0][:4]), [row[4] for row in found if row[4] is not None]


def get_with_more(
    scope: Scope, therapy_id: str, rows: type[Any], columns: Sequence[ColumnElement[Any]], *, own: bool = False
) -> tuple[TherapyView, list[tuple[Any, ...]]]:
    """As ``get_with``; each row (None where there is none) comes with ``columns``, which are the same for all."""
    joined = _rows().add_columns(rows, *columns).outerjoin(rows, rows.therapy_id == Therapy.id)
    found = session.execute(joined.where(Therapy.id == therapy_id, _is_own(scope) if own else _may_see(scope))).all()
    if not found:
        raise NotFound
    return _view(scope, found[0][:4]), [tuple(row[4:]) for row in found]


def get_with_all(
    scope: Scope, therapy_id: str, *tables: tuple[type[Any], ColumnElement[bool]], own: bool = False
) -> tuple[TherapyView, list[tuple[Any, ...]]]:
    """As ``get_with`` for several tables, each with how it is joined: their rows side by side, None where one has none.

    A row comes once with each row of the other tables, so all but one of them must have few.
    """
    joined = _rows().add_columns(*(table for table, _on in tables))
    for table, on in tables:
        joined = joined.outerjoin(table, on)
    allowed = _is_own(scope) if own else _may_see(scope)
    joined = joined.where(Therapy.id == therapy_id, allowed).execution_options(populate_existing=True)
    found = session.execute(joined).all()
    if not found:
        raise NotFound
    return _view(scope, found[0][:4]), [tuple(row[4:]) for row in found]


def of_row(
    scope: Scope, rows: type[Any], row_id: str, *columns: ColumnElement[Any], own: bool = False
) -> tuple[Any, ...]:
    """The therapy that a row of another room belongs to, the row, and more columns about it, in one statement.

    ``rows`` is a table with a column ``therapy_id``. NotFound where the reader may not see the therapy, or with ``own``
    where it is not their own.
    """
    joined = _rows().add_columns(rows, *columns).join(rows, rows.therapy_id == Therapy.id)
    found = session.execute(joined.where(rows.id == row_id, _is_own(scope) if own else _may_see(scope))).first()
    if found is None:
        raise NotFound
    return _view(scope, found[:4]), *found[4:]


def shared(scope: Scope, therapy_id: str) -> tuple[TherapyView, list[GrantView]]:
    """A therapy whose organisation the reader leads, with all its grants, newest first, in one statement."""
    reader = aliased(Organisation)
    rows = session.execute(
        _rows()
        .add_columns(Grant, reader.name_ja, reader.name_en, Person.name)
        .outerjoin(Grant, Grant.therapy_id == Therapy.id)
        .outerjoin(reader, reader.id == Grant.organisation_id)
        .outerjoin(Person, Person.id == Grant.granted_by)
        .where(Therapy.id.in_(led_ids(scope)), Therapy.id == therapy_id)
        .order_by(Grant.granted_at.desc(), Grant.id)
    ).all()
    if not rows:
        raise NotFound
    return _view(scope, rows[0][:4]), [
        GrantView(g.id, g.organisation_id, ja, en, person, g.granted_at, g.until, g.revoked_at)
        for *_therapy, g, ja, en, person in rows
        if g is not None
    ]


_BY_NAME = (Therapy.name_en, Therapy.name_ja, Therapy.id)


def of_own(scope: Scope) -> list[TherapyView]:
    """The therapies of the reader's own organisations, by name."""
    return _list(scope, _is_own(scope))


def listed(scope: Scope, page: str) -> list[tuple[TherapyView, bool]]:
    """What was granted to the reader's hubs and is still in force, by name.

    Each with whether it is written down that the reader saw it today in the list ``page``.
    """
    midnight = dt.datetime.combine(clock.today(), dt.time(), clock.TOKYO)
    seen = select(ReadLog.id).where(
        ReadLog.therapy_id == Therapy.id,
        ReadLog.at >= midnight,
        ReadLog.page == page,
        ReadLog.person_id == (scope.actor.id if scope.actor else None),
    )
    chosen = _rows().add_columns(seen.exists()).where(Therapy.id.in_(_granted_ids(scope)))
    rows = session.execute(chosen.order_by(*_BY_NAME))
    return [(_view(scope, row[:4]), row[4]) for row in rows]


def public(scope: Scope) -> list[TherapyView]:
    """The public precedents, by name; every signed-in person may read them."""
    if scope.actor is None and not scope.everything:
        return []
    return _list(scope, Organisation.kind == OrganisationKind.PUBLIC)


def every(scope: Scope) -> list[TherapyView]:
    """All therapies of companies and universities (for the worker; a person gets only their own)."""
    return _list(scope, and_(_is_own(scope), Organisation.kind != OrganisationKind.PUBLIC))


def by_reference(scope: Scope, reference: str) -> TherapyView:
    """The public precedent of that case; NotFound where it was not loaded."""
    row = session.execute(_rows().where(Therapy.reference == reference, _may_see(scope))).first()
    if row is None:
        raise NotFound
    return _view(scope, row)


def visible_ids(scope: Scope) -> Select[str]:
    """The ids of all therapies the reader may see, for use inside another statement."""
    return select(Therapy.id).join(Organisation, Organisation.id == Therapy.organisation_id).where(_may_see(scope))


def existing(scope: Scope, therapy_ids: Collection[str]) -> list[str]:
    """Which of these therapies there are for the reader."""
    return list(session.scalars(visible_ids(scope).where(Therapy.id.in_(therapy_ids))))


def owned_ids(scope: Scope) -> Select[str]:
    """The ids of the reader's own therapies, for use inside another statement."""
    return select(Therapy.id).where(_is_own(scope))


def led_ids(scope: Scope) -> Select[str]:
    """The ids of the therapies that the reader may share, for use inside another statement."""
    return select(Therapy.id).where(true() if scope.everything else Therapy.organisation_id.in_(scope.led))


def grants(scope: Scope, therapy_id: str) -> list[GrantView]:
    """All grants of a therapy that the reader may share, newest first."""
    return shared(scope, therapy_id)[1]


def reads(scope: Scope, therapy_id: str, *, limit: int = 50) -> list[ReadView]:
    """The newest reads of an own therapy by people outside."""
    rows = session.execute(
        select(ReadLog.at, Person.name, Organisation.name_ja, Organisation.name_en, ReadLog.page)
        .outerjoin(Person, Person.id == ReadLog.person_id)
        .outerjoin(Organisation, Organisation.id == ReadLog.organisation_id)
        .where(ReadLog.therapy_id == therapy_id, ReadLog.therapy_id.in_(owned_ids(scope)))
        .order_by(ReadLog.at.desc(), ReadLog.id)
        .limit(limit)
    )
    return [ReadView(*row) for row in rows]


def _rows() -> Select[Therapy, str, str, OrganisationKind]:
    return select(Therapy, Organisation.name_ja, Organisation.name_en, Organisation.kind).join(
        Organisation, Organisation.id == Therapy.organisation_id
    )


def _list(scope: Scope, condition: ColumnElement[bool]) -> list[TherapyView]:
    return [_view(scope, row) for row in session.execute(_rows().where(condition).order_by(*_BY_NAME))]


def _is_own(scope: Scope) -> ColumnElement[bool]:
    return true() if scope.everything else Therapy.organisation_id.in_(scope.own)


def _granted_ids(scope: Scope) -> Select[str]:
    return select(Grant.therapy_id).where(
        Grant.organisation_id.in_(scope.hubs),
        Grant.revoked_at.is_(None),
        or_(Grant.until.is_(None), Grant.until >= clock.today()),
    )


def _may_see(scope: Scope) -> ColumnElement[bool]:
    if scope.everything:
        return true()
    if scope.actor is None:
        return false()
    return or_(_is_own(scope), Therapy.id.in_(_granted_ids(scope)), Organisation.kind == OrganisationKind.PUBLIC)


def _view(scope: Scope, row: Sequence[Any]) -> TherapyView:
    therapy, name_ja, name_en, kind = row
    if scope.everything or therapy.organisation_id in scope.own:
        standing = Standing.OWN
    else:
        standing = Standing.PUBLIC if kind == OrganisationKind.PUBLIC else Standing.GRANTED
    return TherapyView(
        therapy.id,
        therapy.organisation_id,
        name_ja,
        name_en,
        therapy.name_ja,
        therapy.name_en,
        therapy.product_class,
        therapy.indication_ja,
        therapy.indication_en,
        therapy.material,
        therapy.pathway,
        therapy.reference,
        therapy.created_at,
        therapy.version,
        standing,
        may_share=therapy.organisation_id in scope.led,
    )
