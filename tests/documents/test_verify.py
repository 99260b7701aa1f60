"""A bundle read back: every kind of tampering is found, and a hostile ZIP does nothing."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile

import pikepdf
import pytest

from app.documents.content import Limits
from app.documents.verify import verify_bundle, verify_json

PACKAGE = "01-briefing-package.pdf"


@pytest.fixture
def held(made):
    """The entries of a good bundle."""
    with zipfile.ZipFile(made["ja"].path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def packed(tmp_path):
    """Pack entries into a ZIP and verify it."""

    def pack(entries, extra=()):
        path = tmp_path / "changed.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in [*entries.items(), *extra]:
                archive.writestr(name, data)
        return [one.code for one in verify_bundle(path)]

    return pack


def resealed(entries, name, data):
    """The entries with other ``data`` under ``name``, and a manifest that agrees with it."""
    manifest = json.loads(entries["manifest.json"])
    for entry in manifest["files"]:
        if entry["path"] == name:
            entry |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return {**entries, name: data, "manifest.json": json.dumps(manifest).encode()}


def with_pdf(entries, change):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(entries[PACKAGE])) as pdf:
        change(pdf)
        pdf.save(out)
    return resealed(entries, PACKAGE, out.getvalue())


def test_a_good_bundle_has_no_findings(made, language):
    assert verify_json(made[language].path) == {"findings": []}


def test_repacked_without_change_it_is_still_good(held, packed):
    assert packed(held) == []


def test_every_changed_byte_is_found(held, packed):
    for name in held:
        if name != "manifest.json":
            changed = bytearray(held[name])
            changed[len(changed) // 2] ^= 1
            assert packed({**held, name: bytes(changed)}) == ["entry_changed"], name


def test_missing_and_extra_files_are_found(held, packed):
    less = {name: data for name, data in held.items() if name != "02-request-form.docx"}
    assert packed(less) == ["entry_missing"]
    assert packed({**held, "04-more.pdf": b"x"}) == ["entry_extra"]


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "a/../../evil", "C:evil", "a\\..\\evil", "Manifest.JSON", "a\nb"]
)
def test_names_that_would_leave_the_folder_or_come_twice_are_refused(held, packed, name):
    assert "entry_unsafe" in packed(held, [(name, b"x")])


def test_a_link_in_the_zip_is_refused(held, packed):
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    assert packed(held, [(link, b"/etc/passwd")]) == ["entry_unsafe"]


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip at all", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_bundle_says_so(tmp_path, data):
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    assert [one.code for one in verify_bundle(path)] == ["not_a_bundle"]
    assert [one.code for one in verify_bundle(tmp_path / "absent.zip")] == ["not_a_bundle"]


@pytest.mark.parametrize(
    "manifest", [b"{}", b"[]", b"null", b"{", b'{"format": "shirube-bundle/1", "files": [1]}', b"\xff"]
)
def test_a_manifest_that_is_none_says_so(held, packed, manifest):
    assert packed({**held, "manifest.json": manifest}) == ["not_a_bundle"]


def test_a_zip_bomb_is_not_unpacked(held, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in held.items():
            archive.writestr(name, data)
        with archive.open("bomb", "w", force_zip64=True) as entry:
            for _ in range(30):
                entry.write(b"\0" * (1 << 20))
    assert [one.code for one in verify_bundle(path, Limits(total_bytes=1 << 20))] == ["not_a_bundle"]


def test_a_lost_outline_is_found(held, packed):
    assert set(packed(with_pdf(held, lambda pdf: pdf.Root.__delitem__("/Outlines")))) == {"outline_missing"}


def test_a_bookmark_that_leads_elsewhere_is_found(held, packed):
    def move(pdf):
        with pdf.open_outline() as outline:
            outline.root[1].destination = pikepdf.Array([pdf.pages[9].obj, pikepdf.Name.Fit])

    assert packed(with_pdf(held, move)) == ["outline_broken"]


def test_a_removed_page_is_found(held, packed):
    found = packed(with_pdf(held, lambda pdf: pdf.pages.__delitem__(20)))
    assert "page_count" in found
    assert "stamp_missing" in found  # all numbers after it are wrong


def test_a_link_that_leads_nowhere_or_outside_is_found(held, packed):
    def set_links(pdf):
        first, second = list(pdf.pages[1].obj.Annots)[:2]
        first["/Dest"] = pikepdf.String("nowhere")
        del second["/Dest"]
        second["/A"] = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("file:///etc/passwd"))

    assert sorted(packed(with_pdf(held, set_links))) == ["link_broken", "link_outside"]


def test_a_missing_stamp_is_found(held, packed):
    def wipe(pdf):
        pdf.pages[15].obj["/Contents"] = pdf.make_stream(b"/PageDrawing Do")

    assert packed(with_pdf(held, wipe)) == ["stamp_missing"]


def test_a_font_that_is_not_embedded_is_found(held, packed):
    def strip(pdf):
        [form] = [f for key, f in pdf.pages[0].obj.Resources.XObject.items() if key == "/PageDrawing"]
        for font in list(dict(form.Resources.Font.items()).values())[:1]:
            del font.DescendantFonts[0].FontDescriptor["/FontFile2"]

    assert set(packed(with_pdf(held, strip))) == {"font_not_embedded"}


def test_a_page_of_another_size_and_a_closed_outline_are_found(held, packed):
    def change(pdf):
        pdf.pages[2].obj["/MediaBox"] = pikepdf.Array([0, 0, 612, 792])
        del pdf.Root["/PageMode"]

    assert sorted(packed(with_pdf(held, change))) == ["initial_view", "own_page_size"]


def test_a_damaged_pdf_or_form_is_found_even_when_the_manifest_agrees(held, packed):
    assert packed(resealed(held, PACKAGE, b"%PDF-1.7 nothing")) == ["entry_damaged"]
    assert packed(resealed(held, "02-request-form.docx", b"no zip")) == ["entry_damaged"]
