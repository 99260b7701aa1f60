"""What an entry says, as pairs of name and value in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from app.engine.calendar import Month
from app.engine.counting import counted
from app.engine.definition.abroad import Agency, Conflict, Part, Table
from app.engine.definition.calendar import CalendarTable
from app.engine.definition.case import Case
from app.engine.definition.clock import Clock
from app.engine.definition.common import Basis, Text
from app.engine.definition.consultation import ConsultationType, PublishedTable, Step
from app.engine.definition.evidence import EvidenceItem, EvidenceSet, Gate
from app.engine.definition.guards import DateOrder, GuardBase
from app.engine.definition.machine import MachineDefinition, Transition
from app.engine.definition.material import Material
from app.engine.definition.pathway import Particular, PathwayConsultation, PathwayDefinition
from app.engine.definition.published import FeeAmount, OfficialForm
from app.engine.definition.rules import DateRule
from app.engine.definition.validity import InForce
from app.engine.definition.vocabulary import AttributeRule, EventDefinition, Line
from app.engine.diff import compare
from app.engine.entry import Entry
from app.engine.library import Library
from app.engine.machine.words import event_text
from app.engine.trace import Input
from app.engine.wording import ROLE, day_text, month_text
from app.rules import telling, telling_words
from app.rules.pairs import WHAT_TO_DO, Pair, listed


def pairs(entry: Entry, library: Library) -> list[Pair]:
    """What the entry says beside its name and its mark."""
    content = entry.content
    told = next((tell(content, library) for kind, tell in _TELLERS.items() if isinstance(content, kind)), iter(()))
    found = list(told)
    if isinstance(content, InForce) and (content.valid_from or content.valid_to):
        found.insert(0, Pair(Text(ja="有効期間", en="In force"), _in_force(content)))
    if note := getattr(content, "note", None):
        found.append(Pair(Text(ja="注意", en="Note"), note))
    return found


def difference(old: MachineDefinition, new: MachineDefinition) -> list[Pair]:
    """What a later edition of a machine changes, and in which states a running line stays with the old one."""
    found = compare(old, new)
    steps = {each.id: each.names for machine in (new, old) for each in machine.transitions}
    states = {each.key: each.names for machine in (new, old) for each in machine.states}
    told = (
        (Text(ja="新しい状態", en="New states"), [states[key] for key in found.added_states]),
        (Text(ja="なくなる状態", en="States that are no more"), [states[key] for key in found.retired_states]),
        (Text(ja="新しい手順", en="New steps"), [steps[key] for key in found.added]),
        (Text(ja="なくなる手順", en="Steps that are no more"), [steps[key] for key in found.removed]),
        (Text(ja="行き先などが変わる手順", en="Steps that lead elsewhere"), [steps[key] for key in found.changed]),
        (Text(ja="条件が変わる手順", en="Steps with other conditions"), [steps[key] for key in found.conditions]),
        (Text(ja="移れない状態", en="States in which a line stays"), [states[key] for key in found.unsafe]),
    )
    return [Pair(name, listed(names)) for name, names in told if names]


def brief(entry: Entry) -> Text | None:
    """What a list shows beside the name: an amount, a number, or the key by which people know it."""
    content = entry.content
    if isinstance(content, FeeAmount) and content.yen is not None:
        return yen(content.yen)
    if isinstance(content, OfficialForm) and content.number is not None:
        return Text(ja=content.number, en=content.number)
    if isinstance(content, Gate):
        return Text(ja=content.key, en=content.key)
    return None


def yen(amount: int) -> Text:
    """An amount, or that it is free."""
    return Text(ja=f"{amount:,}円", en=f"{amount:,} yen") if amount else Text(ja="無料", en="free of charge")


def _transition(each: Transition, library: Library) -> Iterator[Pair]:
    names = [event_text(library, event) for event in each.events]
    if any(name != each.names for name in names):
        yield Pair(Text(ja="出来事", en="Fired by"), listed(names))
    for guard in each.guards:
        yield _guard_pair(guard)
        if isinstance(guard, DateOrder) and guard.on_the_day:
            yield Pair(Text(ja="期限の当日の扱い", en="On the day itself"), guard.on_the_day, guard.provenance)
    for key in each.clocks:
        for clock in library.clocks.values():
            if key in (clock.id, clock.key):
                yield Pair(Text(ja="期間", en="Clock"), clock.name)


def _guard(guard: GuardBase, _library: Library) -> Iterator[Pair]:
    yield Pair(WHAT_TO_DO, guard.do)


def _guard_pair(guard: GuardBase) -> Pair:
    name = (
        Text(ja="満たさないときの警告", en="Warns unless met")
        if guard.unmet == "warning"
        else Text(ja="満たすまで進めない条件", en="Blocks until met")
    )
    said = Text(ja=f"{guard.because.ja}{guard.do.ja}", en=f"{guard.because.en} {guard.do.en}")
    return Pair(name, said, guard.provenance)


def _advice(advice: PathwayConsultation, library: Library) -> Iterator[Pair]:
    kind = library.consultations.get(advice.type)
    if kind:
        yield Pair(Text(ja="相談", en="Consultation"), kind.name)
    strength = {
        "expected": Text(ja="通常行う", en="expected"),
        "recommended": Text(ja="行うことが望ましい", en="recommended"),
        "optional": Text(ja="任意", en="optional"),
    }
    yield Pair(Text(ja="位置付け", en="Standing"), strength[advice.strength])


def _kind(kind: ConsultationType, library: Library) -> Iterator[Pair]:
    yield Pair(Text(ja="時期", en="When"), kind.gate)
    told = {
        "free": Text(ja="無料", en="free of charge"),
        "paid": Text(ja="有料", en="paid"),
        "unknown": Text(ja="不明", en="unknown"),
    }
    yield Pair(Text(ja="手数料", en="Fee"), told[kind.fee.kind], kind.fee.provenance)
    modes = {
        "monthly": Text(ja="月ごとの受付", en="received monthly"),
        "any_time": Text(ja="随時", en="received at any time"),
        "unknown": Text(ja="不明", en="unknown"),
    }
    yield Pair(Text(ja="受付", en="Reception"), modes[kind.reception.mode], kind.reception.provenance)
    if pattern := kind.reception.pattern:
        said = Text(
            ja=f"実施月の{pattern.lead_months}か月前の月の最初の営業日"
            + ("(月曜日のときは次の営業日)" if pattern.never_on_monday else ""),
            en=f"first office day of the month {pattern.lead_months} months before the meeting"
            + (" (the next one if that is a Monday)" if pattern.never_on_monday else ""),
        )
        yield Pair(Text(ja="受付日の傾向", en="Pattern of the day"), said, pattern.provenance)
    for other in kind.requires:
        if other in library.consultations:
            yield Pair(Text(ja="先に行う相談", en="Must come first"), library.consultations[other].name)
    for remark in kind.remarks:
        yield Pair(Text(ja="注意", en="Note"), remark.text, remark.provenance)


def _step(step: Step, library: Library) -> Iterator[Pair]:
    kind = next((kind for kind in library.consultations.values() if step in kind.steps), None)
    names = {other.key: other.name for other in kind.steps} if kind else {}
    who = {
        "applicant": Text(ja="申請者", en="applicant"),
        "pmda": Text(ja="PMDA", en="PMDA"),
        "both": Text(ja="双方", en="both"),
    }
    yield Pair(Text(ja="行う者", en="Who"), who[step.actor])
    yield Pair(Text(ja="期日の性格", en="Whose date"), ROLE[step.role])
    if step.rule:
        anchor = names.get(step.rule.anchor) or Text(ja=step.rule.anchor, en=step.rule.anchor)
        yield Pair(Text(ja="数え方", en="Counting"), _rule(step.rule, anchor))
    if step.hours:
        opens = f"{step.hours.opens:%H:%M}–" if step.hours.opens else ""
        hours = f"{opens}{step.hours.closes:%H:%M}"
        yield Pair(Text(ja="時刻", en="Hour"), Text(ja=hours, en=hours), step.hours.provenance)


def _clock(clock: Clock, library: Library) -> Iterator[Pair]:
    yield Pair(Text(ja="数え方", en="Counting"), _rule(clock.rule, clock.start))
    yield Pair(Text(ja="期日の性格", en="Whose date"), ROLE[clock.role])
    if clock.at_most:
        yield Pair(
            Text(ja="長さ", en="Length"), Text(ja="上限。処分で定まる", en="an upper limit; the decision fixes it")
        )
    if clock.runs:
        machine = library.machines[clock.runs.machine]
        states = listed([machine.state(state).names for state in clock.runs.states])
        yield Pair(
            Text(ja="期限を知らせる段階", en="Told of while"),
            Text(ja=f"{machine.names.ja}: {states.ja}", en=f"{machine.names.en}: {states.en}"),
        )


def _fee(fee: FeeAmount, _library: Library) -> Iterator[Pair]:
    said = yen(fee.yen) if fee.yen is not None else Text(ja="不明", en="unknown")
    yield Pair(Text(ja="金額", en="Amount"), said)


def _form(form: OfficialForm, library: Library) -> Iterator[Pair]:
    yield Pair(Text(ja="様式番号", en="Number"), Text(ja=form.number or "不明", en=form.number or "unknown"))
    names = [library.consultations[key].name for key in form.consultations if key in library.consultations]
    if names:
        yield Pair(Text(ja="用いる相談", en="For"), listed(names))


def _table(table: PublishedTable, _library: Library) -> Iterator[Pair]:
    for row in table.rows:
        day, notice = day_text(row.reception), day_text(row.notice) if row.notice else None
        said = Text(
            ja=f"受付 {day.ja}" + (f"、連絡 {notice.ja}" if notice else ""),
            en=f"reception {day.en}" + (f", notice {notice.en}" if notice else ""),
        )
        yield Pair(month_text(Month.parse(row.meeting)), said)


def _calendar(table: CalendarTable, _library: Library) -> Iterator[Pair]:
    years = sorted(table.holidays)
    yield Pair(
        Text(ja="収録した年", en="Years"), Text(ja=f"{years[0]}〜{years[-1]}年", en=f"{years[0]} to {years[-1]}")
    )
    through = table.published_through
    said = Text(ja=f"{through}年まで公表、以後は予測", en=f"published through {through}, predicted afterwards")
    yield Pair(Text(ja="祝日", en="Holidays"), said)
    closure = Text(
        ja=f"{table.closure.name.ja}({table.closure.first}〜{table.closure.last})",
        en=f"{table.closure.name.en} ({table.closure.first} to {table.closure.last})",
    )
    yield Pair(Text(ja="閉庁", en="Closed"), closure)


_TELLERS: dict[type, Callable[[Any, Library], Iterator[Pair]]] = {
    Transition: _transition,
    GuardBase: _guard,
    PathwayConsultation: _advice,
    ConsultationType: _kind,
    Step: _step,
    Clock: _clock,
    FeeAmount: _fee,
    OfficialForm: _form,
    PublishedTable: _table,
    CalendarTable: _calendar,
    MachineDefinition: telling.machine,
    PathwayDefinition: telling.pathway,
    Particular: telling.particular,
    EvidenceItem: telling.evidence,
    Material: telling.material,
    Part: telling.abroad,
    Conflict: telling.conflict,
    Gate: telling_words.gate,
    EventDefinition: telling_words.event,
    AttributeRule: telling_words.attribute,
    Line: telling_words.line,
    Agency: telling_words.agency,
    Table: telling_words.table,
    EvidenceSet: telling_words.evidence_set,
    Case: telling_words.case,
}


def _rule(rule: DateRule, anchor: Text) -> Text:
    return counted(rule, Input(rule.anchor, anchor, None, Basis.UNKNOWN))


def _in_force(entry: InForce) -> Text:
    first, last = (day_text(day) if day else None for day in (entry.valid_from, entry.valid_to))
    ends = Text(ja=f"{last.ja}まで", en=f"to {last.en}") if last else Text(ja="次のものまで", en="until the next one")
    return Text(ja=f"{first.ja}から{ends.ja}", en=f"from {first.en} {ends.en}") if first else ends
