"""The people and organisations that most tests need."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from functools import cache

from flask_security.utils import hash_password

from app.access.actor import OrganisationKind, Position
from app.access.scope import Scope
from app.core.db import session, transaction
from app.engine.definition.common import Language
from app.organisations import queries, services
from app.organisations.models import Organisation
from app.people.models import Person

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class World:
    """Ids of organisations and of the people in them."""

    hub: str
    company: str
    other_company: str
    admin: str
    staff: str
    lead: str
    member: str
    stranger: str  # the lead of the other company


def build_world() -> World:
    """A hub with an administrator and a reviewer; a company with lead and member; another company with its lead."""
    with transaction():
        hub = services.found(kind=OrganisationKind.HUB, name_ja="試験ハブ", name_en="Test Hub")
        company = _company("甲再生医療株式会社", "Ko Regen Inc.", hub)
        other = _company("乙細胞株式会社", "Otsu Cells Inc.", hub)
        return World(
            hub=hub.id,
            company=company.id,
            other_company=other.id,
            admin=add_person("admin@hub.example", "管理 花子", hub.id, Position.ADMIN),
            staff=add_person("staff@hub.example", "審査 次郎", hub.id, Position.STAFF),
            lead=add_person("lead@ko.example", "薬事 太郎", company.id, Position.LEAD),
            member=add_person("member@ko.example", "研究 三郎", company.id, Position.MEMBER),
            stranger=add_person("lead@otsu.example", "別社 四郎", other.id, Position.LEAD),
        )


def add_person(email: str, name: str, organisation_id: str, position: Position, language: Language = "ja") -> str:
    """A person with PASSWORD in an organisation; returns the id."""
    person = Person(
        email=email,
        name=name,
        language=language,
        password=_hashed(),
        fs_uniquifier=secrets.token_hex(32),
        create_datetime=dt.datetime.now(dt.UTC),
        active=True,
    )
    with transaction():
        session.add(person)
        session.flush()
        services.join(person.id, organisation_id, position)
    return person.id


def scope_of(person_id: str) -> Scope:
    """The scope of a person."""
    return Scope(queries.actor(person_id))


def _company(name_ja: str, name_en: str, hub: Organisation) -> Organisation:
    return services.found(kind=OrganisationKind.COMPANY, name_ja=name_ja, name_en=name_en, hub_id=hub.id)


@cache
def _hashed() -> str:
    return str(hash_password(PASSWORD))
