"""Guards that compare days: waiting periods, orders, and days on which other dates hang."""

from __future__ import annotations

import datetime as dt

from app.engine.definition.common import Text
from app.engine.definition.guards import DateOrder, DateRecorded, Elapsed
from app.engine.machine.days import Days
from app.engine.machine.guards.situation import MET, UNMET, Finding, Situation, Verdict
from app.engine.machine.tracks import Track
from app.engine.machine.words import days_text, filled, joined
from app.engine.wording import day_text

_NO_LIMIT = Finding(
    Verdict.CANNOT_TELL,
    Text(ja="比べる日(期限など)が記録されていません。", en="The day to compare with is not recorded."),
)


def _agreed(findings: list[Finding]) -> Finding:
    """The finding by the days that count; "cannot tell" where the days of another source lead to another answer."""
    first = findings[0]
    other = next((each for each in findings if each.verdict is not first.verdict), None)
    if other is None or first.verdict is Verdict.CANNOT_TELL:
        return first
    told = first.because or other.because
    because = Text(
        ja=f"出典によって日付が異なり、「{told.ja.rstrip('。')}」に当たるかどうかが決まりません。"
        if told
        else "出典によって日付が異なります。",
        en="The sources give different days, so it cannot be told." + (f" {told.en}" if told else ""),
    )
    return Finding(Verdict.CANNOT_TELL, because)


def elapsed(guard: Elapsed, at: Situation) -> Finding:
    """See Elapsed."""
    visit = next((v for v in reversed(at.track.history) if v.state == guard.since), None) if at.track else None
    if visit is None or visit.since is None:
        return _NO_LIMIT
    return _agreed([_waited(guard, since, on) for since in visit.readings for on in at.readings])


def _waited(guard: Elapsed, since: Days, on: Days) -> Finding:
    wait = dt.timedelta(days=guard.days if guard.count_from == 1 else guard.days + 1)
    earliest, surely = since.first + wait, since.last + wait
    if on.first >= surely:
        return MET
    over = days_text(Days(earliest - dt.timedelta(days=1), surely - dt.timedelta(days=1)))
    because = filled(guard.because, since=days_text(since), last=over, first=day_text(surely))
    possible = on.last >= earliest and (since.exact is None or on.exact is None)
    return Finding(Verdict.CANNOT_TELL if possible else Verdict.NOT_YET, because, surely)


def date_order(guard: DateOrder, at: Situation) -> Finding:
    """See DateOrder."""
    limits = [each for each in (_limits(guard, track) for track in _ordered(guard, at)) if each]
    if not limits:
        return _NO_LIMIT
    return _agreed([_in_order(guard, on, limit) for limit in limits[-1] for on in at.readings])


def _in_order(guard: DateOrder, on: Days, limit: Days) -> Finding:
    if on.last < limit.first:
        return MET
    if on.first > limit.last:
        return Finding(Verdict.NOT_YET, filled(guard.because, day=days_text(on), limit=days_text(limit)))
    if guard.on_the_day is None and on.last == limit.first:
        return MET
    if guard.on_the_day and on.exact and on == limit:
        return Finding(Verdict.WARNING, filled(guard.on_the_day, day=days_text(on), limit=days_text(limit)))
    unsure = Text(
        ja=f"{days_text(on).ja}と{days_text(limit).ja}のどちらが先か、日付からは決まりません。",
        en=f"The days do not tell which came first: {days_text(on).en} or {days_text(limit).en}.",
    )
    return Finding(Verdict.CANNOT_TELL, unsure)


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


def date_recorded(guard: DateRecorded, at: Situation) -> Finding:
    """See DateRecorded."""
    visits = [
        visit
        for track in at.tracks.of(guard.machine)
        if track.matches(guard.where)
        for visit in track.history
        if visit.state == guard.state
    ]
    exact = [visit for visit in visits if visit.since and visit.since.exact]
    if any(all(day.overlaps(visit.since) for day in visit.also) for visit in exact if visit.since):
        return MET
    if exact:
        return Finding(Verdict.CANNOT_TELL, _different(exact[-1].readings))
    if any(visit.since for visit in visits):
        return Finding(Verdict.CANNOT_TELL, guard.because)  # its day is known, only not to the day
    return UNMET


def _different(readings: tuple[Days, ...]) -> Text:
    """That the sources disagree, with the day that each of them gives."""
    days = joined([days_text(day) for day in dict.fromkeys(readings)])
    return Text(
        ja=f"出典によって日付が異なるため、日を確定できません({days.ja})。",
        en=f"The sources give different days, so the day is not certain: {days.en}.",
    )
