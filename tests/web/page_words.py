"""The words of a page: nothing untranslated, no date that can be read in two ways, no slip of a template."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element

from babel.messages.pofile import read_po

from app.core.i18n import catalogues
from app.engine.definition.common import Language

JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]")
SAID = ("alt", "title", "aria-label", "placeholder", "data-label")  # attributes that a person hears or sees
SILENT = {"script", "style", "code", "template"}
NAMES = {"Shirube"}  # names that are the same in both languages, wherever else they are translated
SLIPS = (
    (re.compile(r"\bNone\b"), "None"),
    (re.compile(r"\{\{|\}\}|\{%|%\}"), "braces of a template"),
    (re.compile(r"%\([a-z_]+\)[sd]"), "a placeholder"),
    (re.compile(r"\bUndefined\b|<[a-z_.]+ object at 0x"), "a Python object"),
)
AMBIGUOUS = (
    re.compile(r"(?<![\d/.])\d{1,4}/\d{1,2}/\d{1,4}(?![\d/])"),
    re.compile(r"(?<![\d/.])(0?[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])(?![\d/])"),
    re.compile(r"(?<![\d./])\d{1,2}\.\d{1,2}\.(19|20)\d\d(?!\d)"),
)


def check_words(root: Element, language: Language) -> list[str]:
    """The faults in everything that is said on a page of ``language``."""
    faults: list[str] = []
    for text, spoken in said(root, language):
        shown = text if len(text) <= 60 else text[:57] + "…"
        faults += [f"slip: {what} in {shown!r}" for slip, what in SLIPS if slip.search(text)]
        if any(pattern.search(text) for pattern in AMBIGUOUS):
            faults.append(f"date: {shown!r} can be read in two ways")
        if spoken != language:
            continue
        if language == "ja" and untranslated(text):
            faults.append(f"translation: {shown!r} is English")
        if language == "en" and JAPANESE.search(text):
            faults.append(f'translation: {shown!r} is Japanese outside lang="ja"')
    return faults


def is_element(node: Any) -> bool:
    """Whether ``node`` is an element; the tag of a comment is a function."""
    return isinstance(node.tag, str)


def elements(root: Element) -> list[Element]:
    """The elements below and with ``root``, without comments."""
    return [node for node in root.iter() if is_element(node)]


def said(node: Element, language: str) -> list[tuple[str, str]]:
    """Every text that is seen or heard, with the language it is marked as.

    ``translate="no"`` marks names that people typed: they belong to no language of the program.
    """
    if not is_element(node) or node.tag in SILENT:
        return []
    here = "" if node.get("translate") == "no" else node.get("lang") or language
    found = [(" ".join(value.split()), here) for name in SAID if (value := node.get(name))]
    if node.text and node.text.strip():
        found.append((" ".join(node.text.split()), here))
    for child in node:
        found += said(child, here)
        if child.tail and child.tail.strip():
            found.append((" ".join(child.tail.split()), here))
    return found


@cache
def _english() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """All msgids of the program whose Japanese differs: those without, and patterns for those with placeholders."""
    plain: set[str] = set()
    patterns: set[str] = set()
    for path in catalogues():
        with path.open("rb") as file:
            catalogue = read_po(file)
        for message in catalogue:
            ids = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
            translated = message.string if isinstance(message.string, str) else (message.string or ("",))[0]
            for text in ids:
                if not text or text == translated:
                    continue
                if re.search(r"%\(\w+\)", text):
                    parts = re.split(r"%\(\w+\)[sd]", " ".join(text.split()))
                    if len(re.findall(r"[A-Za-z]{2,}", " ".join(parts))):
                        patterns.add(".+".join(re.escape(part) for part in parts))
                else:
                    plain.add(" ".join(text.split()))
    return frozenset(plain), tuple(re.compile(pattern) for pattern in sorted(patterns))


def untranslated(text: str) -> bool:
    """Whether ``text`` is one of the program's English sentences."""
    plain, patterns = _english()
    return text in plain - NAMES or any(pattern.fullmatch(text) for pattern in patterns)
