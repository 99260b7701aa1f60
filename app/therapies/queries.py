"""Reading therapies, grants and the log of outside reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, ScalarSelect, and_, select
from sqlalchemy.orm import aliased

from app.access.actor import OrganisationKind
from app.access.asking import ask
from app.access.scope import EVERYTHING, Scope
from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.core.i18n import language
from app.organisations.models import Organisation
from app.people.models import Person
from app.therapies import reach
from app.therapies.models import Grant, ReadLog, Therapy
from app.therapies.reach import WIDTH, granted_ids, led_ids, owned_ids, visible_ids
from app.therapies.shapes import GrantView, ReadView, Standing, TherapyView

__all__ = [
    "GrantView",
    "OwnPage",
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
    "granted_ids",
    "grants",
    "led",
    "led_ids",
    "listed",
    "of_hub",
    "of_own",
    "of_row",
    "own",
    "own_page",
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
    return _found(scope, ask(scope, reach.one, reach.may_see, therapy_id=therapy_id).first())


def own(scope: Scope, therapy_id: str | ScalarSelect[str]) -> TherapyView:
    """A therapy of the reader's own organisation, for every change; else NotFound.

    ``therapy_id`` may be the part of a statement that finds it, so that a stranger learns nothing on the way there.
    """
    if isinstance(therapy_id, str):
        return _found(scope, ask(scope, reach.one, reach.is_own, therapy_id=therapy_id).first())
    return _found(scope, session.execute(reach.rows().where(Therapy.id == therapy_id, reach.is_own(scope))).first())


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
    therapy, found = get_with_more(scope, therapy_id, rows, own=own)
    return therapy, [row for (row,) in found if row is not None]


def get_with_more(
    scope: Scope, therapy_id: str, rows: type[Any], *columns: ColumnElement[Any], own: bool = False
) -> tuple[TherapyView, list[tuple[Any, ...]]]:
    """As ``get_with``; each row (None where there is none) comes with ``columns``, which are the same for all.

    These are about the therapy of the statement and, as the statement, made once.
    """
    found = ask(scope, reach.with_more, reach.allowed(own), rows, *columns, therapy_id=therapy_id).all()
    therapy = _found(scope, found[0] if found else None)
    return therapy, [tuple(row[WIDTH:]) for row in found]


def get_with_all(
    scope: Scope, therapy_id: str, *tables: tuple[type[Any], ColumnElement[bool]], own: bool = False
) -> tuple[TherapyView, list[tuple[Any, ...]]]:
    """As ``get_with`` for several tables, each with how it is joined: their rows side by side, None where one has none.

    A row comes once with each row of the other tables, so all but one of them must have few.
    """
    joined = reach.rows().add_columns(*(table for table, _on in tables))
    for table, on in tables:
        joined = joined.outerjoin(table, on)
    joined = joined.where(Therapy.id == therapy_id, reach.allowed(own)(scope)).execution_options(populate_existing=True)
    found = session.execute(joined).all()
    therapy = _found(scope, found[0] if found else None)
    return therapy, [tuple(row[WIDTH:]) for row in found]


def of_row(
    scope: Scope, rows: type[Any], row_id: str, *columns: ColumnElement[Any], own: bool = False
) -> tuple[Any, ...]:
    """The therapy that a row of another room belongs to, the row, and more columns about it, in one statement.

    ``rows`` is a table with a column ``therapy_id``, ``columns`` are made once. NotFound where the reader may not see
    the therapy, or with ``own`` where it is not their own.
    """
    found = ask(scope, reach.of_row, reach.allowed(own), rows, *columns, row_id=row_id).first()
    therapy = _found(scope, found)
    return therapy, *(found[WIDTH:] if found else ())


def shared(scope: Scope, therapy_id: str) -> tuple[TherapyView, list[GrantView]]:
    """A therapy whose organisation the reader leads, with all its grants, newest first, in one statement."""
    reader = aliased(Organisation)
    rows = session.execute(
        reach.rows()
        .add_columns(Grant, reader.name_ja, reader.name_en, Person.name)
        .outerjoin(Grant, Grant.therapy_id == Therapy.id)
        .outerjoin(reader, reader.id == Grant.organisation_id)
        .outerjoin(Person, Person.id == Grant.granted_by)
        .where(Therapy.id.in_(led_ids(scope)), Therapy.id == therapy_id)
        .order_by(Grant.granted_at.desc(), Grant.id)
    ).all()
    if not rows:
        raise NotFound
    return reach.view(scope, rows[0]), [
        GrantView(g.id, g.organisation_id, ja, en, person, g.granted_at, g.until, g.revoked_at)
        for *_therapy, g, ja, en, person in rows
        if g is not None
    ]


def of_own(scope: Scope) -> list[TherapyView]:
    """The therapies of the reader's own organisations, by name."""
    return _list(scope, reach.is_own(scope))


@dataclass(frozen=True, slots=True)
class OwnPage:
    """One page of the reader's own therapies: ``rows`` as of ``own_page``, of ``total``, of which ``first`` leads."""

    rows: list[tuple[Any, ...]]
    total: int
    first: str | None


def own_page(
    scope: Scope,
    number: int,
    per_page: int,
    *columns: ColumnElement[Any],
    by: ColumnElement[dt.date] | None = None,
    **values: Any,
) -> OwnPage:
    """One page, or the last where there are fewer, of the reader's own therapies: by name, or first by the day ``by``.

    Each row is a view and what other rooms have to say of it: ``columns`` about the therapy of a statement, made once;
    ``values`` are what they and ``by`` ask for. One statement, which works ``columns`` out for this page only.
    """
    start = (max(number, 1) - 1) * per_page
    found = ask(scope, reach.own_page, language(), by, *columns, start=start, per_page=per_page, **values).all()
    rows = [(reach.view(scope, row), *row[WIDTH:-2]) for row in found]
    return OwnPage(rows, *found[0][-2:]) if found else OwnPage([], 0, None)


def listed(scope: Scope, page: str, *columns: ColumnElement[Any], **values: Any) -> list[tuple[Any, ...]]:
    """What was granted to the reader's hubs and is still in force, by name; ``columns`` as for ``own_page``.

    Each view with whether it is written down that the reader saw it today in the list ``page``, then ``columns``.
    """
    midnight = dt.datetime.combine(clock.today(), dt.time(), clock.TOKYO)
    person_id = scope.actor.id if scope.actor else None
    told = {"page": page, "midnight": midnight, "person_id": person_id, **values}
    rows = ask(scope, reach.listed, language(), *columns, **told)
    return [(reach.view(scope, row), *row[WIDTH:]) for row in rows]


def public(scope: Scope) -> list[TherapyView]:
    """The public precedents, by name; every signed-in person may read them."""
    if scope.actor is None and not scope.everything:
        return []
    return _list(scope, Organisation.kind == OrganisationKind.PUBLIC)


def every(scope: Scope) -> list[TherapyView]:
    """All therapies of companies and universities (for the worker; a person gets only their own)."""
    return _list(scope, and_(reach.is_own(scope), Organisation.kind != OrganisationKind.PUBLIC))


def by_reference(scope: Scope, reference: str) -> TherapyView:
    """The public precedent of that case; NotFound where it was not loaded."""
    row = session.execute(reach.rows().where(Therapy.reference == reference, reach.may_see(scope))).first()
    if row is None:
        raise NotFound
    return reach.view(scope, row)


def of_hub(hub_id: str) -> list[TherapyView]:
    """All therapies of the companies of a hub (for the program itself)."""
    return _list(EVERYTHING, Organisation.hub_id == hub_id)


def existing(scope: Scope, therapy_ids: Collection[str]) -> list[str]:
    """Which of these therapies there are for the reader."""
    return list(session.scalars(visible_ids(scope).where(Therapy.id.in_(therapy_ids))))


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


def _found(scope: Scope, row: Sequence[Any] | None) -> TherapyView:
    if row is None:
        raise NotFound
    return reach.view(scope, row)


def _list(scope: Scope, condition: ColumnElement[bool]) -> list[TherapyView]:
    chosen = reach.rows().where(condition).order_by(*reach.by_name(language()))
    return [reach.view(scope, row) for row in session.execute(chosen)]
