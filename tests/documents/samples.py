"""Requests and attachments for the tests: the sample of the template, and PDFs of every kind made on the spot."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Name

from app.documents.content import Attachment, BundleRequest, request_from
from app.documents.rendering import Renderer
from app.documents.templates import DOCS_TEMPLATES
from app.engine.loader import plain, read_yaml

PAGES = (6, 8, 4, 7, 5)  # thirty together
TITLES = {
    "ja": (
        "製造方法及び規格の概要",
        "造腫瘍性試験報告書",
        "残存未分化細胞試験報告書",
        "ウサギ網膜下移植試験報告書",
        "治験実施計画書（案）",
    ),
    "en": (
        "Manufacturing and specification",
        "Tumorigenicity study",
        "Residual cells",
        "Rabbit study",
        "Draft protocol",
    ),
}
NAMES = ("cmc-summary.pdf", "tumorigenicity-report.pdf", "residual-cells.pdf", "rabbit-study.pdf", "draft-protocol.pdf")
_CSS = """
@page { size: A4; margin: 25mm }
body { font-family: "Noto Sans JP" }
h1 { break-before: page }
h1:first-child { break-before: auto }
"""


def request(language: str = "ja", attachments: tuple[Attachment, ...] = ()) -> BundleRequest:
    """The sample request of the briefing package."""
    folder = DOCS_TEMPLATES / "briefing_package"
    return replace(request_from(plain(read_yaml(folder / "sample.yaml", folder))[language]), attachments=attachments)


def report(renderer: Renderer, title: str, pages: int) -> bytes:
    """A report with one heading, hence one bookmark, a page, and a link from the first page to the last."""
    body = "".join(f"<h1 id='c{n}'>{title} {n}</h1><p>page {n}</p>" for n in range(1, pages + 1))
    body += f"<p style='position: absolute'><a href='#c{pages}'>to the end</a></p>"
    return renderer.render(f"<html lang='ja'><title>x</title><body>{body}</body></html>", (_CSS,)).pdf


def attach(folder: Path, number: int, data: bytes, title: str = "報告書", name: str = "report.pdf") -> Attachment:
    """``data`` as attachment ``number``, stored in ``folder`` under its hash."""
    digest = hashlib.sha256(data).hexdigest()
    path = folder / digest
    path.write_bytes(data)
    return Attachment(number, title, name, path, digest)


def five(folder: Path, language: str = "ja") -> tuple[Attachment, ...]:
    """Five attachments of thirty pages: upright, turned, A3 across, cropped, with a form and comments."""
    renderer = Renderer(folder / "work")
    files = [report(renderer, title, pages) for title, pages in zip(TITLES[language], PAGES, strict=True)]
    files[2] = changed(files[2], turn_all)
    files[3] = changed(files[3], all_sizes)
    files[4] = changed(files[4], with_form)
    names = zip(files, TITLES[language], NAMES, strict=True)
    return tuple(attach(folder, n, *entry) for n, entry in enumerate(names, start=1))


def changed(data: bytes, change) -> bytes:
    """The PDF after ``change`` was done to it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def blank(pages: int = 1, size: tuple[float, float] = (595.276, 841.89)) -> bytes:
    """A PDF of empty pages."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=size)
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def turn_all(pdf: pikepdf.Pdf) -> None:
    """Each page a quarter further than the one before."""
    for number, page in enumerate(pdf.pages):
        page.obj["/Rotate"] = 90 * number


def all_sizes(pdf: pikepdf.Pdf) -> None:
    """Each page odd in another way."""
    for number, page in enumerate(pdf.pages):
        odd_size(page, number)


def odd_size(page: pikepdf.Page, kind: int) -> None:
    """A3 across, a crop box away from the origin, a small card, a drawing that leaves its state dirty."""
    if kind == 1:
        page.obj["/MediaBox"] = pikepdf.Array([0, 0, 1190.55, 841.89])
    elif kind == 2:
        page.obj["/MediaBox"] = pikepdf.Array([-100, -50, 700, 1000])
        page.obj["/CropBox"] = pikepdf.Array([20, 30, 615, 872])
    elif kind == 3:
        page.obj["/MediaBox"] = pikepdf.Array([0, 0, 240, 160])
    elif kind == 4:
        page.contents_add(b"q 0.1 0 0 0.1 300 300 cm")
    elif kind == 5:
        page.obj["/UserUnit"] = 2


def with_form(pdf: pikepdf.Pdf) -> None:
    """A filled-in field, a comment, a script, an embedded file and links that must not reach the package."""
    page = pdf.pages[0]
    look = pdf.make_stream(b"0 0 1 rg 0 0 80 20 re f")
    look["/Type"], look["/Subtype"], look["/BBox"] = Name.XObject, Name.Form, pikepdf.Array([0, 0, 80, 20])
    field = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=pikepdf.String("name"), V=pikepdf.String("Taro")
    )
    field["/Rect"], field["/AP"], field["/F"] = pikepdf.Array([100, 100, 180, 120]), Dictionary(N=look), 4
    field = pdf.make_indirect(field)
    pdf.Root["/AcroForm"] = Dictionary(Fields=[field])
    pdf.Root["/OpenAction"] = Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    others = [
        Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[10, 10, 30, 30], Contents=pikepdf.String("a comment")),
        link(Dictionary(S=Name.Launch, F=pikepdf.String("/bin/sh"))),
        link(Dictionary(S=Name.URI, URI=pikepdf.String("file:///etc/hostname"))),
        link(Dictionary(S=Name.URI, URI=pikepdf.String("notes.html"))),
        link(Dictionary(S=Name.URI, URI=pikepdf.String("https://example.org/paper"))),
    ]
    kept = list(page.obj.get("/Annots", pikepdf.Array()))
    page.obj["/Annots"] = pikepdf.Array([*kept, field, *(pdf.make_indirect(entry) for entry in others)])
    pdf.attachments["secret.txt"] = b"secret"


def link(action: Dictionary) -> Dictionary:
    return Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[50, 50, 90, 60], A=action)
