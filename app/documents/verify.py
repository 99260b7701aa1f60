"""A bundle read back from its ZIP, by whoever received it: complete, unchanged, and still a working document."""

from __future__ import annotations

import hashlib
import io
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pikepdf

from app.core.pdf_limits import guard
from app.documents.content import Limits
from app.documents.findings import Finding, finding
from app.documents.inspection import inspect_package
from app.documents.manifest import FORM, MANIFEST, PACKAGE, FileEntry, Manifest, read_manifest

_CHUNK = 1 << 20
_MOST_ENTRIES = 1000
_MANIFEST_BYTES = 16 * 2**20


def verify_json(path: Path) -> dict[str, list[dict[str, str]]]:
    """The findings as JSON for scripts: ``{"findings": [{"code", "severity", "where", "ja", "en"}, …]}``."""
    return {"findings": [one.as_data() for one in verify_bundle(path)]}


def verify_bundle(path: Path, limits: Limits | None = None) -> list[Finding]:
    """Everything wrong with the bundle at ``path``; an empty list if nothing is. Never raises for a bad file."""
    limits = limits or Limits()
    guard(limits.stream_bytes)
    try:
        with zipfile.ZipFile(path) as archive:
            return _verify(archive, limits)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError) as fault:
        return [finding("not_a_bundle", detail=_short(fault))]


def _verify(archive: zipfile.ZipFile, limits: Limits) -> list[Finding]:
    entries = archive.infolist()
    if unsafe := list(_unsafe(entries)):
        return unsafe
    if sum(entry.file_size for entry in entries) > 2 * limits.total_bytes + _MANIFEST_BYTES:
        return [finding("not_a_bundle", detail="too large")]
    names = {entry.filename for entry in entries}
    if MANIFEST not in names:
        return [finding("not_a_bundle", detail=f"{MANIFEST} is missing")]
    manifest = read_manifest(_read(archive, MANIFEST, _MANIFEST_BYTES))
    listed = {entry.path for entry in manifest.files}
    found = [finding("entry_missing", name, name=name) for name in sorted(listed - names)]
    found += [finding("entry_extra", name, name=name) for name in sorted(names - listed - {MANIFEST})]
    for entry in manifest.files:
        if entry.path in names:
            found += _verify_entry(archive, entry, manifest)
    return found


def _unsafe(entries: list[zipfile.ZipInfo]) -> Iterator[Finding]:
    """Names that would leave the folder they are unpacked in, come twice, or are links; and too many of them."""
    if len(entries) > _MOST_ENTRIES:
        yield finding("not_a_bundle", detail=f"{len(entries)} entries")
        return
    counts = Counter(entry.filename.casefold() for entry in entries)
    for entry in entries:
        name = entry.filename
        parts = PurePosixPath(name).parts
        is_link = stat.S_ISLNK(entry.external_attr >> 16)
        outside = not parts or name.startswith("/") or ".." in parts or "\\" in name or ":" in name
        if outside or is_link or entry.flag_bits & 1 or counts[name.casefold()] > 1 or not name.isprintable():
            yield finding("entry_unsafe", _short(name), name=_short(name))


def _verify_entry(archive: zipfile.ZipFile, entry: FileEntry, manifest: Manifest) -> list[Finding]:
    name = entry.path
    try:
        data = _read(archive, name, entry.size)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError):
        return [finding("entry_changed", name, name=name)]
    if len(data) != entry.size or hashlib.sha256(data).hexdigest() != entry.sha256:
        return [finding("entry_changed", name, name=name)]
    try:
        if name.endswith(".pdf"):
            return _verify_pdf(data, entry, manifest)
        if name == FORM:
            with zipfile.ZipFile(io.BytesIO(data)) as form:
                form.getinfo("word/document.xml")
    except (
        pikepdf.PdfError,
        pikepdf.DataDecodingError,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        RuntimeError,
    ) as fault:
        return [finding("entry_damaged", name, name=name, detail=_short(fault))]
    return []


def _verify_pdf(data: bytes, entry: FileEntry, manifest: Manifest) -> list[Finding]:
    with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
        pages = len(pdf.pages)
    found = []
    if pages != entry.pages:
        found.append(finding("page_count", entry.path, name=entry.path, found=pages, expected=entry.pages))
    if entry.path == PACKAGE:
        firsts = [one.first_page for one in manifest.attachments]
        own = min(firsts, default=pages + 1) - 1
        file = io.BytesIO(data)
        found += inspect_package(file, own_pages=own, bookmarks=manifest.bookmarks, stamps=manifest.stamps)
    return found


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """At most ``most`` bytes and one more, whatever the archive claims to hold."""
    parts: list[bytes] = []
    left = most + 1
    with archive.open(name) as file:
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            parts.append(chunk)
            left -= len(chunk)
    return b"".join(parts)


def _short(text: Any) -> str:
    return "".join(sign if sign.isprintable() else "�" for sign in str(text))[:160]
