"""Bundles of twenty and two hundred pages: setting, binding, linking, checking and packing, against setting alone."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.registry import Benchmark, Goal, NotHere, Pair

ALONE = "WeasyPrint alone on the same HTML"
QUESTIONS = {20: 13, 200: 150}  # by about how many pages these many questions make
CHILD = "from benchmarks.bench_bundle import Sample, peak; sample = Sample({pages}); sample.{way}(); print(peak())"


class Sample:
    """The sample request with so many questions that it fills about ``pages``, and the HTML of all its sections."""

    def __init__(self, pages: int) -> None:
        try:
            import weasyprint  # noqa: PLC0415 — the machine may lack Pango

            from app.documents import bundle, content, rendering  # noqa: PLC0415
            from tests.documents import samples  # noqa: PLC0415
        except (ImportError, OSError) as error:
            raise NotHere(str(error)) from error
        self.folder = Path(tempfile.mkdtemp(prefix="shirube-bench-"))
        given = samples.request("en")
        questions = itertools.islice(itertools.cycle(given.questions), QUESTIONS[pages])
        numbered = (replace(one, number=str(number)) for number, one in enumerate(questions, start=1))
        self.request = replace(given, questions=tuple(numbered))
        self.make_bundle, self.renderer, self.limits = bundle.make_bundle, rendering.Renderer, content.Limits()
        self.weasyprint: Any = weasyprint
        self.sections: list[tuple[str, tuple[str, ...]]] = []
        self.pages = 0
        self._number = itertools.count()

    def bundle(self, work: Path | None = None) -> None:
        """The whole bundle; without ``work`` no page is kept from before."""
        result = self.make_bundle(self.request, self.folder / "bundle.zip", work or self.empty(), limits=self.limits)
        assert result.ok, result.findings
        self.pages = result.pages

    def alone(self) -> None:
        """The same pages as anybody would make them."""
        for html, css in self.sections or self.listened():
            sheets = [self.weasyprint.CSS(string=sheet) for sheet in css]
            self.weasyprint.HTML(string=html).write_pdf(stylesheets=sheets)

    def listened(self) -> list[tuple[str, tuple[str, ...]]]:
        """The HTML and the styles of every section, by listening while a bundle is made."""
        original: Callable[..., Any] = self.renderer.render

        def render(renderer: Any, html: str, css: tuple[str, ...]) -> Any:
            self.sections.append((html, css))
            return original(renderer, html, css)

        self.renderer.render = render  # type: ignore[method-assign,assignment]
        try:
            self.bundle()
        finally:
            self.renderer.render = original  # type: ignore[method-assign]
        return self.sections

    def empty(self) -> Path:
        """A new folder, in which no page is kept."""
        return self.folder / f"work-{next(self._number)}"


def peak() -> int:
    """The most memory that this process has had, in MiB."""
    import resource  # noqa: PLC0415 — not on every system

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def bundle(pages: int, *, kept: bool = False) -> Pair:
    """The bundle; with ``kept`` its pages lie ready from the time before."""
    sample = Sample(pages)
    sample.listened()
    work = sample.empty() if kept else None

    def remarks() -> dict[str, object]:
        found: dict[str, object] = {"pages": sample.pages}
        return found if kept else found | {"peak memory": f"{_peak_of(pages, 'bundle')} MiB"}

    return Pair(lambda: sample.bundle(work), sample.alone, per=sample.pages, remarks=remarks)


def _peak_of(pages: int, way: str) -> int:
    """What a process of its own takes at most for it."""
    code = CHILD.format(pages=pages, way=way)
    return int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


BENCHMARKS = [
    Benchmark("a page of a bundle of 20 pages", ALONE, partial(bundle, 20), Goal(0.1)),
    Benchmark("a page of the same bundle, pages kept", ALONE, partial(bundle, 20, kept=True), Goal(0.1)),
    Benchmark("a page of a bundle of 200 pages", ALONE, partial(bundle, 200), Goal(0.1)),
]
