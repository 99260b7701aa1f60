"""What every definition is made of: bilingual texts, marks of confidence, sources, roles and bases of dates."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, Language] = ("ja", "en")

Key = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=64)]
SourceId = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]*$", max_length=16)]


class Definition(BaseModel):
    """A frozen entry of ``workflows/``; unknown keys are errors, so a typing slip is never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


JAPANESE_ONLY, ENGLISH_ONLY = " (in Japanese only)", "(英語のみ)"


class Text(Definition):
    """One text in both languages of the program."""

    ja: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    @classmethod
    def of(cls, ja: str, en: str) -> Self:
        """What was given in one language at least; where the other is empty it shows this one and says so."""
        return cls(ja=ja or f"{en}{ENGLISH_ONLY}", en=en or f"{ja}{JAPANESE_ONLY}")

    @property
    def given(self) -> tuple[str, str]:
        """The Japanese and the English text as ``of`` was given them."""
        ja = "" if self.ja == f"{self.en}{ENGLISH_ONLY}" else self.ja
        return ja, "" if self.en == f"{self.ja}{JAPANESE_ONLY}" else self.en

    def say(self, language: Language) -> str:
        """The text in ``language``."""
        return self.ja if language == "ja" else self.en


class Dated(Definition):
    """Something the law has from ``valid_from`` to ``valid_to``, both days included; None leaves that side open."""

    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(f"valid_to ({self.valid_to}) lies before valid_from ({self.valid_from})")
        return self

    def in_force(self, first: dt.date, last: dt.date | None = None) -> bool:
        """Whether it is the law on the day ``first``, or on some day from ``first`` to ``last``."""
        begun = self.valid_from is None or self.valid_from <= (last or first)
        return begun and (self.valid_to is None or first <= self.valid_to)


class Confidence(StrEnum):
    """How a value came to be known. A value known with low confidence has no member: it must not be loaded."""

    OWN = "own"  # our own arrangement or wording, which states no regulatory fact
    READ = "read"  # read in the named source, on the day the source was read
    DERIVED = "derived"  # calculated from read data; the derivation is named
    KNOWN_HIGH = "known_high"  # recalled by the compiler, not verified
    KNOWN_MEDIUM = "known_medium"  # recalled by the compiler, not verified, may be wrong
    ASSUMED = "assumed"  # by analogy with another family; the analogy is named
    UNKNOWN = "unknown"  # no value; the page says what to ask and whom


class Basis(StrEnum):
    """Where a date comes from, from the firmest to none at all."""

    ACTUAL = "actual"
    AGREED = "agreed"
    PUBLISHED = "published"
    TARGET = "target"
    COMPUTED = "computed"
    PREDICTED = "predicted"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """Whose date it is; the role decides how a day that falls on a closed day rolls."""

    NOT_AFTER = "not_after"  # our duty: rolled to the office day before, never later
    NOT_BEFORE = "not_before"  # a waiting period: never ends early
    THEIRS = "theirs"  # the regulator acts: expected only, rolled to the office day after
    OWN = "own"  # our own work: moves later by itself, earlier only when asked


class Source(Definition):
    """A place where a regulatory fact was read. ``read_on`` is null where the day of reading is not known."""

    id: SourceId
    title: Text
    url: str | None = None
    tier: Literal["A", "B", "C"] | None = None
    read_on: dt.date | None = None
    note: Text | None = None


class Provenance(Definition):
    """Why a value stands here: its mark, its sources and, for an analogy or a gap, what to know and to ask."""

    confidence: Confidence
    sources: tuple[SourceId, ...] = ()
    analogy: Text | None = None  # required when assumed: what it was taken from
    ask: Text | None = None  # required when assumed or unknown: what to ask, and whom
    verified_by: None = None  # nothing starts as verified
