"""From folded tracks, and what is planned, to the line map: lanes, stations and transfers over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from app.engine.definition.common import Basis, Text
from app.engine.definition.guards import ConsultationRecorded
from app.engine.definition.pathway import PathwayDefinition
from app.engine.diagram import Lane, LineMap, Standing, Station, Transfer, arrivals
from app.engine.machine import Days, Track, Tracks, Visit
from app.engine.machine.ways import fits
from app.pathways.pictures import Planned, is_shown, plan_of
from app.pathways.queries import BESIDE, TherapyOverview
from app.pathways.rules import (
    APPLICATION,
    APPROVAL,
    CONSULTATION,
    PROGRAMME,
    instance_names,
    library,
    line_names,
    pathway,
    station,
)

FIRM = (Basis.ACTUAL, Basis.AGREED, Basis.PUBLISHED)
GONE = ("WITHDRAWN_BY_APPLICANT", "CANCELLED_BY_PMDA", "REJECTED_BY_PMDA")
RECORD_FIRST = Text(ja="記録の確定が条件", en="its record must be confirmed")


def line_map(view: TherapyOverview, planned: Sequence[Planned] = ()) -> LineMap:
    """All tracks over time: what was travelled, what is planned, and the usual course after it."""
    ahead = view.therapy.pathway and not view.therapy.is_public  # of a precedent nothing is foretold
    course = pathway(view.therapy.pathway) if ahead else None
    moving = [track for track in view.tracks.tracks if track.machine != CONSULTATION]
    lanes = [_lane(track, _ahead(track, view, course), planned) for track in moving]
    begun = {track.machine for track in view.tracks.tracks}
    if course and not (view.leading and view.leading.ended):
        for machine in (PROGRAMME, APPLICATION, APPROVAL):
            if machine not in begun and _lies_ahead(machine, begun):
                lanes.append(_possible_lane(machine, course, planned, _last_day(lanes, view.today)))
    consultations = _consultations(view.tracks, planned)
    lanes += [consultations] if consultations else []
    order = list(library().stations.lines)
    lanes.sort(key=lambda lane: order.index(lane.key.partition(":")[0]))
    return LineMap(tuple(lanes), view.today, _transfers(lanes, course) if course else ())


def travelled(tracks: Tracks) -> LineMap:
    """What the lines had travelled on the day of ``tracks``; nothing is foretold."""
    lanes = [_lane(track, (), ()) for track in tracks.tracks if track.machine != CONSULTATION]
    meetings = _consultations(tracks, ())
    held = tuple(each for each in meetings.stations if each.standing.past) if meetings else ()
    lanes += [replace(meetings, stations=held)] if meetings and held else []
    order = list(library().stations.lines)
    lanes.sort(key=lambda lane: order.index(lane.key.partition(":")[0]))
    return LineMap(tuple(lanes), tracks.as_of)


def _lies_ahead(machine: str, begun: set[str]) -> bool:
    return APPROVAL not in begun and not (machine == PROGRAMME and APPLICATION in begun)


def _lane(track: Track, ahead: Sequence[str], planned: Sequence[Planned]) -> Lane:
    key = f"{track.machine}:{track.instance}"
    shown = [(number, visit) for number, visit in enumerate(track.history) if is_shown(track, visit)]
    last = len(track.history) - 1
    stations = [
        _visited(key, track.machine, number, visit, Standing.CURRENT if number == last else Standing.VISITED)
        for number, visit in shown
    ]
    stations += [_future(key, track.machine, state, Standing.LIKELY, planned) for state in ahead]
    names = line_names(track.machine, track.instance)
    return Lane(key, _letter(track.machine), names, tuple(stations), ended=track.ended)


def _visited(lane: str, machine: str, number: int, visit: Visit, standing: Standing) -> Station:
    here = station(machine, visit.state)
    basis = Basis.ACTUAL if visit.since else Basis.UNKNOWN
    also = tuple((other.first, other.last) for other in visit.also)
    days = _days(visit.since)
    return Station(f"{lane}:{number}", here.number, here.names, standing, *days, basis, visit.certainty, also)


def _future(lane: str, machine: str, state: str, standing: Standing, planned: Sequence[Planned]) -> Station:
    there, day = station(machine, state), plan_of(planned, machine, state)
    key = f"{lane}:{state}"
    if day is None:
        return Station(key, there.number, there.names, standing)
    sure = Standing.CERTAIN if day.basis in FIRM else Standing.LIKELY
    return Station(key, there.number, there.names, sure, day.day, day.earliest, day.latest, day.basis)


def _ahead(track: Track, view: TherapyOverview, course: PathwayDefinition | None) -> list[str]:
    """The states that usually follow on the same line; none where another line already leads."""
    overtaken = track.machine == PROGRAMME and view.leading is not track
    if course is None or track.ended or overtaken:
        return []
    return list(_usual(track.machine, track.state, course, track.attributes))


def _usual(
    machine: str, state: str | None, course: PathwayDefinition, attributes: Mapping[str, str] | None = None
) -> Iterator[str]:
    """The states along the usual course, or the detour taken; of a track with ``attributes`` what is meant for it."""
    transitions = {each.id: each for each in library().course(course.key).machines[machine].transitions}
    for key in (*course.likely, *course.detour):
        each = transitions.get(key)
        meant = each and (attributes is None or fits(each, attributes))
        if each and meant and each.to and (state in each.origins if state else each.opens):
            state = each.to
            yield state


def _last_day(lanes: Sequence[Lane], today: dt.date) -> dt.date:
    """Where the lines before end in the picture: the next one is drawn after it."""
    ends = [arrivals(lane, today)[-1][0] for lane in lanes if lane.stations and not lane.key.startswith(BESIDE)]
    return dt.date.fromordinal(int(max(ends, default=today.toordinal())))


def _possible_lane(machine: str, course: PathwayDefinition, planned: Sequence[Planned], after: dt.date) -> Lane:
    key, begins = f"{machine}:", library().machines[machine].initial
    states = [*([begins] if begins else []), *_usual(machine, begins, course)]
    stations = tuple(_future(key, machine, state, Standing.POSSIBLE, planned) for state in states)
    return Lane(key, _letter(machine), line_names(machine), stations, not_before=after)


def _consultations(tracks: Tracks, planned: Sequence[Planned]) -> Lane | None:
    """All consultations on one line, each a station on the day of its meeting."""
    plans = {each.instance: each for each in planned if each.machine == CONSULTATION}
    begun = {track.instance: track for track in tracks.of(CONSULTATION) if track.state not in GONE}
    gone = {track.instance for track in tracks.of(CONSULTATION)} - begun.keys()
    instances = [*begun, *(key for key in plans if key and key not in begun and key not in gone)]
    found = [_meeting(each, begun.get(each), plans.get(each)) for each in instances]
    if not found:
        return None
    found.sort(key=lambda each: each.ordinal if each.ordinal is not None else float("inf"))
    numbered = tuple(
        Station(s.key, f"{n:02d}", s.names, s.standing, s.day, s.earliest, s.latest, s.basis)
        for n, s in enumerate(found, 1)
    )
    return Lane(f"{CONSULTATION}:", _letter(CONSULTATION), line_names(CONSULTATION), numbered)


def _meeting(instance: str, track: Track | None, plan: Planned | None) -> Station:
    machine = library().machines[CONSULTATION]
    names = (plan.names if plan else None) or instance_names(machine, instance) or line_names(CONSULTATION)
    key = f"{CONSULTATION}:{instance}"
    held = next((v for v in track.history if v.state in machine.tagged("held")), None) if track else None
    recorded = next((v for v in track.history if v.state in machine.tagged("recorded")), None) if track else None
    if visit := held or recorded:
        basis = Basis.ACTUAL if visit.since else Basis.UNKNOWN
        return Station(key, "00", names, Standing.VISITED, *_days(visit.since), basis)
    if plan is None:
        return Station(key, "00", names, Standing.LIKELY)
    sure = Standing.CERTAIN if plan.basis in FIRM else Standing.LIKELY
    return Station(key, "00", names, sure, plan.day, plan.earliest, plan.latest, plan.basis)


def _days(since: Days | None) -> tuple[dt.date | None, dt.date | None, dt.date | None]:
    """The exact day, or the first and the last that it may have been."""
    if since is None:
        return None, None, None
    return (since.exact, None, None) if since.exact else (None, since.first, since.last)


def _transfers(lanes: Sequence[Lane], course: PathwayDefinition) -> tuple[Transfer, ...]:
    """Guards across lines: a step to come that waits for the record of a consultation on the map."""
    meetings = {s.key: s for lane in lanes if lane.key == f"{CONSULTATION}:" for s in lane.stations}
    found = []
    for lane in lanes:
        machine = library().course(course.key).machines[lane.key.partition(":")[0]]
        ahead = {s.key.rpartition(":")[2]: s.key for s in lane.stations if not s.standing.past}
        for each in machine.transitions:
            if each.to not in ahead:
                continue
            types = [t for g in course.guards.get(each.id, ()) if isinstance(g, ConsultationRecorded) for t in g.types]
            found += [
                Transfer(key, ahead[each.to], RECORD_FIRST)
                for key in meetings
                if key.rpartition(":")[2].partition("-")[0] in types
            ]
    return tuple(dict.fromkeys(found))


def _letter(machine: str) -> str:
    return library().stations.lines[machine].letter
