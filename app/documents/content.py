"""What a bundle says: plain frozen data in one language, without database, files read or clock."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from app.core.pdf_limits import STREAM_BYTES
from app.engine.definition.common import Language

Precision = Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class Consultation:
    """The consultation asked for. ``wished_days`` in order of preference; ``agreed_day`` once PMDA named it."""

    type_name: str | None = None
    wished_days: tuple[dt.date, ...] = ()
    agreed_day: dt.date | None = None
    manner: str | None = None  # face to face, by web …
    purpose: str | None = None
    summary: str | None = None
    forms: str | None = None  # the official forms that it is asked for on, with their numbers and where they were read
    fees: str | None = None


@dataclass(frozen=True, slots=True)
class Therapy:
    """The product × indication, in the words of the request form for regenerative products."""

    name: str | None = None
    code: str | None = None
    classification: str | None = None
    indication: str | None = None
    cells_or_genes: str | None = None
    composition: str | None = None  # shape, structure, ingredients
    dosage: str | None = None  # dosage and administration, or method of use
    stage: str | None = None
    designations: str | None = None  # orphan, SAKIGAKE, conditional …
    cartagena: str | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who asks."""

    name: str | None = None
    representative: str | None = None
    address: str | None = None
    company_code: str | None = None  # 業者コード


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom PMDA calls."""

    name: str | None = None
    department: str | None = None
    telephone: str | None = None
    fax: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """One line of the list of abbreviations."""

    short: str
    full: str
    meaning: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question with the applicant's own position; ``number`` as printed, for example ``1`` or ``1-1``."""

    number: str
    title: str | None = None
    question: str | None = None
    position: str | None = None
    grounds: str | None = None


@dataclass(frozen=True, slots=True)
class PastConsultation:
    """An earlier consultation on the same product; ``precision`` says how much of ``day`` is known."""

    day: dt.date
    type_name: str
    outcome: str | None = None
    precision: Precision = "day"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF handed in with the request. ``path`` holds the bytes; ``sha256`` is what they must be."""

    number: int
    title: str
    file_name: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class BundleRequest:
    """Everything that is printed. What is ``None`` or empty is undefined: the template says whether it may be."""

    language: Language
    made_on: dt.date
    consultation: Consultation
    therapy: Therapy
    organisation: Organisation
    contact: Contact
    addressee: str | None = None  # without 殿
    japanese_era: bool = True  # Japanese documents print 令和8年4月1日 instead of 2026年4月1日
    background: str | None = None
    product_outline: str | None = None
    data_summary: str | None = None
    remarks: str | None = None
    abbreviations: tuple[Abbreviation, ...] = ()
    questions: tuple[Question, ...] = ()
    history: tuple[PastConsultation, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an input may be before it is refused instead of rendered."""

    attachment_bytes: int = 100 * 2**20
    total_bytes: int = 480 * 2**20  # one file of a submission stays below 500 MB
    attachments: int = 200
    pages: int = 3000
    entries: int = 500  # of one list: questions, abbreviations …
    field_characters: int = 60_000
    stream_bytes: int = STREAM_BYTES


def plain_data(value: Any) -> Any:
    """Nested dataclasses as dictionaries and lists; days stay days. Paths are left out: they are not content."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain_data(getattr(value, f.name)) for f in fields(value) if f.name != "path"}
    if isinstance(value, tuple | list):
        return [plain_data(entry) for entry in value]
    return value


def content_hash(request: BundleRequest) -> str:
    """SHA-256, as hexadecimal, of everything that is printed or packed; where the files lie does not count."""
    text = json.dumps(plain_data(request), sort_keys=True, ensure_ascii=False, default=dt.date.isoformat)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def texts(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text in the request with its place, for example ``questions.2.position`` (lists count from 1)."""
    if isinstance(value, str):
        yield where, value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from texts(getattr(value, field.name), f"{where}.{field.name}".lstrip("."))
    elif isinstance(value, tuple):
        for index, entry in enumerate(value, start=1):
            yield from texts(entry, f"{where}.{index}")


def values(value: Any, path: str, where: str = "") -> Iterator[tuple[str, Any]]:
    """What stands at ``path``: ``therapy.name`` once, ``questions[].position`` once for each question.

    Raises AttributeError where the request has no such field.
    """
    head, _, rest = path.partition(".")
    name, many = head.removesuffix("[]"), head.endswith("[]")
    found, place = getattr(value, name), f"{where}.{name}".lstrip(".")
    entries = [(f"{place}.{i}", entry) for i, entry in enumerate(found, start=1)] if many else [(place, found)]
    for entry_place, entry in entries:
        if rest:
            yield from values(entry, rest, entry_place)
        else:
            yield entry_place, entry


def request_from(data: Any) -> BundleRequest:
    """A request out of plain data as it stands in ``sample.yaml``. Raises ValueError for what does not fit."""
    return TypeAdapter(BundleRequest).validate_python(data)
