"""What a history would become with new events, and which guards these pass over that said "not yet" on their day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from app.access.scope import Scope
from app.core.errors import Refused
from app.engine.definition.common import Text
from app.engine.machine import Event, Moved, PassedOver, Rules, Tracks, passed_over
from app.engine.machine.facts import Facts, KnownFacts
from app.pathways import facts, log, sentences
from app.pathways.rules import library, rules_of
from app.therapies.queries import TherapyView


class ReasonNeeded(Refused):
    """Past history that passes over guards needs a reason; ``conditions`` are what these say, each once."""

    def __init__(self, passed: Iterable[PassedOver]) -> None:
        self.conditions = conditions_of(passed)
        super().__init__(sentences.reason_needed(self.conditions), field="because")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The tracks with the new events, and the guards that each of them (by its id) passes over."""

    tracks: Tracks
    passed: Mapping[str, tuple[PassedOver, ...]]

    @property
    def passed_over(self) -> tuple[PassedOver, ...]:
        """All of them, in the order of the history."""
        return tuple(each for guards in self.passed.values() for each in guards)


@dataclass(frozen=True, slots=True)
class Asked:
    """What guards are asked with: the pathway, and the facts of other rooms, to which the noted ones are added."""

    scope: Scope
    pathway: str  # its key; empty where none, and so no guard, belongs to the therapy
    rules: Rules  # by which its lines run
    therapy: TherapyView | None = None  # None: a therapy that does not exist yet
    attributes: Mapping[str, str] = field(default_factory=dict)  # … of which this much is known

    @classmethod
    def of(cls, scope: Scope, therapy: TherapyView) -> Asked:
        """What the guards of a therapy are asked with."""
        return cls(scope, therapy.pathway, rules_of(therapy), therapy)

    def facts(self, events: Sequence[Event]) -> Callable[[dt.date], Facts]:
        """Everything known on a day with what ``events`` noted until then; what rooms keep is read once, if asked."""
        if (therapy := self.therapy) is None:
            return lambda _on: KnownFacts(attributes=self.attributes)
        told = cache(lambda: facts.told(therapy.id))
        kept = cache(lambda on: facts.kept(self.scope, therapy, on, told()))

        def known(on: dt.date) -> Facts:
            return facts.with_noted(therapy, kept(on), log.noted(events, on))

        return lambda on: facts.Awaited(partial(known, on))


def outcome(
    asked: Asked, before: Sequence[Event], new: Sequence[Event], as_of: dt.date, *, asking: bool = True
) -> Outcome:
    """Fold ``before`` and ``new`` together. Guards are asked as things stood where each new event has its place."""
    everything = [*before, *new]
    if not asked.pathway or not asking:
        return Outcome(log.folded(asked.rules, everything, as_of), {})
    moved: list[Moved] = []
    mine = {event.id for event in new}
    tracks = log.folded(asked.rules, everything, as_of, watch=moved.append, only=mine)
    known = asked.facts(everything)
    found = {
        each.event.id: passed_over(
            library().course(asked.pathway, each.event.on.first).pathway,
            each,
            known(each.event.on.last),
        )
        for each in moved
    }
    return Outcome(tracks, {key: passed for key, passed in found.items() if passed})


def conditions_of(passed: Iterable[PassedOver]) -> tuple[Text, ...]:
    """What the guards say, each sentence once."""
    return tuple(dict.fromkeys(each.answer.because or each.answer.guard.because for each in passed))


def as_stored(passed: Sequence[PassedOver]) -> list[dict[str, str]]:
    """The guards by name and in the words they used then, whatever the rules say later."""
    return [
        {"transition": each.transition.id, "guard": each.answer.guard.kind, "ja": said.ja, "en": said.en}
        for each in passed
        for said in [each.answer.because or each.answer.guard.because]
    ]
