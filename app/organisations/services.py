"""Founding organisations and inviting people into them."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update

from app.access.actor import Actor, OrganisationKind, Position
from app.access.scope import EVERYTHING, Scope
from app.audit import services as audit
from app.core import clock, signs
from app.core.db import session, transaction
from app.core.errors import Forbidden, NotFound, Refused
from app.core.formats import moment
from app.core.i18n import Language
from app.core.outbox import one_address
from app.engine.definition.common import Text
from app.organisations import emails, queries
from app.organisations.models import Invitation, Member, Organisation
from app.people import limits
from app.people import services as people
from app.people.models import Person

INVITATION_DAYS = 14  # our own choice: long enough for a holiday, short enough for a lost mailbox
_TAKEN = Text(
    ja="このメールアドレスの方は、すでに Shirube をお使いです。別のアドレスを入力してください。",
    en="Somebody with this e-mail address already uses Shirube. Please give another address.",
)


def found(
    *, kind: OrganisationKind, name_ja: str, name_en: str, hub_id: str | None = None, scope: Scope | None = None
) -> Organisation:
    """A new organisation; joins the caller's transaction."""
    with transaction():
        place = Organisation(
            kind=kind, name_ja=name_ja.strip(), name_en=name_en.strip(), hub_id=hub_id, created_at=clock.now()
        )
        session.add(place)
        session.flush()
        audit.record(
            scope.actor if scope else None,
            "organisations:organisation:founded",
            organisation_id=place.id,
            subject_id=place.id,
            after={"name_ja": place.name_ja, "name_en": place.name_en, "kind": str(kind)},
        )
    return place


def public_record() -> str:
    """The id of the organisation that holds public precedents, founded when first asked for."""
    with transaction():
        known = session.scalar(select(Organisation.id).where(Organisation.kind == OrganisationKind.PUBLIC))
        return known or found(kind=OrganisationKind.PUBLIC, name_ja="公開情報", name_en="Public record").id


def invite_company(
    scope: Scope, hub_id: str, *, name_ja: str, name_en: str, email: str, lead: str, language: Language
) -> Organisation:
    """A hub's administrator invites a company: the company is founded, and its lead gets a mail with a door."""
    if not _is_admin(scope, hub_id):
        raise Forbidden
    with transaction():
        if people.known(email):
            raise Refused(_TAKEN, field="email")
        company = found(kind=OrganisationKind.COMPANY, name_ja=name_ja, name_en=name_en, hub_id=hub_id, scope=scope)
        invite(scope, company.id, email=email, name=lead, language=language, position=Position.LEAD)
    return company


def found_hub(*, name_ja: str, name_en: str, email: str, name: str, language: Language) -> Invitation:
    """The operator founds a hub, and its first administrator gets a mail with a door."""
    for value, field in ((name_ja, "name_ja"), (name_en, "name_en")):
        _check_name(value, field)
    with transaction():
        hub = found(kind=OrganisationKind.HUB, name_ja=name_ja, name_en=name_en)
        return invite_to_hub(hub.id, email=email, name=name, language=language, position=Position.ADMIN)


def invite_to_hub(hub_id: str, *, email: str, name: str, language: Language, position: Position) -> Invitation:
    """The operator invites a person into a hub; an earlier door of theirs into the same hub is closed."""
    _check_name(name, "name")
    try:
        address = people.normal_email(validate_email(email.strip(), check_deliverability=False).normalized)
    except EmailNotValidError as error:
        raise Refused(
            Text(ja="メールアドレスが正しくありません。", en=f"This is no e-mail address: {error}"), field="email"
        ) from error
    with transaction():
        if queries.organisation(hub_id).kind is not OrganisationKind.HUB:
            raise NotFound
        if people.known(address):
            raise Refused(_TAKEN, field="email")
        if queries.invited_into(address) - {hub_id}:
            raise Refused(
                Text(
                    ja="このメールアドレスには、すでに別の組織への招待メールを送っています。",
                    en="This e-mail address already has an open invitation into another organisation.",
                ),
                field="email",
            )
        earlier = Invitation.email == address, Invitation.accepted_at.is_(None), Invitation.expires_at > clock.now()
        session.execute(update(Invitation).where(*earlier).values(expires_at=clock.now()))
        return invite(EVERYTHING, hub_id, email=address, name=name, language=language, position=position)


def invite(
    scope: Scope, organisation_id: str, *, email: str, name: str, language: Language, position: Position
) -> Invitation:
    """Open a door for one person and mail it; the token is kept nowhere but in the mail."""
    token, address, now = secrets.token_urlsafe(32), _reachable(email), clock.now()
    with transaction():
        _check_limits(address, scope.actor)
        row = Invitation(
            organisation_id=organisation_id,
            position=position,
            email=address,
            name=name.strip(),
            language=language,
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            invited_by=scope.actor.id if scope.actor else None,
            invited_at=now,
            expires_at=now + dt.timedelta(days=INVITATION_DAYS),
        )
        session.add(row)
        session.flush()
        audit.record(
            scope.actor,
            "organisations:invitation:sent",
            organisation_id=organisation_id,
            subject_id=row.id,
            after={"email": row.email, "position": str(position)},
        )
        emails.queue_invitation(row, queries.organisation(organisation_id), token, inviter=scope.actor)
    return row


def accept(token: str, *, name: str, language: Language, password: str) -> Person:
    """The invited person walks in: an account, a membership, and the door is closed behind them."""
    queries.open_invitation(token)  # nothing is hashed at a closed door
    password_hash = people.hashed(password)
    with transaction():
        open_door = queries.open_invitation(token)
        person = people.add_person(email=open_door.email, name=name, language=language, password_hash=password_hash)
        join(person.id, open_door.organisation.id, open_door.position)
        row = session.scalars(select(Invitation).where(Invitation.id == open_door.id)).one()
        row.accepted_at = clock.now()
        actor = queries.actor(person.id)
        audit.record(
            actor,
            "organisations:invitation:accepted",
            organisation_id=open_door.organisation.id,
            subject_id=row.id,
            after={"person": person.id},
        )
    return person


def join(person_id: str, organisation_id: str, position: Position) -> None:
    """Make a person a member; joins the caller's transaction."""
    with transaction():
        session.add(Member(person_id=person_id, organisation_id=organisation_id, position=position, since=clock.now()))
        session.flush()


def let_keep_rules(scope: Scope, hub_id: str, person_id: str, *, keeps: bool) -> None:
    """A hub's administrator gives the rules to one of its people, or takes them back; NotFound for others' people."""
    if not _is_admin(scope, hub_id):
        raise NotFound
    with transaction():
        row = session.scalar(select(Member).where(Member.organisation_id == hub_id, Member.person_id == person_id))
        if row is None:
            raise NotFound
        if row.keeps_rules is keeps:
            return
        row.keeps_rules = keeps
        audit.record(
            scope.actor,
            "organisations:member:rules_given" if keeps else "organisations:member:rules_taken",
            organisation_id=hub_id,
            subject_id=person_id,
            before={"keeps_rules": not keeps},
            after={"keeps_rules": keeps},
        )


def _is_admin(scope: Scope, hub_id: str) -> bool:
    return scope.actor is not None and any(
        m.organisation_id == hub_id and m.position is Position.ADMIN for m in scope.actor.memberships
    )


def _reachable(email: str) -> str:
    """The address as it is stored; Refused for one to which no mail can be written."""
    try:
        return one_address(people.normal_email(email))
    except ValueError as error:
        raise Refused(
            Text(
                ja="このアドレスにはメールを送れません。@より前に、半角の英数字と記号以外の文字がないか確かめてください。",
                en="No mail can be sent to this address. Before the @ use only unaccented letters, digits and signs.",
            ),
            field="email",
        ) from error


def _check_limits(email: str, inviter: Actor | None) -> None:
    """Nobody's mailbox is filled with invitations, and no inviter (but the operator) fills many."""
    try:
        limits.take(limits.INVITED, email)
        if inviter:
            limits.take(limits.INVITING, inviter.id)
    except limits.TooMany as wait:
        raise Refused(
            Text(
                ja=f"続けて何通も招待メールを送ったため、次に送れるのは {moment(wait.at, 'ja')} 以降です。",
                en=f"Many invitations were sent in a short time. The next one can go from {moment(wait.at, 'en')} on.",
            ),
            field="email",
        ) from wait


def _check_name(value: str, field: str) -> None:
    """What a page's form would have checked."""
    if not value.strip() or len(value) > 200 or not signs.is_text(value, several_lines=False):
        raise Refused(
            Text(
                ja="名称と氏名は、1行、200文字以内で入力してください。",
                en=f"{field}: please give one line of 1 to 200 characters.",
            ),
            field=field,
        )
