"""The page of a therapy's way abroad: Japan beside the agencies, every planned milestone with the dates it brings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from app.abroad import queries
from app.abroad.queries import ForeignView
from app.consultations.queries import ConsultationView
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext
from app.engine.abroad import ClockPart, happened
from app.engine.definition.abroad import Agency, Counted, ForeignMilestone, Match, Part
from app.engine.definition.common import Basis, Role, Text
from app.engine.entries_abroad import abroad_id
from app.engine.explain import explain
from app.engine.machine import Days, Event
from app.engine.trace import Dated
from app.pathways.pictures import date_of
from app.pathways.rules import event_names, library
from app.rules import reading
from app.web.components import DateView, SourceMark, Why

USUAL = ("fda", "ema")  # the columns of a therapy that plans nothing abroad yet


@dataclass(frozen=True, slots=True)
class Item:
    """Something that stands on its day in a cell: an event of the history, a consultation, or a planned milestone."""

    names: Text
    date: DateView
    consultation: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What an agency has in one row: what stands there with a day, and the names of its other milestones."""

    agency: Agency
    names: tuple[Text, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the comparison."""

    match: Match
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a clock in words: its date with its derivation, or its number and why that gives no date."""

    clock: str
    names: Text
    date: DateView | None
    said: tuple[str, ...]
    marks: tuple[SourceMark, ...]
    entry: str  # where it stands in the rules


@dataclass(frozen=True, slots=True)
class Stage:
    """A planned milestone with its day and what the clocks of its agency say; ``next``: of those to come the first."""

    view: ForeignView
    date: DateView
    lines: tuple[Line, ...]
    next: bool


@dataclass(frozen=True, slots=True)
class Authority:
    """What is planned at one agency; ``opened``: it has the next date, or the first where nothing is to come."""

    agency: Agency
    stages: tuple[Stage, ...]
    opened: bool


def columns(wanted: Sequence[str], known: Sequence[ForeignView]) -> tuple[Agency, ...]:
    """Japan and the agencies to show: those chosen, else those where something is planned, else the usual ones."""
    chosen = set(wanted) or {each.agency.key for each in known if not each.agency.home} or set(USUAL)
    return tuple(agency for agency in queries.world().agencies.values() if agency.home or agency.key in chosen)


def rows(
    agencies: Sequence[Agency],
    known: Sequence[ForeignView],
    events: Sequence[Event],
    held: Sequence[ConsultationView],
) -> tuple[Row, ...]:
    """The comparison; the last row only where something is planned in it."""
    found = (
        Row(match, tuple(_cell(agency, match, known, events, held) for agency in agencies))
        for match in queries.world().table.matches
    )
    last = queries.world().table.matches[-1]
    return tuple(row for row in found if row.match is not last or any(cell.items for cell in row.cells))


def authorities(known: Sequence[ForeignView], today: dt.date) -> tuple[Authority, ...]:
    """Every planned milestone in the order of their days, by agency; agencies in the order of the comparison."""
    ahead = next((each for each in known if each.on.last >= today), None)
    first = ahead or next(iter(known), None)
    found: list[Authority] = []
    for agency in queries.world().agencies.values():
        here = [each for each in known if each.agency.key == agency.key]
        shown = tuple(Stage(each, date_of(each.on, each.basis), _lines(each.parts), each is ahead) for each in here)
        if shown:
            found.append(Authority(agency, shown, first in here))
    return tuple(found)


def reference(agencies: Collection[Agency]) -> tuple[tuple[Agency, tuple[tuple[Text, tuple[Line, ...]], ...]], ...]:
    """All clocks of the agencies shown, as they are before anything is planned."""
    return tuple(
        (agency, tuple((clock.item, tuple(_bare(clock.id, part) for part in clock.parts)) for clock in agency.clocks))
        for agency in agencies
        if agency.clocks
    )


def facts() -> tuple[tuple[str, tuple[SourceMark, ...]], ...]:
    """What happened to others on their way abroad."""
    speak = language()
    return tuple(
        (fact.text.say(speak), reading.of_provenance(fact.provenance, speak)) for fact in queries.world().table.facts
    )


def _cell(
    agency: Agency,
    match: Match,
    known: Sequence[ForeignView],
    events: Sequence[Event],
    held: Sequence[ConsultationView],
) -> Cell:
    here = [milestone for milestone in agency.milestones if milestone.match == match.key]
    items = [item for milestone in here for item in _items(agency, milestone, known, events, held)]
    shown = {item.names for item in items}
    return Cell(agency, tuple(each.names for each in here if each.names not in shown), tuple(sorted(items, key=_order)))


def _order(item: Item) -> tuple[int, ...]:
    """Year, month and day of an item as far as they are known; what has no date stands last."""
    day = item.date.day or item.date.earliest or item.date.latest
    return day.timetuple()[:3] if day else item.date.month or (item.date.year or 9999,)


def _items(
    agency: Agency,
    milestone: ForeignMilestone,
    known: Sequence[ForeignView],
    events: Sequence[Event],
    held: Sequence[ConsultationView],
) -> list[Item]:
    past = [Item(event_names(event.name), date_of(event.on)) for event in happened(milestone, tuple(events))]
    talks = [
        Item(talk.kind.name, _day_of(talk), talk.id)
        for talk in held
        if talk.kind.key in milestone.consultations and talk.end is None
    ]
    planned = [
        Item(milestone.names, date_of(each.on, each.basis))
        for each in known
        if (each.agency.key, each.milestone.key) == (agency.key, milestone.key) and not (past and agency.home)
    ]
    return [*past, *talks, *planned]


def _day_of(talk: ConsultationView) -> DateView:
    """The day of a meeting: held, agreed, or as wished."""
    if talk.held_on:
        return DateView(Basis.ACTUAL, day=talk.held_on)
    if talk.meeting_fact:
        return DateView(talk.meeting_fact.basis, day=talk.meeting_fact.day)
    if talk.wish.meeting:
        return DateView(Basis.TARGET, day=talk.wish.meeting)
    month = talk.wish.month
    return date_of(Days(month.first, month.last) if month else None, Basis.TARGET if month else Basis.UNKNOWN)


def _lines(parts: Sequence[ClockPart]) -> tuple[Line, ...]:
    return tuple(_line(each) for each in parts)


def _line(each: ClockPart) -> Line:
    bare = _bare(each.clock.id, each.part)
    if each.dated is None or each.dated.span is None:
        late = () if each.in_force else (_("This clock is not the law on the planned day."),)
        return replace(bare, said=(*late, *bare.said))
    moves = each.part.words.say(language()) if each.part.words and _may_come_earlier(each) else None
    return replace(bare, date=_date(each.part, each.dated), said=(moves,) if moves else (), marks=())


def _may_come_earlier(each: ClockPart) -> bool:
    """Whether a duty counts from the last day on which the agency may act, and so moves when it acts earlier."""
    anchor = each.part.rule.anchor if each.part.rule else None
    last = any(one.key == anchor and one.amount == "at_most" for one in each.clock.parts)
    return last and each.part.role is Role.NOT_AFTER


def _bare(clock: str, part: Part) -> Line:
    """The part without a planned day: its number and its words."""
    number = _number(part)
    words = part.words.say(language()) if part.words else None
    told = tuple(text for text in (number, _why_none(part.counted), words) if text)
    marks = reading.of_provenance(part.provenance, language())
    return Line(clock, part.names, None, told, marks, abroad_id(clock, part))


def _date(part: Part, dated: Dated) -> DateView:
    """The date as its number means it: by a day, from a day, or on it; a range while the planned day is a range."""
    assert dated.span is not None
    why = _why(part, dated)
    if part.role is Role.NOT_BEFORE:
        return DateView(dated.basis, earliest=dated.span.earliest, why=why)  # nobody knows how much longer it takes
    day = dated.span.day
    if day is None and part.amount == "at_most" and part.role is Role.THEIRS:
        return DateView(dated.basis, latest=dated.span.latest, why=why)  # they may act on any day before
    if day is None:
        return DateView(dated.basis, earliest=dated.span.earliest, latest=dated.span.latest, why=why)
    before = part.rule is not None and part.rule.offset < 0
    if part.amount == "at_most" or part.column == "package" or (part.amount == "at_least" and before):
        return DateView(dated.basis, latest=day, why=why)
    return DateView(dated.basis, day=day, why=why)


def _why(part: Part, dated: Dated) -> Why:
    speak = language()
    told = [explain(dated.trace, library().sources).say(speak), _amount(part)]
    if part.words:
        told.append(part.words.say(speak))
    return Why(
        sentence=("" if speak == "ja" else " ").join(text for text in told if text),
        sources=reading.of_provenance(part.provenance, speak),
    )


def _amount(part: Part) -> str:
    match part.amount:
        case "at_most":
            return _("The number is an upper limit.")
        case "at_least":
            return _("The number is a lower limit.")
        case "about":
            return _("The number is approximate.")
        case _:
            return ""


def _number(part: Part) -> str:
    """'at most 60 calendar days', whatever it counts from."""
    if part.counted:
        length = _length(part.counted.number, part.counted.unit)
    elif part.rule and part.rule.offset:
        length = _length(abs(part.rule.offset), part.rule.unit)
        if part.rule.until is not None:
            length = _("%(one)s to %(other)s", one=_length(abs(part.rule.until), part.rule.unit), other=length)
        if part.rule.offset < 0:
            length = _("%(length)s before", length=length)
    else:
        return ""
    return {
        "at_most": _("at most %(length)s", length=length),
        "at_least": _("at least %(length)s", length=length),
        "about": _("about %(length)s", length=length),
    }.get(part.amount, length)


def _length(number: int, unit: str) -> str:
    match unit:
        case "working_days":
            return ngettext("%(num)s working day of that country", "%(num)s working days of that country", number)
        case "wk":
            return ngettext("%(num)s week", "%(num)s weeks", number)
        case "mo":
            return ngettext("%(num)s month", "%(num)s months", number)
        case "yr":
            return ngettext("%(num)s year", "%(num)s years", number)
        case _:
            return ngettext("%(num)s calendar day", "%(num)s calendar days", number)


def _why_none(counted: Counted | None) -> str:
    match counted.why if counted else None:
        case "working_days":
            return _("No date: the working days of that country are not known here.")
        case "clock_stop":
            return _("No date: the clock stops in between.")
        case "their_question":
            return _("No date: it counts from a question that nobody can plan.")
        case _:
            return ""
