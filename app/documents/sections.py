"""The sections of the package for one request: which there are, their numbers, and which are set together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.documents.content import BundleRequest, Question
from app.documents.templates import DocumentTemplate, TemplateSection

# These name pages of all others, so they are set last, and each alone.
LATE = ("contents", "attachments")
# Signs of HTML set in one go, about twenty pages. Setting few sections at once costs twice the time, as each run brings
# its own fonts; setting all at once costs memory, and a changed word would set everything again.
_TOGETHER = 48_000


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the package: a section of the template, for ``question`` with the question it is about."""

    template: TemplateSection
    title: str
    number: str = ""
    question: Question | None = None

    @property
    def anchor(self) -> str:
        """The name of its heading as a link target."""
        return f"question-{self.question.number}" if self.question else f"section-{self.template.key}"


@dataclass(frozen=True, slots=True)
class Group:
    """Sections that follow each other and are set in one run."""

    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """What a finding calls it."""
        return self.sections[0].title

    @property
    def late(self) -> str | None:
        """``contents`` or ``attachments`` where it is one of those that are set last."""
        key = self.sections[0].template.key
        return key if key in LATE else None


def sections(template: DocumentTemplate, request: BundleRequest) -> list[Section]:
    """The sections that this request has, numbered 1, 2, 3 … where the template says so."""
    found: list[Section] = []
    number = 0
    gap = "" if request.language == "ja" else " "
    for part in template.sections:
        if part.when and not getattr(request, part.when):
            continue
        number += part.numbered
        title = part.title.say(request.language)
        if part.each:
            found += [Section(part, f"{title}{gap}{q.number}", question=q) for q in getattr(request, part.each)]
        else:
            found.append(Section(part, title, str(number) if part.numbered else ""))
    return found


def groups(parts: Sequence[Section], length: Callable[[Section], int]) -> list[Group]:
    """The sections in order, gathered into runs of similar length; the cover and the late ones stand alone."""
    found: list[list[Section]] = []
    gathered = 0
    for part in parts:
        alone = _is_alone(part)
        size = 0 if alone else length(part)
        if alone or not found or gathered + size > _TOGETHER or _is_alone(found[-1][-1]):
            found.append([part])
            gathered = size
        else:
            found[-1].append(part)
            gathered += size
    return [Group(tuple(group)) for group in found]


def _is_alone(part: Section) -> bool:
    return part.template.key in LATE or not part.template.in_contents
