"""One milestone: the bounds that its rules give, and the date that follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.engine.calendar import OfficeCalendar
from app.engine.definition.common import Basis, Provenance, Role, Text
from app.engine.definition.rules import DateRule, Unit
from app.engine.errors import ContradictionError
from app.engine.offsets import Shifted, shift, uses_calendar
from app.engine.trace import BASIS_OF_RULE, ClosedDay, Dated, Input, Span, Trace, weakest


@dataclass(frozen=True, slots=True)
class Rule:
    """A date rule with its role and its mark."""

    date: DateRule
    role: Role
    provenance: Provenance
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A node of the graph. Without rules and without a given day its date is unknown, for the reason of its mark."""

    key: str
    name: Text
    role: Role
    rules: tuple[Rule, ...] = ()
    provenance: Provenance | None = None
    note: Text | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A day (or range) that is known without a rule; ``carries`` is False when nothing may be derived from it.

    ``settled``: nobody has to act for it to come.
    """

    span: Span
    basis: Basis
    how: Text | None = None
    provenance: Provenance | None = None
    carries: bool = True
    calendar: Basis | None = None
    settled: bool = False


def date_by_rules(node: Milestone, plan: Mapping[str, Dated], calendar: OfficeCalendar) -> Dated:
    """The date of ``node`` from the dates of its anchors.

    Duties win: the earliest of them is the date, even when another one is still unknown. Without a duty the date is
    the latest of the lower bounds, and unknown as long as one of them is.
    """
    bounds = [bound(node, rule, plan[rule.date.anchor], calendar) for rule in node.rules]
    duties = [one for one in bounds if one.trace.role is Role.NOT_AFTER and one.span]
    lows = [one for one in bounds if one.trace.role is not Role.NOT_AFTER]
    known_lows = [one for one in lows if one.span]
    if duties:
        binding = min(duties, key=_earliest)
        for low in known_lows:
            _refuse_crossing(node.key, low, binding)
        return _bind(binding, bounds, _limits(duties, Role.NOT_AFTER), [binding])
    if lows and len(known_lows) == len(lows):
        return _bind(max(lows, key=_latest), bounds, _limits(lows, Role.NOT_BEFORE), lows)
    trace = replace(bounds[0].trace, inputs=_inputs(bounds)) if bounds else _bare_trace(node, Basis.UNKNOWN)
    return Dated(node.key, node.role, Basis.UNKNOWN, None, replace(trace, span=None, ruled=None, basis=Basis.UNKNOWN))


def bound(node: Milestone, rule: Rule, anchor: Dated, calendar: OfficeCalendar) -> Dated:
    """The date that one rule alone gives; unknown when its anchor is unknown or carries nothing."""
    waits = anchor.role is Role.NOT_BEFORE and anchor.trace.rule is not None
    source = Input(
        anchor.key,
        anchor.trace.name,
        anchor.span,
        anchor.basis,
        anchor.carries,
        anchor.wished,
        waits,
        anchor.settled,
    )
    trace = replace(
        _bare_trace(node, Basis.UNKNOWN),
        role=rule.role,
        rule=rule.date,
        inputs=(source,),
        provenance=rule.provenance,
        note=rule.note,
    )
    if anchor.span is None or not anchor.carries:
        return Dated(node.key, node.role, Basis.UNKNOWN, None, trace)
    ends = (
        shift(rule.date, rule.role, anchor.span.earliest, calendar),
        shift(rule.date, rule.role, anchor.span.latest, calendar, last=True),
    )
    calendar_basis = _calendar_basis(rule, anchor.span, ends, calendar)
    basis = weakest(anchor.basis, BASIS_OF_RULE[rule.provenance.confidence])
    if calendar_basis is Basis.PREDICTED:
        basis = weakest(basis, Basis.PREDICTED)
    span = Span(ends[0].day, ends[1].day)
    trace = replace(
        trace,
        basis=basis,
        span=span,
        ruled=Span(ends[0].ruled, ends[1].ruled),
        closed=_closed_days(ends, calendar),
        calendar=calendar_basis,
    )
    return Dated(node.key, node.role, basis, span, trace, wished=anchor.wished)


def as_given(node: Milestone, known: Given) -> Dated:
    """``node`` on the day that is known without a rule."""
    trace = replace(
        _bare_trace(node, known.basis),
        span=known.span,
        given=known.how,
        calendar=known.calendar,
        provenance=known.provenance,
    )
    wished = known.basis is Basis.TARGET
    return Dated(node.key, node.role, known.basis, known.span, trace, known.carries, wished, known.settled)


def _bare_trace(node: Milestone, basis: Basis) -> Trace:
    return Trace(
        node.key, node.name, node.role, basis, provenance=node.provenance, note=node.note, version=node.version
    )


def _bind(binding: Dated, bounds: Sequence[Dated], span: Span, counted: Sequence[Dated]) -> Dated:
    """``binding`` with the span of all bounds; its own input comes first, the others follow."""
    others = _inputs([one for one in bounds if one is not binding])
    basis = weakest(*(one.basis for one in counted))
    trace = replace(binding.trace, inputs=binding.trace.inputs + others, span=span, basis=basis)
    return replace(binding, span=span, basis=basis, trace=trace, wished=any(one.wished for one in counted))


def _inputs(bounds: Sequence[Dated]) -> tuple[Input, ...]:
    return tuple(entry for one in bounds for entry in one.trace.inputs)


def _limits(bounds: Sequence[Dated], role: Role) -> Span:
    spans = [one.span for one in bounds if one.span]
    pick = min if role is Role.NOT_AFTER else max
    return Span(pick(span.earliest for span in spans), pick(span.latest for span in spans))


def _earliest(one: Dated) -> tuple[int, int]:
    return (one.span.earliest.toordinal(), one.span.latest.toordinal()) if one.span else (0, 0)


def _latest(one: Dated) -> tuple[int, int]:
    return (one.span.latest.toordinal(), one.span.earliest.toordinal()) if one.span else (0, 0)


def _calendar_basis(rule: Rule, anchor: Span, ends: Sequence[Shifted], calendar: OfficeCalendar) -> Basis | None:
    """Whether the holidays that the date depends on are published; None when it depends on none."""
    if not uses_calendar(rule.date, rule.role):
        return None
    touched = [day for end in ends for day in (end.ruled, end.day)]
    if rule.date.unit is Unit.BUSINESS_DAYS:
        touched += [anchor.earliest, anchor.latest]
    return calendar.basis(max(touched))


def _closed_days(ends: Sequence[Shifted], calendar: OfficeCalendar) -> tuple[ClosedDay, ...]:
    rolled = sorted({end.ruled for end in ends if end.ruled != end.day})
    return tuple(ClosedDay(day, name) for day in rolled if (name := calendar.closed_by(day)))


def _refuse_crossing(key: str, low: Dated, high: Dated) -> None:
    if low.span and high.span and low.span.earliest > high.span.latest:
        raise ContradictionError(
            (low.trace.inputs[0].key, key, high.trace.inputs[0].key),
            f"{key} would have to lie not before {low.span.earliest} and not after {high.span.latest}",
        )
