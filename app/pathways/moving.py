"""Which tracks would stand elsewhere, or end on another day, by other definitions or another edition of a machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.access.scope import Scope
from app.core import clock
from app.engine.courses import Course, without
from app.engine.definition.common import Basis, Text
from app.engine.definition.machine import MachineDefinition
from app.engine.diff import unsafe
from app.engine.library import Library
from app.engine.machine import Days, Track, Tracks, fold
from app.engine.machine.words import days_text
from app.engine.trace import Span
from app.pathways import duties, log
from app.pathways.rules import event_names, library, line_names, rules_of_many, station
from app.rules import moving as rules
from app.rules.moving import DateMove, Fate, Impossible, LineMove, Moved
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a track stands, since when, and when its term ends, as texts of days."""

    state: str
    since: str | None
    term_end: str | None


@dataclass(frozen=True, slots=True)
class TrackMove:
    """One track under the present definitions and under the others; None where it would not be."""

    therapy: TherapyView
    machine: str
    instance: str
    old: Standing | None
    new: Standing | None


def under(scope: Scope, library: Library, root: Path) -> tuple[list[TrackMove], list[Moved]]:
    """Every track of a company's therapy that the definitions in ``root`` would put elsewhere, and every duty that they
    would move. ``library``: what was read there; KeyError where it lacks a pathway."""
    found: list[TrackMove] = []
    moved: list[Moved] = []
    views = [view for view in therapies.every(scope) if view.pathway]
    rows, today, present = log.rows_of_many([view.id for view in views]), clock.today(), rules_of_many(views)
    for view in views:
        events = log.events(rows.get(view.id, []))
        now = log.folded(present[view.id], events, today)
        then = fold(library.course(view.pathway), log.moving(events), today, running=True)
        found += _moves(view, now, then)
        for (machine, instance), dates in duties.moves(duties.of(now), duties.of(then, root)).items():
            moved.append(_moved_duties(view, line_names(machine, instance), dates))
    return found, moved


def _moved_duties(view: TherapyView, line: Text, dates: tuple[DateMove, ...]) -> Moved:
    names = Text(ja=view.name("ja"), en=view.name("en"))
    owners = Text(ja=view.organisation_ja, en=view.organisation_en)
    return Moved(view.id, names, owners, line, f"/therapies/{view.id}/history", dates)


def _moves(view: TherapyView, now: Tracks, then: Tracks) -> Iterator[TrackMove]:
    old, new = (({(t.machine, t.instance): _standing(t) for t in tracks.tracks}) for tracks in (now, then))
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            yield TrackMove(view, *key, old.get(key), new.get(key))


def _standing(track: Track) -> Standing:
    since, term = track.since, track.term_end
    return Standing(track.state, str(since) if since else None, str(term) if term else None)


# --- one edition of a machine, before a hub accepts it ---------------------------------------------------------------

TERM_END = Text(ja="期限の末日", en="Last day of the term")
TOGETHER = Text(
    ja="同じ線の別の手続が移れないため、ともに現在の版のまま進めます。",
    en="Another track of this line cannot go over, so both stay with the present version.",
)


class Editions:
    """See app.rules.moving.Lines."""

    def under_edition(
        self, views: Sequence[TherapyView], waits: frozenset[tuple[str, int]], edition: MachineDefinition
    ) -> list[LineMove]:
        """Every open track of the machine, whether it goes over, and what of its days would be another one.

        Both ways are followed to the day on which the edition begins, where that is yet to come.
        """
        with_it = waits - {(edition.key, version) for version in range(edition.version + 1)}
        on = max(clock.today(), edition.valid_from or clock.today())
        rows = log.rows_of_many([view.id for view in views])
        found: list[LineMove] = []
        for view in views:
            if view.pathway and (events := log.events(rows.get(view.id, []))):
                course = library().course(view.pathway)
                now, then = without(course, waits), without(course, with_it)
                before, after = (log.folded(each, events, on) for each in (now, then))
                found += _under(view, edition.key, before, (then, after))
        return found


def _under(view: TherapyView, machine: str, before: Tracks, then: tuple[Course, Tracks]) -> Iterator[LineMove]:
    new, after = then
    wanted = new.machines[machine]
    reasons = {
        track.instance: unsafe(_running(new, track), wanted, track.state)
        for track in after.of(machine)
        if not track.ended and track.version < wanted.version
    }
    impossible = tuple(_impossible(view, before, after))
    due = duties.moves(duties.of(before), duties.of(after))
    for track in before.tracks:
        dates = (
            *_dates(track, after.get(track.machine, track.instance), new),
            *due.get((track.machine, track.instance), ()),
        )
        stands = after.get(machine, track.instance) if track.machine == machine else None
        open_ = stands is not None and not stands.ended
        if not open_ and not dates and not impossible:
            continue
        held = open_ and any(reasons.values())
        here = station(track.machine, track.state)
        yield LineMove(
            therapy_id=view.id,
            therapy=Text(ja=view.name("ja"), en=view.name("en")),
            organisation=Text(ja=view.organisation_ja, en=view.organisation_en),
            line=line_names(track.machine, track.instance),
            instance=track.instance,
            letter=here.letter,
            number=here.number,
            state=here.names,
            fate=Fate.STAYS if held else Fate.GOES_OVER if open_ else Fate.FOLLOWS,
            reasons=(reasons.get(track.instance) or (TOGETHER,)) if held else (),
            dates=dates,
            impossible=impossible,
        )
        impossible = ()


def _running(rules: Course, track: Track) -> MachineDefinition:
    """The edition by which a track runs."""
    editions = rules.editions.get(track.machine, (rules.machines[track.machine],))
    return next((each for each in editions if each.version == track.version), editions[0])


def _dates(old: Track, new: Track | None, rules: Course) -> Iterator[DateMove]:
    """The days of stations, and of the end of the term, that would not be the same; ``new``: None for no such track."""
    then = new.history if new else ()
    steps = {each.id: each.names for each in rules.machines[old.machine].transitions}
    for state in dict.fromkeys(visit.state for visit in (*old.history, *then)):
        before, after = old.visited(state), new.visited(state) if new else None
        days = before.since if before else None, after.since if after else None
        if days[0] != days[1]:
            why = steps.get(after.transition or "") if after else None
            yield _moved(station(old.machine, state).names, *days, why)
    ends = old.term_end, new.term_end if new else None
    if ends[0] != ends[1]:
        yield _moved(TERM_END, *ends, None)


def _moved(title: Text, old: Days | None, new: Days | None, why: Text | None) -> DateMove:
    was, will = (Span(each.first, each.last) if each else None for each in (old, new))
    return DateMove(title, was, will, Basis.ACTUAL if old else None, Basis.COMPUTED, why)


def _impossible(view: TherapyView, before: Tracks, after: Tracks) -> Iterator[Impossible]:
    already = {each.event.id for each in before.refused}
    for each in after.refused:
        if each.event.id not in already:
            names = Text(ja=view.name("ja"), en=view.name("en"))
            yield Impossible(names, event_names(each.event.name), days_text(each.event.on), each.reason)


rules.register_lines(Editions())
