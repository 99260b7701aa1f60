"""The counting of a rule in words: 'the 15th office day after …, the day after being day 1'."""

from __future__ import annotations

from app.engine.definition.common import Text
from app.engine.definition.rules import Counting, DateRule, Unit
from app.engine.trace import Input
from app.engine.wording import BASIS, since_text, span_text

UNITS = {
    Unit.BUSINESS_DAYS: Text(ja="営業日", en="office day"),
    Unit.CALENDAR_DAYS: Text(ja="日", en="calendar day"),
    Unit.WEEKS: Text(ja="週間", en="week"),
    Unit.WEEK_MONDAY: Text(ja="週", en="week"),
    Unit.MONTHS: Text(ja="か月", en="month"),
    Unit.YEARS: Text(ja="年", en="year"),
}


def source_of(entry: Input) -> Text:
    """The milestone that a date counts from, with its day and the basis of that day."""
    if entry.span is None:
        return entry.name
    day, basis = since_text(entry.span.earliest) if entry.waits else span_text(entry.span), BASIS[entry.basis]
    return Text(ja=f"{entry.name.ja}({day.ja}、{basis.ja})", en=f"“{entry.name.en}” [{day.en}, {basis.en}]")


def counted(rule: DateRule, entry: Input) -> Text:
    """How the rule counts from ``entry``; never with the result."""
    anchor, unit = source_of(entry), UNITS[rule.unit]
    if rule.unit is Unit.BUSINESS_DAYS:
        return _office_days(rule, anchor)
    if rule.counting is Counting.APART:
        return _apart(rule, anchor, unit)
    return _period(rule, anchor, unit, day_of(entry.name.ja))


def day_of(name_ja: str) -> str:
    """What follows the Japanese name of something to speak of its day: 届出日から, but 治験届の提出の日から."""
    return "" if name_ja.endswith("日") else "の日"


def _office_days(rule: DateRule, anchor: Text) -> Text:
    n = abs(rule.offset)
    if rule.offset < 0:
        return Text(
            ja=f"{anchor.ja}の前日を1日目として遡り{n}営業日目",
            en=f"office day {n} before {anchor.en} (the day before is day 1)",
        )
    return Text(
        ja=f"{anchor.ja}の翌日から起算して(翌日を1日目として){n}営業日目",
        en=f"office day {n} after {anchor.en} (the day after is day 1)",
    )


def _apart(rule: DateRule, anchor: Text, unit: Text) -> Text:
    near, far = abs(rule.offset), abs(rule.offset if rule.until is None else rule.until)
    many = "" if near == far == 1 else "s"
    en_n = f"{near} {unit.en}{many}" if near == far else f"{near} to {far} {unit.en}s"
    ja_side, en_side = ("前", "before") if rule.offset < 0 else ("後", "after")
    ja_n = f"{near}{unit.ja}{ja_side}" if near == far else f"{near}{unit.ja}{ja_side}から{far}{unit.ja}{ja_side}"
    if rule.unit is Unit.WEEK_MONDAY:
        return Text(ja=f"{anchor.ja}の{ja_n}の週の月曜日", en=f"the Monday of the week {en_n} {en_side} {anchor.en}")
    return Text(ja=f"{anchor.ja}の{ja_n}", en=f"{en_n} {en_side} {anchor.en}")


def _period(rule: DateRule, anchor: Text, unit: Text, day_ja: str) -> Text:
    n, days = rule.offset, rule.unit is Unit.CALENDAR_DAYS
    many = "" if n == 1 else "s"
    ja_from, en_from = {
        Counting.SAME_DAY: (f"{day_ja}から起算して(当日を1日目として)", "that day is day 1"),
        Counting.DAY_ZERO: (f"{day_ja}を0日目として", "that day is day 0"),
    }.get(rule.counting, ("の翌日から起算して(翌日を1日目として)", "the day after is day 1"))
    if rule.after_period:
        return Text(
            ja=f"{anchor.ja}{ja_from}{n}{unit.ja}が経過した後の最初の日",
            en=f"the first day after {n} {unit.en}{many} from {anchor.en} have passed ({en_from})",
        )
    if days:
        return Text(ja=f"{anchor.ja}{ja_from}{n}日目", en=f"calendar day {n} from {anchor.en} ({en_from})")
    return Text(
        ja=f"{anchor.ja}{ja_from}{n}{unit.ja}の期間の末日",
        en=f"the last day of a period of {n} {unit.en}{many} from {anchor.en} ({en_from})",
    )
