"""The one scheduler: milestones whose rules form a directed acyclic graph, forward and backward.

The role of a rule decides its direction. ``not_after`` is an upper bound: a duty that follows its anchor both ways.
``not_before``, ``theirs`` and ``own`` are lower bounds: the milestone lies no earlier than the latest of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from app.engine.bounds import Given, Milestone, as_given, bound, date_by_rules
from app.engine.calendar import OfficeCalendar
from app.engine.definition.common import Basis, Role
from app.engine.errors import ContradictionError
from app.engine.offsets import latest_anchor, shift
from app.engine.trace import Dated, Span

PASSES = 60  # bounds shrink by days per pass; feasible rules settle in a few passes


def forward(
    milestones: Iterable[Milestone],
    given: Mapping[str, Given],
    calendar: OfficeCalendar,
    *,
    before: Mapping[str, dt.date] | None = None,
    pull: Collection[str] = (),
) -> dict[str, Dated]:
    """Date every milestone, in an order in which anchors come first.

    ``before``: the days of the former plan. Own work never moves earlier by itself: it keeps a later former day unless
    its key stands in ``pull``. Everything else is computed anew in both directions.

    Raises ContradictionError for rules in a ring, for a milestone that would have to lie before and after a day at
    once, and for a target that breaks a rule. CalendarRangeError where the calendar ends.
    """
    nodes = {milestone.key: milestone for milestone in milestones}
    former = {key: day for key, day in (before or {}).items() if key not in pull}
    plan: dict[str, Dated] = {}
    for key in _anchors_first(nodes):
        computed = date_by_rules(nodes[key], plan, calendar)
        known = given.get(key)
        if known is None:
            plan[key] = _keep(computed, former.get(key))
            continue
        if known.basis is Basis.TARGET:
            _refuse_broken_target(known.span, nodes[key], plan, calendar)
        plan[key] = as_given(nodes[key], known)
    return plan


def backward(
    milestones: Iterable[Milestone], goals: Mapping[str, dt.date], calendar: OfficeCalendar
) -> dict[str, dt.date]:
    """The latest day of every milestone from which all ``goals`` are still reached; absent where nothing binds.

    A lower bound passes the limit back to its anchor, a duty takes it from its anchor. Raises ContradictionError when
    no days satisfy the rules.
    """
    nodes = {milestone.key: milestone for milestone in milestones}
    _anchors_first(nodes)
    latest = dict(goals)
    moved: set[str] = set()
    for _ in range(PASSES + len(nodes)):
        moved = set()
        for milestone in nodes.values():
            for rule in milestone.rules:
                source, goal = rule.date.anchor, milestone.key
                if rule.role is Role.NOT_AFTER and source in latest:
                    limit, at = shift(rule.date, rule.role, latest[source], calendar).day, goal
                elif rule.role is not Role.NOT_AFTER and goal in latest:
                    limit, at = latest_anchor(rule.date, rule.role, latest[goal], calendar), source
                else:
                    continue
                if at not in latest or limit < latest[at]:
                    latest[at] = limit
                    moved.add(at)
        if not moved:
            return latest
    raise ContradictionError(tuple(sorted(moved)), "No days satisfy these rules together")


def slack(plan: Mapping[str, Dated], latest: Mapping[str, dt.date], calendar: OfficeCalendar) -> dict[str, int]:
    """Office days that each milestone may slip before a goal is missed; negative when it is already too late."""
    return {key: calendar.count(dated.safe, latest[key]) for key, dated in plan.items() if dated.safe and key in latest}


def critical_path(plan: Mapping[str, Dated], goals: Collection[str]) -> tuple[str, ...]:
    """The chain of milestones that fixes the date of the last of ``goals``, from its beginning to that goal."""
    reached = [plan[key] for key in goals if plan[key].span]
    if not reached:
        return ()
    at = max(reached, key=lambda dated: dated.span.latest if dated.span else dt.date.min)
    path = [at.key]
    while at.trace.rule and at.trace.inputs and at.trace.inputs[0].key in plan:
        at = plan[at.trace.inputs[0].key]
        path.append(at.key)
    return tuple(reversed(path))


def _anchors_first(nodes: Mapping[str, Milestone]) -> list[str]:
    anchors = {key: [rule.date.anchor for rule in node.rules] for key, node in nodes.items()}
    for key, named in anchors.items():
        for anchor in named:
            if anchor not in nodes:
                raise ContradictionError((anchor, key), "A rule counts from a milestone that is not in the plan")
    try:
        return list(TopologicalSorter(anchors).static_order())
    except CycleError as error:
        raise ContradictionError(tuple(error.args[1]), "The rules run in a ring") from error


def _keep(computed: Dated, former: dt.date | None) -> Dated:
    """Own work stays on its later former day; a span moves with its latest end."""
    if former is None or computed.span is None or computed.role is not Role.OWN or former <= computed.span.latest:
        return computed
    span = Span.on(former)
    return replace(computed, span=span, trace=replace(computed.trace, span=span, kept=True))


def _refuse_broken_target(span: Span, node: Milestone, plan: Mapping[str, Dated], calendar: OfficeCalendar) -> None:
    for rule in node.rules:
        limits = bound(node, rule, plan[rule.date.anchor], calendar).span
        if limits is None:
            continue
        early = rule.role is Role.NOT_BEFORE and span.latest < limits.earliest
        late = rule.role is Role.NOT_AFTER and span.earliest > limits.latest
        if early or late:
            edge = f"not before {limits.earliest}" if early else f"not after {limits.latest}"
            raise ContradictionError(
                (rule.date.anchor, node.key), f"The target {span.earliest} for {node.key} must be {edge}"
            )
