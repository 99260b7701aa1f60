"""Running the clocks of ``workflows/clocks.yaml``: one from one day, or the duties that run on a therapy's lines."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from app.engine.bounds import Given, Milestone, Rule
from app.engine.calendar import OfficeCalendar
from app.engine.definition.clock import Clock, Runs
from app.engine.definition.common import Basis, Role, Text
from app.engine.definition.rules import DateRule, Roll, Unit
from app.engine.errors import CalendarRangeError
from app.engine.law import in_force
from app.engine.machine import Days, Track, Tracks
from app.engine.schedule import forward
from app.engine.trace import Dated, Span, Trace

BEYOND = Text(
    ja="祝日の表で営業日を数えられる年の範囲を外れるため、期日を計算できません",
    en="it lies beyond the years for which the table of holidays counts office days and cannot be computed",
)


@dataclass(frozen=True, slots=True)
class ClockDay:
    """What a clock gives. ``act_by``: for a duty, the last office day up to the law's own day; else None."""

    dated: Dated
    act_by: dt.date | None


@dataclass(frozen=True, slots=True)
class Duty:
    """A clock that runs on a line of a therapy, with the day that it gives."""

    clock: Clock
    machine: str
    instance: str
    dated: Dated

    def asks_for(self, machine: str, kinds: Collection[str]) -> bool:
        """Whether a track of ``machine`` that is of one of ``kinds`` must be filed in time."""
        pending = self.clock.runs.pending if self.clock.runs else None
        return pending is not None and pending.machine == machine and not set(kinds).isdisjoint(pending.kinds)


def run_clock(
    clock: Clock,
    start: dt.date,
    calendar: OfficeCalendar,
    *,
    amount: int | None = None,
    basis: Basis = Basis.ACTUAL,
) -> ClockDay:
    """The day that ``clock`` gives from ``start``, whose own basis is ``basis``.

    ``amount`` replaces the clock's number, in its own unit, where that number is an upper limit; ValueError when it
    is above the limit or the clock is fixed. CalendarRangeError where an office day is needed outside the calendar.
    """
    rule = clock.rule
    if amount is not None:
        if not clock.at_most or not 0 < amount <= rule.offset:
            raise ValueError(f"{clock.key}: the amount must be {'1 to ' if clock.at_most else ''}{rule.offset}")
        rule = rule.model_copy(update={"offset": amount})
    dated = _counted(clock, rule, Given(Span.on(start), basis), calendar)
    duty = clock.role is Role.NOT_AFTER and not clock.term and dated.day is not None
    return ClockDay(dated, calendar.roll(dated.day, Roll.PREVIOUS) if duty and dated.day else None)


def duties(clocks: Iterable[Clock], tracks: Tracks, calendar: OfficeCalendar) -> Iterator[Duty]:
    """Every duty that runs on the tracks as they stand and has not been done, in the order of ``clocks``.

    Of several entries of one key the one counts that is the law on the day from which it runs. A day known only by its
    month or year gives a range.
    """
    by_key: dict[str, list[Clock]] = defaultdict(list)
    for clock in clocks:
        by_key[clock.key].append(clock)
    for entries in by_key.values():
        for machine in dict.fromkeys(entry.runs.machine for entry in entries if entry.runs):
            for track in tracks.of(machine):
                yield from _duty(entries, track, tracks, calendar)


def concern(clocks: Iterable[Clock], tracks: Tracks) -> bool:
    """Whether any duty runs on the tracks, or did earlier in their history."""
    return any(_concerns(clock.runs, tracks) for clock in clocks if clock.runs)


def _concerns(runs: Runs, tracks: Tracks) -> bool:
    if runs.events:
        return any(each.name in runs.events for each in tracks.happened)
    return any(track.visited(state) for track in tracks.of(runs.machine) for state in runs.states)


def _duty(entries: list[Clock], track: Track, tracks: Tracks, calendar: OfficeCalendar) -> Iterator[Duty]:
    for entry in entries:
        runs = entry.runs
        if runs is None or runs.machine != track.machine or track.state not in runs.states:
            continue
        start = _start(runs, track, tracks)
        if start and in_force(entries, start.first) is entry and not _over(runs, track, tracks):
            yield Duty(entry, track.machine, track.instance, _dated(entry, start, track, calendar))


def _start(runs: Runs, track: Track, tracks: Tracks) -> Days | None:
    """The day from which it runs; where sources give several, from the first to the last of them."""
    match runs.since:
        case "term_end":
            days = track.term_ends
        case "term_start":
            days = (track.term_start, *track.term_start_also) if track.term_start and track.term_months else ()
        case _:
            last = next((each for each in reversed(tracks.happened) if each.name in runs.events), None)
            days = (last.on, *last.readings) if last else ()
    return Days(min(each.first for each in days), max(each.last for each in days)) if days else None


def _over(runs: Runs, track: Track, tracks: Tracks) -> bool:
    if (pending := runs.pending) and any(
        not track.ended and track.attributes.get("kind") in pending.kinds for track in tracks.of(pending.machine)
    ):
        return True
    begun = track.term_start if not runs.events else None
    since = [each for each in tracks.happened if begun is None or each.on.last >= begun.first]
    told = [each.name for each in since if each.name in (*runs.events, *runs.until)]
    return bool(told) and told[-1] in runs.until


def _dated(clock: Clock, start: Days, track: Track, calendar: OfficeCalendar) -> Dated:
    rule = clock.rule
    if clock.term:  # as long as the decision says; the clock knows only the limit
        rule = rule.model_copy(update={"offset": track.term_months, "unit": Unit.MONTHS})
    computed = clock.runs is not None and clock.runs.since == "term_end"
    given = Given(Span(start.first, start.last), Basis.COMPUTED if computed else Basis.ACTUAL, settled=computed)
    try:
        dated = _counted(clock, rule, given, calendar)
    except CalendarRangeError:
        dated = None
    span = dated.span if dated else None
    if dated is None or (span and not (calendar.serves(span.earliest) and calendar.serves(span.latest))):
        trace = Trace(clock.key, clock.name, clock.role, Basis.UNKNOWN, given=BEYOND, provenance=clock.provenance)
        return Dated(clock.key, clock.role, Basis.UNKNOWN, None, trace)
    return dated


def _counted(clock: Clock, rule: DateRule, start: Given, calendar: OfficeCalendar) -> Dated:
    milestones = (
        Milestone(rule.anchor, clock.start, Role.OWN),
        Milestone(
            clock.key, clock.name, clock.role, (Rule(rule, clock.role, clock.provenance, clock.note),), clock.provenance
        ),
    )
    return forward(milestones, {rule.anchor: start}, calendar)[clock.key]
