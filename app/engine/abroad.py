"""The dates that the clocks of an agency abroad give from one day; nothing rolls, for their calendars are not here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from app.engine.bounds import Given, Milestone, Rule
from app.engine.calendar import japan
from app.engine.definition.abroad import DAY, Agency, AgencyClock, Conflict, ForeignMilestone, Match, Part, Table
from app.engine.definition.common import Basis, Role
from app.engine.errors import UnknownDefinitionError
from app.engine.machine.days import Days
from app.engine.machine.events import Event
from app.engine.schedule import forward
from app.engine.trace import Dated, Span


@dataclass(frozen=True)
class World:
    """Japan and the agencies abroad, the rows that compare them, and what conflicts between them."""

    table: Table = field(default_factory=Table)
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()

    @cached_property
    def home(self) -> Agency | None:
        """Japan; None in a folder that has no such column."""
        return next((agency for agency in self.agencies.values() if agency.home), None)

    @cached_property
    def foreign(self) -> tuple[Agency, ...]:
        """The agencies abroad."""
        return tuple(agency for agency in self.agencies.values() if not agency.home)

    def milestone(self, agency: str, key: str) -> ForeignMilestone:
        """A milestone of an agency. Raises UnknownDefinitionError where there is none."""
        found = self.agencies[agency].by_key.get(key) if agency in self.agencies else None
        if found is None:
            raise UnknownDefinitionError(f"There is no milestone {key!r} of {agency!r}")
        return found

    def match(self, key: str) -> Match:
        """A row of the comparison by its key."""
        return next(match for match in self.table.matches if match.key == key)


@dataclass(frozen=True, slots=True)
class ClockPart:
    """What one part of a clock says about a planned milestone; ``dated`` is None where it gives no date.

    ``in_force``: the clock is the law on the planned day.
    """

    clock: AgencyClock
    part: Part
    dated: Dated | None
    in_force: bool = True


def run(agency: Agency, milestone: ForeignMilestone, on: Days, basis: Basis) -> tuple[ClockPart, ...]:
    """Every part of the clocks of ``milestone``, counted from ``on``, whose own basis is ``basis``.

    A day known only by its month or year makes ranges of days.
    """
    found = list(agency.parts_of(milestone.key))
    start = milestone.day or milestone.names
    nodes = [Milestone(DAY, start, Role.OWN), *(_node(part) for _clock, part in found if part.rule)]
    plan = forward(nodes, {DAY: Given(Span(on.first, on.last), basis)}, japan())
    return tuple(
        ClockPart(clock, part, plan[part.key] if part.rule and force else None, force)
        for clock, part in found
        for force in (clock.in_force(on.first, on.last),)
    )


def happened(milestone: ForeignMilestone, events: tuple[Event, ...]) -> Iterator[Event]:
    """The events of a history that say that a milestone of the Japanese column happened, in their order."""
    for event in events:
        fits = all(event.attributes.get(key, values[0]) in values for key, values in milestone.where.items())
        if event.name in milestone.events and fits:
            yield event


def _node(part: Part) -> Milestone:
    assert part.rule is not None
    assert part.role is not None
    rule = Rule(part.rule, part.role, part.provenance, part.words)
    return Milestone(part.key, part.names, part.role, (rule,), part.provenance)
