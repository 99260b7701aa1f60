"""Files that people hand in: each is looked into before it is kept, and called by a name that no machine obeys."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, TypeVar

from app.core import apart, pdfs, signs
from app.core.errors import Refused
from app.engine.definition.common import Text

Seen = TypeVar("Seen")
UNPACKED = 2**30  # bytes that an office file may claim to unpack to
CONTENTS = 2**20  # bytes of its table of contents: some ten thousand parts, and it has some hundred
ZIP_TAIL = 2**16 + 42  # where the record at the end of a zip begins at the earliest
OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # files before 2007, and every office file with a password


@dataclass(frozen=True)
class Upload:
    """A file as it came in: its name as the person's machine calls it, its bytes, its size in bytes."""

    filename: str
    content: BinaryIO
    size: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that may be kept; ``look`` raises Refused for one that is broken or protected."""

    endings: tuple[str, ...]
    mimetype: str
    look: Callable[[BinaryIO], object]


def kind_of(filename: str) -> Kind | None:
    """The kind that a name claims, by its ending; None for kinds that are not kept."""
    ending = filename.rpartition(".")[2].lower()
    return next((kind for kind in KINDS if ending in kind.endings), None)


def endings() -> tuple[str, ...]:
    """The endings of all kinds, with their dot, as a field for files wants them."""
    return tuple(f".{ending}" for kind in KINDS for ending in kind.endings)


def inspected(upload: Upload) -> Kind:
    """The kind of a file whose content is what its name says. Raises Refused with the reason."""
    kind = kind_of(upload.filename)
    if kind is None:
        raise _refused(
            "PDF、Word(.docx)、Excel(.xlsx)、画像(PNG・JPEG)のいずれでもありません。",
            "It is neither PDF, Word (.docx), Excel (.xlsx) nor a picture (PNG, JPEG).",
        )
    _look(upload.content, look_into, kind.endings[0])
    return kind


def pages(upload: Upload) -> int:
    """The number of pages of a PDF that can become part of a package. Raises Refused with the reason."""
    return _look(upload.content, pdfs.count_pages)


def look_into(content: BinaryIO, ending: str) -> None:
    """Raises Refused where the content is not a sound file of the kind that ``ending`` names."""
    kind = kind_of(f".{ending}")
    assert kind is not None
    kind.look(content)


def all_or_none(uploads: Sequence[Upload], largest: int, look: Callable[[Upload], Seen]) -> list[Seen]:
    """What ``look`` sees in each file; one Refused that names every bad one, so that none is kept then.

    ``largest``: bytes of one file.
    """
    seen, ja, en = [], [], []
    for upload in uploads:
        try:
            if upload.size > largest:
                raise _too_large(upload.size, largest)
            seen.append(look(upload))
        except Refused as refusal:
            called = signs.short(upload.filename)
            ja.append(f"「{called}」{refusal.sentence.ja}")
            en.append(f"“{called}”: {refusal.sentence.en}")
    if ja:
        whole = Text(ja="何も保存していません。", en="Nothing was stored.") if len(uploads) > 1 else None
        raise _refused("".join([*ja, whole.ja if whole else ""]), " ".join([*en, *([whole.en] if whole else [])]))
    return seen


def safe_name(given: str, endings: Iterable[str]) -> str:
    """The name without folders and signs that a machine may read as orders, at most 200 characters.

    It ends in one of ``endings``; in the first of them where it ended in none.
    """
    allowed = tuple(endings)
    name = PurePosixPath(given.replace("\\", "/")).name
    clean = "".join(
        sign for sign in unicodedata.normalize("NFC", name) if sign.isprintable() and sign not in '<>:"|?*'
    ).strip(". ")
    found = re.search(rf"\.({'|'.join(allowed)})$", clean, flags=re.IGNORECASE)
    ending = found[1].lower() if found else allowed[0]
    stem = (clean[: found.start()] if found else clean).strip() or "attachment"
    return f"{stem[: 199 - len(ending)]}.{ending}"


def _look(content: BinaryIO, at: Callable[..., Seen], *args: str) -> Seen:
    try:
        return apart.look(at, content, *args)
    except apart.ExhaustedError as error:
        raise _refused(
            "開くのに時間又はメモリーがかかりすぎます。元のファイルから作り直すか、分割してください。",
            "It takes more time or memory to open than any document should. Make it again from its original, "
            "or split it.",
        ) from error
    finally:
        content.seek(0)


def _too_large(size: int, largest: int) -> Refused:
    has, most = f"{size / 2**20:,.1f} MB", f"{largest / 2**20:,.0f} MB"
    return _refused(
        f"{has}あります。一つのファイルは{most}までです。分割するか、画像の解像度を下げてください。",
        f"It has {has}; one file may have at most {most}. Split it, or reduce the resolution of its images.",
    )


def _office(program: str, part: str) -> Callable[[BinaryIO], None]:
    """A look into a file of Word or Excel, which is a zip with ``part`` in it."""

    def look(content: BinaryIO) -> None:
        content.seek(0)
        if content.read(4) == OLD_OFFICE:
            raise _refused(
                f"古い形式か、パスワードで保護されています。保護を外し、今の{program}の形式で保存し直してください。",
                f"It has an old format or a password. Save it in the present format of {program}, without a password.",
            )
        try:
            if _contents(content) > CONTENTS:
                raise _broken(program)
            with zipfile.ZipFile(content) as packed:
                names = set(packed.namelist())
                sound = part in names and sum(each.file_size for each in packed.infolist()) <= UNPACKED
                sound = sound and packed.testzip() is None
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as error:
            raise _broken(program) from error
        if not sound:
            raise _broken(program)
        if any(name.endswith("vbaProject.bin") for name in names):
            raise _refused(
                "マクロを含んでいます。マクロのない形式で保存し直してください。",
                "It holds macros. Save it without them.",
            )

    return look


def _contents(content: BinaryIO) -> int:
    """The bytes of a zip's table of contents, which is read as a whole before anything else. BadZipFile without one."""
    content.seek(0, io.SEEK_END)
    content.seek(max(content.tell() - ZIP_TAIL, 0))
    tail = content.read()
    content.seek(0)
    end = tail.rfind(b"PK\x05\x06")
    large = tail[max(end - 20, 0) : max(end - 16, 0)] == b"PK\x06\x07"  # its true length would stand elsewhere
    if end < 0 or len(tail) - end < 22 or large:
        raise zipfile.BadZipFile
    return int.from_bytes(tail[end + 12 : end + 16], "little")


def _picture(head: bytes, tail: bytes) -> Callable[[BinaryIO], None]:
    """A look at a picture that begins and ends as its kind does; half a picture has no end."""

    def look(content: BinaryIO) -> None:
        content.seek(0)
        begins = content.read(len(head)) == head
        content.seek(0, 2)
        content.seek(max(content.tell() - 1024, 0))
        if not begins or tail not in content.read():
            raise _refused(
                "画像として開けません。元の画像から作り直してください。",
                "It cannot be opened as a picture. Make it again from its original.",
            )

    return look


def _broken(program: str) -> Refused:
    return _refused(
        f"壊れているか、{program}のファイルではないため開けません。元のファイルから保存し直してください。",
        f"It is damaged or not made by {program}, and cannot be opened. Save it again from its original.",
    )


def _refused(ja: str, en: str) -> Refused:
    return Refused(Text(ja=ja, en=en), field="files")


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = (
    Kind(("pdf",), "application/pdf", pdfs.count_pages),
    Kind(("docx",), f"{_OFFICE}.wordprocessingml.document", _office("Word", "word/document.xml")),
    Kind(("xlsx",), f"{_OFFICE}.spreadsheetml.sheet", _office("Excel", "xl/workbook.xml")),
    Kind(("png",), "image/png", _picture(b"\x89PNG\r\n\x1a\n", b"IEND")),
    Kind(("jpg", "jpeg"), "image/jpeg", _picture(b"\xff\xd8\xff", b"\xff\xd9")),
)
