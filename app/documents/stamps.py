"""Running numbers laid over finished pages: which slip goes where, also on turned, cropped and odd-sized pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Name, Page, Pdf

from app.documents.pdf import Sheet, inherited, sheet

MM = 72 / 25.4
_SLIP = (110 * MM, 6 * MM)
_LABEL = (50 * MM, 7 * MM)
_BODY_FOOT, _EDGE, _SIDE = 11 * MM, 4.5 * MM, 9 * MM
_A4_WIDTH = 595.276


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed at the foot of one page; ``document`` only on attachments, with ``label`` in the top corner."""

    running: str
    document: str = ""
    label: int | None = None  # which of the labels

    @property
    def place(self) -> str:
        """The class of the slip in stamps.html."""
        return "centre" if self.label is None else "right"


def isolate_drawing(pdf: Pdf, page: Page) -> None:
    """Put the page's drawing into a form of its own, so that nothing it leaves behind can move what is drawn after."""
    contents = page.obj.get("/Contents")
    resources = inherited(page.obj, "/Resources")
    if isinstance(contents, pikepdf.Array):
        page.contents_coalesce()
        contents = page.obj["/Contents"]
    drawn = b""
    forms = pikepdf.Dictionary()
    if isinstance(contents, pikepdf.Stream):
        form = pdf.make_stream(contents.read_raw_bytes())
        for key in ("/Filter", "/DecodeParms"):
            if key in contents:
                form[key] = contents[key]
        form["/Type"], form["/Subtype"] = Name.XObject, Name.Form
        form["/BBox"] = pikepdf.Array([float(edge) for edge in page.mediabox])
        form["/Resources"] = resources if resources is not None else pikepdf.Dictionary()
        forms["/PageDrawing"] = form
        drawn = b"q /PageDrawing Do Q\n"
    page.obj["/Resources"] = pikepdf.Dictionary(XObject=forms)
    page.obj["/Contents"] = pdf.make_stream(drawn)


def stamp(page: Page, slip: Any, label: Any | None) -> None:
    """Lay the slip at the foot and the label into the upper right corner of an isolated page, as it is seen."""
    area = sheet(page)
    width, height = area.size
    scale = min(max(min(width, height) / _A4_WIDTH, 0.3), 6.0)
    forms = page.obj["/Resources"]["/XObject"]
    forms["/RunningNumber"] = slip
    if label is None:
        places = [(b"/RunningNumber", (width - _SLIP[0] * scale) / 2, _BODY_FOOT * scale)]
    else:
        forms["/AttachmentLabel"] = label
        places = [
            (b"/RunningNumber", width - (_SLIP[0] + _SIDE) * scale, _EDGE * scale),
            (b"/AttachmentLabel", width - (_LABEL[0] + _SIDE) * scale, height - (_LABEL[1] + _EDGE) * scale),
        ]
    drawn = b"".join(b"q %s cm %s Do Q\n" % (_matrix(area, x, y, scale), name) for name, x, y in places)
    contents = page.obj["/Contents"]
    contents.write(contents.read_bytes() + drawn)


def _matrix(area: Sheet, x: float, y: float, scale: float) -> bytes:
    """From the slip's own units to the page's, for a slip whose lower left corner is seen at (x, y) points."""
    x, y, s = x / area.unit, y / area.unit, scale / area.unit
    turned = {
        0: (s, 0.0, 0.0, s, area.left + x, area.bottom + y),
        90: (0.0, s, -s, 0.0, area.right - y, area.bottom + x),
        180: (-s, 0.0, 0.0, -s, area.right - x, area.top - y),
        270: (0.0, -s, s, 0.0, area.left + y, area.top - x),
    }[area.turn]
    return b" ".join(b"%.4f" % value for value in turned)
