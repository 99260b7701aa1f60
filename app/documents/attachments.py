"""The PDFs that are handed in: what is wrong with them, and how they are made fit to be bound into the package."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Name, Pdf

from app.core import apart
from app.core.files import file_sha256
from app.core.pdf_limits import guard
from app.documents import pdf as reading
from app.documents.content import Attachment, Limits
from app.documents.findings import Finding, finding
from app.documents.stamps import isolate_drawing

_DAMAGE = re.compile(
    r"damaged|reconstruct|can't find|unable to find|xref|EOF|expected endstream|truncat", re.IGNORECASE
)
_SAFE_ADDRESS = re.compile(r"^(https?://|mailto:)", re.IGNORECASE)
_BOXES = {"/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/ArtBox", "/Rotate", "/UserUnit"}
_KEPT_KEYS = {"/Type", "/Parent", "/Contents", "/Resources", "/Group", "/Annots"} | _BOXES
# What an attachment may hold that a package must not: key -> how it is called in the finding.
_CALLED = {
    "script": ("JavaScript", "JavaScript"),
    "files": ("埋め込みファイル", "embedded files"),
    "layers": ("レイヤー設定", "layers"),
    "actions": ("外部ファイル等へのリンク", "links to files and other actions"),
    "notes": ("注釈(付箋・コメント)", "comments"),
    "media": ("音声・動画", "sound and video"),
    "form": ("入力フォーム(記入内容は印字)", "form fields (what was filled in is printed)"),
}
SECONDS = 20  # of a processor for one attachment: it is bound once as a rehearsal
_MEDIA = {"/Movie", "/Sound", "/Screen", "/RichMedia", "/3D"}


@dataclass(frozen=True, slots=True)
class Inspected:
    """An attachment that can be bound in."""

    attachment: Attachment
    pages: int
    size: int
    file_name: str  # in the bundle

    @property
    def number(self) -> int:
        """The number under which the documents cite it."""
        return self.attachment.number


def inspect_attachment(attachment: Attachment, limits: Limits) -> tuple[Inspected | None, list[Finding]]:
    """Look at one file. None comes with at least one error; warnings may come with a usable file."""
    number, where = attachment.number, f"attachments.{attachment.number}"
    try:
        with attachment.path.open("rb") as file:
            return apart.look(look_into, file, attachment, limits, seconds=SECONDS)
    except OSError:
        return None, [finding("attachment_unreadable", where, number=number)]
    except apart.ExhaustedError:
        return None, [finding("attachment_exhausting", where, number=number)]


def look_into(file: BinaryIO, attachment: Attachment, limits: Limits) -> tuple[Inspected | None, list[Finding]]:
    """What ``inspect_attachment`` says, found in this process."""
    number, where = attachment.number, f"attachments.{attachment.number}"
    guard(limits.stream_bytes)
    try:
        size = attachment.path.stat().st_size
        if size > limits.attachment_bytes:
            return None, [_too_large("attachment_too_large", where, size, limits.attachment_bytes, number)]
        if size == 0:
            return None, [finding("attachment_empty", where, number=number)]
        if file_sha256(attachment.path) != attachment.sha256:
            return None, [finding("attachment_changed", where, number=number)]
        head = file.read(1024)
    except OSError:
        return None, [finding("attachment_unreadable", where, number=number)]
    if b"%PDF-" not in head:
        return None, [finding("attachment_not_pdf", where, number=number)]
    try:
        with pikepdf.open(attachment.path, suppress_warnings=True) as pdf:
            return _look(pdf, attachment, size, limits, where)
    except pikepdf.PasswordError:
        return None, [finding("attachment_encrypted", where, number=number)]
    except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError, ValueError, TypeError, KeyError) as fault:
        return None, [finding("attachment_damaged", where, number=number, detail=_reason(fault))]


def _look(
    pdf: Pdf, attachment: Attachment, size: int, limits: Limits, where: str
) -> tuple[Inspected | None, list[Finding]]:
    number = attachment.number
    if pdf.is_encrypted:
        return None, [finding("attachment_encrypted", where, number=number)]
    pages = len(pdf.pages)
    if pages == 0:
        return None, [finding("attachment_empty", where, number=number)]
    if pages > limits.pages:
        return None, [
            finding("attachment_too_large", where, number=number, size=f"{pages} p.", limit=f"{limits.pages} p.")
        ]
    for page in pdf.pages:  # unpacking shows damage and bombs now instead of while the package is written
        _drawing(page.obj)
    warnings = [_reason(text) for text in pdf.get_warnings()]
    if damage := next((text for text in warnings if _DAMAGE.search(text)), None):
        return None, [finding("attachment_damaged", where, number=number, detail=damage)]
    found = [finding("attachment_repaired", where, number=number, detail=warnings[0])] if warnings else []
    found += _remarks(pdf, number, where)
    _rehearse(pdf)
    name = bundle_name(number, attachment.file_name)
    if name != f"{number:02d}-{attachment.file_name}":
        found.append(finding("file_renamed", where, number=number, old=_shown(attachment.file_name), new=name))
    return Inspected(attachment, pages, size, name), found


def _rehearse(pdf: Pdf) -> None:
    """Do to this copy what binding will do, so that a file which resists is named now and not in the middle."""
    make_bindable(pdf)
    for page in pdf.pages:
        reading.sheet(page)
        isolate_drawing(pdf, page)
    with tempfile.TemporaryFile() as nowhere:
        pdf.save(nowhere)


def _remarks(pdf: Pdf, number: int, where: str) -> list[Finding]:
    found = []
    if odd := [n for n, page in enumerate(pdf.pages, start=1) if not reading.sheet(page).is_a4]:
        found.append(finding("page_size", where, number=number, pages=_listed(odd)))
    missing = sorted({font.name for page in pdf.pages for font in reading.fonts(page) if not font.embedded})
    if missing:
        found.append(finding("attachment_font", where, number=number, fonts=", ".join(missing[:5])))
    if active := _active(pdf):
        ja, en = ("、".join(_CALLED[key][0] for key in active), ", ".join(_CALLED[key][1] for key in active))
        found.append(finding("active_content_removed", where, number=number, what_ja=ja, what_en=en))
    return found


def _active(pdf: Pdf) -> list[str]:
    root, found = pdf.Root, set[str]()
    names = root.get("/Names")
    held = set(names.keys()) if isinstance(names, pikepdf.Dictionary) else set()
    found |= {"script"} if "/JavaScript" in held or _is_action(root.get("/OpenAction"), "/JavaScript") else set()
    found |= {"files"} if "/EmbeddedFiles" in held or "/AF" in root else set()
    found |= {"layers"} if "/OCProperties" in root else set()
    found |= (
        {"actions"}
        if "/AA" in root or _acts(root.get("/OpenAction")) or any("/AA" in page.obj for page in pdf.pages)
        else set()
    )
    for page in pdf.pages:
        found |= {kind for annotation in reading.notes(page) if (kind := _kind(annotation))}
    return [key for key in _CALLED if key in found]


def _kind(annotation: Any) -> str | None:
    subtype = str(annotation.get("/Subtype", ""))
    if subtype == "/Link":
        return None if _is_harmless(annotation) else "actions"
    if subtype == "/FileAttachment":
        return "files"
    return (
        "media" if subtype in _MEDIA else "form" if subtype == "/Widget" else None if subtype == "/Popup" else "notes"
    )


def _is_harmless(link: Any) -> bool:
    action = link.get("/A")
    if "/AA" in link or (isinstance(action, pikepdf.Dictionary) and "/Next" in action):
        return False
    if action is None or _is_action(action, "/GoTo"):
        return True
    return _is_action(action, "/URI") and bool(_SAFE_ADDRESS.match(str(action.get("/URI", ""))))


def _acts(action: Any) -> bool:
    """Whether opening the file does more than show a page or run a script."""
    return isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "")) not in {"/GoTo", "/JavaScript"}


def _is_action(action: Any, kind: str) -> bool:
    return isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "")) == kind


@dataclass(frozen=True, slots=True)
class Jump:
    """A link of the attachment to a page of itself: page and place of the annotation, page and view it leads to."""

    page: int
    annotation: int
    target: int
    view: tuple[Any, ...]


def make_bindable(pdf: Pdf) -> tuple[list[Jump], tuple[reading.Bookmark, ...]]:
    """Change the open copy so that its pages carry nothing but their drawing and harmless links.

    Form fields and visible comments are drawn into the page. Returns the inner links, to be set again in the package
    where pages have other neighbours, and the outline.
    """
    pages = reading.Pages(pdf)
    outline = reading.bookmarks(pdf, pages)
    acroform = pdf.Root.get("/AcroForm")
    if isinstance(acroform, pikepdf.Dictionary) and bool(acroform.get("/NeedAppearances", False)):
        pdf.generate_appearance_streams()
    pdf.flatten_annotations("screen")
    jumps = []
    for number, page in enumerate(pdf.pages):
        kept = []
        for link in reading.notes(page):
            if str(link.get("/Subtype", "")) != "/Link" or not _is_harmless(link) or not _has_area(link):
                continue
            if _is_action(link.get("/A"), "/URI"):
                kept.append(_copy_of_link(pdf, link, link.A))
            elif place := pages.of_link(link):
                jumps.append(Jump(number, len(kept), place[0], tuple(place[1])))
                kept.append(_copy_of_link(pdf, link, None))
        for key in set(page.obj.keys()) - _KEPT_KEYS | {"/Annots"}:
            if key in page.obj:
                del page.obj[key]
        if kept:
            page.obj["/Annots"] = pdf.make_indirect(pikepdf.Array(kept))
    return jumps, outline


def _has_area(link: Any) -> bool:
    area = link.get("/Rect")
    return isinstance(area, pikepdf.Array) and len(area) == 4


def _copy_of_link(pdf: Pdf, link: Any, action: Any) -> Any:
    fresh = pikepdf.Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=link.get("/Rect"), Border=[0, 0, 0], F=4)
    if action is not None:
        fresh["/A"] = pikepdf.Dictionary(S=Name.URI, URI=action.get("/URI"))
    return pdf.make_indirect(fresh)


def bundle_name(number: int, file_name: str) -> str:
    """The name in the bundle: ``03-report.pdf``; only a–z, 0–9 and hyphen, at most 64 characters with the ending.

    A name that breaks the rule (Japanese letters, folders, blanks) gives way to ``03-attachment.pdf``.
    """
    stem = file_name.removesuffix(".pdf")
    fits = file_name.endswith(".pdf") and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", stem)
    name = f"{number:02d}-{stem if fits else 'attachment'}.pdf"
    return name if len(name) <= 64 else f"{number:02d}-attachment.pdf"


def _drawing(page: Any) -> None:
    contents = page.get("/Contents")
    for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
        if isinstance(stream, pikepdf.Stream):
            stream.read_bytes()


def _too_large(code: str, where: str, size: int, limit: int, number: int) -> Finding:
    return finding(code, where, number=number, size=megabytes(size), limit=megabytes(limit))


def megabytes(size: int) -> str:
    """A size for a sentence."""
    return f"{size / 2**20:,.1f} MB"


def _reason(fault: object) -> str:
    """What qpdf says, without the path of the file that it puts first."""
    text = re.sub(r"^.*?\((?=[a-z ]*(object|offset|trailer|xref))", "(", str(fault)).strip()
    text = text if "/" not in text.split("(")[0] else text.rpartition("/")[2]
    return _shown(text)


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else "�" for sign in text)[:160]


def _listed(numbers: Iterable[int]) -> str:
    few = list(numbers)
    return ", ".join(map(str, few[:8])) + (" …" if len(few) > 8 else "")


def total_size(paths: Iterable[Path]) -> int:
    """Bytes of all files together; what cannot be read counts nothing (its own finding says so)."""
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total
