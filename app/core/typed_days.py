"""Days as people type them: 2026-03-06, 2026-03, 2026年3月6日, 令和8年3月, R8.3.6, 6 Mar 2026; not 01/02/2026."""

from __future__ import annotations

import calendar as months
import datetime as dt
import re
import unicodedata

from app.core import signs
from app.core.errors import Refused
from app.engine.calendar import japan
from app.engine.definition.common import Text

ERAS = {  # first and last day; the last of the present era is not known
    "令和": ("R", dt.date(2019, 5, 1), dt.date.max),
    "平成": ("H", dt.date(1989, 1, 8), dt.date(2019, 4, 30)),
    "昭和": ("S", dt.date(1926, 12, 25), dt.date(1989, 1, 7)),
}
FIRST_YEAR, LAST_YEAR = 1945, 2099  # outside it, a slip of the fingers is likelier than a fact

_LONGEST = 40  # signs of a day that somebody types; no form below has more

_MONTHS = {name: number for number, name in enumerate(months.month_abbr) if name}
_PLAIN = re.compile(r"(\d{1,4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_KANJI = re.compile(r"(\d{1,4})年(?:(\d{1,2})月(?:(\d{1,2})日)?)?")
_ERA = re.compile(r"(令和|平成|昭和|[RHS])(\d{1,2}|元)(?:年|[-/.])(?:(\d{1,2})(?:月|[-/.]|$)(?:(\d{1,2})日?)?)?")
_ENGLISH = re.compile(r"(?:(\d{1,2}) )?([A-Z][a-z]{2})[a-z]* (\d{4})")
_WRITTEN_DAY = r"\d{4}(?:-\d{2}){0,2}"
_BETWEEN = re.compile(rf"([^~〜]*\d[^~〜]*?)\s*[~〜]\s*([^~〜]*\d[^~〜]*)|({_WRITTEN_DAY})/({_WRITTEN_DAY})")
_WEEKDAY = re.compile(r"\s*\([月火水木金土日A-Za-z]{1,3}\)$")


def read_days(typed: str) -> tuple[dt.date, dt.date]:
    """The first and last day of what was typed: a day (twice the same), a month, a year, or from one to another.

    Raises Refused with a sentence that says what is wrong and how to write it.
    """
    written = unicodedata.normalize("NFKC", typed).strip() if len(typed) <= _LONGEST else ""
    typed = signs.short(typed)
    if between := _BETWEEN.fullmatch(written):
        return _between(typed, *(read_days(part) for part in between.groups() if part))
    year, month, day = _parts(_WEEKDAY.sub("", written), typed)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(
            Text(
                ja=f"「{typed}」の年を確かめてください。{FIRST_YEAR}年から{LAST_YEAR}年までを入力できます。",
                en=f"Please check the year in “{typed}”. Years from {FIRST_YEAR} to {LAST_YEAR} can be entered.",
            )
        )
    if month is None:
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    if not 1 <= month <= 12:
        raise Refused(
            Text(
                ja=f"{month}月はありません。1月から12月までで入力してください。",
                en=f"There is no month {month}. Please give one from 1 to 12.",
            )
        )
    last = months.monthrange(year, month)[1]
    if day is None:
        return dt.date(year, month, 1), dt.date(year, month, last)
    if not 1 <= day <= last:
        raise Refused(
            Text(
                ja=f"{year}年{month}月{day}日はありません。その月は1日から{last}日までです。",
                en=f"There is no day {day} in {list(_MONTHS)[month - 1]} {year}; that month has {last} days.",
            )
        )
    return dt.date(year, month, day), dt.date(year, month, day)


def _between(typed: str, begins: tuple[dt.date, dt.date], ends: tuple[dt.date, dt.date]) -> tuple[dt.date, dt.date]:
    if ends[1] < begins[0]:
        raise Refused(
            Text(
                ja=f"「{typed}」は、終わりの日が初めの日より前です。",
                en=f"In “{typed}” the last day is before the first.",
            )
        )
    return begins[0], ends[1]


def read_day(typed: str) -> dt.date:
    """The exact day that was typed; Refused also for a month or a year."""
    first, last = read_days(typed)
    if first != last:
        raise Refused(
            Text(
                ja="日まで入力してください(例: 2026-03-06、令和8年3月6日)。",
                en="Please give the day as well, such as 2026-03-06.",
            )
        )
    return first


def check_plannable(day: dt.date) -> None:
    """Raises Refused, with the years that can be planned, for a day from which no office days can be counted."""
    calendar = japan()
    if not calendar.serves(day):
        first, last = calendar.first.year + 1, calendar.last.year - 1
        raise Refused(
            Text(
                ja=f"祝日の表では、{day.year}年の営業日を数えられません。{first}年から{last}年までの日付を入力してください。",
                en=f"The table of holidays does not allow office days to be counted in {day.year}. "
                f"Please give a day from {first} to {last}.",
            )
        )


def _parts(text: str, typed: str) -> tuple[int, int | None, int | None]:
    if found := _ERA.fullmatch(text):
        return _of_era(*found.groups())
    if found := _ENGLISH.fullmatch(text):
        day, name, year = found.groups()
        if name in _MONTHS:
            return int(year), _MONTHS[name], int(day) if day else None
    for pattern in (_PLAIN, _KANJI):
        if found := pattern.fullmatch(text):
            year, month, day = (int(part) if part else None for part in found.groups())
            return year or 0, month, day
    raise Refused(
        Text(
            ja=f"「{typed}」を日付として読み取れません。"
            "2026-03-06、2026-03、2026、令和8年3月6日 のように入力してください。",
            en=f"“{typed}” cannot be read as a day. Please write it like 2026-03-06, 2026-03 or 2026.",
        )
    )


def _of_era(era: str, number: str, month: str | None, day: str | None) -> tuple[int, int | None, int | None]:
    name = next(full for full, (letter, _, _) in ERAS.items() if era in {full, letter})
    _, begins, ends = ERAS[name]
    count = 1 if number == "元" else int(number)
    year = begins.year + count - 1
    known = (int(month) if month else None, int(day) if day else None)
    first = (year, known[0] or 12, known[1] or 31)  # as late, and below as early, as what was typed may be
    last = (year, known[0] or 1, known[1] or 1)
    if count < 1 or first < (begins.year, begins.month, begins.day) or last > (ends.year, ends.month, ends.day):
        until = f"{ends.year - begins.year + 1}年{ends.month}月{ends.day}日まで" if ends != dt.date.max else ""
        raise Refused(
            Text(
                ja=f"その{name}の年月日はありません。{name}は元年({begins.year}年{begins.month}月{begins.day}日から){until}です。",
                en=f"There is no such day in the era {name}, which began on {begins.isoformat()}"
                + (f" and ended on {ends.isoformat()}." if until else "."),
            )
        )
    return year, *known
