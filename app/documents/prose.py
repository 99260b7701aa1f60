"""Plain text as people type it, set as paragraphs and lists, with references to attachments and questions as links."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from app.documents.content import Precision
from app.engine.definition.common import Language

SCHEME = "shirube:"  # links between sections; the assembly turns each into a jump within the finished PDF

_BULLET = re.compile(r"^\s*(?:[・•●]|[-*–](?=\s))\s*(?P<text>.+)$")
_REFERENCE = re.compile(
    r"(?P<attachment>(?:添付資料|Attachment)\s*(?P<number>[0-9０-９]{1,6})(?![-－0-9０-９])"
    r"(?:[\s　,、，]*[pPｐＰ][.．]?\s*(?P<page>[0-9０-９]{1,6})(?![0-9０-９]))?)"
    r"|(?P<question>(?:相談事項|Question)\s*(?P<asked>[0-9０-９]+(?:[-－][0-9０-９]+)*))"
)
_ENDLESS = re.compile(
    r"[^ \t\n\u3000\u2e80-\uffef]{200,}"
)  # a word in which no line may end; setting it takes square time
_PIECE = 100


@dataclass
class References:
    """What a reference in the text may point to, and those that pointed nowhere."""

    attachment_pages: Mapping[int, int] = field(default_factory=dict)  # number of the attachment -> its pages
    questions: frozenset[str] = frozenset()

    def target(self, match: re.Match[str]) -> str | None:
        """The link target of one reference, or None when there is no such attachment, page or question."""
        if asked := match["asked"]:
            number = unicodedata.normalize("NFKC", asked)
            return f"question-{number}" if number in self.questions else None
        number_of, page = int(match["number"]), int(match["page"] or 1)
        pages = self.attachment_pages.get(number_of, 0)
        return f"attachment-{number_of}-{page}" if 1 <= page <= pages else None

    def unresolved(self, text: str) -> list[str]:
        """The references to attachments in ``text`` that lead nowhere, as typed."""
        found = (match for match in _REFERENCE.finditer(text) if match["attachment"])
        return [match[0] for match in found if self.target(match) is None]

    def linked(self, text: str) -> Markup:
        """``text`` escaped, with every reference that leads somewhere as a link."""
        parts: list[Markup] = []
        end = 0
        for match in _REFERENCE.finditer(text):
            if target := self.target(match):
                parts += [_breakable(text[end : match.start()])]
                parts += [Markup('<a href="{}{}">{}</a>').format(SCHEME, target, match[0])]
                end = match.end()
        return Markup("").join([*parts, _breakable(text[end:])])


def _breakable(text: str) -> Markup:
    """``text`` escaped, with places for line ends in what is no word of any language."""
    parts: list[Markup] = []
    end = 0
    for match in _ENDLESS.finditer(text):
        word = match[0]
        pieces = (escape(word[start : start + _PIECE]) for start in range(0, len(word), _PIECE))
        parts += [escape(text[end : match.start()]), Markup("<wbr>").join(pieces)]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def prose(text: str | None, references: References) -> Markup:
    """Blank lines part paragraphs, a line end stays a line end, lines that begin with ・ or - become a list."""
    blocks = re.split(r"\n\s*\n", (text or "").replace("\r\n", "\n").replace("\r", "\n").strip())
    return Markup("\n").join(_block(block, references) for block in blocks if block.strip())


def _block(block: str, references: References) -> Markup:
    out, lines, items = [], list[Markup](), list[Markup]()

    def close() -> None:
        if lines:
            out.append(Markup("<p>{}</p>").format(Markup("<br>").join(lines)))
        if items:
            out.append(Markup("<ul>{}</ul>").format(Markup("").join(items)))
        lines.clear()
        items.clear()

    for line in block.split("\n"):
        if bullet := _BULLET.match(line):
            if lines:
                close()
            items.append(Markup("<li>{}</li>").format(references.linked(bullet["text"].strip())))
        else:
            if items:
                close()
            lines.append(references.linked(line.strip()))
    close()
    return Markup("").join(out)


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_REIWA_BEGINS = dt.date(2019, 5, 1)


def printed_day(
    day: dt.date, language: Language, *, era: bool = False, weekday: bool = False, precision: Precision = "day"
) -> str:
    """令和8年4月1日, 2026年4月1日(水) or 1 Apr 2026 (Wed); only month or year where no more is known."""
    if language == "en":
        text = {"day": f"{day.day} ", "month": "", "year": ""}[precision]
        text += "" if precision == "year" else f"{_MONTHS[day.month - 1]} "
        return f"{text}{day.year}" + (f" ({_WEEKDAYS[day.weekday()]})" if weekday and precision == "day" else "")
    text = _year_ja(day, era, precision)
    text += "" if precision == "year" else f"{day.month}月"
    text += f"{day.day}日" if precision == "day" else ""
    return text + (f"({'月火水木金土日'[day.weekday()]})" if weekday and precision == "day" else "")


def _year_ja(day: dt.date, era: bool, precision: Precision) -> str:
    # A bare year 2019 lies in two eras, and April 2019 in Heisei: those stay western rather than wrong.
    if not era or day < _REIWA_BEGINS or (precision == "year" and day.year == _REIWA_BEGINS.year):
        return f"{day.year}年"
    return "令和元年" if day.year == 2019 else f"令和{day.year - 2018}年"
