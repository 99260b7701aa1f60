"""The request form as a Word file: the content for PMDA's own form, in a neutral layout, with marked blanks."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from pydantic import Field

from app.documents.content import BundleRequest, values
from app.documents.files import add_to_zip
from app.documents.findings import Finding, finding
from app.documents.prose import printed_day
from app.documents.templates import DOCS_TEMPLATES
from app.engine.definition.common import Definition, Language, Text
from app.engine.loader import load

_BLANK = Text(ja="〔要記入〕", en="[to fill in]")
_WIDTHS = (Mm(52), Mm(118))


class FormRow(Definition):
    """One item of the form. A value that is undefined becomes a marked blank, unless it may be empty."""

    key: str
    mark: Literal["read", "recalled"]
    label: Text
    value: str
    may_be_empty: bool = False


class Beside(Definition):
    """What one has to know to hand the form in, but that stands on no form, such as the fee; printed where known."""

    label: Text
    value: str


class FormTemplate(Definition):
    """``request_form/template.yaml``."""

    key: str
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    name: Text
    note: Text
    legend: Text
    rows: tuple[FormRow, ...]
    head: tuple[FormRow, ...]
    beside: tuple[Beside, ...] = ()


def load_form() -> FormTemplate:
    """The declared items. Raises DefinitionError with file and line."""
    return load(FormTemplate, DOCS_TEMPLATES / "request_form" / "template.yaml", DOCS_TEMPLATES)


def make_request_form(request: BundleRequest, titles: Sequence[str], creator: str) -> tuple[bytes, list[Finding]]:
    """The .docx and a finding for each blank. ``titles`` are the lines of the list of attachments."""
    form, language = load_form(), request.language
    filled = {row.key: _value(row, request, titles) for row in (*form.head, *form.rows)}
    document = Document()
    _page(document)
    _title(document, form.name.say(language))
    _line(document, form.note.say(language), size=8.5)
    _line(document, printed_day(request.made_on, language, era=request.japanese_era), right=True)
    for row in form.head:
        _head_line(document, row, filled[row.key], language)
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    for row in form.rows:
        _row(table, row, filled[row.key], language)
    _line(document, form.legend.say(language), size=8.5)
    for each in form.beside:
        _beside(document, each, request)
    _describe(document, request, form, creator)
    found = [
        finding("fill_in", f"request_form.{row.key}", label_ja=row.label.ja, label_en=row.label.en)
        for row in (*form.head, *form.rows)
        if not filled[row.key] and not row.may_be_empty
    ]
    raw = io.BytesIO()
    document.save(raw)
    return same_bytes(raw.getvalue(), request.made_on), found


def same_bytes(office_file: bytes, day: dt.date) -> bytes:
    """The same Office file zipped again with sorted names and fixed dates, so that equal content is equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(office_file)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist()):
            add_to_zip(new, name, old.read(name), day)
    return out.getvalue()


def _value(row: FormRow, request: BundleRequest, titles: Sequence[str]) -> str:
    language, ja = request.language, request.language == "ja"
    era = request.japanese_era and ja
    if row.value == "blank":
        return ""
    if row.value == "wished_days":
        asked = request.consultation
        days = [asked.agreed_day] if asked.agreed_day else list(asked.wished_days)
        return "\n".join(printed_day(day, language, era=era, weekday=True) for day in days)
    if row.value == "past_consultations":
        lines = [(printed_day(h.day, language, era=era, precision=h.precision), h.type_name) for h in request.history]
        return "\n".join("　".join(line) for line in lines) or ("なし" if ja else "None")
    if row.value == "attachment_list":
        return "\n".join(titles) or ("なし" if ja else "None")
    if row.value == "question_list":
        return "\n".join(f"{q.number}　{q.title or ''}" for q in request.questions)
    if row.value == "contact":
        return _contact(request, ja)
    [(_, value)] = values(request, row.value)
    if row.key == "addressee" and value and ja:
        return f"{value}　殿"
    return str(value or "").strip()


def _contact(request: BundleRequest, ja: bool) -> str:
    who = request.contact
    names = ("電話", "ファクシミリ", "電子メール") if ja else ("Telephone", "Fax", "E-mail")
    lines = ["　".join(filter(None, (who.department, who.name)))]
    lines += [
        f"{name}　{value}" for name, value in zip(names, (who.telephone, who.fax, who.email), strict=True) if value
    ]
    return "\n".join(filter(None, lines)) if who.name else ""


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(20), Mm(20)
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "ＭＳ 明朝")
    style.paragraph_format.space_after = Pt(2)


def _title(document: Any, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.bold, run.font.size = True, Pt(14)
    run.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "ＭＳ ゴシック")


def _line(document: Any, text: str, *, right: bool = False, size: float = 10.5) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
    paragraph.add_run(text).font.size = Pt(size)


def _beside(document: Any, each: Beside, request: BundleRequest) -> None:
    [(_, value)] = values(request, each.value)
    for number, line in enumerate(str(value or "").splitlines()):
        label = f"{each.label.say(request.language)}　" if number == 0 else ""
        _line(document, label + line, size=8.5)


def _head_line(document: Any, row: FormRow, value: str, language: Language) -> None:
    paragraph = document.add_paragraph()
    if row.key != "addressee":
        paragraph.paragraph_format.left_indent = Mm(75)
        paragraph.add_run(f"{_label(row, language)}　")
    _write(paragraph, value, language)


def _row(table: Any, row: FormRow, value: str, language: Language) -> None:
    cells = table.add_row().cells
    for cell, width in zip(cells, _WIDTHS, strict=True):
        cell.width = width
    label = cells[0].paragraphs[0].add_run(_label(row, language))
    label.bold, label.font.size = True, Pt(9.5)
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), "F1F2F4")
    cells[0]._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - python-docx has no other way to shade a cell
    if row.may_be_empty and not value:
        return
    first, *others = value.split("\n")
    _write(cells[1].paragraphs[0], first, language)
    for line in others:
        _write(cells[1].add_paragraph(), line, language)


def _write(paragraph: Any, value: str, language: Language) -> None:
    run = paragraph.add_run(value or _BLANK.say(language))
    if not value:
        run.bold, run.font.color.rgb = True, RGBColor(0xA3, 0x00, 0x00)


def _label(row: FormRow, language: Language) -> str:
    return row.label.say(language) + ("＊" if row.mark == "recalled" else "")


def _describe(document: Any, request: BundleRequest, form: FormTemplate, creator: str) -> None:
    moment = dt.datetime.combine(request.made_on, dt.time())
    about = document.core_properties
    about.title, about.author, about.comments = form.name.say(request.language), request.organisation.name or "", ""
    about.last_modified_by, about.revision, about.language = creator, 1, request.language
    about.created = about.modified = moment
