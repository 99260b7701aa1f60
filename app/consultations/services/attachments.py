"""Attaching PDFs: all of an upload or nothing of it; each is stored once, by its content."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from app.access.scope import Scope
from app.consultations import pdfs
from app.consultations.models import Attachment
from app.consultations.services import rows
from app.core import clock, signs
from app.core.db import outside_turn, session, transaction
from app.core.errors import Changed, Refused
from app.core.storage import Storage
from app.engine.definition.common import Text

MOST = 200


@dataclass(frozen=True)
class Upload:
    """A file as it came in: its name as the person's machine calls it, its bytes, its size in bytes."""

    filename: str
    content: BinaryIO
    size: int


def attach(
    scope: Scope, consultation_id: str, uploads: Sequence[Upload], *, storage: Storage, largest: int
) -> list[str]:
    """Attach several PDFs at the end, in the order given; returns their ids.

    ``largest``: bytes of one file. Raises Refused with one sentence per bad file, and then stores nothing at all.
    """
    rows.own_row(scope, consultation_id)
    if not uploads:
        raise Refused(
            Text(ja="PDFファイルを選んでください。", en="Please choose at least one PDF file."), field="files"
        )
    with outside_turn():  # both are slow
        pages = _checked(uploads, largest)
        stored = [storage.put(upload.content) for upload in uploads]
    with transaction():
        parent = rows.own_row(scope, consultation_id)
        before = len(rows.all_of(Attachment, consultation_id))
        if before + len(uploads) > MOST:
            raise Refused(
                Text(ja=f"添付資料は{MOST}件までです。", en=f"A consultation takes at most {MOST} attachments."),
                field="files",
            )
        added = []
        for number, (upload, count, (digest, size)) in enumerate(zip(uploads, pages, stored, strict=True), before + 1):
            name = file_name(upload.filename)
            row = Attachment(
                consultation_id=consultation_id,
                number=number,
                title=title_of(name),
                filename=name,
                sha256=digest,
                size=size,
                pages=count,
                added_at=clock.now(),
                added_by=scope.actor.id if scope.actor else None,
                version=1,
            )
            session.add(row)
            added.append(row)
        session.flush()
        rows.record(
            scope,
            parent,
            "attachment:added",
            after={row.id: {"filename": row.filename, "sha256": row.sha256, "pages": row.pages} for row in added},
        )
    return [row.id for row in added]


def edit_attachment(scope: Scope, consultation_id: str, attachment_id: str, *, title: str, version: int) -> None:
    """Give it another title. Raises Changed when it was changed since ``version`` was shown."""
    with transaction():
        parent = rows.own_row(scope, consultation_id)
        row = rows.one_of(Attachment, consultation_id, attachment_id)
        if row.version != version:
            raise Changed
        clean = " ".join(title.split())
        if not clean or len(clean) > 200:
            raise Refused(
                Text(ja="表題を200文字以内で入力してください。", en="Please give a title of at most 200 characters."),
                field="title",
            )
        before, row.title, row.version = row.title, clean, row.version + 1
        rows.record(
            scope,
            parent,
            "attachment:renamed",
            before={"id": row.id, "title": before},
            after={"id": row.id, "title": clean},
        )


def move_attachment(scope: Scope, consultation_id: str, attachment_id: str, by: int) -> None:
    """One place up (-1) or down (1); the numbers follow."""
    with transaction():
        rows.move(scope, consultation_id, Attachment, attachment_id, by, called="attachment")


def delete_attachment(scope: Scope, consultation_id: str, attachment_id: str, *, version: int | None = None) -> None:
    """Take it off the consultation; the bytes stay in the store, where a bundle already made may need them."""
    with transaction():
        parent = rows.own_row(scope, consultation_id)
        row = rows.one_of(Attachment, consultation_id, attachment_id)
        rows.must_be_unchanged(row, version)
        rows.remove(Attachment, row)
        before = {"id": row.id, "title": row.title, "filename": row.filename, "sha256": row.sha256}
        rows.record(scope, parent, "attachment:deleted", before=before)


def file_name(given: str) -> str:
    """The name without folders and signs that a machine may read as orders, at most 200 characters, ending in .pdf."""
    name = PurePosixPath(given.replace("\\", "/")).name
    clean = "".join(
        sign for sign in unicodedata.normalize("NFC", name) if sign.isprintable() and sign not in '<>:"|?*'
    ).strip(". ")
    stem = re.sub(r"\.pdf$", "", clean, flags=re.IGNORECASE).strip() or "attachment"
    return f"{stem[:196]}.pdf"


def title_of(filename: str) -> str:
    """A first title from the name of the file; the person may better it."""
    return filename.removesuffix(".pdf").replace("_", " ").strip() or filename


def _checked(uploads: Sequence[Upload], largest: int) -> list[int]:
    pages, ja, en = [], [], []
    for upload in uploads:
        try:
            if upload.size > largest:
                raise _too_large(upload.size, largest)
            pages.append(pdfs.count_pages(upload.content))
        except Refused as refusal:
            called = signs.short(upload.filename)
            ja.append(f"「{called}」{refusal.sentence.ja}")
            en.append(f"“{called}”: {refusal.sentence.en}")
    if ja:
        whole = Text(ja="何も保存していません。", en="Nothing was stored.") if len(uploads) > 1 else None
        raise Refused(
            Text(
                ja="".join([*ja, whole.ja if whole else ""]),
                en=" ".join([*en, *([whole.en] if whole else [])]),
            ),
            field="files",
        )
    return pages


def _too_large(size: int, largest: int) -> Refused:
    has, most = f"{size / 2**20:,.1f} MB", f"{largest / 2**20:,.0f} MB"
    return Refused(
        Text(
            ja=f"{has}あります。一つのファイルは{most}までです。分割するか、画像の解像度を下げてください。",
            en=f"It has {has}; one file may have at most {most}. Split it, or reduce the resolution of its images.",
        ),
        field="files",
    )
