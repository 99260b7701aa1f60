"""Dates as people read them: 2026年3月6日(金) and 6 Mar 2026 (Fri); never 01/02."""

from __future__ import annotations

import datetime as dt

from app.core.clock import TOKYO
from app.core.i18n import Language, language

_WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(date: dt.date, speak: Language | None = None) -> str:
    """A day with its weekday."""
    name = _WEEKDAYS[speak or language()][date.weekday()]
    if (speak or language()) == "ja":
        return f"{date.year}年{date.month}月{date.day}日({name})"
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year} ({name})"


def month(value: dt.date | tuple[int, int], speak: Language | None = None) -> str:
    """A month: 2026年3月, Mar 2026."""
    year, number = (value.year, value.month) if isinstance(value, dt.date) else value
    return f"{year}年{number}月" if (speak or language()) == "ja" else f"{_MONTHS[number - 1]} {year}"


def day_range(first: dt.date, last: dt.date, speak: Language | None = None) -> str:
    """Two days that enclose an unknown one."""
    between = "〜" if (speak or language()) == "ja" else " – "
    return day(first, speak) if first == last else f"{day(first, speak)}{between}{day(last, speak)}"


def imprecise(first: dt.date, last: dt.date, speak: Language | None = None) -> str:
    """A day known only by its month or year, printed as precisely as it is known."""
    if first == last:
        return day(first, speak)
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return f"{first.year}年" if (speak or language()) == "ja" else str(first.year)
    if (
        first.day == 1
        and (last + dt.timedelta(days=1)).day == 1
        and (first.year, first.month) == (last.year, last.month)
    ):
        return month(first, speak)
    return day_range(first, last, speak)


def moment(value: dt.datetime, speak: Language | None = None) -> str:
    """A moment, in Japanese time."""
    local = value.astimezone(TOKYO)
    return f"{day(local.date(), speak)} {local:%H:%M}"


def iso(date: dt.date | None) -> str:
    """The machine's form of a day, for ``<time datetime>`` and files."""
    return date.isoformat() if date else ""
