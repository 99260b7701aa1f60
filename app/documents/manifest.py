"""What a bundle holds: every file with size, pages, type and SHA-256, for machines (JSON) and for people (text)."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from app.documents.prose import printed_day
from app.engine.definition.common import Language

FORMAT = "shirube-bundle/1"
PACKAGE, FORM, ATTACHMENTS = "01-briefing-package.pdf", "02-request-form.docx", "03-attachments"
MANIFEST, MANIFEST_TEXT, REPORT = "manifest.json", "manifest.txt", "preflight.html"
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html",
    ".txt": "text/plain",
    ".json": "application/json",
}


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the bundle; ``pages`` only of PDFs."""

    path: str
    size: int
    sha256: str
    pages: int | None = None

    @property
    def media_type(self) -> str:
        """The type by the ending of the name."""
        return MEDIA_TYPES["." + self.path.rpartition(".")[2]]


@dataclass(frozen=True, slots=True)
class Bookmarked:
    """A bookmark that the package must have; ``page`` counts from 1, as printed."""

    title: str
    page: int


@dataclass(frozen=True, slots=True)
class BoundAttachment:
    """Where an attachment stands in the package; ``first_page`` counts from 1, as printed."""

    number: int
    title: str
    file: str
    first_page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """``manifest.json``."""

    language: Language
    made_on: dt.date
    program: str
    template: str
    template_sha256: str
    fonts_sha256: str
    content_sha256: str
    title: str
    applicant: str
    files: tuple[FileEntry, ...]
    bookmarks: tuple[Bookmarked, ...]
    attachments: tuple[BoundAttachment, ...]
    stamps: tuple[str, ...]  # the running number as printed on each page


def manifest_json(manifest: Manifest) -> bytes:
    """The manifest for machines: keys sorted, UTF-8, a newline at the end."""
    data: dict[str, Any] = {"format": FORMAT, **asdict(manifest), "made_on": manifest.made_on.isoformat()}
    data["files"] = [{**asdict(entry), "media_type": entry.media_type} for entry in manifest.files]
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def manifest_text(manifest: Manifest) -> bytes:
    """The manifest for people, in the language of the bundle."""
    ja = manifest.language == "ja"
    names = ("表題", "相談者", "作成日", "様式", "作成プログラム", "内容のSHA-256") if ja else (
        "Title", "Applicant", "Made on", "Template", "Made with", "SHA-256 of the content"
    )  # fmt: skip
    facts = (
        manifest.title,
        manifest.applicant,
        printed_day(manifest.made_on, "ja" if ja else "en", weekday=True),
        manifest.template,
        manifest.program,
        manifest.content_sha256,
    )
    lines = ["資料一式　目録" if ja else "Bundle: list of files", ""]
    lines += [f"{name}{'：' if ja else ': '}{fact}" for name, fact in zip(names, facts, strict=True)]
    for entry in manifest.files:
        pages = "" if entry.pages is None else (f"、{entry.pages}頁" if ja else f", {entry.pages} pages")
        size = f"{entry.size:,}バイト" if ja else f"{entry.size:,} bytes"
        lines += ["", entry.path, f"  {size}{pages}", f"  SHA-256 {entry.sha256}"]
    return ("\n".join(lines) + "\n").encode()


def read_manifest(data: bytes) -> Manifest:
    """The manifest read back. Raises ValueError for anything that is not a manifest of this format."""
    try:
        plain = json.loads(data)
        if not isinstance(plain, dict) or plain.pop("format", None) != FORMAT:
            raise ValueError("not a manifest of this format")
        for entry in plain.get("files", []):
            entry.pop("media_type", None)
        return TypeAdapter(Manifest).validate_python(plain)
    except (TypeError, AttributeError, RecursionError) as fault:
        raise ValueError(str(fault)) from fault
