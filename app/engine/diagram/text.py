"""How wide a text is about to be, and where it may break: enough to keep labels apart without a font file.

The same names stand on every map, so what follows from a text alone is kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_NARROW = set("iIlj.,:;'|!()[]ft ·")
_WIDE = set("mwMW%@—")
_NOT_FIRST = set("、。・」』)】〕〉》,.!?ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ〜%)")
_NOT_LAST = set("「『(【〔〈《(")
_CJK = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_SIGNS = re.compile(rf"\s+|[^\s{_CJK}-]*-|[^\s{_CJK}-]+|.", re.DOTALL)
_KANA = r"\u3041-\u309f"
_PHRASES = re.compile(rf"\s+|[!-~]+|(?:(?![{_KANA}・])[^\s!-~])+[{_KANA}]*・?|[{_KANA}]+・?|.", re.DOTALL)

_COMPOUND = re.compile(  # where a long word of the field falls into its parts
    r"(?<=..)(?=第[ⅠⅡⅢⅣ一二三]|前期|後期|試験|終了|開始|戦略|相談|承認|条件|期限|評価|申請|審査|使用|成績|費用|対効果|届出|確認)"
)


@lru_cache(maxsize=4096)
def width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimated width in pixels at a font size in pixels; errs on the wide side."""
    units = 0.0
    for sign in text:
        if unicodedata.east_asian_width(sign) in "WFA":
            units += 1.0
        elif sign in _NARROW:
            units += 0.34
        elif sign in _WIDE:
            units += 0.9
        else:
            units += 0.66 if sign.isupper() else 0.57
    return units * size * (1.05 if bold else 1.0)


@lru_cache(maxsize=4096)
def wrap(text: str, size: float, limit: float, *, bold: bool = False, lines: int = 3) -> tuple[str, ...]:
    """``text`` in as few lines as fit ``limit`` pixels, about equally long; at most ``lines``, the last cut with …"""
    phrases = _PHRASES.findall(text)
    rows = _even(_glued(phrases), size, limit, bold)
    if max(width(row, size, bold=bold) for row in rows) > limit:  # a phrase is too long: break in it, between words
        rows = _even(_glued([part for phrase in phrases for part in _COMPOUND.split(phrase)]), size, limit, bold)
    if max(width(row, size, bold=bold) for row in rows) > limit:  # a word is too long: break anywhere
        words = [part for word in _SIGNS.findall(text) for part in _cut(word, size, limit, bold)]
        rows = _even(_glued(words), size, limit, bold)
    if len(rows) > lines:
        last = rows[lines - 1][:-1]
        while len(last) > 1 and width(last.rstrip() + "…", size, bold=bold) > limit:
            last = last[:-1]
        rows = [*rows[: lines - 1], last.rstrip() + "…"]
    return tuple(rows)


def _cut(word: str, size: float, limit: float, bold: bool) -> list[str]:
    """A word that is wider than a line, in pieces with hyphens; any other as it is."""
    parts = []
    while len(word) > 2 and width(word, size, bold=bold) > limit:
        fitting = (n for n in range(len(word) - 1, 1, -1) if width(word[:n] + "-", size, bold=bold) <= limit)
        end = next(fitting, 1)
        parts.append(word[:end] + "-")
        word = word[end:]
    return [*parts, word]


def _even(words: list[str], size: float, limit: float, bold: bool) -> list[str]:
    """As few lines as ``limit`` allows, in the narrowest column that keeps their number."""
    rows = _fill(words, size, limit, bold)
    low, high = limit / 3, limit
    while high - low > 2:
        middle = (low + high) / 2
        if len(_fill(words, size, middle, bold)) <= len(rows):
            high = middle
        else:
            low = middle
    return _fill(words, size, high, bold)


def _fill(words: list[str], size: float, limit: float, bold: bool) -> list[str]:
    rows, row = [], ""
    for word in words:
        if row and width((row + word).rstrip(), size, bold=bold) > limit:
            rows.append(row.rstrip())
            row = word.lstrip()
        else:
            row += word
    return [*rows, row.rstrip()] if row.strip() else rows


def _glued(words: list[str]) -> list[str]:
    """Closing signs stay with what they close, opening signs with what they open."""
    glued: list[str] = []
    for word in words:
        if glued and (word[0] in _NOT_FIRST or glued[-1][-1] in _NOT_LAST):
            glued[-1] += word
        else:
            glued.append(word)
    return glued


@dataclass(frozen=True, slots=True)
class Block:
    """The label of a station: its lines, and the room they take."""

    name: tuple[str, ...]
    second: tuple[str, ...]
    day: tuple[str, ...]
    width: float
    height: float


NAME, SECOND, DAY = 14.0, 11.0, 11.5  # font sizes
NAME_STEP, SECOND_STEP, DAY_STEP = 18.0, 14.0, 16.0  # line heights


def block(name: str, second: str, day: tuple[str, ...], limit: float, lines: int = 3) -> Block:
    """The label of a station within ``limit`` pixels: name, name in the other language, day and what it rests on.

    An empty ``second`` takes no line.
    """
    names = wrap(name, NAME, limit, bold=True, lines=lines)
    seconds = wrap(second, SECOND, limit, lines=2) if second else ()
    days = tuple(line for text in day for line in wrap(text, DAY, limit, bold=True))
    widest = max(
        [width(row, NAME, bold=True) for row in names]
        + [width(row, SECOND) for row in seconds]
        + [width(row, DAY, bold=True) for row in days]
    )
    height = len(names) * NAME_STEP + len(seconds) * SECOND_STEP + len(days) * DAY_STEP
    return Block(names, seconds, days, widest, height)
