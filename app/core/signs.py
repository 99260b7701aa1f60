"""Signs that are no text: control signs, halves of pairs, and those that turn the direction of all that follows."""

from __future__ import annotations

import re

from app.core.errors import Refused
from app.engine.definition.common import Text

_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")  # as text processors write them
_NEVER = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_NO_TEXT = re.compile(
    f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef{_NEVER}]"
)
_NO_LINE = re.compile(f"[\n\r\u2028\u2029{_NO_TEXT.pattern[1:]}")
SHOWN_AS = "\N{REPLACEMENT CHARACTER}"


def lines(text: str) -> str:
    """``text`` with line ends of one kind."""
    return _ENDS.sub("\n", text)


def legible(text: str) -> str:
    """``text`` with a visible sign in the place of each that is no text."""
    return _NO_TEXT.sub(SHOWN_AS, text)


def short(text: str, longest: int = 60) -> str:
    """The beginning of what was typed, for a sentence about it."""
    clean = " ".join(legible(text).split())
    return clean if len(clean) <= longest else clean[:longest] + "…"


def is_text(text: str, *, several_lines: bool = True) -> bool:
    """Whether ``text`` is nothing but text, and one line of it where only one is wanted."""
    if (text.replace("\n", "").replace("\t", "") if several_lines else text).isprintable():
        return True  # what can be printed is text, and Python tells that of a whole page at once
    return (_NO_TEXT if several_lines else _NO_LINE).search(text) is None


def check_text(text: str, *, several_lines: bool, field: str | None = None) -> None:
    """Refused, naming the first sign that is no text or, where one line is wanted, ends it."""
    found = (_NO_TEXT if several_lines else _NO_LINE).search(text)
    if found is None:
        return
    if found[0] in "\n\r\x0b\x0c\x85\u2028\u2029":
        raise Refused(Text(ja="改行せずに、1行で入力してください。", en="Please write it on one line."), field=field)
    place, code = found.start() + 1, f"U+{ord(found[0]):04X}"
    raise Refused(
        Text(
            ja=f"{place:,}文字目に、文字ではない制御記号({code})があります。取り除いてください。",
            en=f"Character {place:,} is a control sign ({code}), which is no text. Please remove it.",
        ),
        field=field,
    )
