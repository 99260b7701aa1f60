"""Files that people hand in: what their name says must be inside, whole and without a password; all of them or none."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from app.core import uploads
from app.core.errors import Refused
from app.core.uploads import Upload
from tests.factories.files import office, pdf, upload

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 2000 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 2000 + b"\xff\xd9"
WORD, EXCEL = ("[Content_Types].xml", "word/document.xml"), ("[Content_Types].xml", "xl/workbook.xml")

GOOD = [
    (pdf(), "application/pdf"),
    (pdf("REPORT.PDF"), "application/pdf"),
    (office("適格性.docx", *WORD), "wordprocessingml.document"),
    (office("table.xlsx", *EXCEL), "spreadsheetml.sheet"),
    (upload("gel.png", PNG), "image/png"),
    (upload("plate.jpeg", JPEG), "image/jpeg"),
]


def crowded(parts: int, *, large: bool = False) -> Upload:
    """A Word file whose table of contents names one empty part again and again, in a few bytes each time."""
    name = b"word/document.xml"
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0) + name
    size = len(entry) * parts
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, size, len(local), 0)
    record = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, parts, parts, size, len(local))
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(local) + size, 1)
    return upload("many.docx", local + entry * parts + (record + locator if large else b"") + end)


BAD = [
    (crowded(uploads.CONTENTS // 60), "not made by Word"),
    (crowded(1, large=True), "not made by Word"),
    (upload("page.html", b"<script>"), "neither PDF"),
    (upload("noending", b"%PDF-"), "neither PDF"),
    (upload("no.pdf", PNG), "not a PDF"),
    (upload("empty.pdf", b""), "empty"),
    (office("excel.docx", *EXCEL), "not made by Word"),
    (office("word.xlsx", *WORD), "not made by Excel"),
    (upload("half.docx", office("a.docx", *WORD).content.read()[:60]), "not made by Word"),
    (upload("old.docx", uploads.OLD_OFFICE + b"x" * 100), "password"),
    (office("macros.xlsx", *EXCEL, "xl/vbaProject.bin"), "macros"),
    (upload("text.png", b"not a picture"), "as a picture"),
    (upload("half.png", PNG[:1500]), "as a picture"),
    (upload("half.jpg", JPEG[:-2]), "as a picture"),
]


@pytest.mark.parametrize(("file", "mimetype"), GOOD, ids=lambda each: getattr(each, "filename", ""))
def test_what_it_says_it_is_it_is(file: Upload, mimetype: str) -> None:
    assert uploads.inspected(file).mimetype.endswith(mimetype)
    assert file.content.tell() == 0, "ready to be stored"


@pytest.mark.parametrize(("file", "why"), BAD, ids=lambda each: getattr(each, "filename", ""))
def test_everything_else_is_refused_with_the_reason(file: Upload, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        uploads.inspected(file)
    assert why in refusal.value.sentence.en
    assert refusal.value.sentence.ja
    assert refusal.value.field == "files"


def test_a_table_of_contents_is_measured_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 60 MB can name a million parts; naming them took minutes, and a gigabyte."""
    assert uploads.inspected(crowded(1)).endings == ("docx",)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_words: pytest.fail("it was read"))
    with pytest.raises(Refused):
        uploads.inspected(crowded(uploads.CONTENTS // 60))


def test_all_of_an_upload_or_nothing_and_each_bad_file_is_named() -> None:
    files = [pdf("good.pdf"), upload("bad.pdf", b"bad"), Upload("large.pdf", io.BytesIO(b""), 2**21)]
    with pytest.raises(Refused) as refusal:
        uploads.all_or_none(files, 2**20, uploads.inspected)
    said = refusal.value.sentence.en
    assert "“bad.pdf”" in said
    assert "“large.pdf”: It has 2.0 MB" in said
    assert "good.pdf" not in said
    assert said.endswith("Nothing was stored.")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd.docx"),
        ("C:\\data\\報告.DOCX", "報告.docx"),
        ('a<b>"|?*.docx', "ab.docx"),
        ("???", "attachment.docx"),
        ("x" * 300 + ".docx", "x" * 195 + ".docx"),
    ],
)
def test_no_machine_obeys_a_name(given: str, name: str) -> None:
    assert uploads.safe_name(given, ["docx"]) == name
    assert len(name) <= 200
