"""A finished package read back: pages, fonts, links, bookmarks and printed running numbers are what they must be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Name, Pdf

from app.documents import pdf as reading
from app.documents.findings import Finding, finding
from app.documents.manifest import Bookmarked
from app.documents.pdf import Bookmark, Pages

_SAFE = re.compile(r"^(https?://|mailto:)", re.IGNORECASE)
_MOST = 20  # findings of one kind; more would only repeat the same fault


def inspect_package(
    file: BinaryIO, *, own_pages: int, bookmarks: Sequence[Bookmarked], stamps: Sequence[str]
) -> list[Finding]:
    """Everything wrong with the package in ``file``.

    ``own_pages`` are the pages before the attachments, which we set ourselves and which therefore must be perfect.
    Raises pikepdf.PdfError when it does not open at all.
    """
    file.seek(0)
    with pikepdf.open(file) as pdf:
        pages = Pages(pdf)
        found = [*_own(pdf, own_pages), *_links(pdf, pages), *_outline(pdf, pages, bookmarks)]
        if pdf.Root.get("/PageMode") != Name.UseOutlines:
            found.append(finding("initial_view"))
        if len(pdf.pages) != len(stamps):
            found.append(finding("page_count", name="PDF", found=len(pdf.pages), expected=len(stamps)))
    file.seek(0)
    return found + list(_stamps(file.read(), stamps))


def _own(pdf: Pdf, own_pages: int) -> Iterator[Finding]:
    for number, page in enumerate(list(pdf.pages)[:own_pages], start=1):
        if not reading.sheet(page).is_a4:
            yield finding("own_page_size", f"page.{number}", page=number)
        for font in sorted(reading.fonts(page), key=lambda font: font.name):
            if not font.embedded:
                yield finding("font_not_embedded", f"page.{number}", page=number, font=font.name)
            elif font.compact:
                yield finding("font_form", f"page.{number}", page=number, font=font.name)


def _links(pdf: Pdf, pages: Pages) -> list[Finding]:
    found = []
    for number, page in enumerate(pdf.pages, start=1):
        for link in reading.notes(page):
            action = link.get("/A")
            kind = str(action.get("/S", "")) if isinstance(action, pikepdf.Dictionary) else ""
            if kind not in ("", "/GoTo"):
                address = str(action.get("/URI", kind)) if kind == "/URI" else kind
                if kind != "/URI" or not _SAFE.match(address):
                    found.append(finding("link_outside", f"page.{number}", page=number, target=address[:80]))
            elif link.get("/Subtype") == Name.Link and pages.of_link(link) is None:
                found.append(finding("link_broken", f"page.{number}", page=number, target=_named(link)))
    return found[:_MOST]


def _named(link: Any) -> str:
    target = link.get("/Dest")
    return str(target)[:80] if isinstance(target, pikepdf.Name | pikepdf.String) else "–"


def _outline(pdf: Pdf, pages: Pages, expected: Sequence[Bookmarked]) -> list[Finding]:
    held: dict[str, set[int | None]] = {}
    for bookmark in _flat(reading.bookmarks(pdf, pages)):
        held.setdefault(bookmark.title, set()).add(None if bookmark.page is None else bookmark.page + 1)
    found = [finding("outline_broken", title=title) for title, places in held.items() if None in places]
    for wanted in expected:
        if wanted.title not in held:
            found.append(finding("outline_missing", title=wanted.title))
        elif wanted.page not in held[wanted.title]:
            found.append(finding("outline_broken", title=wanted.title))
    return found[:_MOST]


def _flat(bookmarks: Sequence[Bookmark]) -> Iterator[Bookmark]:
    for bookmark in bookmarks:
        yield bookmark
        yield from _flat(bookmark.children)


def _stamps(data: bytes, stamps: Sequence[str]) -> Iterator[Finding]:
    """The running numbers, read as text by another program than the one that wrote them."""
    import pypdfium2  # noqa: PLC0415 - late: only who reads a bundle back needs it

    document = pypdfium2.PdfDocument(data)
    try:
        missing = 0
        for number, stamp in enumerate(stamps[: len(document)], start=1):
            page = document[number - 1]
            text = page.get_textpage()
            if _bare(stamp) not in _bare(text.get_text_bounded()) and missing < _MOST:
                missing += 1
                yield finding("stamp_missing", f"page.{number}", page=number, stamp=stamp)
            text.close()
            page.close()
    finally:
        document.close()


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
