"""How the day of reception is known, or why it is not, in words."""

from __future__ import annotations

from app.engine.definition.common import Basis, Text
from app.engine.definition.consultation import MonthlyPattern
from app.engine.definition.consultation import Reception as ReceptionRule
from app.engine.explain import lowered
from app.engine.windows import Reception
from app.engine.wording import day_text, month_text, span_text


def reception_text(received: Reception, pattern: MonthlyPattern | None) -> Text:
    """How the reception day of a month is known, as a clause."""
    month, span = month_text(received.month), span_text(received.span)
    if received.basis is Basis.PUBLISHED:
        return Text(
            ja=f"日程調整依頼書の受付日は、{month.ja}実施分として公表された{span.ja}の一日です",
            en=f"Schedule request: {span.en} only, the reception day published for meetings in {month.en}",
        )
    lead = pattern.lead_months if pattern else 0
    asked = month_text(received.month.plus(-lead))
    if received.window:
        return Text(
            ja=f"{month.ja}実施分の日程調整依頼書の受付日は、{asked.ja}の受付日を予測できないため、"
            f"{span.ja}のいずれかの一日としか分からず、初日までに準備を終えてPMDAの日程表を確認してください",
            en=f"Schedule request for meetings in {month.en}: one day from {span.en}, for the day of reception in "
            f"{asked.en} cannot be predicted; be ready on the first day and look at PMDA's table",
        )
    if received.borrowed:
        return Text(
            ja=f"{month.ja}実施分の日程調整依頼書の受付日は、類推の元の相談について公表された{span.ja}と仮定され、"
            "PMDAへの確認が必要です",
            en=f"Schedule request for meetings in {month.en}: {span.en}, the reception day published for the "
            "consultations that it is compared with, assumed; check it with PMDA",
        )
    first = day_text(received.alarm_from)
    moved = received.span.earliest != received.alarm_from
    return Text(
        ja=f"{month.ja}実施分の日程調整依頼書の受付日は、{lead}か月前の月の最初の営業日である{first.ja}"
        + (f"が月曜日に当たるため、次の営業日の{span.ja}" if moved else "")
        + f"と{'仮定' if received.basis is Basis.ASSUMED else '予測'}され、PMDAの公表する日程表での確認が必要です",
        en=f"Schedule request for meetings in {month.en}: {span.en}, the first office day of the month "
        f"{lead} months before"
        + (f" ({first.en}) moved on because it is a Monday" if moved else "")
        + f", {received.basis}; check it against the table that PMDA publishes",
    )


def no_reception(name: Text, rule: ReceptionRule, any_time: bool) -> Text:
    """Why the request called ``name`` has no date."""
    ask = rule.provenance.ask
    if any_time:
        return Text(
            ja=f"{name.ja}は随時受け付けられ、期日はありません",
            en=f"{name.en}: received at any time, there is no fixed day",
        )
    if rule.pattern is not None:
        return Text(
            ja=f"{name.ja}の日は、希望する実施月を選ぶと決まります",
            en=f"{name.en}: choose the month of the meeting to see the day",
        )
    told = ask.ja if ask else "受付の方法をPMDAに確認してください"
    english = ask.en if ask else "ask PMDA how requests are received"
    return Text(
        ja=f"{name.ja}の受付の方法が分かっていないため、{told}",
        en=f"How “{name.en}” is received is not known: {lowered(english)}",
    )
