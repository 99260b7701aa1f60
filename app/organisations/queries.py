"""Reading organisations, members and invitations."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.access.actor import Actor, Membership, OrganisationKind, Position
from app.access.scope import Scope
from app.core import clock, outbox
from app.core.db import session
from app.core.errors import NotFound
from app.core.i18n import language
from app.engine.definition.common import Language
from app.organisations.models import Invitation, Member, Organisation
from app.people.models import Person


@dataclass(frozen=True)
class OrganisationView:
    """An organisation."""

    id: str
    kind: OrganisationKind
    name_ja: str
    name_en: str
    hub_id: str | None

    def name(self, language: Language) -> str:
        """Its name for a reader of ``language``."""
        return self.name_ja if language == "ja" else self.name_en


@dataclass(frozen=True)
class CompanyView:
    """A company of a hub, as its administrators see it: whom they invited, and whether the door was used.

    ``invited_at`` None: it belongs to the hub without an invitation, and ``invited`` is who leads it, if anybody.
    ``unreachable``: since when no mail reaches the invited person.
    """

    organisation: OrganisationView
    invited: str
    email: str
    invited_at: dt.datetime | None = None
    accepted_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    unreachable: dt.datetime | None = None


@dataclass(frozen=True)
class InvitationView:
    """An open invitation, as the invited person sees it."""

    id: str
    organisation: OrganisationView
    email: str
    name: str
    language: Language
    position: Position


@dataclass(frozen=True)
class MemberView:
    """A person in an organisation, for mails."""

    person_id: str
    name: str
    email: str
    language: Language
    position: Position
    organisation_id: str
    keeps_rules: bool = False


_p, _m, _o = Person.__table__.c, Member.__table__.c, Organisation.__table__.c
_WHO = (
    select(_p.id, _p.name, _p.email, _p.language, _o.id, _o.name_ja, _o.name_en, _o.kind, _m.position, _m.keeps_rules)
    .outerjoin_from(Person.__table__, Member.__table__, _m.person_id == _p.id)
    .outerjoin(Organisation.__table__, _o.id == _m.organisation_id)
    .where(_p.id == bindparam("person_id"), _p.active)
    .order_by(_o.name_en)
)


def actor(person_id: str) -> Actor | None:
    """The person with all memberships; None if there is no such active person."""
    rows = session.execute(_WHO, {"person_id": person_id}).all()
    if not rows:
        return None
    places = tuple(
        Membership(id_, name_ja, name_en, OrganisationKind(kind), Position(position), keeps_rules)
        for *_person, id_, name_ja, name_en, kind, position, keeps_rules in rows
        if id_ is not None
    )
    return Actor(*rows[0][:4], places)


def organisation(organisation_id: str) -> OrganisationView:
    """An organisation that the caller already knows of by something it may see."""
    row = session.get(Organisation, organisation_id)
    if row is None:
        raise NotFound
    return view(row)


def hub_of(scope: Scope, organisation_id: str) -> OrganisationView | None:
    """The hub that one's own organisation belongs to."""
    if not scope.everything and organisation_id not in scope.own:
        raise NotFound
    company, hub = aliased(Organisation), aliased(Organisation)
    row = session.scalar(select(hub).join(company, company.hub_id == hub.id).where(company.id == organisation_id))
    return view(row) if row else None


def companies(scope: Scope) -> list[CompanyView]:
    """The companies of the reader's hubs: those that were invited, newest invitation first, then the others.

    What shares a moment, and the others, go by the name that the reader is shown.
    """
    found: Sequence[Any] = session.execute(
        select(Organisation, Invitation)
        .outerjoin(Invitation, Invitation.organisation_id == Organisation.id)
        .where(Organisation.hub_id.in_(scope.hubs))
    ).all()
    by_name = sorted(found, key=lambda row: view(row[0]).name(language()))
    invited = [(row[0], row[1]) for row in by_name if row[1] is not None]
    rows = sorted(invited, key=lambda row: row[1].invited_at, reverse=True)
    others = [row[0] for row in by_name if row[1] is None]
    leads = {one.organisation_id: one for one in members(frozenset(o.id for o in others), frozenset({Position.LEAD}))}
    lost = outbox.unreachable([i.email for _company, i in rows] + [one.email for one in leads.values()])
    listed = [
        CompanyView(view(o), i.name, i.email, i.invited_at, i.accepted_at, i.expires_at, lost.get(i.email))
        for o, i in rows
    ]
    for o in others:
        lead = leads.get(o.id)
        name, email = (lead.name, lead.email) if lead else ("–", "")
        listed.append(CompanyView(view(o), name, email, unreachable=lost.get(email)))
    return listed


def open_invitation(token: str) -> InvitationView:
    """The invitation behind the link of a mail; raises NotFound if it was used, has expired or never was."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    row = session.execute(
        select(Invitation, Organisation)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .where(
            Invitation.token_sha256 == digest,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
    ).first()
    if row is None:
        raise NotFound
    invitation, place = row
    return InvitationView(
        invitation.id,
        view(place),
        invitation.email,
        invitation.name,
        invitation.language,
        Position(invitation.position),
    )


def invited_into(email: str) -> frozenset[str]:
    """The organisations into which this address (as it is stored) has an open door."""
    now = clock.now()
    wanted = Invitation.email == email, Invitation.accepted_at.is_(None), Invitation.expires_at > now
    return frozenset(session.scalars(select(Invitation.organisation_id).where(*wanted)))


def members(organisation_ids: frozenset[str], positions: frozenset[Position] | None = None) -> list[MemberView]:
    """The active people of these organisations (for mails: the caller decides which organisations)."""
    rows = (
        select(Member, Person)
        .join(Person, Person.id == Member.person_id)
        .where(Member.organisation_id.in_(organisation_ids), Person.active.is_(True))
        .order_by(Person.email)
    )
    if positions:
        rows = rows.where(Member.position.in_(positions))
    return [
        MemberView(p.id, p.name, p.email, p.language, Position(m.position), m.organisation_id, m.keeps_rules)
        for m, p in session.execute(rows)
    ]


def hubs() -> list[OrganisationView]:
    """All hubs (for the program itself)."""
    return [view(o) for o in session.scalars(select(Organisation).where(Organisation.kind == OrganisationKind.HUB))]


def of_own_hubs(scope: Scope, hub_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether ``hub_id`` is a hub that the reader reviews for, or that the reader's own organisations belong to."""
    of_own = select(Organisation.hub_id).where(Organisation.id.in_(scope.own), Organisation.hub_id.is_not(None))
    return or_(hub_id.in_(scope.hubs), hub_id.in_(of_own))


def company_ids(hub_id: str) -> frozenset[str]:
    """The organisations of a hub (for the program itself)."""
    return frozenset(session.scalars(select(Organisation.id).where(Organisation.hub_id == hub_id)))


def called(name: str) -> list[OrganisationView]:
    """The companies and universities of that id or name (for commands of the operator)."""
    same = or_(Organisation.id == name, Organisation.name_ja == name, Organisation.name_en == name)
    own = Organisation.kind.in_([OrganisationKind.COMPANY, OrganisationKind.UNIVERSITY])
    return [view(o) for o in session.scalars(select(Organisation).where(same, own))]


def count() -> int:
    """How many organisations there are."""
    return session.scalar(select(func.count()).select_from(Organisation)) or 0


def view(row: Organisation) -> OrganisationView:
    """A row as other rooms see it."""
    return OrganisationView(row.id, OrganisationKind(row.kind), row.name_ja, row.name_en, row.hub_id)
