"""Reading therapies, grants and the log of outside reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.engine import Row

from app.access.actor import OrganisationKind
from app.access.scope import Scope
from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.engine.definition.common import Language, Text
from app.organisations.models import Organisation
from app.people.models import Person
from app.therapies.kinds import MATERIALS
from app.therapies.models import Grant, ReadLog, Therapy


class Standing(StrEnum):
    """By what right a reader sees a therapy."""

    OWN = "own"
    GRANTED = "granted"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class TherapyView:
    """A therapy, and by what right the reader sees it."""

    id: str
    organisation_id: str
    organisation_ja: str
    organisation_en: str
    name_ja: str
    name_en: str
    product_class: str
    indication_ja: str
    indication_en: str
    material: str
    pathway: str
    reference: str | None
    created_at: dt.datetime
    version: int
    standing: Standing
    may_share: bool = False

    @property
    def may_write(self) -> bool:
        """Whether the reader may change it."""
        return self.standing is Standing.OWN

    @property
    def is_public(self) -> bool:
        """Whether it is a public precedent."""
        return self.reference is not None

    def name(self, language: Language) -> str:
        """Its name for a reader of ``language``; the other name where only one was given."""
        return (self.name_ja or self.name_en) if language == "ja" else (self.name_en or self.name_ja)

    def indication(self, language: Language) -> str:
        """Its indication for a reader of ``language``."""
        return (
            (self.indication_ja or self.indication_en)
            if language == "ja"
            else (self.indication_en or self.indication_ja)
        )

    def organisation(self, language: Language) -> str:
        """The owner's name for a reader of ``language``."""
        return self.organisation_ja if language == "ja" else self.organisation_en

    @property
    def names(self) -> Text:
        """Its name in both languages."""
        return Text(ja=self.name("ja"), en=self.name("en"))

    @property
    def material_text(self) -> Text:
        """What it consists of."""
        return MATERIALS[self.material].names


@dataclass(frozen=True, slots=True)
class GrantView:
    """A grant, as its owner sees it."""

    id: str
    organisation_id: str
    organisation_ja: str
    organisation_en: str
    granted_by: str | None
    granted_at: dt.datetime
    until: dt.date | None
    revoked_at: dt.datetime | None

    def organisation(self, language: Language) -> str:
        """Who may read, for a reader of ``language``."""
        return self.organisation_ja if language == "ja" else self.organisation_en

    def in_force(self, today: dt.date) -> bool:
        """Whether it still opens the door."""
        return self.revoked_at is None and (self.until is None or self.until >= today)


@dataclass(frozen=True, slots=True)
class ReadView:
    """One read by somebody outside."""

    at: dt.datetime
    person: str | None
    organisation_ja: str | None
    organisation_en: str | None
    page: str

    def organisation(self, language: Language) -> str | None:
        """On whose behalf, for a reader of ``language``."""
        return self.organisation_ja if language == "ja" else self.organisation_en


def get(scope: Scope, therapy_id: str) -> TherapyView:
    """A therapy that the reader may see: own, granted to a hub of theirs, or of the public; else NotFound."""
    row = session.execute(_rows().where(Therapy.id == therapy_id, _may_see(scope))).first()
    if row is None:
        raise NotFound
    return _view(scope, row)


def own(scope: Scope, therapy_id: str) -> TherapyView:
    """A therapy of the reader's own organisation, for every change; else NotFound."""
    row = session.execute(_rows().where(Therapy.id == therapy_id, _is_own(scope))).first()
    if row is None:
        raise NotFound
    return _view(scope, row)


def of_own(scope: Scope) -> list[TherapyView]:
    """The therapies of the reader's own organisations, by name."""
    return _list(scope, _is_own(scope))


def granted(scope: Scope) -> list[TherapyView]:
    """What was granted to the reader's hubs and is still in force, by name."""
    return _list(scope, Therapy.id.in_(_granted_ids(scope)))


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


def owned_ids(scope: Scope) -> Select[str]:
    """The ids of the reader's own therapies, for use inside another statement."""
    return select(Therapy.id).where(_is_own(scope))


def grants(scope: Scope, therapy_id: str) -> list[GrantView]:
    """All grants of an own therapy, newest first."""
    rows = session.execute(
        select(Grant, Organisation.name_ja, Organisation.name_en, Person.name)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .outerjoin(Person, Person.id == Grant.granted_by)
        .where(Grant.therapy_id == therapy_id, Grant.therapy_id.in_(owned_ids(scope)))
        .order_by(Grant.granted_at.desc(), Grant.id)
    )
    return [
        GrantView(g.id, g.organisation_id, ja, en, person, g.granted_at, g.until, g.revoked_at)
        for g, ja, en, person in rows
    ]


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
    rows = session.execute(_rows().where(condition).order_by(Therapy.name_en, Therapy.name_ja, Therapy.id))
    return [_view(scope, row) for row in rows]


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


def _view(scope: Scope, row: Row[Therapy, str, str, OrganisationKind]) -> TherapyView:
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
