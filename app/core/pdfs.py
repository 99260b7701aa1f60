"""Looking into an uploaded file: is it a PDF that can be read, and how many pages has it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from app.core.errors import Refused
from app.core.pdf_limits import guard
from app.engine.definition.common import Text

if TYPE_CHECKING:
    from pikepdf import Pdf

DAMAGE = re.compile(r"damaged|reconstruct|can't find|unable to find|xref|EOF|expected endstream|truncat", re.IGNORECASE)
HEAD = 1024  # a PDF says so within its first bytes
MOST_PAGES = 3000


def count_pages(content: BinaryIO) -> int:
    """The number of pages. Raises Refused with the reason for a file that cannot become part of a package."""
    import pikepdf  # noqa: PLC0415 — read where a file comes, not at every start

    guard()
    content.seek(0)
    head = content.read(HEAD)
    content.seek(0)
    if not head:
        raise _refused("空のファイルです。", "The file is empty.")
    if b"%PDF-" not in head:
        raise _refused(
            "PDFではありません。PDFに変換してから添付してください。", "It is not a PDF. Make it a PDF first."
        )
    try:
        with pikepdf.open(content, suppress_warnings=True) as pdf:
            return _look(pdf)
    except pikepdf.PasswordError as error:
        raise _encrypted() from error
    except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError, ValueError, TypeError, KeyError) as error:
        # whether qpdf opens a file without pages or refuses it depends on limits that other rooms set
        raise (_without_pages() if "no pages found" in str(error) else _damaged()) from error
    finally:
        content.seek(0)


def _look(pdf: Pdf) -> int:
    if pdf.is_encrypted:
        raise _encrypted()
    pages = len(pdf.pages)
    if pages == 0:
        raise _without_pages()
    if pages > MOST_PAGES:
        raise _refused(
            f"{pages:,}ページあります。{MOST_PAGES:,}ページ以下に分けてください。",
            f"It has {pages:,} pages. Please split it into parts of at most {MOST_PAGES:,}.",
        )
    for page in pdf.pages:
        _ = page.mediabox  # a page that cannot even say its size is broken
    if any(DAMAGE.search(str(warning)) for warning in pdf.get_warnings()):
        raise _damaged()
    return pages


def _without_pages() -> Refused:
    return _refused("ページがありません。", "It has no pages.")


def _encrypted() -> Refused:
    return _refused(
        "パスワード等で保護されています。保護を外してから添付してください。",
        "It is protected by a password or by restrictions. Remove the protection first.",
    )


def _damaged() -> Refused:
    return _refused(
        "壊れていて開けません。元のファイルからPDFを作り直してください。",
        "It is damaged and cannot be opened. Make the PDF again from its original.",
    )


def _refused(ja: str, en: str) -> Refused:
    return Refused(Text(ja=ja, en=en), field="files")
