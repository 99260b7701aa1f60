"""Guards that look at what is stated: by the event, or about the track or the therapy."""

from __future__ import annotations

from app.engine.definition.guards import AttributeEquals, DurationAtMost
from app.engine.machine.guards.situation import MET, UNMET, UNSURE, Finding, Situation
from app.engine.machine.steps import months


def attribute_equals(guard: AttributeEquals, at: Situation) -> Finding:
    """See AttributeEquals."""
    match guard.of:
        case "therapy":
            value = at.facts.therapy(guard.attribute)
        case "event":
            value = at.given.get(guard.attribute)
        case _:
            value = at.attributes.get(guard.attribute)
    if value is None:
        return UNSURE
    return MET if value in guard.values else UNMET


def duration_at_most(guard: DurationAtMost, at: Situation) -> Finding:
    """See DurationAtMost."""
    written = at.given.get(guard.attribute)
    if written is None:
        return UNSURE
    return MET if months(written) <= guard.months else UNMET
