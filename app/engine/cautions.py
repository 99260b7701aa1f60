"""What a person must be warned of in a plan: structured, with a code, in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.engine.definition.common import Basis, Role, Text
from app.engine.missing import Consequence
from app.engine.planning import Frame, PlannedStep
from app.engine.windows import Reception
from app.engine.wording import day_text, span_text

Level = Literal["stop", "warn", "note"]  # cannot work as planned; look at it; good to know


@dataclass(frozen=True, slots=True)
class Caution:
    """One warning. ``step`` is the step it speaks of, None when it speaks of the whole plan."""

    code: str
    level: Level
    text: Text
    step: str | None = None


def cautions(base: Frame, steps: Sequence[PlannedStep], missed: Consequence | None) -> tuple[Caution, ...]:
    """All warnings of a plan: the wished day first, then reception, then the steps, then the calendar."""
    found = [*_of_the_meeting(base, steps), *_of_reception(base, steps, missed)]
    for step in steps:
        found += [*_of_facts(base, step), *_of_past_days(base, step, steps)]
    return (*found, *_of_order(steps), *_of_the_calendar(base, steps))


def _of_the_meeting(base: Frame, steps: Sequence[PlannedStep]) -> Iterator[Caution]:
    meeting = next(step for step in steps if step.step.place == "meeting")
    if meeting.span is None:
        return
    day = meeting.span.day
    if day is None:
        yield _say(
            "meeting_day_open",
            "note",
            "実施日が決まるまで、実施日から数える期日は幅で示します。期限は最も早い日を守ってください。",
            "Until the day of the meeting is fixed, dates that count from it are ranges; obey a duty's earliest day.",
            meeting.key,
        )
    elif closed := base.calendar.closed_by(day):
        yield _say(
            "meeting_on_closed_day",
            "stop",
            f"{day_text(day).ja}は閉庁日({closed.ja})です。別の日を選んでください。",
            f"{day_text(day).en} is a closed day ({closed.en}); choose another day.",
            meeting.key,
        )
    if base.today and meeting.span.latest < base.today and not meeting.done:
        yield _say(
            "meeting_past",
            "stop",
            f"{span_text(meeting.span).ja}は過ぎています。実施していれば実績の日を入力し、していなければ別の日を選んでください。",
            f"{span_text(meeting.span).en} is past. Enter the actual day if the meeting was held, or choose another.",
            meeting.key,
        )


def _of_reception(base: Frame, steps: Sequence[PlannedStep], missed: Consequence | None) -> Iterator[Caution]:
    request = next(step for step in steps if step.step.place == "reception")
    received, ask = base.reception, base.kind.reception.provenance.ask
    if base.asked:
        return
    yield from _of_designations(base, request)
    if received is None:
        if not base.any_time and base.kind.reception.pattern is None and ask:
            yield Caution("reception_unknown", "warn", ask, request.key)
        return
    if received.basis is Basis.ASSUMED:
        mark = base.kind.reception.pattern.provenance if base.kind.reception.pattern else None
        if mark and mark.analogy and mark.ask:
            yield _say(
                "reception_assumed",
                "warn",
                f"受付の方法は分かっておらず、{mark.analogy.ja}からの類推による仮定です。{mark.ask.ja}",
                f"How requests are received is not known; assumed by analogy with {mark.analogy.en}. {mark.ask.en}",
                request.key,
            )
    if base.today is None or base.today <= received.alarm_from:
        yield from _of_a_coming_reception(received, request)
    yield from _of_a_late_request(base, request, missed)


def _of_designations(base: Frame, request: PlannedStep) -> Iterator[Caution]:
    rule = base.kind.reception
    if not base.holds.isdisjoint(rule.any_time_if):
        yield _say(
            "any_time_by_designation",
            "note",
            "この開発品目が受けている指定により、日程調整依頼書は月ごとの受付日によらず随時提出できます。",
            "With the designation that the therapy holds, the request is received at any time, outside the monthly "
            "calendar.",
            request.key,
        )
    elif not base.holds.isdisjoint(rule.any_time_perhaps_if):
        yield _say(
            "any_time_perhaps",
            "note",
            "この開発品目が受けている指定により、日程調整依頼書を随時提出できる場合があります"
            "(希少疾病用の指定では、優先審査に該当すると判断された場合)。"
            "PMDAに確認し、確認できるまでは月ごとの受付日に合わせてください。",
            "With the designation that the therapy holds (an orphan: if it was judged to qualify for priority review) "
            "the request may be received at any time: ask PMDA, and keep to the monthly day until then.",
            request.key,
        )


def _of_a_coming_reception(received: Reception, request: PlannedStep) -> Iterator[Caution]:
    span = span_text(received.span)
    if received.window:
        yield _say(
            "reception_window",
            "warn",
            f"受付日は{span.ja}のうちの一日で、予測できません。PMDAの日程表が公表されたら入力してください。"
            "それまで、受付日から数える期日は示しません。",
            f"The day of reception is one day from {span.en} and cannot be predicted. Enter it when PMDA publishes its "
            "table; until then nothing that counts from it is dated.",
            request.key,
        )
    elif received.basis is Basis.PREDICTED:
        alarm = day_text(received.alarm_from)
        yield _say(
            "reception_predicted",
            "warn",
            f"この月の受付日はまだ公表されておらず、{span.ja}は予測です。{alarm.ja}には提出できるようにし、"
            "PMDAの日程表を確認してください。",
            f"Nothing is published yet for this month; {span.en} is predicted. Be ready on {alarm.en} and look at "
            "PMDA's table.",
            request.key,
        )


def _of_a_late_request(base: Frame, request: PlannedStep, missed: Consequence | None) -> Iterator[Caution]:
    received = base.reception
    if base.today is None or received is None or missed is None:
        return
    if base.today > received.span.latest:
        yield Caution("window_missed", "stop", missed.text, request.key)
    elif base.today > received.alarm_from:
        yield _say(
            "reception_may_have_passed",
            "stop",
            f"受付日が既に過ぎている可能性があります。直ちにPMDAの日程表を確認してください。{missed.text.ja}",
            f"The day of reception may already have passed; look at PMDA's table at once. {missed.text.en}",
            request.key,
        )


def _of_facts(base: Frame, step: PlannedStep) -> Iterator[Caution]:
    fact = base.facts.get(step.key)
    if fact is None:
        return
    day, name = day_text(fact.day), step.step.name
    if base.today and fact.basis is Basis.ACTUAL and fact.day > base.today:
        yield _say(
            "actual_in_future",
            "warn",
            f"{name.ja}の実績の日({day.ja})が今日より後です。",
            f"The actual day of {name.en} ({day.en}) lies in the future.",
            step.key,
        )
    if step.role is Role.NOT_AFTER and step.expected and fact.day > step.expected.latest:
        limit = day_text(step.expected.latest)
        yield _say(
            "done_late",
            "warn",
            f"{name.ja}の日({day.ja})が期限({limit.ja})より後です。PMDAに確認してください。",
            f"The day of {name.en} ({day.en}) is later than its limit ({limit.en}); ask PMDA.",
            step.key,
        )


def _waits_for_pmda(step: PlannedStep, steps: Sequence[PlannedStep]) -> bool:
    """True for a duty that counts from an act of PMDA which has not happened: its clock does not run yet."""
    anchor = step.step.rule.anchor if step.step.rule else None
    return any(other.key == anchor and other.step.actor == "pmda" and not other.done for other in steps)


def _of_past_days(base: Frame, step: PlannedStep, steps: Sequence[PlannedStep]) -> Iterator[Caution]:
    """Duties that are past, and answers of PMDA that have not come; reception and meeting speak for themselves."""
    if base.today is None or step.span is None or step.done or step.step.place is not None:
        return
    if _waits_for_pmda(step, steps):
        return
    name, span = step.step.name, span_text(step.span)
    if step.role is Role.NOT_AFTER and step.safe and step.safe < base.today:
        if step.span.latest < base.today:
            ja, en = f"{name.ja}の期限({span.ja})が過ぎています。", f"{name.en} was due on {span.en} and is past."
        else:
            ja, en = f"{name.ja}の期限({span.ja})が過ぎている可能性があります。", f"{name.en} ({span.en}) may be past."
        yield _say(
            "day_past",
            "stop",
            f"{ja}済んでいれば実績の日を入力してください。",
            f"{en} Enter the actual day if it is done.",
            step.key,
        )
    elif step.role is Role.THEIRS and step.span.latest < base.today:
        yield _say(
            "answer_overdue",
            "warn",
            f"{name.ja}の見込みの日({span.ja})を過ぎました。届いていれば日を入力し、届いていなければPMDAに確認してください。",
            f"{name.en} was expected on {span.en}. Enter the day if it has come; if not, contact PMDA.",
            step.key,
        )


def _of_order(steps: Sequence[PlannedStep]) -> Iterator[Caution]:
    """Things that happened before what they must follow."""
    done: dict[str, tuple[dt.date, Text]] = {
        step.key: (step.span.earliest, step.step.name) for step in steps if step.done and step.span
    }
    for step in steps:
        rule = step.step.rule
        earlier = [*step.step.after, *([rule.anchor] if rule and rule.offset > 0 else [])]
        for key in earlier:
            if step.key in done and key in done and done[step.key][0] < done[key][0]:
                (day, name), (before, other) = done[step.key], done[key]
                yield _say(
                    "out_of_order",
                    "warn",
                    f"{name.ja}({day_text(day).ja})が、先に行うべき{other.ja}({day_text(before).ja})より前になっています。",
                    f"{name.en} ({day_text(day).en}) lies before {other.en} ({day_text(before).en}), "
                    "which it must follow.",
                    step.key,
                )


def _of_the_calendar(base: Frame, steps: Sequence[PlannedStep]) -> Iterator[Caution]:
    if any(step.trace.calendar is Basis.PREDICTED for step in steps):
        year = base.calendar.published_through + 1
        yield _say(
            "predicted_calendar",
            "note",
            f"{year}年以降の祝日は未公表のため、予測した祝日で計算しています。",
            f"Holidays from {year} on are not yet published; predicted ones are used.",
        )


def _say(code: str, level: Level, ja: str, en: str, step: str | None = None) -> Caution:
    return Caution(code, level, Text(ja=ja, en=en), step)
