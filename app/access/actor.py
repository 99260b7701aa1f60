"""The person who acts, with what they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.engine.definition.common import Language


class OrganisationKind(StrEnum):
    """What an organisation is; a hub reviews what others grant it, ``public`` holds the published precedents."""

    COMPANY = "company"
    UNIVERSITY = "university"
    HUB = "hub"
    PUBLIC = "public"


class Position(StrEnum):
    """What a person is in an organisation."""

    LEAD = "lead"  # regulatory lead of a company or university: does everything
    MEMBER = "member"  # works with the lead, does not share or invite
    STAFF = "staff"  # of a hub: reads what was granted
    ADMIN = "admin"  # of a hub: also invites companies


@dataclass(frozen=True)
class Membership:
    """One person's place in one organisation."""

    organisation_id: str
    organisation_ja: str
    organisation_en: str
    kind: OrganisationKind
    position: Position
    keeps_rules: bool = False  # of a hub: verifies rules, and enters tables, fees and forms for it and its companies

    def organisation(self, language: Language) -> str:
        """The organisation's name for a reader of ``language``."""
        return self.organisation_ja if language == "ja" else self.organisation_en


@dataclass(frozen=True)
class Actor:
    """A signed-in person."""

    id: str
    name: str
    email: str
    language: Language
    memberships: tuple[Membership, ...] = ()

    def positions(self) -> frozenset[Position]:
        """Everything this person is, anywhere."""
        return frozenset(membership.position for membership in self.memberships)
