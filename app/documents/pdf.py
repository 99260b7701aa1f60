"""Reading PDF with pikepdf: sizes, fonts, links and bookmarks of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Name, Page, Pdf

A4 = (595.276, 841.890)
_TOLERANCE = 3.0  # points; printers' drivers differ by about one
_OWN_FIELDS = {"/FontFile", "/FontFile2", "/FontFile3"}
_DEPTH = 8  # forms within forms


@dataclass(frozen=True, slots=True)
class Sheet:
    """The visible area of a page: its box in the page's own units, its turn in degrees clockwise, points per unit."""

    left: float
    bottom: float
    right: float
    top: float
    turn: int
    unit: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as seen, in points."""
        width, height = (self.right - self.left) * self.unit, (self.top - self.bottom) * self.unit
        return (height, width) if self.turn in (90, 270) else (width, height)

    @property
    def is_a4(self) -> bool:
        """A4, upright or on its side."""
        return all(abs(a - b) <= _TOLERANCE for a, b in zip(sorted(self.size), A4, strict=True))


def sheet(page: Page) -> Sheet:
    """The visible area: the crop box within the media box, as viewers show it; A4 where the boxes are nonsense."""
    media, crop = _box(page.mediabox), _box(page.cropbox)
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    if right - left < 1 or top - bottom < 1:
        left, bottom, right, top = media if media[2] - media[0] >= 1 and media[3] - media[1] >= 1 else (0, 0, *A4)
    unit = float(page.obj.get("/UserUnit", 1) or 1)
    return Sheet(left, bottom, right, top, _turn(page.obj), unit if 0 < unit < 1000 else 1.0)


def inherited(page: Any, key: str) -> Any:
    """An attribute of a page that may stand on its parents (/Resources, /Rotate), or None."""
    node = page
    for _ in range(50):
        if not isinstance(node, pikepdf.Dictionary) or key in node:
            break
        node = node.get("/Parent")
    return node.get(key) if isinstance(node, pikepdf.Dictionary) else None


def _turn(page: Any) -> int:
    try:
        return round(float(inherited(page, "/Rotate") or 0) / 90) * 90 % 360
    except (TypeError, ValueError):
        return 0


def _box(box: Any) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (float(edge) for edge in list(box)[:4])
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


@dataclass(frozen=True, slots=True)
class FontFact:
    """One font that a page uses."""

    name: str
    embedded: bool
    compact: bool  # CFF outlines instead of TrueType


def fonts(page: Page) -> set[FontFact]:
    """The fonts of a page and of the forms drawn on it."""
    found: set[FontFact] = set()
    seen: set[tuple[int, int]] = set()
    for resources in _resources(inherited(page.obj, "/Resources"), seen, _DEPTH):
        for font in _values(resources.get("/Font")):
            found.add(_font(font))
    return found


def _resources(resources: Any, seen: set[tuple[int, int]], depth: int) -> Iterator[Any]:
    if not isinstance(resources, pikepdf.Dictionary) or depth == 0:
        return
    yield resources
    for form in _values(resources.get("/XObject")):
        key = form.objgen
        if (
            isinstance(form, pikepdf.Stream)
            and form.get("/Subtype") == Name.Form
            and (key == (0, 0) or key not in seen)
        ):
            seen.add(key)
            yield from _resources(form.get("/Resources"), seen, depth - 1)


def _font(font: Any) -> FontFact:
    name = str(font.get("/BaseFont", "?")).lstrip("/")
    if font.get("/Subtype") == Name.Type3:  # drawn by the file itself
        return FontFact(name, embedded=True, compact=False)
    kin = font.get("/DescendantFonts")
    holder = kin[0] if isinstance(kin, pikepdf.Array) and len(kin) else font
    descriptor = holder.get("/FontDescriptor") if isinstance(holder, pikepdf.Dictionary) else None
    keys = set(descriptor.keys()) if isinstance(descriptor, pikepdf.Dictionary) else set()
    return FontFact(name, bool(keys & _OWN_FIELDS), bool(keys & {"/FontFile", "/FontFile3"}))


def _values(dictionary: Any) -> list[Any]:
    if not isinstance(dictionary, pikepdf.Dictionary):
        return []
    return [value for _, value in sorted(dictionary.items()) if isinstance(value, pikepdf.Dictionary | pikepdf.Stream)]


def notes(page: Page) -> list[Any]:
    """The annotations of a page; what is not a dictionary is passed over."""
    entries = page.obj.get("/Annots")
    if not isinstance(entries, pikepdf.Array):
        return []
    return [entry for entry in entries if isinstance(entry, pikepdf.Dictionary)]


class Pages:
    """Finds the page that a destination of ``pdf`` means."""

    def __init__(self, pdf: Pdf) -> None:
        self._index = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        self._names = _named_destinations(pdf)

    def find(self, destination: Any) -> tuple[int, list[Any]] | None:
        """Page from 0 and the view within it (``[/XYZ, left, top, zoom]`` …), or None if it leads nowhere."""
        for _ in range(3):  # a name may lead to a dictionary that holds the array
            if isinstance(destination, pikepdf.Name | pikepdf.String | str):
                destination = self._names.get(str(destination).lstrip("/"))
            elif isinstance(destination, pikepdf.Dictionary):
                destination = destination.get("/D")
        if not isinstance(destination, pikepdf.Array) or len(destination) == 0:
            return None
        first: Any = destination[0]
        if isinstance(first, pikepdf.Dictionary):
            number = self._index.get(first.objgen)
        else:  # some programs write the number of the page instead of the page
            number = int(first) if str(first).isdigit() and int(first) < len(self._index) else None
        return None if number is None else (number, _view(list(destination)[1:]))

    def of_link(self, owner: Any) -> tuple[int, list[Any]] | None:
        """Where a link annotation or a bookmark leads within the document, through /Dest or a GoTo action."""
        if (destination := owner.get("/Dest")) is not None:
            return self.find(destination)
        action = owner.get("/A")
        if isinstance(action, pikepdf.Dictionary) and action.get("/S") == Name.GoTo:
            return self.find(action.get("/D"))
        return None


def _view(parts: list[Any]) -> list[Any]:
    plain = [part if isinstance(part, pikepdf.Name) else _number(part) for part in parts[:5]]
    return plain if plain and isinstance(plain[0], pikepdf.Name) else [Name.XYZ, None, None, None]


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


def _named_destinations(pdf: Pdf) -> dict[str, Any]:
    names: dict[str, Any] = {}
    old = pdf.Root.get("/Dests")
    if isinstance(old, pikepdf.Dictionary):
        names |= {key.lstrip("/"): value for key, value in old.items()}
    tree = pdf.Root.get("/Names")
    dests = tree.get("/Dests") if isinstance(tree, pikepdf.Dictionary) else None
    if isinstance(dests, pikepdf.Dictionary):
        try:
            names |= {str(key).lstrip("/"): value for key, value in pikepdf.NameTree(dests).items()}
        except (pikepdf.PdfError, ValueError, RuntimeError):
            return names  # a tree that cannot be read makes its links lead nowhere, which is found later
    return names


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A bookmark: page from 0 or None where it leads nowhere, view within the page, and its children."""

    title: str
    page: int | None
    view: tuple[Any, ...] = ()
    children: tuple[Bookmark, ...] = ()


def bookmarks(pdf: Pdf, pages: Pages, depth: int = 6, most: int = 3000) -> tuple[Bookmark, ...]:
    """The outline of a document; rings, depths and lengths beyond reason are cut off."""
    left = [most]
    seen: set[tuple[int, int]] = set()

    def read(node: Any, level: int) -> tuple[Bookmark, ...]:
        found = []
        while isinstance(node, pikepdf.Dictionary) and left[0] > 0 and node.objgen not in seen:
            seen.add(node.objgen)
            left[0] -= 1
            place = pages.of_link(node)
            inner = read(node.get("/First"), level + 1) if level < depth else ()
            title = str(node.get("/Title", "")).strip() or "–"
            found.append(Bookmark(title, place[0] if place else None, tuple(place[1]) if place else (), inner))
            node = node.get("/Next")
        return tuple(found)

    root = pdf.Root.get("/Outlines")
    return read(root.get("/First"), 1) if isinstance(root, pikepdf.Dictionary) else ()
