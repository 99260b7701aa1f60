"""HTML to PDF: the only door to WeasyPrint. It loads nothing from outside, and every complaint of it becomes data."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.core.files import write_atomically
from app.documents.fonts import FONT_FOLDER, fonts_hash, use_private_fonts

_POINTS = 0.75  # one CSS pixel in points
_GLYPH = re.compile(r"\.notdef glyph rendered .*\(U\+([0-9A-F]+)\)", re.DOTALL)
_KEPT_PAGES = 2000


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that becomes a bookmark: ``page`` from 0, ``top`` in points from the top edge."""

    level: int
    title: str
    page: int
    top: float


@dataclass(frozen=True, slots=True)
class Rendered:
    """One section as a PDF of its own, and what the assembly and the preflight must know of it."""

    pdf: bytes
    pages: int
    headings: tuple[Heading, ...] = ()
    anchors: Mapping[str, tuple[int, float]] = field(default_factory=dict)  # name -> page from 0, points from the top
    missing_glyphs: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()


class Renderer:
    """Renders sections with the private fonts. ``assets`` are the only addresses a page may load, by their URL.

    A section is kept under ``work_dir`` by the hash of all that shapes it, and read from there the next time.
    """

    def __init__(self, work_dir: Path, assets: Mapping[str, tuple[str, bytes]] | None = None) -> None:
        self._configuration = use_private_fonts(work_dir)
        self._assets = dict(assets or {})
        self._kept = work_dir / "pages"
        self._kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._fonts: Any = None
        self._sheets: dict[str, Any] = {}

    def render(self, html: str, css: tuple[str, ...]) -> Rendered:
        """The pages of ``html``. Complaints of the layout are returned, not raised."""
        place = self._kept / f"{self._key(html, css)}.page"
        if (kept := _read_kept(place)) is not None:
            return kept
        rendered = self._render(html, css)
        if not rendered.missing_glyphs and not rendered.complaints:
            _keep(place, rendered)
        return rendered

    def _render(self, html: str, css: tuple[str, ...]) -> Rendered:
        os.environ["FONTCONFIG_FILE"] = str(self._configuration)
        # late: it takes a second and 60 MB that most processes never need
        import weasyprint  # noqa: PLC0415
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

        self._fonts = self._fonts or FontConfiguration()
        fetcher = _only(self._assets)
        with _complaints() as complaints:
            for sheet in css:  # reading a style costs as much as setting a short section: once is enough
                if sheet not in self._sheets:
                    self._sheets[sheet] = weasyprint.CSS(string=sheet, url_fetcher=fetcher, font_config=self._fonts)
            source = weasyprint.HTML(string=html, base_url=None, url_fetcher=fetcher)
            document = source.render(stylesheets=[self._sheets[sheet] for sheet in css], font_config=self._fonts)
            pdf = document.write_pdf(full_fonts=False, custom_metadata=False)
        glyphs = sorted({chr(int(match[1], 16)) for text in complaints if (match := _GLYPH.search(text))})
        return Rendered(
            pdf=pdf,
            pages=len(document.pages),
            headings=tuple(
                Heading(level, label, index, top * _POINTS)
                for index, page in enumerate(document.pages)
                for level, label, (_, top), _ in page.bookmarks
            ),
            anchors={
                name: (index, place[1] * _POINTS)
                for index, page in enumerate(document.pages)
                for name, place in page.anchors.items()
            },
            missing_glyphs=tuple(glyphs),
            complaints=tuple(text for text in complaints if not _GLYPH.search(text)),
        )

    def _key(self, html: str, css: tuple[str, ...]) -> str:
        parts = [html, *css, fonts_hash(FONT_FOLDER), *_versions()]
        parts += [f"{url} {hashlib.sha256(data).hexdigest()}" for url, (_, data) in sorted(self._assets.items())]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _versions() -> tuple[str, ...]:
    return tuple(version(name) for name in ("weasyprint", "pydyf", "fonttools"))


def _only(assets: Mapping[str, tuple[str, bytes]]) -> Any:
    """A URL fetcher that knows the given assets and refuses every other address: no file, no network, no data URL."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class OnlyOwnAssets(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - the signature is WeasyPrint's
            if url not in assets:
                raise ValueError(f"refused: {url[:200]}")
            media_type, data = assets[url]
            return URLFetcherResponse(url, data, {"Content-Type": media_type})

    return OnlyOwnAssets()


@contextlib.contextmanager
def _complaints() -> Iterator[list[str]]:
    """Everything WeasyPrint warns of in this thread, as texts."""
    heard: list[str] = []
    thread = threading.get_ident()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread:
                heard.append(record.getMessage())

    logger = logging.getLogger("weasyprint")
    listener = Listener(logging.WARNING)
    logger.addHandler(listener)
    try:
        yield heard
    finally:
        logger.removeHandler(listener)


def _keep(place: Path, rendered: Rendered) -> None:
    about = {**asdict(rendered), "pdf": hashlib.sha256(rendered.pdf).hexdigest()}
    write_atomically(place, json.dumps(about, ensure_ascii=False).encode() + b"\n" + rendered.pdf)
    kept = sorted(place.parent.glob("*.page"), key=lambda path: path.stat().st_mtime)
    for old in kept[:-_KEPT_PAGES]:
        old.unlink(missing_ok=True)


def _read_kept(place: Path) -> Rendered | None:
    """A kept section, or None where there is none or it is not what was kept."""
    try:
        head, _, pdf = place.read_bytes().partition(b"\n")
        about = json.loads(head)
        if hashlib.sha256(pdf).hexdigest() != about["pdf"]:
            return None
        return Rendered(
            pdf=pdf,
            pages=about["pages"],
            headings=tuple(Heading(**heading) for heading in about["headings"]),
            anchors={name: (page, top) for name, (page, top) in about["anchors"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
