"""Planning one consultation: every step with its date, its basis and why, and what to be warned of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.engine.bounds import Given, Milestone, Rule, date_by_rules
from app.engine.calendar import Month, OfficeCalendar, japan
from app.engine.catalogue import published_tables
from app.engine.definition.common import Basis, Definition, Role, Source, Text
from app.engine.definition.consultation import ConsultationType, PublishedReception, Step
from app.engine.definition.published import NOTHING, Published
from app.engine.explain import explain
from app.engine.loader import WORKFLOWS
from app.engine.reception_words import no_reception, reception_text
from app.engine.schedule import forward
from app.engine.sources import load_sources
from app.engine.trace import Certainty, Dated, Span, Trace
from app.engine.windows import Reception, ReceptionTable, reception, reception_table, table_for


class Fact(Definition):
    """A day that a person entered for a step: it happened (actual), PMDA agreed to it, or PMDA published it."""

    day: dt.date
    basis: Basis = Basis.ACTUAL


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step with its date.

    ``expected``: what the rule gives, also when a fact stands in its place. ``alarm_from``: from this day on the step
    must be ready, because the true day may come as early. ``window``: the true day is one unknown day of the span.
    """

    step: Step
    dated: Dated
    why: Text
    expected: Span | None = None
    alarm_from: dt.date | None = None
    window: bool = False

    @property
    def key(self) -> str:
        """The key of the step."""
        return self.step.key

    @property
    def role(self) -> Role:
        """Whose date it is."""
        return self.step.role

    @property
    def basis(self) -> Basis:
        """Where the date comes from."""
        return self.dated.basis

    @property
    def span(self) -> Span | None:
        """The day or range of days; None when unknown."""
        return self.dated.span

    @property
    def trace(self) -> Trace:
        """How the date came about."""
        return self.dated.trace

    @property
    def certainty(self) -> Certainty | None:
        """certain, likely or possible."""
        return self.dated.certainty

    @property
    def done(self) -> bool:
        """True when the step has happened."""
        return self.basis is Basis.ACTUAL

    @property
    def safe(self) -> dt.date | None:
        """The day to obey: ``alarm_from`` where the step has one, else the safe end of its span."""
        return self.alarm_from or self.dated.safe


@dataclass(frozen=True, slots=True)
class Frame:
    """What a plan rests on, read once: the type, the wish, the facts and the tables."""

    kind: ConsultationType
    calendar: OfficeCalendar
    published: ReceptionTable
    facts: Mapping[str, Fact]
    meeting: Span | None
    holds: frozenset[str]
    today: dt.date | None
    sources: Mapping[str, Source]

    @property
    def any_time(self) -> bool:
        """Whether PMDA receives the request at any time."""
        rule = self.kind.reception
        return rule.mode == "any_time" or not self.holds.isdisjoint(rule.any_time_if)

    @property
    def request_key(self) -> str:
        """The step in which PMDA receives the request."""
        return next(step.key for step in self.kind.steps if step.place == "reception")

    @property
    def meeting_key(self) -> str:
        """The step of the meeting itself."""
        return next(step.key for step in self.kind.steps if step.place == "meeting")

    @property
    def asked(self) -> bool:
        """True when the request has been made: it is recorded, or what only follows from it is."""
        happened = {key for key, fact in self.facts.items() if fact.basis is Basis.ACTUAL}
        return bool(happened & {self.request_key, "date_notice"}) or self.meeting_key in self.facts

    @property
    def month(self) -> Month | None:
        """The month of the meeting."""
        return Month.of(self.meeting.earliest) if self.meeting else None

    @property
    def reception(self) -> Reception | None:
        """When the request is received; None when that is not known or at any time.

        A day that a person entered as published or agreed stands for the table.
        """
        fact = self.facts.get(self.request_key)
        if fact and fact.basis is not Basis.ACTUAL:
            month = self.month or Month.of(fact.day)
            return Reception(month, Span.on(fact.day), fact.day, fact.basis, None)
        pattern = self.kind.reception.pattern
        if self.any_time or pattern is None or self.month is None:
            return None
        return reception(pattern, self.month, self.calendar, self.published)


def frame(
    kind: ConsultationType,
    *,
    meeting: dt.date | None = None,
    month: tuple[int, int] | None = None,
    today: dt.date | None = None,
    facts: Mapping[str, Fact] | None = None,
    published: Iterable[tuple[str, PublishedReception]] = (),
    more: Published = NOTHING,
    holds: Collection[str] = (),
    calendar: OfficeCalendar | None = None,
    root: Path = WORKFLOWS,
) -> Frame:
    """Check and gather what ``plan_consultation`` is given; see there."""
    calendar, facts = calendar or japan(root), dict(facts or {})
    keys = {step.key for step in kind.steps}
    for key, fact in facts.items():
        if key not in keys:
            raise ValueError(f"{kind.key} has no step {key!r}; it has {', '.join(sorted(keys))}")
        if fact.basis not in (Basis.ACTUAL, Basis.AGREED, Basis.PUBLISHED):
            raise ValueError(f"A fact is actual, agreed or published, not {fact.basis} ({key})")
    if meeting is not None and month is not None and Month.of(meeting) != month:
        raise ValueError(f"The meeting on {meeting} does not lie in the month {Month(*month)}")
    place = next(step.key for step in kind.steps if step.place == "meeting")
    if place in facts:
        span: Span | None = Span.on(facts[place].day)
    elif meeting is not None:
        span = Span.on(meeting)
    elif month is not None:
        span = Span(calendar.first_office_day(*month), calendar.last_office_day(*month))
    else:
        span = None
    table = table_for(kind, reception_table((*published_tables(root), *more.reception), published))
    sources = {**load_sources(root), **{source.id: source for source in more.sources}}
    return Frame(kind, calendar, table, facts, span, frozenset(holds), today, sources)


def plan_steps(base: Frame) -> tuple[PlannedStep, ...]:
    """Every step of the consultation in its order, dated and explained."""
    nodes = {step.key: _milestone(step, base) for step in base.kind.steps}
    plan = forward(nodes.values(), _given(base), base.calendar)
    steps = []
    for step in base.kind.steps:
        dated = plan[step.key]
        received = base.reception if step.place == "reception" else None
        if step.place == "reception" and dated.span is None:
            dated = replace(
                dated, trace=replace(dated.trace, given=no_reception(step.name, base.kind.reception, base.any_time))
            )
        expected = received.span if received else date_by_rules(nodes[step.key], plan, base.calendar).span
        ahead = received is not None and not base.asked
        steps.append(
            PlannedStep(
                step,
                dated,
                explain(
                    dated.trace,
                    base.sources,
                    hours=step.hours if dated.span and dated.basis is not Basis.ACTUAL else None,
                ),
                expected,
                received.alarm_from if received and ahead else None,
                bool(received and received.window and ahead),
            )
        )
    return tuple(steps)


def _milestone(step: Step, base: Frame) -> Milestone:
    rules = () if step.rule is None else (Rule(step.rule, step.role, step.provenance, step.note),)
    return Milestone(step.key, step.name, step.role, rules, step.provenance, step.note, base.kind.version)


def _given(base: Frame) -> dict[str, Given]:
    """The days known without a rule: reception, the notice published with it, the meeting, and the facts."""
    given: dict[str, Given] = {}
    received = base.reception
    for step in base.kind.steps:
        if step.key in base.facts:
            fact = base.facts[step.key]
            given[step.key] = Given(Span.on(fact.day), fact.basis)
        elif step.place == "meeting" and base.meeting is not None:
            given[step.key] = Given(base.meeting, Basis.TARGET)
        elif step.place == "reception" and received is not None:
            given[step.key] = Given(
                received.span,
                received.basis,
                how=reception_text(received, base.kind.reception.pattern),
                provenance=received.provenance,
                carries=not received.window,
                calendar=received.calendar,
            )
        elif step.key == "date_notice" and _notice_is_published(base, received) and received and received.notice:
            given[step.key] = Given(Span.on(received.notice), Basis.PUBLISHED, provenance=received.provenance)
    return given


def _notice_is_published(base: Frame, received: Reception | None) -> bool:
    """The published notice belongs to the published reception; a request that was filed on another day has its own."""
    if received is None or received.notice is None:
        return False
    request = base.facts.get(base.request_key)
    return request is None or request.day == received.span.day
