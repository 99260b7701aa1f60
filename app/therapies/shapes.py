"""Therapies, grants and reads as other rooms see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from app.engine.definition.common import Language, Text
from app.therapies.kinds import classes, materials


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
    def class_text(self) -> Text:
        """The full name of its product class; the code itself where no pathway is shipped for it."""
        return classes().get(self.product_class) or Text(ja=self.product_class, en=self.product_class)

    @property
    def material_text(self) -> Text:
        """What it consists of."""
        return materials()[self.material].names


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
