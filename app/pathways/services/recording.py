"""Recording events, correcting and withdrawing them; nothing is ever edited, and no impossible history is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.access.scope import Scope
from app.core import clock, signs
from app.core.db import transaction
from app.core.errors import NotFound, Refused
from app.core.ids import new_id
from app.engine.definition.common import Text
from app.engine.machine import (
    RETRACTED,
    STATE_DECLARED,
    Answer,
    Days,
    Event,
    Note,
    PassedOver,
    Refusal,
    Tracks,
    advance,
    effective,
)
from app.engine.machine.words import days_text
from app.pathways import crowd, duties, log, sentences
from app.pathways.passing import Asked, ReasonNeeded, as_stored, outcome
from app.pathways.rules import PROGRAMME, event_names, library, pathway, ruling
from app.pathways.services.storing import store
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView

LONGEST_INSTANCE = 120  # signs


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event that was stored, with what has to be said about it."""

    event_id: str
    tracks: Tracks
    warnings: tuple[Answer, ...] = ()  # guards that only warn, or cannot tell
    notes: tuple[Note, ...] = ()  # what was inferred or cannot be told


def record(
    scope: Scope,
    therapy_id: str,
    *,
    event: str,
    on: Days | dt.date,
    attributes: Mapping[str, str] | None = None,
    machine: str | None = None,
    instance: str | None = None,
    note: str = "",
    source: str | None = None,
    certainty: str | None = None,
    late: bool = False,
    because: str = "",
) -> Recorded:
    """Store that ``event`` happened ``on`` a day (or some day of an interval).

    Without ``late`` it must be a next step of the tracks as they stand today, and the guards are asked; a refusal says
    why and what to do. With ``late`` it is past history: what must have come before is inferred and shown as such, and
    guards that said "not yet" on its day are passed over only with a reason, ``because``, which is kept with them.
    Either way a history that cannot have happened is refused.
    """
    if instance and not (len(instance) <= LONGEST_INSTANCE and signs.is_text(instance, several_lines=False)):
        raise NotFound  # no track is called so
    with transaction():
        therapy = therapies.own(scope, therapy_id)
        asked, before = Asked.of(scope, therapy), log.told(therapy_id)
        new = Event(
            id=new_id(),
            name=_own_name(event),
            on=Days.of(on) if isinstance(on, dt.date) else on,
            attributes=dict(attributes or {}),
            machine=machine,
            instance=instance,
            recorded_at=clock.now(),
            source=source.strip() if source else None,
            history=late,
            certainty=certainty or None,
        )
        warnings = () if late or not therapy.pathway else _advanced(asked, before, new)
        tracks, passed = _possible(asked, before, new, asking=late)
        if passed and not because.strip():
            raise ReasonNeeded(passed)
        store(scope, therapy, new, note=note, passed=as_stored(passed), because=because)
        duties.tell(scope, therapy, tracks, added=True)
    return Recorded(new.id, tracks, warnings, tuple(each for each in tracks.notes if each.event_id == new.id))


def correct(
    scope: Scope,
    event_id: str,
    *,
    reason: str,
    on: Days | dt.date,
    attributes: Mapping[str, str] | None = None,
    event: str | None = None,
    note: str = "",
    source: str | None = None,
    certainty: str | None = None,
    because: str = "",
) -> Recorded:
    """Put another event in the place of a wrong one; the wrong one stays visible with who, when and ``reason``.

    Guards that the wrong one had not passed over already are passed over only with a reason of their own, ``because``.
    """
    with transaction():
        therapy, before, old = _standing(scope, event_id, reason)
        new = Event(
            id=new_id(),
            name=_own_name(event) if event else old.name,
            on=Days.of(on) if isinstance(on, dt.date) else on,
            attributes=dict(old.attributes if attributes is None else attributes),
            machine=old.machine,
            instance=old.instance,
            recorded_at=clock.now(),
            source=old.source if source is None else source.strip() or None,
            supersedes=event_id,
            history=True,
            certainty=old.certainty if certainty is None else certainty or None,
        )
        tracks, passed = _possible(Asked.of(scope, therapy), before, new)
        wrong = log.row(event_id)
        stored = as_stored(passed)
        if not because.strip() and all(each in wrong.passed for each in stored):
            because = wrong.because or ""
        if passed and not because.strip():
            raise ReasonNeeded(passed)
        store(scope, therapy, new, note=note, reason=reason, passed=stored, because=because, about=wrong.about_id)
        duties.tell(scope, therapy, tracks)
    return Recorded(new.id, tracks, notes=tuple(each for each in tracks.notes if each.event_id == new.id))


def withdraw(scope: Scope, event_id: str, *, reason: str) -> Tracks:
    """Take back an event that never happened; it stays visible with who, when and ``reason``."""
    with transaction():
        therapy, before, old = _standing(scope, event_id, reason)
        gone = Event(id=new_id(), name=RETRACTED, on=old.on, recorded_at=clock.now(), supersedes=event_id, history=True)
        tracks, _passed = _possible(Asked.of(scope, therapy), before, gone, asking=False)
        store(scope, therapy, gone, reason=reason)
        duties.tell(scope, therapy, tracks)
    return tracks


def read_also(
    scope: Scope, event_id: str, *, on: Days, source: str, certainty: str | None = None, note: str = ""
) -> str:
    """Keep that another source gives another day for an event; the event goes by its own day. Returns its id."""
    with transaction():
        therapy, _before, told = _standing(scope, event_id)
        if told.name == log.ALSO_READ:
            raise NotFound
        if on.first > clock.today():
            raise Refused(sentences.future(on), field="on")
        if on in told.readings:
            raise Refused(sentences.SAME_DAY, field="on")
        if not source.strip():
            raise Refused(sentences.SOURCE_NEEDED, field="source")
        new = Event(
            id=new_id(),
            name=log.ALSO_READ,
            on=on,
            recorded_at=clock.now(),
            source=source.strip(),
            history=True,
            certainty=certainty or None,
        )
        store(scope, therapy, new, note=note, about=event_id)
        duties.tell_anew(scope, therapy)
    return new.id


def note_fact(
    scope: Scope, therapy_id: str, *, kind: str, keys: Sequence[str], on: dt.date, holds: bool = True, note: str = ""
) -> None:
    """Write down that what a guard asks for is there since ``on`` (or is not there); rooms that keep it go before."""
    with transaction():
        therapy = therapies.own(scope, therapy_id)
        if on > clock.today():
            raise Refused(sentences.future(Days.of(on)), field="on")
        told = {"kind": kind, "keys": " ".join(keys), "holds": "yes" if holds else "no"}
        new = Event(
            id=new_id(), name=log.FACT_NOTED, on=Days.of(on), attributes=told, recorded_at=clock.now(), history=True
        )
        store(scope, therapy, new, note=note)


def declare(scope: Scope, therapy_id: str, state: str, *, because: str) -> None:
    """Write down that the programme stands in ``state`` today; the way there is inferred and shown as such.

    No evidence is asked for, so ``because`` says how the person knows; the history shows it and the trail keeps it.
    Where every programme begins needs no words.
    """
    if state == library().machines[PROGRAMME].initial:
        return
    said = because.strip()
    if not said:
        raise Refused(sentences.GROUNDS_NEEDED, field="because")
    with transaction():
        therapy, today = therapies.own(scope, therapy_id), clock.today()
        new = Event(
            id=new_id(),
            name=STATE_DECLARED,
            on=Days.of(today),
            attributes={"state": state},
            machine=PROGRAMME,
            recorded_at=clock.now(),
            history=True,
        )
        try:
            tracks, _passed = _possible(Asked.of(scope, therapy), log.told(therapy_id), new, asking=False)
        except Refused as refusal:  # the class has no such state
            raise Refused(refusal.sentence, field="stage") from refusal
        store(scope, therapy, new, note=said, reason=said)
        duties.tell(scope, therapy, tracks)


def refused_on(therapy: TherapyView, pathway_key: str) -> Text | None:
    """Why the history of a therapy cannot have happened on another pathway: its first event that does not fit."""
    events, today = log.events(log.rows_of(therapy.id)), clock.today()
    rules = ruling(therapy.organisation_id)
    already = {each.event.id for each in log.folded(rules(therapy.pathway), events, today).refused}
    refused = log.folded(rules(pathway_key), events, today).refused
    first = next((each for each in refused if each.event.id not in already), None)
    if first is None:
        return None
    return sentences.would_break(event_names(first.event.name), days_text(first.event.on), first.reason)


def _own_name(event: str) -> str:
    found = library().vocabulary.find(event)
    if found is None:
        raise Refused(sentences.unknown_event(event), field="event")
    return found[0]


def _advanced(asked: Asked, before: list[Event], new: Event) -> tuple[Answer, ...]:
    """What the guards say to a step from where the tracks stand today; Refused when they block it."""
    today = clock.today()
    tracks = log.folded(asked.rules, before, today)
    step = advance(asked.rules, pathway(asked.pathway), tracks, new, asked.facts(before)(today))
    if not isinstance(step, Refusal):
        return step.warnings
    if new.on.first > today:
        raise Refused(sentences.future(new.on), field="on")
    raise Refused(sentences.refused(step), field="on")


def _possible(
    asked: Asked, before: list[Event], new: Event, *, asking: bool = True
) -> tuple[Tracks, tuple[PassedOver, ...]]:
    """The tracks with the new event, and the guards it passes over where these are asked.

    Refused when it, or an event that stood before it, can then not have happened.
    """
    today = clock.today()
    if new.on.first > today:
        raise Refused(sentences.future(new.on), field="on")
    if reason := crowd.too_many(before, [new]):
        raise Refused(reason, field="on")
    then = outcome(asked, before, [new], today, asking=asking)
    if refused := then.tracks.refused:
        already = {each.event.id for each in log.folded(asked.rules, before, today).refused}
        for each in refused:
            if each.event.id == new.id:
                raise Refused(each.reason, field="on")
            if each.event.id not in already:
                name, day = event_names(each.event.name), days_text(each.event.on)
                raise Refused(sentences.would_break(name, day, each.reason), field="on")
    return then.tracks, then.passed_over


def _standing(scope: Scope, event_id: str, reason: str | None = None) -> tuple[TherapyView, list[Event], Event]:
    """The event that still stands, with its therapy and everything recorded; where a ``reason`` is due, it is there."""
    therapy = therapies.own(scope, log.therapy_of(event_id))
    before = log.events(log.rows_of(therapy.id))
    if reason is not None and not reason.strip():
        raise Refused(
            Text(ja="理由を入力してください。", en="Please say why."),
            field="reason",
        )
    old = next((each for each in effective(before) if each.id == event_id), None)
    if old is None:
        raise Refused(
            Text(
                ja="この出来事は、すでに訂正されたか取り消されています。経過のページを開き直してください。",
                en="This event was corrected or withdrawn already. Please read the history again.",
            ),
            field="reason",
        )
    return therapy, before, old
