"""One row per endpoint: which permission it is and who holds it. A route without a row is a fault, not a way in.

A row says which kind of person may knock, and its permission whose things it reaches. The query finds only those; its
answer to everybody else is the same as for a thing that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.access.actor import Actor, Position
from app.access.permissions import Permission


class Audience(StrEnum):
    """Who may knock at a route."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed_in"
    COMPANY = "company"  # lead or member
    LEAD = "lead"
    HUB = "hub"  # staff or admin
    HUB_ADMIN = "hub_admin"
    KEEPER = "keeper"  # to whom a hub's administrator gave the rules


class Whose(StrEnum):
    """What the thing that an address names is to the person who asks for it."""

    LED = "led"  # of an organisation that they lead
    OWN = "own"  # of an organisation that they belong to
    GRANTED = "granted"  # of another, and granted to a hub of theirs
    PUBLIC = "public"  # a published precedent
    MINE = "mine"  # of their own account
    ENTERED = "entered"  # a rule of the hub that they, or their company, belong to
    KEPT = "kept"  # a rule, or what verifies one, of a hub whose rules they keep
    STAFF = "staff"  # somebody who works for a hub that they administer
    HELD = "held"  # whatever the secret in the address opens


_POSITIONS: dict[Audience, frozenset[Position]] = {
    Audience.COMPANY: frozenset({Position.LEAD, Position.MEMBER}),
    Audience.LEAD: frozenset({Position.LEAD}),
    Audience.HUB: frozenset({Position.STAFF, Position.ADMIN}),
    Audience.HUB_ADMIN: frozenset({Position.ADMIN}),
}


@dataclass(frozen=True)
class Rule:
    """One row of the policy."""

    permission: Permission
    audience: Audience


@dataclass(frozen=True)
class Denial:
    """A request that got nothing. ``actor`` None: nobody was signed in. ``asked``: what the address named."""

    actor: Actor | None
    method: str
    endpoint: str
    asked: Mapping[str, str]


P, A, W = Permission, Audience, Whose

REACHES: dict[Permission, frozenset[Whose]] = {
    P.THERAPY_READ: frozenset({W.LED, W.OWN, W.GRANTED, W.PUBLIC}),
    P.PLAN_READ: frozenset({W.LED, W.OWN, W.GRANTED}),
    P.THERAPY_WRITE: frozenset({W.LED, W.OWN}),
    P.THERAPY_SHARE: frozenset({W.LED}),
    P.PRECEDENT_READ: frozenset({W.PUBLIC}),
    P.RULES_READ: frozenset({W.PUBLIC, W.ENTERED}),
    P.RULES_KEEP: frozenset({W.PUBLIC, W.KEPT}),
    P.RULES_APPOINT: frozenset({W.STAFF}),
    P.ACCOUNT: frozenset({W.MINE}),
    P.SECRET: frozenset({W.HELD}),
}  # the other permissions speak of nobody's things

POLICY: dict[str, Rule] = {
    # the program itself
    "static": Rule(P.PUBLIC, A.EVERYONE),
    "web.language": Rule(P.PUBLIC, A.EVERYONE),
    "web.health": Rule(P.PUBLIC, A.EVERYONE),
    "web.styleguide": Rule(P.PUBLIC, A.EVERYONE),
    # signing in, which is Flask-Security
    "security.login": Rule(P.PUBLIC, A.EVERYONE),
    "security.logout": Rule(P.ACCOUNT, A.EVERYONE),
    "security.static": Rule(P.PUBLIC, A.EVERYONE),
    "security.verify": Rule(P.ACCOUNT, A.SIGNED_IN),
    "security.forgot_password": Rule(P.PUBLIC, A.EVERYONE),
    "security.reset_password": Rule(P.SECRET, A.EVERYONE),
    "security.change_password": Rule(P.ACCOUNT, A.SIGNED_IN),
    "people.account": Rule(P.ACCOUNT, A.SIGNED_IN),
    "people.end_session": Rule(P.ACCOUNT, A.SIGNED_IN),
    "people.end_other_sessions": Rule(P.ACCOUNT, A.SIGNED_IN),
    # organisations
    "organisations.companies": Rule(P.HUB_READ, A.HUB),
    "organisations.invite_company": Rule(P.HUB_INVITE, A.HUB_ADMIN),
    "organisations.accept_invitation": Rule(P.SECRET, A.EVERYONE),
    # the rules: what is shipped is nobody's secret, what a hub enters counts for it and its companies
    "rules.index": Rule(P.RULES_READ, A.EVERYONE),
    "rules.group": Rule(P.RULES_READ, A.EVERYONE),
    "rules.one": Rule(P.RULES_READ, A.EVERYONE),
    "rules.changes": Rule(P.RULES_READ, A.EVERYONE),
    "rules.questions": Rule(P.RULES_READ, A.EVERYONE),
    "rules.sources": Rule(P.RULES_READ, A.EVERYONE),
    "rules.verify": Rule(P.RULES_KEEP, A.KEEPER),
    "rules.take_back": Rule(P.RULES_KEEP, A.KEEPER),
    "rules.own": Rule(P.RULES_KEEP, A.KEEPER),
    "rules.add": Rule(P.RULES_KEEP, A.KEEPER),
    "rules.edit": Rule(P.RULES_KEEP, A.KEEPER),
    "rules.discard": Rule(P.RULES_KEEP, A.KEEPER),
    "rules.moves": Rule(P.RULES_KEEP, A.KEEPER),
    "rules.end": Rule(P.RULES_KEEP, A.KEEPER),
    "rules.export": Rule(P.RULES_KEEP, A.KEEPER),
    "rules.editions": Rule(P.RULES_KEEP, A.KEEPER),
    "rules.edition": Rule(P.RULES_KEEP, A.KEEPER),
    "rules.keepers": Rule(P.RULES_APPOINT, A.HUB_ADMIN),
    "rules.appoint": Rule(P.RULES_APPOINT, A.HUB_ADMIN),
    # therapies
    "therapies.index": Rule(P.THERAPY_WRITE, A.COMPANY),
    "therapies.add": Rule(P.THERAPY_WRITE, A.COMPANY),
    "therapies.edit": Rule(P.THERAPY_WRITE, A.COMPANY),
    "therapies.sharing": Rule(P.THERAPY_SHARE, A.LEAD),
    "therapies.revoke": Rule(P.THERAPY_SHARE, A.LEAD),
    # histories; precedents and rules are nobody's secret
    "pathways.record": Rule(P.THERAPY_WRITE, A.COMPANY),
    "pathways.record_event": Rule(P.THERAPY_WRITE, A.COMPANY),
    "pathways.history": Rule(P.THERAPY_READ, A.SIGNED_IN),
    "pathways.correct": Rule(P.THERAPY_WRITE, A.COMPANY),
    "pathways.withdraw": Rule(P.THERAPY_WRITE, A.COMPANY),
    "pathways.also": Rule(P.THERAPY_WRITE, A.COMPANY),
    "pathways.import_into": Rule(P.THERAPY_SHARE, A.LEAD),
    "pathways.import_new": Rule(P.THERAPY_SHARE, A.LEAD),
    "pathways.import_confirm": Rule(P.THERAPY_SHARE, A.LEAD),
    "pathways.condition": Rule(P.THERAPY_WRITE, A.COMPANY),
    "pathways.precedents": Rule(P.PRECEDENT_READ, A.SIGNED_IN),
    "pathways.precedent": Rule(P.PRECEDENT_READ, A.SIGNED_IN),
    # evidence: for all who see the therapy; changes by its own people, the days of the gates by the lead
    "evidence.matrix": Rule(P.PLAN_READ, A.SIGNED_IN),
    "evidence.item": Rule(P.PLAN_READ, A.SIGNED_IN),
    "evidence.part": Rule(P.PLAN_READ, A.SIGNED_IN),
    "evidence.save": Rule(P.THERAPY_WRITE, A.COMPANY),
    "evidence.attach": Rule(P.THERAPY_WRITE, A.COMPANY),
    "evidence.download": Rule(P.PLAN_READ, A.SIGNED_IN),
    "evidence.remove": Rule(P.THERAPY_WRITE, A.COMPANY),
    "evidence.plan_gate": Rule(P.THERAPY_SHARE, A.LEAD),
    # the plan of a therapy
    "schedule.plan": Rule(P.THERAPY_READ, A.SIGNED_IN),
    # consultations: the plan for all who see the therapy, everything else for its own people
    "consultations.choose": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.preview": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.confirm": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.show": Rule(P.THERAPY_READ, A.SIGNED_IN),
    "consultations.step": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.change_wish": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.happened": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.turn": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.take_back": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.inquiries": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.add_inquiry": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.edit_inquiry": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.delete_inquiry": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.questions": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.add_question": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.edit_question": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.move_question": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.delete_question": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.attachments": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.edit_attachment": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.move_attachment": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.delete_attachment": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.download": Rule(P.THERAPY_WRITE, A.COMPANY),
    "consultations.briefing": Rule(P.THERAPY_WRITE, A.COMPANY),
    # the way abroad: the page for all who see the therapy, changes for its own people
    "abroad.show": Rule(P.PLAN_READ, A.SIGNED_IN),
    "abroad.add": Rule(P.THERAPY_WRITE, A.COMPANY),
    "abroad.edit": Rule(P.THERAPY_WRITE, A.COMPANY),
    "abroad.drop": Rule(P.THERAPY_WRITE, A.COMPANY),
    # notices
    "notices.index": Rule(P.ACCOUNT, A.SIGNED_IN),
    "notices.choose_mails": Rule(P.ACCOUNT, A.SIGNED_IN),
    "notices.calendar": Rule(P.ACCOUNT, A.SIGNED_IN),
    "notices.renew_feed": Rule(P.ACCOUNT, A.SIGNED_IN),
    "notices.end_feed": Rule(P.ACCOUNT, A.SIGNED_IN),
    "notices.choose_names": Rule(P.ACCOUNT, A.SIGNED_IN),
    "notices.feed": Rule(P.SECRET, A.EVERYONE),  # for calendar programs, which do not sign in
    # documents
    "documents.bundles": Rule(P.THERAPY_WRITE, A.COMPANY),
    "documents.download": Rule(P.THERAPY_WRITE, A.COMPANY),
    # the hub
    "hub.pipeline": Rule(P.HUB_READ, A.HUB),
    # the desk
    "desk.today": Rule(P.ACCOUNT, A.SIGNED_IN),
    "desk.therapy": Rule(P.THERAPY_READ, A.SIGNED_IN),
    "desk.preview": Rule(P.THERAPY_SHARE, A.LEAD),
}


def allows(rule: Rule, actor: Actor | None) -> bool:
    """Whether this person may knock at a route with this row."""
    if rule.audience is Audience.EVERYONE:
        return True
    if actor is None:
        return False
    if rule.audience is Audience.KEEPER:
        return any(membership.keeps_rules for membership in actor.memberships)
    return rule.audience is Audience.SIGNED_IN or bool(_POSITIONS[rule.audience] & actor.positions())


def guards(rule: Rule) -> bool:
    """Whether what is not found behind this row may be somebody's, so that asking for it is a denied request."""
    return bool(REACHES.get(rule.permission, frozenset()) - {Whose.PUBLIC})
