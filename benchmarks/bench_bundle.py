"""The bundle of the sample: thirty pages of attachments, bound, stamped, linked and checked."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

from benchmarks.registry import Benchmark, NotHere, Work


def bundle(*, warm: bool) -> tuple[Work, Work]:
    try:
        import weasyprint  # noqa: PLC0415 — the machine may lack Pango

        from app.documents.bundle import make_bundle  # noqa: PLC0415
        from tests.documents import samples  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise NotHere(str(error)) from error
    folder = Path(tempfile.mkdtemp(prefix="shirube-bench-"))
    request = samples.request("en", samples.five(folder, "en"))
    number = itertools.count()

    def ours() -> object:
        work = folder / ("work" if warm else f"work-{next(number)}")
        result = make_bundle(request, folder / "bundle.zip", work)
        assert result.ok, result.findings
        return result

    pages = "".join(f"<h1>{n}</h1><p>{'Text of a page. ' * 120}</p>" for n in range(8))
    html = f"<style>h1 {{ break-before: page }}</style>{pages}"
    return ours, lambda: weasyprint.HTML(string=html).write_pdf()


BENCHMARKS = [
    Benchmark(
        "bundle of the sample, nothing kept", "WeasyPrint alone, 8 plain pages, no bundle", lambda: bundle(warm=False)
    ),
    Benchmark(
        "bundle of the sample, pages kept", "WeasyPrint alone, 8 plain pages, no bundle", lambda: bundle(warm=True)
    ),
]
