"""The bundle of the sample, with thirty pages of attachments: setting its pages, then binding, linking and checking."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.registry import Benchmark, NotHere, Work

ALONE = "WeasyPrint alone on the same HTML"


class Sample:
    """The request of the sample, and the HTML of every section that its bundle sets."""

    def __init__(self) -> None:
        try:
            import weasyprint  # noqa: PLC0415 — the machine may lack Pango

            from app.documents import bundle, rendering  # noqa: PLC0415
            from tests.documents import samples  # noqa: PLC0415
        except (ImportError, OSError) as error:
            raise NotHere(str(error)) from error
        self.folder = Path(tempfile.mkdtemp(prefix="shirube-bench-"))
        self.request = samples.request("en", samples.five(self.folder, "en"))
        self.make_bundle, self.renderer = bundle.make_bundle, rendering.Renderer
        self.weasyprint: Any = weasyprint
        self.sections: list[tuple[str, tuple[str, ...]]] = []
        self.pages = 0
        self._number = itertools.count()
        self._listen()

    def _listen(self) -> None:
        original: Callable[..., Any] = self.renderer.render

        def render(renderer: Any, html: str, css: tuple[str, ...]) -> Any:
            rendered = original(renderer, html, css)
            self.sections.append((html, css))
            self.pages += rendered.pages
            return rendered

        self.renderer.render = render  # type: ignore[method-assign,assignment]
        try:
            self.bundle(self.empty())
        finally:
            self.renderer.render = original  # type: ignore[method-assign]

    def empty(self) -> Path:
        """A new folder, in which no page is kept."""
        return self.folder / f"work-{next(self._number)}"

    def bundle(self, work: Path) -> object:
        """The whole bundle."""
        result = self.make_bundle(self.request, self.folder / "bundle.zip", work)
        assert result.ok, result.findings
        return result

    def set(self) -> object:
        """Our pages alone, none of them kept from before."""
        renderer = self.renderer(self.empty())
        return [renderer.render(html, css).pdf for html, css in self.sections]

    def alone(self) -> object:
        """The same pages as anybody would make them."""
        return [
            self.weasyprint.HTML(string=html).write_pdf(
                stylesheets=[self.weasyprint.CSS(string=sheet) for sheet in css]
            )
            for html, css in self.sections
        ]


def page() -> tuple[Work, Work, int]:
    sample = Sample()
    return sample.set, sample.alone, sample.pages


def bundle(*, warm: bool) -> tuple[Work, Work]:
    sample = Sample()
    kept = sample.empty()
    return lambda: sample.bundle(kept if warm else sample.empty()), sample.alone


BENCHMARKS = [
    Benchmark("a page of the sample as PDF", f"{ALONE}, a page", page),
    Benchmark("bundle of the sample, nothing kept", f"{ALONE}, no bundle", lambda: bundle(warm=False)),
    Benchmark("bundle of the sample, pages kept", f"{ALONE}, no bundle", lambda: bundle(warm=True)),
]
