"""The whole bundle in one ZIP: made completely, checked, and only then named; the same input, the same bytes."""

from __future__ import annotations

import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from app.core.files import file_sha256, whole_file
from app.documents import preflight
from app.documents.attachments import Inspected, inspect_attachment, megabytes, total_size
from app.documents.content import BundleRequest, Limits, content_hash
from app.documents.files import add_to_zip
from app.documents.findings import Finding, finding
from app.documents.fonts import fonts_hash
from app.documents.inspection import inspect_package
from app.documents.manifest import (
    ATTACHMENTS,
    FORM,
    MANIFEST,
    MANIFEST_TEXT,
    PACKAGE,
    REPORT,
    Bookmarked,
    BoundAttachment,
    FileEntry,
    Manifest,
    manifest_json,
    manifest_text,
)
from app.documents.package import Composed, Package, compose
from app.documents.rendering import Renderer
from app.documents.request_form import make_request_form
from app.documents.templates import Press, load_template, template_hash

TEMPLATE = "briefing_package"


@dataclass(frozen=True, slots=True)
class BundleResult:
    """What came of it. With ``ok`` the file stands at ``path``; otherwise nothing was written and errors say why."""

    ok: bool
    findings: tuple[Finding, ...]
    path: Path | None = None
    sha256: str = ""
    size: int = 0
    pages: int = 0


class _BlockedError(Exception):
    def __init__(self, found: list[Finding]) -> None:
        self.found = found


def make_bundle(
    request: BundleRequest, out_path: Path, work_dir: Path, *, limits: Limits | None = None
) -> BundleResult:
    """Make the bundle of ``request`` as one ZIP at ``out_path``, whose folder must exist.

    ``work_dir`` keeps the font configuration and the pages that did not change; it may be emptied at any time.
    An error among the findings blocks: then what stood at ``out_path`` before, if anything, is untouched.
    Raises OSError when the disk refuses.
    """
    limits = limits or Limits()
    work_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    press = Press(load_template(TEMPLATE), request.language)
    found = preflight.check_request(request, press.template, limits)
    attachments, about_files = _inspect(request, limits)
    found += about_files
    if preflight.too_much_to_render(found):
        return BundleResult(ok=False, findings=tuple(found))
    pages = {one.number: one.pages for one in attachments}
    if len(attachments) == len(request.attachments):
        found += preflight.check_references(request, press.template, pages)
    composed, complaints = compose(request, attachments, press, Renderer(work_dir))
    found += complaints
    if composed is None or _blocked(found):
        return BundleResult(ok=False, findings=tuple(found))
    try:
        return _Making(request, press, composed, found).write(out_path, work_dir)
    except _BlockedError as blocked:
        return BundleResult(ok=False, findings=(*found, *blocked.found))


def _inspect(request: BundleRequest, limits: Limits) -> tuple[list[Inspected], list[Finding]]:
    usable: list[Inspected] = []
    if len(request.attachments) > limits.attachments:
        return [], []  # said elsewhere
    size = total_size(one.path for one in request.attachments)
    if size > limits.total_bytes:
        too_large = finding(
            "bundle_too_large", "attachments", size=megabytes(size), limit=megabytes(limits.total_bytes)
        )
        return [], [too_large]
    found: list[Finding] = []
    for attachment in request.attachments:
        inspected, remarks = inspect_attachment(attachment, limits)
        usable += [inspected] if inspected else []
        found += remarks
    if sum(one.pages for one in usable) > limits.pages:
        found.append(finding("bundle_too_large", "attachments", size="–", limit=f"{limits.pages} p."))
    return usable, found


@dataclass
class _Making:
    """One bundle whose input is in order, on its way into the ZIP; ``found`` grows."""

    request: BundleRequest
    press: Press
    composed: Composed
    found: list[Finding]

    def write(self, out_path: Path, work_dir: Path) -> BundleResult:
        """Bind, check, pack. Raises _BlockedError when the result is not what it must be."""
        attachments = {f"{ATTACHMENTS}/{one.file_name}": one for one in self.composed.work.attachments}
        package, contents = self._package(work_dir)
        contents[FORM] = self._form()
        contents |= {name: one.attachment.path for name, one in attachments.items()}
        with whole_file(out_path) as out:
            self._zip(package, contents, attachments, out)
        size = out_path.stat().st_size
        return BundleResult(True, tuple(self.found), out_path, file_sha256(out_path), size, package.pages)

    def _package(self, work_dir: Path) -> tuple[Package, dict[str, bytes | Path]]:
        with tempfile.TemporaryFile(dir=work_dir) as file:  # nameless: a killed process leaves nothing
            package, remarks = self.composed.bind(file, creator=program())
            stamps = _stamps(package)
            remarks += inspect_package(file, own_pages=package.own_pages, bookmarks=_bookmarks(package), stamps=stamps)
            if _blocked(remarks):
                raise _BlockedError(remarks)
            self.found += remarks
            file.seek(0)
            return package, {PACKAGE: file.read()}

    def _form(self) -> bytes:
        work = self.composed.work
        pairs = zip(work.labels(), work.attachments, strict=True)
        titles = [f"{label}　{one.attachment.title}" for label, one in pairs]
        form, blanks = make_request_form(self.request, titles, program())
        self.found += blanks
        return form

    def _zip(
        self,
        package: Package,
        contents: dict[str, bytes | Path],
        attachments: dict[str, Inspected],
        out: BinaryIO,
    ) -> None:
        day = self.request.made_on
        pages = {PACKAGE: package.pages} | {name: one.pages for name, one in attachments.items()}
        entries: list[FileEntry] = []
        with zipfile.ZipFile(out, "w") as archive:

            def add(name: str, data: bytes | Path) -> None:
                digest = add_to_zip(archive, name, data, day)
                entries.append(FileEntry(name, archive.getinfo(name).file_size, digest, pages.get(name)))

            for name, data in sorted(contents.items()):
                add(name, data)
                one = attachments.get(name)
                if one and entries[-1].sha256 != one.attachment.sha256:  # changed since it was looked at
                    raise _BlockedError([finding("attachment_changed", f"attachments.{one.number}", number=one.number)])
            manifest = self._manifest(package, entries)
            add(MANIFEST_TEXT, manifest_text(manifest))
            add(REPORT, preflight.report_html(self.press, manifest, self.found))
            add_to_zip(archive, MANIFEST, manifest_json(self._manifest(package, entries)), day)

    def _manifest(self, package: Package, entries: Sequence[FileEntry]) -> Manifest:
        request, template = self.request, self.press.template
        bound = zip(self.composed.work.attachments, package.first_pages, strict=True)
        return Manifest(
            language=request.language,
            made_on=request.made_on,
            program=program(),
            template=f"{template.key} {template.version}",
            template_sha256=template_hash(template.key),
            fonts_sha256=fonts_hash(),
            content_sha256=content_hash(request),
            title=self.composed.work.title(),
            applicant=request.organisation.name or "",
            files=tuple(entries),
            bookmarks=tuple(_bookmarks(package)),
            attachments=tuple(
                BoundAttachment(
                    one.number, one.attachment.title, f"{ATTACHMENTS}/{one.file_name}", first + 1, one.pages
                )
                for one, first in bound
            ),
            stamps=tuple(_stamps(package)),
        )


def _bookmarks(package: Package) -> list[Bookmarked]:
    return [Bookmarked(entry.title, entry.page + 1) for entry in package.entries]


def _stamps(package: Package) -> list[str]:
    return [f"{slip.document}　{slip.running}" if slip.document else slip.running for slip in package.slips]


def _blocked(found: Sequence[Finding]) -> bool:
    return any(one.blocks for one in found)


@cache
def program() -> str:
    """Name and version of this program, as written into what it makes."""
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    return f"Shirube {tomllib.loads(project.read_text(encoding='utf-8'))['project']['version']}"
