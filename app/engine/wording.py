"""Days, ranges and months as both languages print them: 2026年3月6日(金) and 6 Mar 2026 (Fri)."""

from __future__ import annotations

import datetime as dt

from app.engine.calendar import Month
from app.engine.definition.common import Basis, Role, Text
from app.engine.trace import Span

WEEKDAYS = tuple(zip("月火水木金土日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

BASIS = {
    Basis.ACTUAL: Text(ja="実績", en="actual"),
    Basis.AGREED: Text(ja="確定", en="agreed"),
    Basis.PUBLISHED: Text(ja="公表", en="published"),
    Basis.TARGET: Text(ja="目標", en="target"),
    Basis.COMPUTED: Text(ja="計算", en="computed"),
    Basis.PREDICTED: Text(ja="予測", en="predicted"),
    Basis.ASSUMED: Text(ja="仮定", en="assumed"),
    Basis.UNKNOWN: Text(ja="不明", en="unknown"),
}
ROLE = {
    Role.NOT_AFTER: Text(ja="期限", en="not after"),
    Role.NOT_BEFORE: Text(ja="最も早い日", en="not before"),
    Role.THEIRS: Text(ja="見込み", en="expected"),
    Role.OWN: Text(ja="予定", en="planned"),
}


def day_text(day: dt.date) -> Text:
    """One day with its weekday."""
    ja, en = WEEKDAYS[day.weekday()]
    return Text(
        ja=f"{day.year}年{day.month}月{day.day}日({ja})", en=f"{day.day} {MONTHS[day.month - 1]} {day.year} ({en})"
    )


def span_text(span: Span) -> Text:
    """One day, or a range of days."""
    first, last = day_text(span.earliest), day_text(span.latest)
    if span.day:
        return first
    return Text(ja=f"{first.ja}から{last.ja}まで", en=f"{first.en} to {last.en}")


def since_text(day: dt.date) -> Text:
    """A day and all after it: what a waiting period gives."""
    first = day_text(day)
    return Text(ja=f"{first.ja}以降", en=f"from {first.en}")


def month_text(month: Month) -> Text:
    """A month: 2027年5月, May 2027."""
    return Text(ja=f"{month.year}年{month.month}月", en=f"{MONTHS[month.month - 1]} {month.year}")
