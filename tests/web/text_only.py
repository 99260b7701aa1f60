"""Markup that somebody typed, and whether it is still nothing but text wherever it is shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from xml.etree.ElementTree import Element, fromstring

import html5lib

# It would become an element, an attribute, the end of a script, another sign, or the result of a template: if it could.
TYPED = """《&amp;<typed-in></script>" typed-in='{{7*7}}{%1%}%(x)s》"""
NAMED = """〖&amp;'{{7+7}}{%1%}%(x)s〗"""  # the same as the name of a file may be
_SPACE, _CUT = re.compile(r"[\s=]+"), re.compile(r"…|\.\.\.")


class Watch:
    """Looks for what was typed; ``seen`` are the numbers of the texts that were found whole."""

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.faults: list[str] = []

    def page(self, where: str, html: str) -> None:
        """A page, as a browser reads it."""
        self._tree(where, html5lib.HTMLParser(namespaceHTMLElements=False).parse(html))

    def xml(self, where: str, text: str | bytes) -> None:
        """A picture, or a part of a Word file."""
        self._tree(where, fromstring(text))

    def text(self, where: str, text: str) -> None:
        """What a person reads."""
        for sign, whole in (("《", TYPED), ("〖", NAMED)):
            for piece in text.split(sign)[1:]:
                self._piece(where, sign + piece, whole)

    def print(self, where: str, text: str) -> None:
        """The text of a printed page: lines end where there is no more room, and nothing is told of spaces,
        nor of the sign that parts an abbreviation from its full name."""
        bare = _SPACE.sub(
            "", unicodedata.normalize("NFKC", text.replace("\x02", "-"))
        )  # so PDFium tells of a hyphen at a line's end
        for sign, whole in (("《", TYPED), ("〖", NAMED)):
            for piece in bare.split(sign)[1:]:
                self._piece(where, sign + piece, _SPACE.sub("", whole))

    def _piece(self, where: str, piece: str, whole: str) -> None:
        if piece.startswith(whole):
            if number := re.match(r"#(\d+)", piece[len(whole) :]):
                self.seen.add(int(number[1]))
        elif not whole.startswith(_CUT.split(piece)[0].rstrip()):  # a part of it: cut, or the rest in another line
            self.faults.append(f"{where}: {piece[:80]!r}")

    def _tree(self, where: str, root: Element) -> None:
        for node in root.iter():
            if str(node.tag).rpartition("}")[2] == "typed-in" or "typed-in" in node.attrib:
                self.faults.append(f"{where}: <{node.tag} {dict(node.attrib)}>")
            for text in _texts(node):
                self.text(where, text)


def _texts(node: Element) -> Iterator[str]:
    yield from (text for text in (node.text, node.tail) if text)
    yield from map(str, node.attrib.values())
