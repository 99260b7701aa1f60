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

from benchmarks import tables
from benchmarks.registry import Benchmark, Goal, NotHere, Pair

ALONE = "WeasyPrint alone on the same HTML"
QUESTIONS = {20: 13, 200: 150}  # by about how many pages these many questions make
MEMORY = 300  # MiB
CHILD = "from benchmarks.bench_bundle import Sample, peak; s = Sample({pages}); s.bundle(); print(s.pages, peak())"


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
        if not self.sections:
            return self.listen(work)
        return self._make(work)

    def _make(self, work: Path | None) -> None:
        result = self.make_bundle(self.request, self.folder / "bundle.zip", work or self.empty(), limits=self.limits)
        assert result.ok, result.findings
        self.pages = result.pages

    def alone(self) -> None:
        """The same pages as anybody would make them."""
        for html, css in self.sections:
            sheets = [self.weasyprint.CSS(string=sheet) for sheet in css]
            self.weasyprint.HTML(string=html).write_pdf(stylesheets=sheets)

    def listen(self, work: Path | None) -> None:
        """The bundle, and the HTML and the styles of every section are kept for the other way."""
        original: Callable[..., Any] = self.renderer.render

        def render(renderer: Any, html: str, css: tuple[str, ...]) -> Any:
            self.sections.append((html, css))
            return original(renderer, html, css)

        self.renderer.render = render  # type: ignore[method-assign,assignment]
        try:
            self._make(work)
        finally:
            self.renderer.render = original  # type: ignore[method-assign]

    def empty(self) -> Path:
        """A new folder, in which no page is kept."""
        return self.folder / f"work-{next(self._number)}"


def peak() -> int:
    """The most memory that this process has had, in MiB."""
    import resource  # noqa: PLC0415 — not on every system

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def bundle(pages: int) -> Pair:
    """The bundle from nothing; how many pages it has and how much memory it needs tells a process of its own."""
    sample = Sample(pages)
    code = CHILD.format(pages=pages)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    made, memory = map(int, done.stdout.split())
    remarks = {"pages": made, "peak memory": f"{memory} MiB, goal ≤ {MEMORY} MiB: {tables.MET[memory <= MEMORY]}"}
    return Pair(sample.bundle, sample.alone, per=made, remarks=lambda: remarks)


def bundle_again(pages: int) -> Pair:
    """The bundle whose pages lie ready from the time before."""
    sample = Sample(pages)
    work = sample.empty()
    sample.bundle(work)
    return Pair(lambda: sample.bundle(work), sample.alone, per=sample.pages, remarks=lambda: {"pages": sample.pages})


BENCHMARKS = [
    Benchmark("a page of a bundle of 20 pages", ALONE, partial(bundle, 20), Goal(0.1)),
    Benchmark("a page of the same bundle, pages kept", ALONE, partial(bundle_again, 20), Goal(0.1)),
    Benchmark("a page of a bundle of 200 pages", ALONE, partial(bundle, 200), Goal(0.1)),
]
