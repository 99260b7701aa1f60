"""Attaching PDFs: all of an upload or nothing of it; each is stored once, by its content."""

from __future__ import annotations

from collections.abc import Sequence

from app.access.scope import Scope
from app.consultations.models import Attachment
from app.consultations.services import rows
from app.core import clock, uploads
from app.core.db import outside_turn, session, transaction
from app.core.errors import Changed, Refused
from app.core.storage import Storage
from app.core.uploads import Upload
from app.engine.definition.common import Text

MOST = 200


def attach(scope: Scope, consultation_id: str, files: Sequence[Upload], *, storage: Storage, largest: int) -> list[str]:
    """Attach several PDFs at the end, in the order given; returns their ids.

    ``largest``: bytes of one file. Raises Refused with one sentence per bad file, and then stores nothing at all.
    """
    rows.own_row(scope, consultation_id)
    if not files:
        raise Refused(
            Text(ja="PDFファイルを選んでください。", en="Please choose at least one PDF file."), field="files"
        )
    with outside_turn():  # both are slow
        pages = uploads.all_or_none(files, largest, uploads.pages)
        stored = [storage.put(upload.content) for upload in files]
    with transaction():
        parent = rows.own_row(scope, consultation_id)
        before = len(rows.all_of(Attachment, consultation_id))
        if before + len(files) > MOST:
            raise Refused(
                Text(ja=f"添付資料は{MOST}件までです。", en=f"A consultation takes at most {MOST} attachments."),
                field="files",
            )
        added = []
        for number, (upload, count, (digest, size)) in enumerate(zip(files, pages, stored, strict=True), before + 1):
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
    """A name that no machine obeys, ending in .pdf."""
    return uploads.safe_name(given, ["pdf"])


def title_of(filename: str) -> str:
    """A first title from the name of the file; the person may better it."""
    return filename.removesuffix(".pdf").replace("_", " ").strip() or filename
