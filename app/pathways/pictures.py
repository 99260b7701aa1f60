"""From folded tracks, and what is planned, to the page components: the station sign and the table of tracks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.core.i18n import language
from app.engine.definition.common import Basis, Text
from app.engine.definition.machine import Multiplicity
from app.engine.machine import Answer, Choice, Days, Precision, Track, Tracks, Verdict, Visit
from app.pathways import duties
from app.pathways.queries import TherapyOverview
from app.pathways.rules import (
    CONSULTATION,
    PROGRAMME,
    StationName,
    event_names,
    library,
    line_names,
    station,
)
from app.pathways.wording import next_steps
from app.web.components import DateView, Link, Missing, Name, StationSign, Stop

Help = Callable[[Answer], Link | None]


@dataclass(frozen=True, slots=True)
class Planned:
    """A day that a plan gives to a station: of a line's ``state``, or of the meeting of a consultation.

    For a consultation ``instance`` is the name of its track (also of one to come) and ``names`` what it is called.
    """

    machine: str
    basis: Basis
    state: str | None = None
    instance: str | None = None
    names: Text | None = None
    day: dt.date | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One track in the table of tracks."""

    line: Name
    code: str
    letter: str
    number: str
    state: Name
    since: DateView
    inferred: bool
    term_end: DateView | None = None
    untold: Text | None = None  # why nobody can tell whether it still stands there


@dataclass(frozen=True, slots=True)
class Step:
    """One step that may follow, with what stands before it; ``there`` is None for a step that moves nothing."""

    choice: Choice
    names: Text
    line: Text
    there: StationName | None
    missing: tuple[Missing, ...]

    usual: bool = False

    @property
    def names_instance(self) -> bool:
        """Whether the event must say which of several tracks it means."""
        return library().machines[self.choice.machine].multiplicity is Multiplicity.SEVERAL


# --- days ------------------------------------------------------------------------------------------------------------


def date_of(days: Days | None, basis: Basis = Basis.ACTUAL) -> DateView:
    """A day of a history as a date; without a day its basis is unknown."""
    if days is None:
        return DateView(Basis.UNKNOWN)
    match days.precision:
        case Precision.DAY:
            return DateView(basis, day=days.first)
        case Precision.MONTH:
            return DateView(basis, month=(days.first.year, days.first.month))
        case Precision.YEAR:
            return DateView(basis, year=days.first.year)
        case _:
            return DateView(basis, earliest=days.first, latest=days.last)


def arrival_of(visit: Visit) -> DateView:
    """The day on which a track came to a station, with how sure it is and what other sources say."""
    also = tuple(date_of(days) for days in visit.also)
    return replace(date_of(visit.since), certainty=visit.certainty, also=also)


def term_end_of(track: Track) -> DateView:
    """The computed end of a term, also as other sources of its start would have it."""
    ends = tuple(date_of(days, Basis.COMPUTED) for days in track.term_ends)
    return replace(ends[0], also=ends[1:])


def planned_date(planned: Planned) -> DateView:
    """The day of a plan as a date."""
    if planned.day is None and planned.earliest is None and planned.latest is None:
        return DateView(Basis.UNKNOWN)
    return DateView(planned.basis, day=planned.day, earliest=planned.earliest, latest=planned.latest)


# --- the sign --------------------------------------------------------------------------------------------------------


def sign(view: TherapyOverview, help_with: Help, planned: Sequence[Planned] = ()) -> StationSign | None:
    """Where the leading track is, where it came from and goes, and what is missing; None when nothing is recorded."""
    track = view.leading
    if track is None:
        return None
    here = station(track.machine, track.state)
    return StationSign(
        letter=here.letter,
        number=here.number,
        name=Name.of(here.names, language()),
        line=Name.of(line_names(track.machine, track.instance), language()),
        came_from=_came_from(track),
        going_to=_going_to(track, view.next, planned, view.tracks) if view.next else _one_of_several(view, track),
        since=arrival_of(track.history[-1]) if track.since else None,
        missing=missing(view.next, help_with) if view.next else (),
    )


def missing(choice: Choice, help_with: Help) -> tuple[Missing, ...]:
    """What stands before a step, in sentences: what blocks first, then what nobody can tell, then warnings."""
    answers = {Verdict.NOT_YET: "not_yet", Verdict.CANNOT_TELL: "cannot_tell", Verdict.WARNING: "warning"}
    found = []
    for answer in choice.unmet:
        link = help_with(answer)
        because = answer.because.say(language()) if answer.because else ""
        advice = answer.do.say(language()) if answer.do and link is None else ""
        space = " " if language() == "en" and advice else ""
        found.append(Missing(because + space + advice, link, answers[answer.verdict]))  # type: ignore[arg-type]
    return tuple(found)


def is_shown(track: Track, visit: Visit) -> bool:
    """Where every track begins is shown only while it is still there, or when its day is known."""
    begins = visit is track.history[0] and visit.since is None and not visit.inferred
    return not begins or len(track.history) == 1


def plan_of(planned: Sequence[Planned], machine: str, state: str) -> Planned | None:
    """The day that a plan gives to a state, if any."""
    return next((each for each in planned if each.machine == machine and each.state == state), None)


def _came_from(track: Track) -> Stop | None:
    past = [visit for visit in track.history[:-1] if is_shown(track, visit)]
    if not past:
        return None
    before = station(track.machine, past[-1].state)
    since = arrival_of(past[-1]) if past[-1].since else None
    return Stop(before.code, Name.of(before.names, language()), since)


def _one_of_several(view: TherapyOverview, track: Track) -> Stop | None:
    """The ends between which nobody can choose beforehand; None at the end of a line."""
    own = [each for each in view.choices if (each.machine, each.instance) == (track.machine, track.instance)]
    ends = {each.transition.to for each in own if each.transition.to and each.possible}
    if track.ended or not ends:
        return None
    found = sorted((station(track.machine, state) for state in ends), key=lambda each: each.number)
    names = Text(ja=" 又は ".join(e.names.ja for e in found), en=" or ".join(e.names.en for e in found))
    return Stop("/".join(each.code for each in found), Name.of(names, language()))


def _going_to(track: Track, choice: Choice, planned: Sequence[Planned], tracks: Tracks) -> Stop | None:
    if choice.transition.to is None:
        return None
    there = station(choice.machine, choice.transition.to)
    begins = choice.machine != track.machine  # the name of the step says more than the first station of another line
    names = choice.transition.names if begins else there.names
    return Stop(there.code, Name.of(names, language()), _arrival(choice, planned, tracks))


def _arrival(choice: Choice, planned: Sequence[Planned], tracks: Tracks) -> DateView | None:
    """The planned day of a step; else from when it is possible, or until when it must have been taken."""
    if day := plan_of(planned, choice.machine, choice.transition.to or ""):
        return planned_date(day)
    waits = [answer.possible_from for answer in choice.answers if answer.possible_from]
    if waits:
        return DateView(Basis.COMPUTED, earliest=max(waits))
    kinds = choice.transition.where.get("kind", ())
    due = next((each.dated for each in duties.of(tracks) if each.asks_for(choice.machine, kinds)), None)
    return DateView(due.basis, latest=due.span.earliest) if due and due.span else None


def steps(view: TherapyOverview, help_with: Help) -> tuple[Step, ...]:
    """What may follow, the usual step first, then what is possible; consultations have pages of their own."""
    passed = view.tracks.get(PROGRAMME) is None  # nobody recorded the development of what is already filed or approved
    beside = (CONSULTATION, PROGRAMME) if passed else (CONSULTATION,)
    offered = [each for each in next_steps(view.choices) if each.machine not in beside]
    return tuple(_step(each, view, help_with) for each in sorted(offered, key=lambda each: not is_usual(each, view)))


def is_usual(choice: Choice, view: TherapyOverview) -> bool:
    """Whether it is the step to which the sign points."""
    return view.next is not None and (choice.event, choice.instance) == (view.next.event, view.next.instance)


def _step(choice: Choice, view: TherapyOverview, help_with: Help) -> Step:
    there = station(choice.machine, choice.transition.to) if choice.transition.to else None
    line = line_names(choice.machine, choice.instance)
    return Step(choice, event_names(choice.event), line, there, missing(choice, help_with), is_usual(choice, view))


# --- the table of tracks ---------------------------------------------------------------------------------------------


def _untold(track: Track, tracks: Tracks) -> Text | None:
    of_track = (each for each in tracks.notes if (each.machine, each.instance) == (track.machine, track.instance))
    return next((each.text for each in of_track if each.kind == "untold"), None)


def track_rows(tracks: Tracks) -> tuple[TrackRow, ...]:
    """Every track, one row each."""
    rows = []
    for track in tracks.tracks:
        here = station(track.machine, track.state)
        runs = track.term_end is not None and track.term_end.last >= tracks.as_of
        ends = term_end_of(track) if runs else None
        last = track.history[-1]
        line = Name.of(line_names(track.machine, track.instance), language())
        state = Name.of(here.names, language())
        since, untold = arrival_of(last), _untold(track, tracks)
        rows.append(TrackRow(line, here.code, here.letter, here.number, state, since, last.inferred, ends, untold))
    return tuple(rows)
