"""Attachments of every kind: what is said about them, and what of them reaches the package."""

from __future__ import annotations

import io
import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from app.documents import pdf as reading
from app.documents.attachments import bundle_name, inspect_attachment, make_bindable
from app.documents.content import Limits
from tests.documents import samples


def look(folder, data, name="report.pdf", **limits):
    return inspect_attachment(samples.attach(folder, 1, data, name=name), Limits(**limits))


def codes(found):
    return [one.code for one in found]


def test_a_clean_pdf_passes_without_a_word(tmp_path):
    inspected, found = look(tmp_path, samples.blank(3))
    assert found == []
    assert (inspected.pages, inspected.file_name) == (3, "01-report.pdf")


@pytest.mark.parametrize("size", [(841.89, 595.276), (595, 842), (594.9, 841.2)])
def test_a4_on_its_side_or_rounded_is_a4(tmp_path, size):
    assert look(tmp_path, samples.blank(1, size))[1] == []


def test_other_sizes_are_named_by_page(tmp_path):
    data = samples.changed(samples.blank(3), lambda pdf: samples.odd_size(pdf.pages[1], 1))
    [found] = look(tmp_path, data)[1]
    assert found.code == "page_size"
    assert "(2)" in found.text.en


def test_fonts_that_are_not_embedded_are_named(tmp_path):
    def helvetica(pdf):
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        pdf.pages[0].obj["/Resources"] = Dictionary(Font=Dictionary(F1=font))

    [found] = look(tmp_path, samples.changed(samples.blank(), helvetica))[1]
    assert found.code == "attachment_font"
    assert "Helvetica" in found.text.ja


def test_a_bomb_is_refused_without_being_unpacked(tmp_path):
    def bomb(pdf):
        stream = pdf.make_stream(b"")
        stream.write(zlib.compress(b" " * (40 << 20), 9), filter=Name.FlateDecode)
        pdf.pages[0].obj["/Contents"] = stream

    data = samples.changed(samples.blank(), bomb)
    assert len(data) < 1 << 17
    inspected, found = look(tmp_path, data, stream_bytes=8 << 20)
    assert inspected is None
    assert codes(found) == ["attachment_damaged"]


def test_rings_and_nonsense_in_the_structure_end(tmp_path):
    def ring(pdf):
        first, second = (pdf.make_indirect(Dictionary(Title=pikepdf.String(t))) for t in "ab")
        first["/Next"], second["/Next"], first["/First"] = second, first, first
        pdf.Root["/Outlines"] = pdf.make_indirect(Dictionary(First=first))
        pdf.pages[0].obj["/Annots"] = Array([1, Dictionary(), Dictionary(Subtype=Name.Link, Rect=Array([1]))])
        pdf.pages[0].obj["/MediaBox"] = Array([0, 0, 0, 0])

    data = samples.changed(samples.blank(), ring)
    inspected, found = look(tmp_path, data)
    assert inspected is not None
    assert not any(one.blocks for one in found)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        jumps, outline = make_bindable(pdf)
    assert jumps == []
    assert len(outline) <= 2


def test_what_is_active_is_named_in_words(tmp_path):
    _, found = look(tmp_path, samples.changed(samples.blank(), samples.with_form))
    [one] = [entry for entry in found if entry.code == "active_content_removed"]
    for word in ("JavaScript", "embedded files", "links to files", "comments", "form fields"):
        assert word in one.text.en


@pytest.mark.parametrize(
    ("action", "harmless"),
    [
        (Dictionary(S=Name.URI, URI=pikepdf.String("https://example.org/")), True),
        (Dictionary(S=Name.URI, URI=pikepdf.String("HTTP://example.org/")), True),
        (Dictionary(S=Name.URI, URI=pikepdf.String("mailto:a@example.org")), True),
        (Dictionary(S=Name.URI, URI=pikepdf.String("file:///etc/passwd")), False),
        (Dictionary(S=Name.URI, URI=pikepdf.String("other.pdf")), False),
        (Dictionary(S=Name.URI, URI=pikepdf.String("javascript:alert(1)")), False),
        (Dictionary(S=Name.GoToR, F=pikepdf.String("other.pdf"), D=Array([0, Name.Fit])), False),
        (Dictionary(S=Name.Launch, F=pikepdf.String("calc.exe")), False),
        (Dictionary(S=Name.SubmitForm, F=pikepdf.String("https://example.org/")), False),
        (Dictionary(S=Name.URI, URI=pikepdf.String("https://a.example"), Next=Dictionary(S=Name.JavaScript)), False),
    ],
)
def test_only_harmless_links_stay(tmp_path, action, harmless):
    def add(pdf):
        pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(samples.link(action))])

    data = samples.changed(samples.blank(), add)
    found = codes(look(tmp_path, data)[1])
    assert found == ([] if harmless else ["active_content_removed"])
    with pikepdf.open(io.BytesIO(data)) as pdf:
        make_bindable(pdf)
        assert len(reading.notes(pdf.pages[0])) == harmless
        assert "/Next" not in str(pdf.pages[0].obj.get("/Annots"))


def test_links_by_name_are_found_again(tmp_path):
    def named(pdf):
        pdf.Root["/Dests"] = Dictionary(old=Array([pdf.pages[2].obj, Name.Fit]))
        tree = pikepdf.NameTree.new(pdf)
        tree["new"] = pdf.make_indirect(Dictionary(D=Array([pdf.pages[1].obj, Name.XYZ, 0, 700, 0])))
        pdf.Root["/Names"] = Dictionary(Dests=tree.obj)
        links = [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), Dest=Name.old)]
        links += [samples.link(Dictionary(S=Name.GoTo, D=pikepdf.String("new")))]
        pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(link) for link in links])

    with pikepdf.open(io.BytesIO(samples.changed(samples.blank(3), named))) as pdf:
        jumps, _ = make_bindable(pdf)
    assert [(jump.page, jump.target) for jump in jumps] == [(0, 2), (0, 1)]
    assert list(jumps[1].view) == [Name.XYZ, 0, 700, 0]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("report.pdf", "03-report.pdf"),
        ("a-b-2.pdf", "03-a-b-2.pdf"),
        ("Report.pdf", "03-attachment.pdf"),
        ("報告書.pdf", "03-attachment.pdf"),
        ("../../etc/passwd.pdf", "03-attachment.pdf"),
        ("a b.pdf", "03-attachment.pdf"),
        ("report.pdf.exe", "03-attachment.pdf"),
        ("-.pdf", "03-attachment.pdf"),
        ("x" * 57 + ".pdf", "03-" + "x" * 57 + ".pdf"),
        ("x" * 58 + ".pdf", "03-attachment.pdf"),
        ("", "03-attachment.pdf"),
    ],
)
def test_names_in_the_bundle_keep_the_strict_form(given, name):
    assert bundle_name(3, given) == name
    assert len(name) <= 64
