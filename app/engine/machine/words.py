"""Sentences of the kernel in both languages, from names in the definitions."""

from __future__ import annotations

from app.engine.calendar import Month
from app.engine.definition.common import Text
from app.engine.machine.days import Days, Precision
from app.engine.machine.tracks import Rules
from app.engine.wording import day_text, month_text


def days_text(days: Days | None) -> Text:
    """A day, a month, a year or an interval as pages print them; None is a day that is not known."""
    if days is None:
        return Text(ja="日付不明", en="day unknown")
    match days.precision:
        case Precision.DAY:
            return day_text(days.first)
        case Precision.MONTH:
            return month_text(Month.of(days.first))
        case Precision.YEAR:
            return Text(ja=f"{days.first.year}年", en=f"{days.first.year}")
        case _:
            first, last = day_text(days.first), day_text(days.last)
            return Text(ja=f"{first.ja}から{last.ja}までのいずれかの日", en=f"a day between {first.en} and {last.en}")


def state_text(rules: Rules, machine: str, state: str | None) -> Text:
    """The name of a state; of None, that the track has not begun."""
    if state is None:
        return Text(ja="開始前", en="not begun")
    return rules.machines[machine].state(state).names


def machine_text(rules: Rules, machine: str) -> Text:
    """The name of a machine."""
    return rules.machines[machine].names


def event_text(rules: Rules, event: str) -> Text:
    """The name of an event; its own key when the vocabulary does not know it."""
    found = rules.vocabulary.find(event)
    return found[1].names if found else Text(ja=event, en=event)


def joined(texts: list[Text]) -> Text:
    """Names in a row."""
    return Text(ja="、".join(text.ja for text in texts) or "なし", en=", ".join(text.en for text in texts) or "none")


def few(texts: list[Text], most: int = 3) -> Text:
    """The first names in a row, and the number of the others."""
    others, first = len(texts) - most, joined(texts[:most])
    return Text(ja=f"{first.ja}ほか{others}件", en=f"{first.en} and {others} more") if others > 0 else first


def filled(text: Text, **parts: Text) -> Text:
    """``text`` with each ``{part}`` replaced in its own language."""
    ja, en = text.ja, text.en
    for key, part in parts.items():
        ja, en = ja.replace(f"{{{key}}}", part.ja), en.replace(f"{{{key}}}", part.en)
    return Text(ja=ja, en=en)
