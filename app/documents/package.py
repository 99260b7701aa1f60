"""The briefing package: its sections in order, their numbers, the contents; bound with the attachments."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from app.documents.assembly import Bound, Entry, assemble
from app.documents.attachments import Inspected
from app.documents.content import BundleRequest, plain_data, texts
from app.documents.findings import Finding, finding
from app.documents.prose import References, printed_day
from app.documents.rendering import Heading, Rendered, Renderer
from app.documents.sections import Group, Section, groups, sections
from app.documents.stamps import Slip
from app.documents.templates import BrokenTemplateError, Press

_ATTEMPTS = 6  # the length of the contents may change the page numbers in it; it settles at once or in two rounds


@dataclass(frozen=True, slots=True)
class Package:
    """The finished package as the manifest describes it and the preflight checks it."""

    pages: int
    entries: tuple[Entry, ...]
    slips: tuple[Slip, ...]
    first_pages: tuple[int, ...]  # of each attachment, from 0
    own_pages: int


@dataclass(frozen=True, slots=True)
class Composed:
    """All pages set, ready to be bound with the attachments."""

    work: _Work
    rendered: Sequence[Rendered]
    slips: Sequence[Slip]
    stamps: Rendered

    def bind(self, out: BinaryIO, *, creator: str) -> tuple[Package, list[Finding]]:
        """Write the package to ``out``."""
        work, request = self.work, self.work.request
        entries, labels = work.entries(self.rendered), work.labels()
        bound = Bound(
            sections=self.rendered,
            attachments=work.attachments,
            entries=entries,
            targets=work.targets(self.rendered),
            slips=self.slips,
            stamps=self.stamps,
            labels=len(labels),
            title=work.title(),
            author=request.organisation.name or "",
            language=request.language,
            creator=creator,
            made_on=request.made_on,
        )
        lost = assemble(bound, out)
        own = sum(part.pages for part in self.rendered)
        package = Package(len(self.slips), tuple(entries), tuple(self.slips), work.first_pages(own), own)
        return package, [finding("link_broken", page="–", target=name) for name in lost]


def compose(
    request: BundleRequest, attachments: Sequence[Inspected], press: Press, renderer: Renderer
) -> tuple[Composed | None, list[Finding]]:
    """Set all sections, with what the layout complained of. None where the template itself is broken."""
    try:
        work = _Work(request, attachments, press, renderer)
        rendered = work.render()
        slips = work.slips(rendered)
        stamps = work.render_stamps(slips, work.labels())
    except BrokenTemplateError as fault:
        return None, [finding("template_undefined", detail=str(fault)[:200])]
    return Composed(work, rendered, slips, stamps), work.complaints([*rendered, stamps])


class _Work:
    """One package in the making."""

    def __init__(
        self, request: BundleRequest, attachments: Sequence[Inspected], press: Press, renderer: Renderer
    ) -> None:
        self.request, self.attachments, self.press, self.renderer = request, attachments, press, renderer
        self.references = References(
            {one.number: one.pages for one in attachments}, frozenset(q.number for q in request.questions)
        )
        self.data = {**plain_data(request), "meeting": self._meeting()}
        self.css = press.css()
        self.groups = groups(sections(press.template, request), lambda part: len(self._html([part])))

    def title(self) -> str:
        """The title of the document."""
        name = self.press.template.name.say(self.request.language)
        return (
            f"{name}　{self.request.therapy.name}"
            if self.request.language == "ja"
            else f"{name}: {self.request.therapy.name}"
        )

    def render(self) -> list[Rendered]:
        """All groups. The contents and the list of attachments name pages, so they are set again until they agree."""
        rendered = [Rendered(b"", 1) if group.late else self._render(group) for group in self.groups]
        for _ in range(_ATTEMPTS):
            lengths = [part.pages for part in rendered]
            for index, group in enumerate(self.groups):
                if group.late == "attachments":
                    rendered[index] = self._render(group, listed=self._listed(sum(lengths)))
            for index, group in enumerate(self.groups):
                if group.late == "contents":
                    rendered[index] = self._render(group, entries=self._contents(rendered))
            if lengths == [part.pages for part in rendered]:
                return rendered
        raise BrokenTemplateError("the contents do not settle on a length")

    def _render(self, group: Group, **more: Any) -> Rendered:
        return self.renderer.render(self._html(group.sections, **more), self.css)

    def _html(self, parts: Sequence[Section], **more: Any) -> str:
        name, code = _short(self.request.therapy.name or ""), self.request.therapy.code
        pages = [
            {
                "key": part.template.key,
                "title": part.title,
                "number": part.number,
                "anchor": part.anchor,
                "product": " ".join(filter(None, (name, code))),
                "question": plain_data(part.question) if part.question else None,
            }
            for part in parts
        ]
        return self.press.html({**self.data, "entries": [], "listed": [], **more, "pages": pages}, self.references)

    def entries(self, rendered: Sequence[Rendered]) -> list[Entry]:
        """The bookmarks: cover, headings of all sections, then the attachments under a branch of their own."""
        found, first = [], 0
        for group, pages in zip(self.groups, rendered, strict=True):
            headings = pages.headings or (Heading(1, group.title, 0, 0.0),)
            found += [Entry(one.level, one.title, first + one.page, one.top) for one in headings]
            first += pages.pages
        if self.attachments:
            found.append(Entry(1, self._branch(), first))
        for index, one in enumerate(self.attachments):
            found.append(Entry(2, f"{self._label(one)}　{one.attachment.title}", first, attachment=index))
            first += one.pages
        return found

    def targets(self, rendered: Sequence[Rendered]) -> dict[str, tuple[int, float | None]]:
        """Every place a link may lead to: anchors of the sections, entries of the contents, pages of attachments."""
        found: dict[str, tuple[int, float | None]] = {}
        first = 0
        for pages in rendered:
            found |= {name: (first + page, top) for name, (page, top) in pages.anchors.items()}
            first += pages.pages
        found |= {f"entry-{i}": (entry.page, entry.top) for i, entry in enumerate(self.entries(rendered))}
        for one in self.attachments:
            found |= {f"attachment-{one.number}-{page + 1}": (first + page, None) for page in range(one.pages)}
            first += one.pages
        return found

    def slips(self, rendered: Sequence[Rendered]) -> list[Slip]:
        """What stands at the foot of every page: 12 / 46, on attachments with their own page and 通し."""
        own = sum(part.pages for part in rendered)
        total = own + sum(one.pages for one in self.attachments)
        found = [Slip(f"{page} / {total}") for page in range(1, own + 1)]
        for label, one in enumerate(self.attachments):
            for page in range(1, one.pages + 1):
                running = f"{len(found) + 1} / {total}"
                running = f"通し {running}" if self.request.language == "ja" else f"running page {running}"
                found.append(Slip(running, f"{self._label(one)}　p.{page}/{one.pages}", label))
        return found

    def labels(self) -> list[str]:
        """The sign in the upper corner of each attachment's pages."""
        return [self._label(one) for one in self.attachments]

    def render_stamps(self, slips: Sequence[Slip], labels: Sequence[str]) -> Rendered:
        """Labels and slips as small pages of one PDF."""
        html = self.press.shared_html("stamps.html", {"slips": slips, "labels": labels})
        return self.renderer.render(html, ((self.press.root / "_shared" / "stamps.css").read_text(encoding="utf-8"),))

    def first_pages(self, own: int) -> tuple[int, ...]:
        """The page of the package, from 0, on which each attachment begins."""
        return tuple(own + sum(one.pages for one in self.attachments[:index]) for index in range(len(self.attachments)))

    def complaints(self, rendered: Sequence[Rendered]) -> list[Finding]:
        """What the layout complained of, each sign without a glyph at every field that holds it."""
        found: dict[tuple[str, str], Finding] = {}
        titles = [group.title for group in self.groups] + ["通し番号"]
        for title, pages in zip(titles, rendered, strict=True):
            for sign in pages.missing_glyphs:
                places = [where for where, text in texts(self.request) if sign in text] or [""]
                for where in places:
                    label = self.press.template.label(where) if where else None
                    found[sign, where] = finding(
                        "glyph_missing",
                        where,
                        sign=sign,
                        codepoint=f"U+{ord(sign):04X}",
                        label_ja=label.ja if label else title,
                        label_en=label.en if label else title,
                    )
            for text in pages.complaints:
                found[text, title] = finding("render_problem", detail=text[:200], section_ja=title, section_en=title)
        return list(found.values())

    def _contents(self, rendered: Sequence[Rendered]) -> list[dict[str, object]]:
        skipped = [part.title for group in self.groups for part in group.sections if not part.template.in_contents]
        return [
            {"level": entry.level, "title": entry.title, "page": entry.page + 1, "target": f"entry-{index}"}
            for index, entry in enumerate(self.entries(rendered))
            if entry.level <= 2 and entry.title not in skipped
        ]

    def _listed(self, own: int) -> list[dict[str, object]]:
        return [
            {
                "number": one.number,
                "title": one.attachment.title,
                "file_name": one.file_name,
                "pages": one.pages,
                "first": first + 1,
                "last": first + one.pages,
            }
            for one, first in zip(self.attachments, self.first_pages(own), strict=True)
        ]

    def _meeting(self) -> dict[str, str]:
        asked, ja = self.request.consultation, self.request.language == "ja"
        how: dict[str, Any] = {"era": self.request.japanese_era and ja, "weekday": True}
        days = [printed_day(day, self.request.language, **how) for day in asked.wished_days]
        if len(days) > 1:
            days = [f"第{n}希望　{day}" if ja else f"{n}. {day}" for n, day in enumerate(days, start=1)]
        agreed = printed_day(asked.agreed_day, self.request.language, **how) if asked.agreed_day else ""
        return {"agreed": agreed, "wished": "" if agreed else "\n".join(days)}

    def _label(self, one: Inspected) -> str:
        return f"添付資料{one.number}" if self.request.language == "ja" else f"Attachment {one.number}"

    def _branch(self) -> str:
        return "添付資料" if self.request.language == "ja" else "Attachments"


def _short(text: str, most: int = 56) -> str:
    """Cut to ``most`` half-width places, of which a Japanese sign takes two."""
    places, kept = 0, ""
    for sign in text:
        places += 2 if unicodedata.east_asian_width(sign) in "FWA" else 1
        if places > most:
            return f"{kept}…"
        kept += sign
    return kept
