"""Sections and attachments bound into one PDF: bookmarks, links, numbers, first view; the same bytes each time."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import unquote

import pikepdf
from pikepdf import Name, OutlineItem, Pdf

from app.documents import stamps
from app.documents.attachments import Inspected, Jump, make_bindable
from app.documents.pdf import Bookmark, notes
from app.documents.prose import SCHEME
from app.documents.rendering import Rendered
from app.documents.stamps import Slip


@dataclass(frozen=True, slots=True)
class Entry:
    """A place that bookmarks and contents name; ``page`` counts from 0, ``top`` in points from the edge."""

    level: int
    title: str
    page: int
    top: float | None = None
    attachment: int | None = None  # index of the attachment that begins here and brings its own outline


@dataclass(frozen=True, slots=True)
class Bound:
    """All that goes between the covers. ``targets`` are the places that ``shirube:`` links may name."""

    sections: Sequence[Rendered]
    attachments: Sequence[Inspected]
    entries: Sequence[Entry]
    targets: Mapping[str, tuple[int, float | None]]
    slips: Sequence[Slip]
    stamps: Rendered  # labels first, then one slip for each page
    title: str
    author: str
    language: str
    creator: str
    made_on: dt.date
    labels: int = 0


@dataclass
class _Open:
    sources: list[Pdf] = field(default_factory=list)
    jumps: list[tuple[int, Jump]] = field(default_factory=list)  # first page of the attachment, link within it
    outlines: list[tuple[Bookmark, ...]] = field(default_factory=list)


def assemble(bound: Bound, out: BinaryIO) -> list[str]:
    """Write the package to ``out``. Returns the names of link targets that do not exist (their links are taken out)."""
    with contextlib.ExitStack() as stack:
        pdf = stack.enter_context(Pdf.new())
        opened = _Open()
        _add_pages(pdf, bound, opened, stack)
        for page in pdf.pages:
            stamps.isolate_drawing(pdf, page)
        _stamp(pdf, bound, stack)
        lost = _resolve_links(pdf, bound)
        _set_jumps(pdf, opened)
        _write_outline(pdf, bound, opened)
        _describe(pdf, bound)
        pdf.save(
            out,
            deterministic_id=True,
            linearize=True,
            force_version="1.7",
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return lost


def _add_pages(pdf: Pdf, bound: Bound, opened: _Open, stack: contextlib.ExitStack) -> None:
    for section in bound.sections:
        source = stack.enter_context(pikepdf.open(io.BytesIO(section.pdf)))
        pdf.add_pages_from(source, forms="strip")
    for inspected in bound.attachments:
        source = stack.enter_context(pikepdf.open(inspected.attachment.path, suppress_warnings=True))
        jumps, outline = make_bindable(source)
        first = len(pdf.pages)
        opened.jumps += [(first, jump) for jump in jumps]
        opened.outlines.append(outline)
        pdf.add_pages_from(source, forms="strip")


def _stamp(pdf: Pdf, bound: Bound, stack: contextlib.ExitStack) -> None:
    source = stack.enter_context(pikepdf.open(io.BytesIO(bound.stamps.pdf)))
    forms = [pdf.copy_foreign(page.as_form_xobject()) for page in source.pages]
    labels, slips = forms[: bound.labels], forms[bound.labels :]
    for page, slip, form in zip(pdf.pages, bound.slips, slips, strict=True):
        stamps.stamp(page, form, None if slip.label is None else labels[slip.label])


def _resolve_links(pdf: Pdf, bound: Bound) -> list[str]:
    lost = []
    for page in list(pdf.pages)[: sum(section.pages for section in bound.sections)]:
        kept = []
        for link in notes(page):
            address = str(link.A.URI) if "/A" in link and "/URI" in link.A else ""
            if address.startswith(SCHEME):
                name = unquote(address.removeprefix(SCHEME))
                if name not in bound.targets:
                    lost.append(name)
                    continue
                number, top = bound.targets[name]
                del link["/A"]
                link["/Dest"] = _destination(pdf, number, top)
            kept.append(link)
        if "/Annots" in page.obj:
            page.obj["/Annots"] = pikepdf.Array(kept)
    return lost


def _set_jumps(pdf: Pdf, opened: _Open) -> None:
    for first, jump in opened.jumps:
        link = pdf.pages[first + jump.page].obj["/Annots"][jump.annotation]
        link["/Dest"] = pikepdf.Array([pdf.pages[first + jump.target].obj, *jump.view])


def _destination(pdf: Pdf, number: int, top: float | None, view: Sequence[Any] = ()) -> pikepdf.Array:
    """A jump that keeps the reader's zoom; ``top`` in points from the upper edge of a page that we set ourselves."""
    page = pdf.pages[number]
    if view:
        return pikepdf.Array([page.obj, *view])
    edge = None if top is None else round(float(page.mediabox[3]) - max(top - 12, 0), 2)
    return pikepdf.Array([page.obj, Name.XYZ, None, edge, None])


def _write_outline(pdf: Pdf, bound: Bound, opened: _Open) -> None:
    with pdf.open_outline() as outline:
        branch: list[tuple[int, OutlineItem]] = []
        for entry in bound.entries:
            item = OutlineItem(entry.title, _destination(pdf, entry.page, entry.top))
            while branch and branch[-1][0] >= entry.level:
                branch.pop()
            (branch[-1][1].children if branch else outline.root).append(item)
            branch.append((entry.level, item))
            if entry.attachment is not None:
                item.children.extend(_inner(pdf, opened.outlines[entry.attachment], entry.page))
                item.is_closed = True


def _inner(pdf: Pdf, entries: Sequence[Bookmark], first: int) -> Iterator[OutlineItem]:
    for entry in entries:
        children = list(_inner(pdf, entry.children, first))
        if entry.page is None:  # leads nowhere in the attachment: its children move up
            yield from children
            continue
        item = OutlineItem(entry.title, _destination(pdf, first + entry.page, None, entry.view))
        item.children.extend(children)
        item.is_closed = True
        yield item


def _describe(pdf: Pdf, bound: Bound) -> None:
    """Title, language and first view: bookmarks open, first page, the reader's own zoom, page labels from 1."""
    root = pdf.Root
    root["/Lang"] = pikepdf.String(bound.language)
    root["/PageMode"] = Name.UseOutlines
    root["/OpenAction"] = _destination(pdf, 0, None)
    root["/ViewerPreferences"] = pikepdf.Dictionary(DisplayDocTitle=True)
    root["/PageLabels"] = pikepdf.Dictionary(Nums=[0, pikepdf.Dictionary(S=Name.D, St=1)])
    moment = f"D:{bound.made_on:%Y%m%d}000000+09'00'"
    entries = {"/Title": bound.title, "/Author": bound.author, "/Creator": bound.creator, "/CreationDate": moment}
    for key, value in entries.items():
        pdf.docinfo[key] = pikepdf.String(value)
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp["dc:title"] = bound.title
        xmp["dc:creator"] = [bound.author]
        xmp["dc:language"] = [bound.language]
        xmp["xmp:CreatorTool"] = bound.creator
