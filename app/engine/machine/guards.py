"""Guards answered: yes, not yet because …, cannot tell, or warning; in both languages, with what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.engine.definition.common import Text
from app.engine.definition.guards import (
    AttributeEquals,
    ConsultationRecorded,
    Counted,
    DateOrder,
    DateRecorded,
    DesignationHeld,
    DocumentApproved,
    DurationAtMost,
    Elapsed,
    EvidenceComplete,
    FactPresent,
    Guard,
    LicenceHeld,
    Target,
    TrackInState,
    Unmet,
)
from app.engine.machine.days import Days
from app.engine.machine.events import Event
from app.engine.machine.facts import NOTHING_KNOWN, FactKind, Facts, Truth
from app.engine.machine.moves import Move
from app.engine.machine.steps import months
from app.engine.machine.tracks import Rules, Track, Tracks
from app.engine.machine.words import days_text, few, filled
from app.engine.wording import day_text

CONSULTATION, DESIGNATION, LICENCE = "consultation", "designation", "licence"


class Verdict(StrEnum):
    """The four answers of a guard."""

    YES = "yes"
    NOT_YET = "not_yet"
    CANNOT_TELL = "cannot_tell"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Answer:
    """One guard answered. ``because`` and ``do`` are None when it is met; a waiting period knows ``possible_from``."""

    verdict: Verdict
    guard: Guard
    because: Text | None = None
    do: Text | None = None
    target: Target | None = None
    possible_from: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What a guard is asked about: the tracks, the one that would move, other rooms' facts, and the day of the step."""

    rules: Rules
    tracks: Tracks
    machine: str
    track: Track | None
    on: Days
    facts: Facts = NOTHING_KNOWN
    given: Mapping[str, str] = field(default_factory=dict)  # what the event states
    attributes: Mapping[str, str] = field(default_factory=dict)  # of the track, also when it has not begun
    also: tuple[Days, ...] = ()  # days that other sources give for the step

    @property
    def readings(self) -> tuple[Days, ...]:
        """Every day that some source gives for the step, the one that counts first."""
        return (self.on, *self.also)

    @classmethod
    def of_move(cls, rules: Rules, tracks: Tracks, move: Move, event: Event, facts: Facts = NOTHING_KNOWN) -> Situation:
        """The situation of one track that ``event`` would move."""
        return cls(
            rules, tracks, move.machine, move.track, event.on, facts, event.attributes, move.attributes, event.also
        )


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a guard found: the verdict, and more to say than the guard's own text where days matter."""

    verdict: Verdict
    because: Text | None = None
    possible_from: dt.date | None = None


_MET, _UNMET, _UNSURE = (_Finding(each) for each in (Verdict.YES, Verdict.NOT_YET, Verdict.CANNOT_TELL))


def ask(guard: Guard, situation: Situation) -> Answer:
    """The answer of one guard. It never raises for facts that are missing."""
    if not guard.in_force(situation.on.first, situation.on.last) or not _concerns(guard, situation.facts):
        return Answer(Verdict.YES, guard)
    found = _ASK[guard.kind](guard, situation)
    if found.verdict is Verdict.YES:
        return Answer(Verdict.YES, guard)
    verdict = found.verdict
    if guard.unmet is Unmet.WARNING and found is not _OPEN_CONSULTATION:
        verdict = Verdict.WARNING
    because = found.because or guard.because
    if verdict is Verdict.CANNOT_TELL and found.because is None:
        because = Text(
            ja=f"記録がないため判断できません: {guard.because.ja}",
            en=f"Not recorded, so it cannot be told: {guard.because.en}",
        )
    return Answer(verdict, guard, because, guard.do, guard.target, found.possible_from)


def _concerns(guard: Guard, facts: Facts) -> bool:
    """Whether the guard asks this product; one of which class or material is not known is asked."""
    limits = (("class", guard.only_classes), ("material", guard.only_materials))
    return all(not wanted or (facts.therapy(what) or wanted[0]) in wanted for what, wanted in limits)


def _track_in_state(guard: TrackInState, at: Situation) -> _Finding:
    if guard.own:
        return _MET if at.track and at.track.state in guard.states else _UNMET
    found = [track for track in at.tracks.of(guard.machine) if track.matches(guard.where)]
    return _MET if any(track.state in guard.states for track in found) else _UNMET


_OPEN_CONSULTATION = _Finding(Verdict.NOT_YET)


def _consultation_recorded(guard: ConsultationRecorded, at: Situation) -> _Finding:
    tagged = at.rules.machines[CONSULTATION].tagged(guard.tag)
    found = [track for track in at.tracks.of(CONSULTATION) if track.attributes.get("type") in guard.types]
    if any(visit.state in tagged for track in found for visit in track.history):
        return _MET
    return _OPEN_CONSULTATION if any(not track.ended for track in found) else _UNMET


def _known(at: Situation, kind: FactKind, keys: tuple[str, ...]) -> _Finding:
    truths = {at.facts.truth(kind, key) for key in keys}
    if Truth.NO in truths:
        return _UNMET
    return _UNSURE if Truth.UNKNOWN in truths else _MET


def _fact_present(guard: FactPresent, at: Situation) -> _Finding:
    return _known(at, "fact", guard.facts)


_NO_EVIDENCE = _Finding(
    Verdict.CANNOT_TELL,
    Text(
        ja="この段階までに必要な証拠の一覧がないため判断できません。",
        en="There is no list of what evidence is needed by then, so it cannot be told.",
    ),
)


def _evidence_complete(guard: EvidenceComplete, at: Situation) -> _Finding:
    missing = at.facts.lacking(guard.gate)
    if missing is None:
        return _NO_EVIDENCE
    missing = [
        each
        for each in missing
        if (not guard.items or each.key in guard.items)
        and not (each.note_counts and at.facts.truth("fact", each.key) is Truth.YES)
    ]
    if not missing:
        return _MET
    blocking = [each.names for each in missing if each.blocks]
    because = filled(guard.because, items=few(blocking or [each.names for each in missing]))
    beside = len(missing) - len(blocking)
    if blocking and beside:
        because = Text(
            ja=f"{because.ja}ほかに、この段階では注意にとどまる未完了の証拠が{beside}件あります。",
            en=f"{because.en} Beside these, {beside} that only warn {'is' if beside == 1 else 'are'} missing.",
        )
    return _Finding(Verdict.NOT_YET if blocking else Verdict.WARNING, because)


def _document_approved(guard: DocumentApproved, at: Situation) -> _Finding:
    return _known(at, "document", guard.documents)


def _licence_held(guard: LicenceHeld, at: Situation) -> _Finding:
    truths = {_licence(guard, licence, at) for licence in guard.licences}
    if Truth.NO in truths:
        return _UNMET
    return _UNSURE if Truth.UNKNOWN in truths else _MET


def _licence(guard: LicenceHeld, licence: str, at: Situation) -> Truth:
    """Whether the licence is there: by its tracks, else by what was noted of it."""
    machine = at.rules.machines[LICENCE]
    enough = machine.tagged("in_force") | (machine.tagged("pending") if guard.applied_suffices else frozenset())
    tracks = [each for each in at.tracks.of(LICENCE) if each.attributes.get("kind") in guard.kinds(licence)]
    if any(each.state in enough for each in tracks):
        return Truth.YES
    noted = at.facts.truth("licence", licence)
    applied = at.facts.truth("licence_applied", licence) if guard.applied_suffices else noted
    if Truth.YES in (noted, applied):
        return Truth.YES
    return Truth.NO if tracks or Truth.NO in (noted, applied) else Truth.UNKNOWN


def _designation_held(guard: DesignationHeld, at: Situation) -> _Finding:
    in_force = at.rules.machines[DESIGNATION].tagged("in_force")
    held = [track for track in at.tracks.of(DESIGNATION) if track.state in in_force]
    return _MET if any(track.attributes.get("kind") in guard.kinds for track in held) else _UNMET


_NO_LIMIT = _Finding(
    Verdict.CANNOT_TELL,
    Text(ja="比べる日(期限など)が記録されていないため判断できません。", en="The day to compare with is not recorded."),
)


def _agreed(findings: list[_Finding]) -> _Finding:
    """The finding by the days that count; "cannot tell" where the days of another source lead to another answer."""
    first = findings[0]
    other = next((each for each in findings if each.verdict is not first.verdict), None)
    if other is None or first.verdict is Verdict.CANNOT_TELL:
        return first
    told = first.because or other.because
    because = Text(
        ja="出典によって日付が異なるため判断できません。" + (told.ja if told else ""),
        en="The sources give different days, so it cannot be told." + (f" {told.en}" if told else ""),
    )
    return _Finding(Verdict.CANNOT_TELL, because)


def _elapsed(guard: Elapsed, at: Situation) -> _Finding:
    visit = next((v for v in reversed(at.track.history) if v.state == guard.since), None) if at.track else None
    if visit is None or visit.since is None:
        return _NO_LIMIT
    return _agreed([_waited(guard, since, on) for since in visit.readings for on in at.readings])


def _waited(guard: Elapsed, since: Days, on: Days) -> _Finding:
    wait = dt.timedelta(days=guard.days if guard.count_from == 1 else guard.days + 1)
    earliest, surely = since.first + wait, since.last + wait
    if on.first >= surely:
        return _MET
    over = days_text(Days(earliest - dt.timedelta(days=1), surely - dt.timedelta(days=1)))
    because = filled(guard.because, since=days_text(since), last=over, first=day_text(surely))
    possible = on.last >= earliest and (since.exact is None or on.exact is None)
    return _Finding(Verdict.CANNOT_TELL if possible else Verdict.NOT_YET, because, surely)


def _date_order(guard: DateOrder, at: Situation) -> _Finding:
    limits = [each for each in (_limits(guard, track) for track in _ordered(guard, at)) if each]
    if not limits:
        return _NO_LIMIT
    return _agreed([_in_order(guard, on, limit) for limit in limits[-1] for on in at.readings])


def _in_order(guard: DateOrder, on: Days, limit: Days) -> _Finding:
    because = filled(guard.because, day=days_text(on), limit=days_text(limit))
    if on.last <= limit.first:
        return _MET
    if on.first > limit.last:
        return _Finding(Verdict.NOT_YET, because)
    unsure = Text(
        ja=f"{days_text(on).ja}と{days_text(limit).ja}のどちらが先か、日付からは判断できません。",
        en=f"The days do not tell which came first: {days_text(on).en} or {days_text(limit).en}.",
    )
    return _Finding(Verdict.CANNOT_TELL, unsure)


def _ordered(guard: DateOrder, at: Situation) -> list[Track]:
    if guard.machine == at.machine:
        return [at.track] if at.track else []
    return [track for track in at.tracks.of(guard.machine) if track.matches(guard.where)]


def _limits(guard: DateOrder, track: Track) -> tuple[Days, ...]:
    """The day to compare with, and what other sources make of it."""
    if guard.before == "term_end":
        return track.term_ends or track.past_term_ends[-1:]
    visit = track.visited(guard.state or "")
    return visit.readings if visit else ()


def _date_recorded(guard: DateRecorded, at: Situation) -> _Finding:
    visits = [
        visit
        for track in at.tracks.of(guard.machine)
        if track.matches(guard.where)
        for visit in track.history
        if visit.state == guard.state
    ]
    if any(visit.since and visit.since.exact for visit in visits):
        return _MET
    return _UNSURE if any(visit.since for visit in visits) else _UNMET


def _attribute_equals(guard: AttributeEquals, at: Situation) -> _Finding:
    match guard.of:
        case "therapy":
            value = at.facts.therapy(guard.attribute)
        case "event":
            value = at.given.get(guard.attribute)
        case _:
            value = at.attributes.get(guard.attribute)
    if value is None:
        return _UNSURE
    return _MET if value in guard.values else _UNMET


def _duration_at_most(guard: DurationAtMost, at: Situation) -> _Finding:
    written = at.given.get(guard.attribute)
    if written is None:
        return _UNSURE
    return _MET if months(written) <= guard.months else _UNMET


def _counted(guard: Counted, at: Situation) -> _Finding:
    count = at.tracks.count(guard.event)
    if count >= guard.at_least:
        return _MET
    number = Text(ja=str(count), en=str(count))
    return _Finding(Verdict.NOT_YET, filled(guard.because, count=number))


_ASK: dict[str, Callable[[Any, Situation], _Finding]] = {
    "track_in_state": _track_in_state,
    "consultation_recorded": _consultation_recorded,
    "fact_present": _fact_present,
    "evidence_complete": _evidence_complete,
    "document_approved": _document_approved,
    "licence_held": _licence_held,
    "designation_held": _designation_held,
    "elapsed": _elapsed,
    "date_order": _date_order,
    "date_recorded": _date_recorded,
    "attribute_equals": _attribute_equals,
    "duration_at_most": _duration_at_most,
    "counted": _counted,
}
