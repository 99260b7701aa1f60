"""Where the running number lands, seen with the eyes of another program: on ink, not on what we meant to write."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
import pypdfium2
import pytest

from app.documents import stamps
from tests.documents import samples

A4 = [0, 0, 595.276, 841.89]
PAGES = {
    "upright": {"MediaBox": A4},
    "on its side": {"MediaBox": [0, 0, 841.89, 595.276]},
    "a3": {"MediaBox": [0, 0, 1190.55, 841.89]},
    "origin elsewhere": {"MediaBox": [-300, 200, 295.276, 1041.89]},
    "cropped": {"MediaBox": [-100, -50, 700, 1000], "CropBox": [20, 30, 615, 872]},
    "crop beyond the page": {"MediaBox": A4, "CropBox": [-500, -500, 2000, 2000]},
    "box upside down": {"MediaBox": [595.276, 841.89, 0, 0]},
    "a business card": {"MediaBox": [0, 0, 258, 156]},
    "units of two points": {"MediaBox": [0, 0, 297.638, 420.945], "UserUnit": 2},
}


@pytest.fixture(scope="module")
def slips(renderer):
    """A slip and a label as the press sets them."""
    from app.documents.templates import DOCS_TEMPLATES, Press, load_template

    press = Press(load_template("briefing_package"), "ja")
    html = press.shared_html(
        "stamps.html", {"labels": ["添付資料1"], "slips": [stamps.Slip("通し 21 / 46", "添付資料1　p.3/8", 0)]}
    )
    return renderer.render(html, ((DOCS_TEMPLATES / "_shared" / "stamps.css").read_text(),)).pdf


def stamped(slips, boxes, turn, drawing=b""):
    out = io.BytesIO()
    with pikepdf.new() as pdf, pikepdf.open(io.BytesIO(slips)) as source:
        page = pdf.add_blank_page()
        for key, value in boxes.items():
            page.obj[f"/{key}"] = pikepdf.Array(value) if isinstance(value, list) else value
        page.obj["/Rotate"] = turn
        if drawing:
            page.obj["/Contents"] = pikepdf.Array([pdf.make_stream(part) for part in drawing.split(b"|")])
        label, slip = (pdf.copy_foreign(one.as_form_xobject()) for one in source.pages)
        stamps.isolate_drawing(pdf, page)
        stamps.stamp(page, slip, label)
        pdf.save(out)
    return out.getvalue()


def ink(data):
    """The page as seen: rows and columns that carry ink, and its size in pixels."""
    image = pypdfium2.PdfDocument(data)[0].render(scale=2).to_numpy()
    dark = image[..., :3].min(axis=2) < 160
    return dark, image.shape[:2]


def frame(dark):
    rows, columns = np.where(dark.any(axis=1))[0], np.where(dark.any(axis=0))[0]
    return rows[0], rows[-1], columns[0], columns[-1]


@pytest.mark.parametrize("turn", [0, 90, 180, 270, -90, 450])
@pytest.mark.parametrize("kind", PAGES)
def test_number_below_and_label_above_on_the_right_as_the_page_is_seen(slips, kind, turn):
    dark, (height, width) = ink(stamped(slips, PAGES[kind], turn))
    upper, lower = dark[: height // 2], dark[height // 2 :]
    for half, top_edge in ((upper, True), (lower, False)):
        first, last, left, right = frame(half)
        assert right < width
        assert right > width * 0.9
        assert left > width * 0.4
        assert last - first < right - left  # it stands upright: wider than high
        near = first if top_edge else half.shape[0] - 1 - last
        assert 0 < near < height * 0.06


@pytest.mark.parametrize(
    "drawing",
    [
        b"q 0.1 0 0 0.1 300 300 cm",
        b"Q Q Q",
        b"q 1 0 0|1 50 50 cm q",
        b"0 0 10 10 re W n",
        b"BT /F1 12 Tf",
        b"1 1 1 rg 3 Tr",
    ],
)
def test_what_a_drawing_leaves_behind_does_not_move_the_stamp(slips, drawing):
    clean, _ = ink(stamped(slips, {"MediaBox": A4}, 0))
    dirty, _ = ink(stamped(slips, {"MediaBox": A4}, 0, drawing))
    assert frame(clean) == frame(dirty)
    assert (clean == dirty).all()


def test_the_drawing_itself_is_kept(slips):
    data = stamped(slips, {"MediaBox": A4}, 0, b"0 0 0 rg 200 |400 100 50 re f")
    dark, (height, width) = ink(data)
    middle = dark[height // 3 : height * 2 // 3, : width // 2]
    first, last, left, right = frame(middle)
    assert (last - first, right - left) == (pytest.approx(100, abs=3), pytest.approx(195, abs=8))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        drawing = pdf.pages[0].obj.Resources.XObject.PageDrawing
        assert [float(edge) for edge in drawing.BBox] == A4  # some viewers show nothing of a form without its box


def test_body_pages_carry_it_in_the_middle(slips):
    out = io.BytesIO()
    with pikepdf.new() as pdf, pikepdf.open(io.BytesIO(slips)) as source:
        page = pdf.add_blank_page(page_size=(595.276, 841.89))
        stamps.isolate_drawing(pdf, page)
        stamps.stamp(page, pdf.copy_foreign(source.pages[0].as_form_xobject()), None)
        pdf.save(out)
    dark, (height, _) = ink(out.getvalue())
    first, _, _, _ = frame(dark)
    assert first > height * 0.9


def test_blank_samples_are_blank():
    assert not ink(samples.blank())[0].any()
