"""The history as people read it: every event, where it led, and what was corrected or withdrawn, by whom and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.engine.definition.common import Language, Text
from app.engine.machine import RETRACTED, STATE_DECLARED, Days, Tracks, effective
from app.pathways import log
from app.pathways.log import LONG_AGO
from app.pathways.models import PathwayEvent
from app.pathways.rules import CONSULTATION, StationName, event_names, library, line_names, station
from app.pathways.sentences import OWN_REASONS

DECLARED = Text(ja="現在地の申告", en="Where it stood when it was entered")
READING = Text(ja="別の出典の日付", en="Another source's day")
FACT = Text(ja="条件の確認", en="A condition checked")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A station that an event brought a track to; ``inferred`` when it only shows that the track passed there."""

    line: Text
    station: StationName
    inferred: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """How an event ceased to stand: replaced by ``by`` (None: withdrawn), when, by whom and why."""

    by: str | None
    at: dt.datetime
    who: str
    why: str

    def reason(self, language: Language) -> str:
        """Why, in the reader's language where the program itself gave the reason; a person's own words stay."""
        own = OWN_REASONS.get(self.why)
        return own.say(language) if own else self.why


@dataclass(frozen=True, slots=True)
class EventView:
    """One event of a history. ``correction``: it no longer stands; ``refusal``: it cannot have happened as recorded."""

    id: str
    event: str
    names: Text
    on: Days
    attributes: Mapping[str, str]
    carried: tuple[tuple[Text, Text], ...]  # the attributes as people read them
    machine: str | None
    instance: str | None
    arrivals: tuple[Arrival, ...]
    notes: tuple[Text, ...]
    refusal: Text | None
    source: str | None
    confidence: str | None
    note_ja: str
    note_en: str
    late: bool  # recorded as past history: no condition stopped it
    recorded_at: dt.datetime
    recorded_by: str
    corrects: str | None  # the event in whose place it stands
    correction: Correction | None
    certainty: str | None = None  # of the day: high, medium or low
    passed: tuple[Text, ...] = ()  # what the guards said that it passed over
    why_passed: str | None = None
    readings: tuple[EventView, ...] = ()  # what other sources give as its day, also where that was taken back

    @property
    def also(self) -> tuple[Days, ...]:
        """The other days that stand."""
        return tuple(each.on for each in self.readings if each.stands)

    @property
    def sources(self) -> tuple[tuple[str, bool], ...]:
        """Where it was read, part by part; True for the number of a source that the program lists."""
        parts = [part.strip() for part in (self.source or "").split("|")]
        return tuple((part, part in library().sources) for part in parts if part)

    def reason_passed(self, language: Language) -> str:
        """Why it happened although conditions were not met, in the reader's language where the program says so."""
        own = OWN_REASONS.get(self.why_passed or "")
        return own.say(language) if own else self.why_passed or ""

    @property
    def stands(self) -> bool:
        """Whether it is part of the history today."""
        return self.correction is None

    @property
    def may_be_withdrawn(self) -> bool:
        """Whether a person may take it back here; events of a consultation follow that consultation's own page."""
        return self.stands and self.machine != CONSULTATION

    @property
    def may_have_readings(self) -> bool:
        """Whether another source's day may be put beside its own."""
        return self.may_be_corrected and self.event != log.ALSO_READ

    @property
    def may_be_corrected(self) -> bool:
        """Whether a person may put another day or another statement in its place."""
        return self.may_be_withdrawn and self.event not in {STATE_DECLARED, log.FACT_NOTED}

    def note(self, language: Language) -> str:
        """The remark for a reader of ``language``; the other one where there is only one."""
        return (self.note_ja or self.note_en) if language == "ja" else (self.note_en or self.note_ja)


def entries(rows: Sequence[PathwayEvent], tracks: Tracks) -> tuple[EventView, ...]:
    """All events of a therapy, newest day first; a withdrawal is shown at the event that it took back."""
    found = log.events(rows)
    standing = {event.id for event in effective(found)}
    successors: dict[str, list[PathwayEvent]] = {}
    for row in rows:
        if row.supersedes_id:
            successors.setdefault(row.supersedes_id, []).append(row)
    refused = {each.event.id: each.reason for each in tracks.refused}
    views = [
        _view(row, tracks, refused.get(row.id), None if row.id in standing else _correction(successors.get(row.id, [])))
        for row in rows
        if row.event != RETRACTED
    ]
    views = _with_readings(views, log.readings(rows))
    order = {event.id: place for place, event in enumerate(tracks.happened)}
    return tuple(
        sorted(
            views,
            key=lambda each: (each.on.first, each.on.last, order.get(each.id, -1), each.recorded_at, each.id),
            reverse=True,
        )
    )


def _with_readings(views: list[EventView], about: Mapping[str, Sequence[PathwayEvent]]) -> list[EventView]:
    """The events, each with the other readings of its day."""
    readings = {each.id: each for each in views if each.event == log.ALSO_READ}
    return [
        replace(each, readings=tuple(readings[row.id] for row in about.get(each.id, ())))
        for each in views
        if each.event != log.ALSO_READ
    ]


def carried(attributes: Mapping[str, str]) -> tuple[tuple[Text, Text], ...]:
    """What an event states, in words."""
    rules = {rule.key: rule for rule in library().vocabulary.attributes}
    shown = [
        (rules[key].names, duration(value) if rules[key].type == "duration" else choice(key, value))
        for key, value in attributes.items()
        if key in rules
    ]
    return tuple(shown)


def choice(attribute: str, value: str) -> Text:
    """A value that is one of the choices of a machine, in words; any other as it is."""
    if attribute == "type" and value in library().consultations:
        return library().consultations[value].name
    for machine in library().machines.values():
        declared = machine.attribute(attribute)
        if declared and value in declared.choices:
            return declared.choices[value]
    return Text(ja=value, en=value)


def duration(written: str) -> Text:
    """7y as 7年 and 7 years, 18m as 18か月 and 18 months."""
    years, _, rest = written.partition("y") if "y" in written else ("", "", written)
    months = rest.removesuffix("m")
    ja = (f"{years}年" if years else "") + (f"{months}か月" if months else "")
    en = [f"{n} {unit}{'' if n == '1' else 's'}" for n, unit in ((years, "year"), (months, "month")) if n]
    return Text(ja=ja or written, en=" ".join(en) or written)


def _view(row: PathwayEvent, tracks: Tracks, refusal: Text | None, correction: Correction | None) -> EventView:
    return EventView(
        id=row.id,
        event=row.event,
        names=_names(row),
        on=Days(row.first_day, row.last_day),
        attributes=row.attributes,
        carried=carried(row.attributes),
        machine=row.machine,
        instance=row.instance,
        arrivals=_arrivals(row.id, tracks),
        notes=tuple(note.text for note in tracks.notes if note.event_id == row.id and note.kind != "information"),
        refusal=refusal,
        source=row.source,
        confidence=row.confidence,
        note_ja=row.note_ja,
        note_en=row.note_en,
        late=row.history,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by_name,
        corrects=row.supersedes_id,
        correction=correction,
        certainty=row.certainty,
        passed=tuple(Text(ja=each["ja"], en=each["en"]) for each in row.passed),
        why_passed=row.because,
    )


def _names(row: PathwayEvent) -> Text:
    own = {STATE_DECLARED: DECLARED, log.FACT_NOTED: FACT, log.ALSO_READ: READING}
    return own.get(row.event) or event_names(row.event)


def _arrivals(event_id: str, tracks: Tracks) -> tuple[Arrival, ...]:
    return tuple(
        Arrival(line_names(track.machine, track.instance), station(track.machine, visit.state), visit.inferred)
        for track in tracks.tracks
        for visit in track.history
        if visit.event_id == event_id
    )


def _correction(successors: Sequence[PathwayEvent]) -> Correction:
    if not successors:  # it was itself a correction, and a later correction of the same event stands
        return Correction(None, LONG_AGO, "", "")
    last = max(successors, key=lambda row: (row.recorded_at, row.id))
    by = None if last.event == RETRACTED else last.id
    return Correction(by, last.recorded_at, last.recorded_by_name, last.reason or "")
