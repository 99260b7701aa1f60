"""Why this date? A trace as one Japanese and one English sentence, with its source and the day it was read."""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.counting import counted, day_of, source_of
from app.engine.definition.common import Basis, Confidence, Provenance, Role, Source, Text
from app.engine.definition.consultation import Hours
from app.engine.definition.rules import DateRule, Roll
from app.engine.trace import Span, Trace, in_principle
from app.engine.wording import ROLE, day_text, span_text

CONFIDENCE = {
    Confidence.DERIVED: Text(ja="公表された資料から導いた傾向による", en="a pattern derived from what was published"),
    Confidence.KNOWN_HIGH: Text(ja="資料で未確認の知見による", en="recalled, not verified"),
    Confidence.KNOWN_MEDIUM: Text(
        ja="資料で未確認の知見による(誤りの可能性あり)", en="recalled, not verified, may be wrong"
    ),
}
GIVEN = {
    Basis.ACTUAL: Text(ja="{name}の実績は{day}です", en="{name}: {day}, the actual day"),
    Basis.AGREED: Text(ja="{name}は、PMDAとの調整により{day}と決まっています", en="{name}: {day}, agreed with PMDA"),
    Basis.PUBLISHED: Text(ja="{name}は、PMDAの公表により{day}です", en="{name}: {day}, published by PMDA"),
    Basis.TARGET: Text(ja="{name}の目標は、{day}です", en="{name}: {day}, the target"),
}
ENDS = ("期限", "満了", "満了日")  # names that say themselves that it is the last day
IN_PRINCIPLE = Text(
    ja="{name}は、PMDAの公表により原則として{day}ですが、遅れることがあります",
    en="{name}: {day}, published by PMDA in principle; it may come later",
)


def explain(trace: Trace, sources: Mapping[str, Source], *, hours: Hours | None = None) -> Text:
    """The derivation of a date as one sentence in each language, with a second one where something is to be asked.

    ``hours`` are the times of day that belong to it.
    """
    if trace.span is None:
        told = _why_unknown(trace)
    elif trace.given is not None:
        told = trace.given
    elif trace.rule is None:
        told = _given(trace, trace.span)
    else:
        told = _by_rule(trace, trace.rule, trace.span)
    ja, en = told.ja.rstrip("。"), told.en.rstrip(".")
    if marks := [*_hours(hours), *_marks(trace, sources)]:
        ja, en = f"{ja}({'、'.join(m.ja for m in marks)})", f"{en} ({'; '.join(m.en for m in marks)})"
    if ask := _asked(trace):
        return Text(ja=f"{ja}。{ask.ja.rstrip('。')}。", en=f"{en}. {ask.en.rstrip('.')}.")
    return Text(ja=f"{ja}。", en=f"{en}.")


def sources_text(provenance: Provenance, sources: Mapping[str, Source]) -> Text | None:
    """The sources of a value with the days on which they were read; None when it has none."""
    named = [sources[key] for key in provenance.sources if key in sources]
    if not named:
        return None
    if all(source.read_on is None for source in named):
        ja, en = "、".join(s.title.ja for s in named), " and ".join(s.title.en for s in named)
        return Text(ja=f"出典: {ja}(閲覧日の記録なし)", en=f"source: {en}, day of reading not recorded")
    return Text(
        ja="出典: " + "、".join(f"{s.title.ja}({_read(s).ja})" for s in named),
        en="source: " + " and ".join(f"{s.title.en}, {_read(s).en}" for s in named),
    )


def lowered(sentence: str) -> str:
    """A sentence as it stands after a colon."""
    return sentence[:1].lower() + sentence[1:]


def _hours(hours: Hours | None) -> list[Text]:
    if hours is None:
        return []
    closes = f"{hours.closes:%H:%M}"
    if hours.opens is None:
        return [Text(ja=f"{closes}まで", en=f"by {closes}")]
    opens = f"{hours.opens:%H:%M}"
    return [Text(ja=f"{opens}から{closes}まで", en=f"between {opens} and {closes}")]


def _read(source: Source) -> Text:
    if source.read_on is None:
        return Text(ja="閲覧日の記録なし", en="day of reading not recorded")
    day = day_text(source.read_on)
    return Text(ja=f"{day.ja}閲覧", en=f"read on {day.en}")


def _given(trace: Trace, span: Span) -> Text:
    day = span_text(span)
    if trace.basis is Basis.TARGET and span.day is None:
        day = Text(
            ja=f"その月の営業日({day.ja})のいずれかの日", en=f"one of the office days of the month from {day.en}"
        )
    told = IN_PRINCIPLE if in_principle(trace.basis, trace.role) else GIVEN.get(trace.basis, GIVEN[Basis.ACTUAL])
    return Text(ja=told.ja.format(name=trace.name.ja, day=day.ja), en=told.en.format(name=trace.name.en, day=day.en))


def _by_rule(trace: Trace, rule: DateRule, span: Span) -> Text:
    """'X: not after D, the n-th day after Y on Z; C is a holiday, hence the office day before'."""
    span = Span.on(span.earliest) if trace.role is Role.NOT_BEFORE else span  # a waiting period has no last day
    how, role, day = counted(rule, trace.inputs[0]), ROLE[trace.role], span_text(span)
    moved_ja, moved_en = _moved(trace, rule.rolling(trace.role), span)
    somewhere = "" if span.day else "a day from "
    named = "" if trace.role is Role.NOT_AFTER and trace.name.ja.endswith(ENDS) else f"の{role.ja}"
    ja = f"{trace.name.ja}{named}は、{how.ja}{moved_ja}{day.ja}です"
    en = f"{trace.name.en}: {role.en} {somewhere}{day.en}, {how.en}{moved_en}"
    if trace.kept:
        ja, en = f"{ja[:-2]}のところ、前の計画の日を保っています", f"{en}; kept on the later day of the former plan"
    if span.day is None and trace.role is Role.NOT_AFTER:
        first = day_text(span.earliest)
        ja = f"{ja}が、起算日が定まるまでは最も早い{first.ja}を守ってください"
        en = f"{en}; until the day it counts from is fixed, keep the earliest, {first.en}"
    return Text(ja=ja, en=en)


def _moved(trace: Trace, roll: Roll, span: Span) -> tuple[str, str]:
    """The rolling in words; for a range only as a rule, because its ends may have rolled differently."""
    if not trace.closed:
        return "である", ""
    side_ja, side_en = ("直前の", "before") if roll is Roll.PREVIOUS else ("次の", "after")
    if span.day is None:
        return (
            f"(閉庁日に当たるときは{side_ja}営業日)である",
            f" (the office day {side_en} where that is a closed day)",
        )
    closed = trace.closed[0]
    day = day_text(closed.date)
    return (
        f"である{day.ja}が閉庁日({closed.name.ja})に当たるため、{side_ja}営業日の",
        f"; {day.en} is a closed day ({closed.name.en}), hence the office day {side_en}",
    )


def _why_unknown(trace: Trace) -> Text:
    name, mark = trace.name, trace.provenance
    if trace.given is not None:
        return trace.given
    if trace.rule is not None:
        waiting = next(entry for entry in trace.inputs if entry.span is None or not entry.carries)
        anchor = source_of(waiting)
        if waiting.span is not None:
            return Text(
                ja=f"{name.ja}は{waiting.name.ja}{day_of(waiting.name.ja)}から数えますが、その日は{span_text(waiting.span).ja}の間としか"
                "分からないため、期日を示しません",
                en=f"“{name.en}” counts from {anchor.en}, of which only a window is known, so no date is given",
            )
        return Text(
            ja=f"{name.ja}は{waiting.name.ja}{day_of(waiting.name.ja)}から数えるため、その日が分かるまで期日は定まりません",
            en=f"“{name.en}” counts from “{waiting.name.en}” and has no date until that day is known",
        )
    if mark is not None and mark.ask is not None:
        return Text(
            ja=f"{name.ja}の期日は分かっていないため、{mark.ask.ja}",
            en=f"The date of “{name.en}” is not known: {lowered(mark.ask.en)}",
        )
    return Text(ja=f"{name.ja}の期日は定まっていません", en=f"“{name.en}” has no date yet")


def _asked(trace: Trace) -> Text | None:
    """What to ask before an assumed date is relied on; where there is no date the sentence itself says it."""
    mark = trace.provenance
    if mark is None or mark.analogy is None or trace.span is None or trace.basis is Basis.ACTUAL:
        return None
    return mark.ask


def _marks(trace: Trace, sources: Mapping[str, Source]) -> list[Text]:
    """What stands in brackets: analogy or confidence, predicted holidays, sources."""
    mark, marks = trace.provenance, []
    if mark is not None and trace.basis is not Basis.ACTUAL:
        if mark.analogy is not None:
            marks.append(
                Text(ja=f"{mark.analogy.ja}からの類推による仮定", en=f"assumed by analogy with {mark.analogy.en}")
            )
        elif mark.confidence in CONFIDENCE:
            marks.append(CONFIDENCE[mark.confidence])
    if trace.calendar is Basis.PREDICTED:
        marks.append(Text(ja="その年の祝日は未公表のため予測", en="the holidays of that year are not yet published"))
    cited = sources_text(mark, sources) if mark is not None else None
    return [*marks, cited] if cited is not None else marks
