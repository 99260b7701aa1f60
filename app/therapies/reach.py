"""Which therapies a reader reaches, as parts of statements, and a row of such a statement as the reader sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from app.access.actor import OrganisationKind
from app.access.scope import Scope
from app.core import clock
from app.organisations.models import Organisation
from app.therapies.models import Grant, Therapy
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


def is_own(scope: Scope) -> ColumnElement[bool]:
    """Whether a therapy is of the reader's own organisations."""
    return true() if scope.everything else Therapy.organisation_id.in_(scope.own)


def may_see(scope: Scope) -> ColumnElement[bool]:
    """Whether a therapy is the reader's own, granted to a hub of theirs, or of the public."""
    if scope.everything:
        return true()
    if scope.actor is None:
        return false()
    return or_(is_own(scope), Therapy.id.in_(granted_ids(scope)), Organisation.kind == OrganisationKind.PUBLIC)


def granted_ids(scope: Scope) -> Select[str]:
    """The ids of what was granted to the reader's hubs and is still in force, for use inside another statement."""
    return select(Grant.therapy_id).where(
        Grant.organisation_id.in_(scope.hubs),
        Grant.revoked_at.is_(None),
        or_(Grant.until.is_(None), Grant.until >= clock.today()),
    )


def visible_ids(scope: Scope) -> Select[str]:
    """The ids of all therapies the reader may see, for use inside another statement."""
    return select(Therapy.id).join(Organisation, Organisation.id == Therapy.organisation_id).where(may_see(scope))


def owned_ids(scope: Scope) -> Select[str]:
    """The ids of the reader's own therapies, for use inside another statement."""
    return select(Therapy.id).where(is_own(scope))


def led_ids(scope: Scope) -> Select[str]:
    """The ids of the therapies that the reader may share, for use inside another statement."""
    return select(Therapy.id).where(true() if scope.everything else Therapy.organisation_id.in_(scope.led))
