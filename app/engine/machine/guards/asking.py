"""A guard asked: whether it is the law on the day and concerns the product, what it finds, and how it says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from app.engine.definition.common import Text
from app.engine.definition.guards import Guard, Target, Unmet
from app.engine.machine.facts import Facts
from app.engine.machine.guards import days, lines, rooms, stated
from app.engine.machine.guards.situation import Finding, Situation, Verdict


class Answer(NamedTuple):
    """One guard answered. ``because`` and ``do`` are None when it is met; a waiting period knows ``possible_from``.

    ``record``: the event whose record would answer, where the finding knows it."""

    verdict: Verdict
    guard: Guard
    because: Text | None = None
    do: Text | None = None
    target: Target | None = None
    possible_from: dt.date | None = None
    record: str | None = None


def ask(guard: Guard, situation: Situation) -> Answer:
    """The answer of one guard. It never raises for facts that are missing."""
    if not guard.in_force(situation.on.first, situation.on.last) or not _concerns(guard, situation.facts):
        return Answer(Verdict.YES, guard)
    found = _FIND[guard.kind](guard, situation)
    if found.verdict is Verdict.YES:
        return Answer(Verdict.YES, guard)
    verdict = found.verdict
    if guard.unmet is Unmet.WARNING and not found.blocks:
        verdict = Verdict.WARNING
    because = found.because or (_untold(guard) if found.verdict is Verdict.CANNOT_TELL else guard.because)
    return Answer(verdict, guard, because, found.do or guard.do, guard.target, found.possible_from, found.record)


def _concerns(guard: Guard, facts: Facts) -> bool:
    """Whether the guard asks this product; one of which class or material is not known is asked."""
    if not guard.only_classes and not guard.only_materials:
        return True
    limits = (("class", guard.only_classes), ("material", guard.only_materials))
    return all(not wanted or (facts.therapy(what) or wanted[0]) in wanted for what, wanted in limits)


def _untold(guard: Guard) -> Text:
    """That nobody knows whether it is as the guard's own words have it: they alone would tell a fact."""
    return Text(
        ja=f"「{guard.because.ja.rstrip('。')}」に当たるかどうか、記録がありません。",
        en=f"It is not recorded whether this is so: “{guard.because.en.rstrip('.')}”.",
    )


_FIND: dict[str, Callable[[Any, Situation], Finding]] = {
    "track_in_state": lines.track_in_state,
    "consultation_recorded": lines.consultation_recorded,
    "designation_held": lines.designation_held,
    "counted": lines.counted,
    "fact_present": rooms.fact_present,
    "evidence_complete": rooms.evidence_complete,
    "document_approved": rooms.document_approved,
    "licence_held": rooms.licence_held,
    "elapsed": days.elapsed,
    "date_order": days.date_order,
    "date_recorded": days.date_recorded,
    "attribute_equals": stated.attribute_equals,
    "duration_at_most": stated.duration_at_most,
}
