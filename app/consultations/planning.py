"""From a type, a wish and what happened to a plan, and from a plan to milestones; nothing here is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.consultations.wish import Wish
from app.core.errors import Refused
from app.engine.catalogue import consultation_type
from app.engine.consultation import ConsultationPlan, Fact, PlannedStep, plan_consultation
from app.engine.counting import counted, source_of
from app.engine.definition.common import Basis, Confidence, Role, Text
from app.engine.definition.consultation import Step
from app.engine.definition.published import NOTHING, Published
from app.engine.errors import CalendarRangeError
from app.engine.loader import WORKFLOWS
from app.engine.trace import Span
from app.engine.wording import MONTHS, day_text, month_text, span_text
from app.schedule.queries import MilestoneView
from app.schedule.services import Draft

WHOSE = {
    Role.NOT_AFTER: Text(ja="当方の期限(遅れることはできません)", en="our duty, never later"),
    Role.NOT_BEFORE: Text(ja="待機期間(早まることはありません)", en="a waiting period, never earlier"),
    Role.THEIRS: Text(ja="PMDA側の見込み(動くことがあります)", en="PMDA acts; expected, it may move"),
    Role.OWN: Text(ja="当方の予定", en="our own plan"),
}


def plan_of(
    kind: str,
    wish: Wish,
    facts: Mapping[str, Fact],
    today: dt.date,
    more: Published = NOTHING,
    root: Path = WORKFLOWS,
    holds: Collection[str] = (),
) -> ConsultationPlan:
    """The plan of one consultation. Raises Refused for a day or month that the calendar does not reach.

    ``more``: what its hub entered beside what is shipped; ``root``: another folder of definitions; ``holds``: the kinds
    of designation that the therapy holds.
    """
    definition = consultation_type(kind, root)
    place = next(step.key for step in definition.steps if step.place == "meeting")
    known = place in facts  # the day that PMDA named, or that was held, stands in the place of the wish
    try:
        return plan_consultation(
            definition,
            meeting=None if known else wish.meeting,
            month=None if known or wish.meeting else wish.month,
            today=today,
            facts=facts,
            more=more,
            holds=holds,
            root=root,
        )
    except CalendarRangeError as error:
        raise Refused(
            Text(
                ja="その月は、祝日の表の範囲外のため計算できません。もっと近い月を選んでください。",
                en="That month lies outside the table of holidays and cannot be computed. Choose a nearer month.",
            ),
            field="month",
        ) from error


def read_facts(stored: Mapping[str, Any]) -> dict[str, Fact]:
    """Facts as they lie in the table."""
    return {
        key: Fact(day=dt.date.fromisoformat(entry["day"]), basis=Basis(entry["basis"])) for key, entry in stored.items()
    }


def write_facts(facts: Mapping[str, Fact]) -> dict[str, Any]:
    """Facts as they go into the table."""
    return {key: {"day": fact.day.isoformat(), "basis": str(fact.basis)} for key, fact in facts.items()}


def drafts(plan: ConsultationPlan) -> list[Draft]:
    """The milestones of a plan, in the order of its steps."""
    return [draft(plan, step) for step in plan.steps]


def draft(plan: ConsultationPlan, step: PlannedStep) -> Draft:
    """One step as a milestone, with everything that its page says about it."""
    span = step.span
    single = span.day if span else None
    return Draft(
        key=step.key,
        title=step.step.name,
        role=step.role,
        basis=step.basis,
        about=about(plan),
        certainty=step.certainty,
        on_day=single,
        earliest=span.earliest if span and not single else None,
        latest=span.latest if span and not single else None,
        alarm_from=step.alarm_from,
        hours=hours_of(step.step),
        is_window=step.window,
        trace={**step.trace.to_json(), "pairs": pairs(step), "entry": [plan.kind.key, _own_key(plan, step)]},
        why=step.why,
        price=price(plan) if step.step.place == "reception" and not step.done else None,
        done_on=span.earliest if step.done and span else None,
    )


def _own_key(plan: ConsultationPlan, step: PlannedStep) -> str:
    """The key under which the kind knows the step; a later round has the rule of the first."""
    known = {one.key for one in plan.kind.steps}
    return step.key if step.key in known else step.key.rpartition("_")[0]


def about(plan: ConsultationPlan) -> Text:
    """The consultation in the words of a departure board: its meeting and its name."""
    name, span = plan.kind.name, plan.meeting
    if span is None:
        return name
    if span.day:
        day = span.day
        return Text(ja=f"{day.month}月{day.day}日 {name.ja}", en=f"{day.day} {MONTHS[day.month - 1]}, {name.en}")
    month = span.earliest
    return Text(ja=f"{month.month}月 {name.ja}", en=f"{MONTHS[month.month - 1]}, {name.en}")


def price(plan: ConsultationPlan) -> Text | None:
    """What it costs to miss the reception, in one short sentence; None where nothing is known to be lost."""
    if plan.missed is None or any(caution.code == "window_missed" for caution in plan.warnings):
        return None
    last, month = day_text(plan.missed.missed.span.latest), month_text(plan.missed.next_month)
    assumed = plan.missed.missed.basis is Basis.ASSUMED
    return Text(
        ja=f"{last.ja}に間に合わないと、面談は{month.ja}になります{'(仮定に基づく計算)' if assumed else ''}。",
        en=f"Miss {last.en} and the meeting moves to {month.en}{' (computed on an assumption)' if assumed else ''}.",
    )


def hours_of(step: Step) -> str | None:
    """The hours as the regulator prints them: ``10:00–16:00``, or ``15:00`` when only the end counts."""
    if step.hours is None:
        return None
    closes = f"{step.hours.closes:%H:%M}"
    return f"{step.hours.opens:%H:%M}–{closes}" if step.hours.opens else closes


def pairs(step: PlannedStep) -> list[tuple[dict[str, str], dict[str, str]]]:
    """The parts of a derivation as pairs of name and value, in both languages."""
    trace = step.trace
    found: list[tuple[Text, Text]] = []
    if trace.rule and trace.inputs:
        found.append((Text(ja="起点", en="Counted from"), source_of(trace.inputs[0])))
        if trace.span:
            found.append((Text(ja="数え方", en="Counting"), counted(trace.rule, trace.inputs[0])))
    for closed in trace.closed:
        day = day_text(closed.date)
        found.append(
            (
                Text(ja="閉庁日", en="Closed day"),
                Text(ja=f"{day.ja} {closed.name.ja}", en=f"{day.en}, {closed.name.en}"),
            )
        )
    found.append((Text(ja="期日の性格", en="Whose date"), WHOSE[step.role]))
    if step.alarm_from and step.span and step.alarm_from != step.span.earliest:
        found.append((Text(ja="準備を終える日", en="Be ready on"), day_text(step.alarm_from)))
    if step.step.hours:
        found.append((Text(ja="時刻", en="Hour"), _hours_text(step.step)))
    if step.step.channel:
        found.append((Text(ja="方法", en="How"), step.step.channel))
    if step.step.note:
        found.append((Text(ja="注意", en="Note"), step.step.note))
    if trace.version is not None:
        found.append(
            (Text(ja="規則の版", en="Version of the rule"), Text(ja=f"第{trace.version}版", en=str(trace.version)))
        )
    return [(_both(name), _both(value)) for name, value in found]


@dataclass(frozen=True)
class Move:
    """A step whose date is another one after a change. ``days`` are calendar days, where both ends are known."""

    key: str
    title: Text
    old: Span | None
    new: Span | None
    old_basis: Basis | None
    new_basis: Basis

    @property
    def days(self) -> int | None:
        """Calendar days later (earlier when negative)."""
        return (self.new.earliest - self.old.earliest).days if self.old and self.new else None

    @property
    def text(self) -> Text:
        """The move in one line, for messages."""
        old, new = _span_text(self.old), _span_text(self.new)
        return Text(ja=f"{self.title.ja} {old.ja}→{new.ja}", en=f"{self.title.en}: {old.en} → {new.en}")


def moves(before: Sequence[MilestoneView], after: ConsultationPlan) -> list[Move]:
    """What would move if ``after`` were saved in the place of the stored milestones, in the order of the steps."""
    stored = {milestone.key: milestone for milestone in before}
    found = []
    for step in after.steps:
        old = stored.get(step.key)
        was = span_of(old) if old else None
        if was != step.span or (old is not None and old.basis is not step.basis):
            found.append(Move(step.key, step.step.name, was, step.span, old.basis if old else None, step.basis))
    return found


def vanishing(before: Sequence[MilestoneView], after: ConsultationPlan) -> list[Move]:
    """The dates that are still open and that ``after`` no longer has."""
    kept = {step.key for step in after.steps}
    return [
        Move(one.key, one.title, span_of(one), None, one.basis, Basis.UNKNOWN)
        for one in before
        if one.key not in kept and one.done_on is None
    ]


def span_of(milestone: MilestoneView) -> Span | None:
    """The stored day or range."""
    if milestone.on_day:
        return Span.on(milestone.on_day)
    if milestone.earliest and milestone.latest:
        return Span(milestone.earliest, milestone.latest)
    return None


def _hours_text(step: Step) -> Text:
    assert step.hours is not None
    hours, mark = step.hours, step.hours.provenance
    until = f"{hours.closes:%H:%M}"
    ja = f"{hours.opens:%H:%M}から{until}まで" if hours.opens else f"{until}まで"
    en = f"{hours.opens:%H:%M} to {until}" if hours.opens else f"by {until}"
    if mark.confidence is Confidence.ASSUMED and mark.analogy:
        ja, en = f"{ja}({mark.analogy.ja}からの類推による仮定)", f"{en} (assumed by analogy with {mark.analogy.en})"
    if hours.note:
        ja, en = f"{ja} — {hours.note.ja}", f"{en}. {hours.note.en}"
    return Text(ja=ja, en=en)


def _span_text(span: Span | None) -> Text:
    return span_text(span) if span else Text(ja="期日なし", en="no date")


def _both(text: Text) -> dict[str, str]:
    return {"ja": text.ja, "en": text.en}
