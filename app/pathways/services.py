"""Recording events, correcting and withdrawing them; nothing is ever edited, and no impossible history is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.access.scope import Scope
from app.audit import services as audit
from app.core import clock
from app.core.db import session, transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.engine.definition.common import Text
from app.engine.machine import (
    RETRACTED,
    STATE_DECLARED,
    Answer,
    Days,
    Event,
    Note,
    Refusal,
    Tracks,
    advance,
    effective,
)
from app.engine.machine.words import days_text
from app.pathways import facts, log, sentences
from app.pathways.models import PathwayEvent
from app.pathways.precedents import load as load_precedents
from app.pathways.rules import PROGRAMME, course, event_names, library, pathway
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView

__all__ = ["Recorded", "correct", "declare", "load_precedents", "note_fact", "record", "withdraw"]


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
    confidence: str | None = None,
    late: bool = False,
) -> Recorded:
    """Store that ``event`` happened ``on`` a day (or some day of an interval).

    Without ``late`` it must be a next step of the tracks as they stand today, and the guards are asked; a refusal says
    why and what to do. With ``late`` it is past history: guards are not asked, and what must have come before is
    inferred and shown as such. Either way a history that cannot have happened is refused.
    """
    with transaction():
        therapy = therapies.own(scope, therapy_id)
        before = log.events(log.rows_of(therapy_id))
        new = Event(
            id=new_id(),
            name=_own_name(event),
            on=Days.of(on) if isinstance(on, dt.date) else on,
            attributes=dict(attributes or {}),
            machine=machine,
            instance=instance,
            recorded_at=clock.now(),
            source=source,
            confidence=confidence,
            history=late,
        )
        warnings = () if late or not therapy.pathway else _asked(scope, therapy, before, new)
        tracks = _possible(therapy.pathway, before, new, clock.today())
        _store(scope, therapy, new, note=note)
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
) -> Recorded:
    """Put another event in the place of a wrong one; the wrong one stays visible with who, when and ``reason``."""
    with transaction():
        therapy, before, old = _standing(scope, event_id, reason)
        new = Event(
            id=new_id(),
            name=_own_name(event or old.name),
            on=Days.of(on) if isinstance(on, dt.date) else on,
            attributes=dict(old.attributes if attributes is None else attributes),
            machine=old.machine,
            instance=old.instance,
            recorded_at=clock.now(),
            source=source or old.source,
            supersedes=event_id,
            history=True,
        )
        tracks = _possible(therapy.pathway, before, new, clock.today())
        _store(scope, therapy, new, note=note, reason=reason)
    return Recorded(new.id, tracks, notes=tuple(each for each in tracks.notes if each.event_id == new.id))


def withdraw(scope: Scope, event_id: str, *, reason: str) -> Tracks:
    """Take back an event that never happened; it stays visible with who, when and ``reason``."""
    with transaction():
        therapy, before, old = _standing(scope, event_id, reason)
        gone = Event(id=new_id(), name=RETRACTED, on=old.on, recorded_at=clock.now(), supersedes=event_id, history=True)
        tracks = _possible(therapy.pathway, before, gone, clock.today())
        _store(scope, therapy, gone, reason=reason)
    return tracks


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
        _store(scope, therapy, new, note=note)


def declare(scope: Scope, therapy_id: str, state: str) -> None:
    """Write down that the programme stands in ``state`` today; the way there is inferred and shown as such.

    Where every programme begins needs no words.
    """
    if state == library().machines[PROGRAMME].initial:
        return
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
            _possible(therapy.pathway, log.events(log.rows_of(therapy_id)), new, today)
        except Refused as refusal:  # the class has no such state
            raise Refused(refusal.sentence, field="stage") from refusal
        _store(scope, therapy, new)


def refused_on(therapy: TherapyView, pathway_key: str) -> Text | None:
    """Why the history of a therapy cannot have happened on another pathway: its first event that does not fit."""
    events, today = log.events(log.rows_of(therapy.id)), clock.today()
    already = {each.event.id for each in log.folded(therapy.pathway, events, today).refused}
    refused = log.folded(pathway_key, events, today).refused
    first = next((each for each in refused if each.event.id not in already), None)
    if first is None:
        return None
    return sentences.would_break(event_names(first.event.name), days_text(first.event.on), first.reason)


def _own_name(event: str) -> str:
    found = library().vocabulary.find(event)
    if found is None:
        raise Refused(sentences.unknown_event(event), field="event")
    return found[0]


def _asked(scope: Scope, therapy: TherapyView, before: list[Event], new: Event) -> tuple[Answer, ...]:
    """What the guards say to a step from where the tracks stand today; Refused when they block it."""
    today = clock.today()
    tracks = log.folded(therapy.pathway, before, today)
    known = facts.of(scope, therapy, log.noted(before, today))
    outcome = advance(course(therapy.pathway), pathway(therapy.pathway), tracks, new, known)
    if not isinstance(outcome, Refusal):
        return outcome.warnings
    if new.on.first > today:
        raise Refused(sentences.future(new.on), field="on")
    raise Refused(sentences.refused(outcome), field="on")


def _possible(pathway_key: str, before: list[Event], new: Event, today: dt.date) -> Tracks:
    """The tracks with the new event; Refused when it, or an event that stood before it, can then not have happened."""
    if new.on.first > today:
        raise Refused(sentences.future(new.on), field="on")
    already = {each.event.id for each in log.folded(pathway_key, before, today).refused}
    tracks = log.folded(pathway_key, [*before, new], today)
    for each in tracks.refused:
        if each.event.id == new.id:
            raise Refused(each.reason, field="on")
        if each.event.id not in already:
            name, day = event_names(each.event.name), days_text(each.event.on)
            raise Refused(sentences.would_break(name, day, each.reason), field="on")
    return tracks


def _standing(scope: Scope, event_id: str, reason: str) -> tuple[TherapyView, list[Event], Event]:
    therapy = therapies.own(scope, log.therapy_of(event_id))
    before = log.events(log.rows_of(therapy.id))
    if not reason.strip():
        raise Refused(
            Text(ja="理由を入力してください。", en="Please say why."),
            field="reason",
        )
    old = next((each for each in effective(before) if each.id == event_id), None)
    if old is None:
        raise Refused(
            Text(
                ja="この出来事は、すでに訂正されたか取り下げられています。経過のページを開き直してください。",
                en="This event was corrected or withdrawn already. Please read the history again.",
            ),
            field="reason",
        )
    return therapy, before, old


def _store(scope: Scope, therapy: TherapyView, new: Event, *, note: str = "", reason: str | None = None) -> None:
    speaks_english = scope.actor is not None and scope.actor.language == "en"
    row = PathwayEvent(
        id=new.id,
        therapy_id=therapy.id,
        event=new.name,
        machine=new.machine,
        instance=new.instance,
        first_day=new.on.first,
        last_day=new.on.last,
        attributes=dict(new.attributes),
        history=new.history,
        source=new.source,
        confidence=new.confidence,
        note_ja="" if speaks_english else note.strip(),
        note_en=note.strip() if speaks_english else "",
        supersedes_id=new.supersedes,
        reason=reason.strip() if reason else None,
        recorded_at=new.recorded_at,
        recorded_by=scope.actor.id if scope.actor else None,
        recorded_by_name=scope.actor.name if scope.actor else "",
    )
    session.add(row)
    session.flush()
    verb = "withdrawn" if new.name == RETRACTED else "corrected" if new.supersedes else "recorded"
    audit.record(
        scope.actor,
        f"pathways:event:{verb}",
        organisation_id=therapy.organisation_id,
        subject_id=therapy.id,
        before={"event": new.supersedes} if new.supersedes else None,
        after={"id": new.id, "event": new.name, "on": str(new.on), "attributes": dict(new.attributes)},
        reason=row.reason,
    )
