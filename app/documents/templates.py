"""The templates of ``docs_templates/``: what each declares, and its pages as HTML from plain data in a sandbox."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import Field

from app.documents.content import BundleRequest
from app.documents.prose import References, printed_day, prose
from app.engine.definition.common import Definition, Language, Text
from app.engine.loader import load

DOCS_TEMPLATES = Path(__file__).resolve().parents[2] / "docs_templates"


class TemplateField(Definition):
    """A field of the request that the template prints. Required: an error when undefined; advised: a warning."""

    path: Annotated[str, Field(pattern=r"^[a-z_]+(\[\])?(\.[a-z_]+(\[\])?)*$")]
    need: Literal["required", "advised", "optional"]
    label: Text


class TemplateSection(Definition):
    """A part of the document, rendered alone. With ``when``, it exists only if that field is defined."""

    key: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    title: Text
    numbered: bool = False
    in_contents: bool = True
    when: str | None = None
    each: str | None = None  # rendered once for each entry of this list


class DocumentTemplate(Definition):
    """``template.yaml``: the name, version, fields and sections of one document."""

    key: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    name: Text
    fields: tuple[TemplateField, ...]
    sections: tuple[TemplateSection, ...] = ()

    def label(self, where: str) -> Text:
        """The name of the field at ``where`` (``questions.2.position``); the place itself if undeclared."""
        for field in self.fields:
            steps = field.path.split(".")
            numbers = [part for part in where.split(".") if part.isdigit()]
            if [step.removesuffix("[]") for step in steps] == [p for p in where.split(".") if not p.isdigit()]:
                number = "-".join(numbers)
                return Text(
                    ja=f"{field.label.ja}({number}件目)" if number else field.label.ja,
                    en=f"{field.label.en} (entry {number})" if number else field.label.en,
                )
        return Text(ja=where or "本文", en=where or "text")


class BrokenTemplateError(Exception):
    """The template itself cannot be used: it names an undefined field, breaks the sandbox, or is not valid Jinja."""


@dataclass(frozen=True)
class Press:
    """Sets the pages of one template in one language as HTML."""

    template: DocumentTemplate
    language: Language
    root: Path = DOCS_TEMPLATES

    def html(self, data: Mapping[str, Any], references: References) -> str:
        """One page or section. Raises BrokenTemplateError when the template asks for what is not there."""
        return self._html(f"{self.template.key}/body.{self.language}.html", data, references)

    def shared_html(self, name: str, data: Mapping[str, Any]) -> str:
        """A page of ``_shared``."""
        return self._html(f"_shared/{name}", data, References())

    def _html(self, name: str, data: Mapping[str, Any], references: References) -> str:
        environment = _environment(self.root)
        setters = {
            "prose": lambda text: prose(text, references),
            "linked": references.linked,
            "printed": lambda day, **how: printed_day(day, self.language, **how),
        }
        try:
            return environment.get_template(name).render({**data, **setters, "language": self.language})
        except UndefinedError as fault:
            raise BrokenTemplateError(str(fault.message)) from fault
        except (TemplateError, ValueError, TypeError) as fault:
            raise BrokenTemplateError(f"{type(fault).__name__}: {fault}") from fault

    def css(self) -> tuple[str, ...]:
        """The shared page style, then the style of this template."""
        return tuple(
            path.read_text(encoding="utf-8")
            for path in (self.root / "_shared" / "page.css", self.root / self.template.key / "style.css")
        )


def load_template(key: str, root: Path = DOCS_TEMPLATES) -> DocumentTemplate:
    """Read ``docs_templates/<key>/template.yaml``. Raises DefinitionError with file and line."""
    return load(DocumentTemplate, root / key / "template.yaml", root)


def undeclared_fields(template: DocumentTemplate) -> list[str]:
    """Paths in template.yaml that a BundleRequest does not have (for the lint of templates)."""
    return [field.path for field in template.fields if not _exists(BundleRequest, field.path.split("."))]


def template_hash(key: str, root: Path = DOCS_TEMPLATES) -> str:
    """SHA-256 over the files that shape the document: the template's own and the shared ones (not the fonts)."""
    digest = hashlib.sha256()
    for folder in (root / "_shared", root / key):
        for path in sorted(folder.glob("*")):
            if path.is_file():
                digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _exists(owner: Any, steps: list[str]) -> bool:
    hint = get_type_hints(owner).get(steps[0].removesuffix("[]")) if isinstance(owner, type) else None
    if hint is None:
        return False
    inner = next((part for part in (hint, *get_args(hint)) if hasattr(part, "__dataclass_fields__")), None)
    return len(steps) == 1 or _exists(inner, steps[1:])


@cache
def _environment(root: Path) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(root), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
