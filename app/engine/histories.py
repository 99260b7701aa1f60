"""Histories as CSV: one row, one event. What cannot be read is refused with its line and a reason."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from app.engine.definition.common import Text
from app.engine.definition.vocabulary import AttributeRule, EventDefinition
from app.engine.library import Library
from app.engine.machine.days import Days, Precision
from app.engine.machine.events import Event
from app.engine.machine.steps import months

NEEDED = ("case_id", "date", "precision", "event")
KNOWN = (*NEEDED, "product", "mah", "class", "detail", "src", "conf")
PRECISIONS = {"D": Precision.DAY, "M": Precision.MONTH, "Y": Precision.YEAR}
CERTAINTIES = ("high", "medium", "low")
NOT_KNOWN = ("unknown", "?", "-", "n/a", "不明")  # written after a sign, these say that the value is not known
LONGEST = 1200  # calendar months of a term; whatever is longer was mistyped
DIGITS = 12  # signs of a term; Python reads no number of thousands of digits
_VALUES = {"word": r"\s*([A-Za-z_]+)", "duration": r"\s*((?:\d+y)?(?:\d+m)?)(?![\w])"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row read: its event with the definition, the remark it carries, and what had to be taken less exactly."""

    line: int
    case: str
    written: str  # the event as the row names it
    detail: str
    event: Event
    definition: EventDefinition
    remark: Text | None = None
    repeats: int | None = None  # the line of an earlier row that says the same, word for word
    product: str = ""
    product_class: str = ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row (or the heading, line 1) that cannot be read."""

    line: int
    case: str
    written: str
    reason: Text


class UnreadableError(ValueError):
    """Why a row cannot be read."""

    def __init__(self, ja: str, en: str) -> None:
        self.reason = Text(ja=ja, en=en)
        super().__init__(en)


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8 (with or without a mark at its beginning) or in the Japanese encoding of Windows.

    Raises UnreadableError for anything else.
    """
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableError(
            "ExcelのブックやZIPは読めません。「CSV UTF-8」の形式で保存し直してください。",
            "This is a workbook or an archive. Save it as “CSV UTF-8” and try again.",
        )
    for encoding in ("utf-8-sig", "cp932") if not data.startswith((b"\xff\xfe", b"\xfe\xff")) else ():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableError(
        "文字コードが UTF-8 でも Shift_JIS でもないため読めません。「CSV UTF-8」の形式で保存し直してください。",
        "The file is neither UTF-8 nor Shift_JIS. Save it as “CSV UTF-8” and try again.",
    )


def read_rows(text: str, library: Library) -> Iterator[Row | BadRow]:
    """Every row of the file in its order; the heading first when something is wrong with it."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    heading = [column.strip() for column in next((cells for cells in reader if any(cells)), [])]
    if wrong := _wrong_heading(heading):
        yield BadRow(1, "", "", wrong)
    if any(column not in heading for column in NEEDED):
        return
    seen: dict[tuple[str, ...], int] = {}
    line = reader.line_num + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(line, heading, cells, library, seen)
            line = reader.line_num + 1
    except csv.Error as error:
        told = Text(ja=f"この行から先はCSVとして読めません({error})。", en=f"From here on this is no CSV: {error}.")
        yield BadRow(line, "", "", told)


def _wrong_heading(heading: list[str]) -> Text | None:
    missing = [column for column in NEEDED if column not in heading]
    strange = [column or "(empty)" for column in heading if column not in KNOWN]
    twice = sorted({column for column in heading if heading.count(column) > 1})
    if missing:
        names = ", ".join(missing)
        return Text(
            ja=f"列がありません: {names}。見出し行を直してください。", en=f"Missing columns: {names}. Mend the heading."
        )
    if strange or twice:
        names = ", ".join([*strange, *twice])
        return Text(ja=f"不明又は重複した列です: {names}。", en=f"Unknown or repeated columns: {names}.")
    return None


def _row(
    line: int, heading: list[str], cells: list[str], library: Library, seen: dict[tuple[str, ...], int]
) -> Row | BadRow:
    named = {column: cell.strip() for column, cell in zip(heading, cells, strict=False)}
    try:
        row = _read(line, named, library, surplus=len(cells) - len(heading))
    except UnreadableError as error:
        return BadRow(line, named.get("case_id", ""), named.get("event", ""), error.reason)
    first = seen.setdefault(tuple(cell.strip() for cell in cells), line)
    if first != line:
        return replace(
            row, repeats=first, remark=Text(ja=f"{first}行目と同じ行です。", en=f"The same row as line {first}.")
        )
    return row


def _read(line: int, named: dict[str, str], library: Library, *, surplus: int) -> Row:
    if surplus:
        raise UnreadableError(
            "列の数が見出しと違います。コンマを含む文は引用符で囲んでください。",
            f"{abs(surplus)} cells {'more' if surplus > 0 else 'fewer'} than the heading; quote text with commas.",
        )
    case, written = named["case_id"], named["event"]
    if not case:
        raise UnreadableError("case_id が空です。", "case_id is empty.")
    found = library.vocabulary.find(written)
    if found is None:
        near = _nearest(written, library)
        raise UnreadableError(
            f"「{written}」という出来事は語彙にありません。" + (f"「{near}」のことですか。" if near else ""),
            f"There is no event {written!r} in the vocabulary." + (f" Did you mean {near}?" if near else ""),
        )
    name, definition = found
    detail = named.get("detail", "")
    on, remark = _days(named["date"], named["precision"])
    attributes = _attributes(detail, definition, library)
    source, confidence = named.get("src") or None, named.get("conf") or None
    certainty = confidence.lower() if confidence and confidence.lower() in CERTAINTIES else None
    event = Event(
        f"{line:07d}", name, on, attributes, source=source, confidence=confidence, history=True, certainty=certainty
    )
    product, product_class = named.get("product", ""), named.get("class", "")
    return Row(line, case, written, detail, event, definition, remark, None, product, product_class)


def _nearest(written: str, library: Library) -> str | None:
    """The event that was probably meant."""
    words = tuple(word for name, event in library.vocabulary.events.items() for word in (name, *event.also))
    return _like(written.upper().replace(" ", "_"), words)


@lru_cache(maxsize=4096)
def _like(written: str, words: tuple[str, ...]) -> str | None:
    """Slow, and a file is read several times."""
    return next(iter(difflib.get_close_matches(written, words, n=1)), None)


def _days(written: str, precision: str) -> tuple[Days, Text | None]:
    try:
        days = Days.parse(written)
    except ValueError as error:
        raise UnreadableError(
            f"「{written}」という日付は読めません(2026-04-01、2026-04、2026)。", str(error)
        ) from error
    wanted = PRECISIONS.get(precision.upper())
    if wanted is None:
        raise UnreadableError(
            f"精度は D・M・Y のいずれかです(「{precision}」)。", f"Precision must be D, M or Y, not {precision!r}."
        )
    order = [Precision.DAY, Precision.MONTH, Precision.YEAR]
    if order.index(wanted) < order.index(days.precision):
        raise UnreadableError(
            f"「{written}」は精度 {precision} に足りません。",
            f"{written!r} is less exact than its precision {precision}.",
        )
    if wanted is days.precision:
        return days, None
    wide = Days.parse(written[:7] if wanted is Precision.MONTH else written[:4])
    return wide, Text(ja=f"精度に合わせて{wide}として読みました。", en=f"Read as {wide}, as its precision says.")


def _attributes(detail: str, definition: EventDefinition, library: Library) -> dict[str, str]:
    """What the event carries, found in its detail by the signs that the vocabulary declares."""
    found: dict[str, str] = {}
    for rule in library.vocabulary.attributes:
        if rule.key not in definition.attributes:
            continue
        value = _value(detail, rule)
        if value is not None:
            _allowed(rule.key, value, definition, library)
            found[rule.key] = value
    return found


def _value(detail: str, rule: AttributeRule) -> str | None:
    match = re.search(rf"(?<!\w){re.escape(rule.written)}{_VALUES[rule.type]}", detail)
    if match and match.group(1):
        if rule.type == "duration" and (len(match.group(1)) > DIGITS or months(match.group(1)) > LONGEST):
            raise UnreadableError(
                f"「{match.group(1)[:DIGITS]}」は期間として長すぎます。",
                f"{match.group(1)[:DIGITS]!r} is too long for a term.",
            )
        return match.group(1)
    after = detail.partition(rule.written)[2].strip().lower() if rule.written.endswith("=") else ""
    if after and not after.startswith(NOT_KNOWN):
        raise UnreadableError(
            f"「{rule.written}」の値が読めません: {detail}",
            f"The value after {rule.written!r} cannot be read: {detail}",
        )
    return None


def _allowed(key: str, value: str, definition: EventDefinition, library: Library) -> None:
    for act in definition.acts_on:
        attribute = library.machines[act.machine].attribute(key)
        if attribute and attribute.choices and value not in attribute.choices:
            choices = ", ".join(attribute.choices)
            raise UnreadableError(f"{key}={value} は使えません({choices})。", f"{key}={value} is none of {choices}.")
