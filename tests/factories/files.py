"""Files to attach."""

from __future__ import annotations

import io
import zipfile

import pikepdf

from app.core.uploads import Upload


def pdf(name: str = "media-fill.pdf") -> Upload:
    """A PDF of one page."""
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595.276, 841.89))
    document.save(out)
    return upload(name, out.getvalue())


def office(name: str, *parts: str) -> Upload:
    """A file that is packed like one of Word or Excel and has ``parts``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for part in parts:
            packed.writestr(part, "<x/>")
    return upload(name, out.getvalue())


def upload(name: str, content: bytes) -> Upload:
    """Bytes as they come from a browser."""
    return Upload(name, io.BytesIO(content), len(content))
