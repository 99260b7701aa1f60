"""What is text and what is not: control signs are named by place, line ends are of one kind, the rest stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import signs
from app.core.errors import Refused


@pytest.mark.parametrize(
    "sign", ["\0", "\x08", "\x1b", "\x7f", "\x9f", "\u202e", "\u2066", "\ud800", "\ufdd0", "\ufffe", "\U0010ffff"]
)
def test_what_is_no_text_is_named_by_place_and_shown_instead_of_sent(sign: str) -> None:
    with pytest.raises(Refused, match=rf"Character 3 is a control sign \(U\+{ord(sign):04X}\)") as refusal:
        signs.check_text(f"ab{sign}c", several_lines=True)
    assert refusal.value.sentence.ja.startswith(f"3文字目に、文字ではない制御記号(U+{ord(sign):04X})")
    assert not signs.is_text(sign)
    assert signs.legible(f"ab{sign}c") == "ab\ufffdc"
    assert signs.short(f"ab{sign}c") == "ab\ufffdc"


@pytest.mark.parametrize(
    "text",
    ["心筋シート\tA", "شركة\u200f", "👩\u200d👩\u200d👧", "𠮷", "e\u0301", "\u00ad\u200b\ufeff", "\ufffd", "=1+1"],
)
def test_languages_and_their_joiners_are_text(text: str) -> None:
    signs.check_text(text, several_lines=False)
    assert signs.legible(text) == text


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_end_of_a_line_is_one_in_a_long_text_and_none_in_a_field_of_one_line(end: str) -> None:
    assert signs.lines(f"a{end}{end}b") == "a\n\nb"
    signs.check_text(signs.lines(f"a{end}b"), several_lines=True)
    with pytest.raises(Refused, match="on one line"):
        signs.check_text(f"a{end}b", several_lines=False)


def test_a_sentence_quotes_only_the_beginning() -> None:
    assert signs.short("x" * 100_000) == "x" * 60 + "…"


@given(st.text())
def test_what_is_shown_is_text(text: str) -> None:
    assert signs.is_text(signs.legible(text))
    signs.legible(text).encode()
