"""What a file of histories would do to a therapy, or which new ones it would make; nothing is changed by looking."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select

from app.access.scope import Scope
from app.core import clock, signs
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.engine.definition.common import Text
from app.engine.histories import BadRow, Row, read_rows
from app.engine.machine import RETRACTED, STATE_DECLARED, Event, PassedOver, Rules, Tracks
from app.engine.machine.words import days_text
from app.engine.replay import term_checked
from app.pathways import crowd, log, sentences
from app.pathways.models import PathwayCase, PathwayEvent
from app.pathways.passing import Asked, conditions_of, outcome
from app.pathways.rules import event_names, library, ruling
from app.therapies import queries as therapies
from app.therapies.kinds import UNSTATED, classes, pathway_of
from app.therapies.queries import TherapyView

LONGEST = {"case_id": 64, "product": 200, "detail": 1000, "src": 200}  # signs that a cell may have


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    KNOWN = "known"  # it is in the history already, or stands twice in the file
    CHECKED = "checked"  # it states a day that is computed, and agrees with it
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the file, what would become of it, and what has to be said about that."""

    row: Row | BadRow
    fate: Fate
    reason: Text | None = None  # why it is refused
    remarks: tuple[Text, ...] = ()
    passed: tuple[PassedOver, ...] = ()

    @property
    def names(self) -> Text:
        """The name of the event; what was written where there is none of that name."""
        written = self.row.written
        return self.row.definition.names if isinstance(self.row, Row) else Text(ja=written or "–", en=written or "–")

    @property
    def conditions(self) -> tuple[Text, ...]:
        """What the guards say that it passes over."""
        return conditions_of(self.passed)


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case of the file: whose history it is, its rows in their order, and where its lines would stand.

    ``fault``: why the case as a whole cannot be imported, whatever its rows say.
    """

    case: str
    product: str
    product_class: str
    therapy: TherapyView | None  # None: a new one would be made
    rows: tuple[RowView, ...]
    tracks: Tracks
    fault: Text | None = None

    def count(self, fate: Fate) -> int:
        """How many rows have that fate."""
        return sum(each.fate == fate for each in self.rows)

    @property
    def possible(self) -> bool:
        """Whether it can be imported: all of it, or nothing."""
        return self.fault is None and not self.count(Fate.REFUSED)

    @property
    def changes(self) -> bool:
        """Whether importing it would add anything."""
        return self.therapy is None or self.count(Fate.NEW) > 0

    @property
    def passed(self) -> tuple[PassedOver, ...]:
        """The guards that its new events pass over."""
        return tuple(guard for each in self.rows for guard in each.passed)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the whole file would do. ``faults`` belong to no case: a wrong heading, or what is no CSV."""

    cases: tuple[CaseView, ...]
    faults: tuple[BadRow, ...] = ()
    digest: str = field(default="")

    def chosen(self, cases: Iterable[str]) -> tuple[CaseView, ...]:
        """The cases of these names."""
        wanted = set(cases)
        return tuple(each for each in self.cases if each.case in wanted)


@dataclass(frozen=True, slots=True)
class Target:
    """Whose histories they become: those of one own therapy, or of an organisation's therapies, one for each case."""

    organisation_id: str
    therapy: TherapyView | None = None


def target(scope: Scope, *, therapy_id: str | None = None, organisation_id: str | None = None) -> Target:
    """Where the person who leads may import to; NotFound for everybody else."""
    if therapy_id:
        therapy = therapies.led(scope, therapy_id)
        return Target(therapy.organisation_id, therapy)
    led = organisation_id or next(iter(sorted(scope.led)), None)
    if led is None or not (scope.everything or led in scope.led):
        raise NotFound
    return Target(led)


def look(scope: Scope, text: str, where: Target, case: str = "") -> Outlook:
    """What the file would do; ``case`` is the only one of it that counts."""
    rows = list(read_rows(text, library()))
    by_case: dict[str, list[Row | BadRow]] = defaultdict(list)
    for row in rows:
        if row.case and case in ("", row.case):
            by_case[row.case].append(row)
    known = {} if where.therapy else _known_cases(scope, where.organisation_id)
    whose = {name: where.therapy or known.get(name) for name in by_case}
    stored = log.rows_of_many([therapy.id for therapy in whose.values() if therapy])
    rules = ruling(where.organisation_id)
    views = [
        _case(scope, rules, name, found, whose[name], stored.get(therapy.id, []) if (therapy := whose[name]) else [])
        for name, found in by_case.items()
    ]
    faults = tuple(row for row in rows if isinstance(row, BadRow) and not row.case)
    said = repr([(v.case, v.therapy and v.therapy.id, v.fault, [_said(row) for row in v.rows]) for v in views])
    return Outlook(tuple(views), faults, hashlib.sha256(f"{text}{said}".encode()).hexdigest())


def new_events(case: CaseView) -> list[Row]:
    """The rows that would be recorded."""
    return [each.row for each in case.rows if each.fate is Fate.NEW and isinstance(each.row, Row)]


def _said(row: RowView) -> tuple[object, ...]:
    return (row.row.line, row.fate, row.conditions)


def _known_cases(scope: Scope, organisation_id: str) -> dict[str, TherapyView]:
    """The therapies that cases of earlier files became."""
    own = {therapy.id: therapy for therapy in therapies.of_own(scope)}
    rows = select(PathwayCase.case_id, PathwayCase.therapy_id).where(PathwayCase.organisation_id == organisation_id)
    return {row.case_id: own[row.therapy_id] for row in session.execute(rows) if row.therapy_id in own}


def _case(
    scope: Scope,
    rules: Callable[[str], Rules],
    name: str,
    rows: list[Row | BadRow],
    therapy: TherapyView | None,
    stored: Sequence[PathwayEvent],
) -> CaseView:
    good = [row for row in rows if isinstance(row, Row)]
    product = next((row.product for row in good if row.product), name)
    product_class = therapy.product_class if therapy else next((r.product_class for r in good if r.product_class), "")
    refused = {row.line: reason for row in good if (reason := _refused(row))}
    events = [row for row in good if not row.definition.check and row.line not in refused]
    known = _known(events, stored)
    before = log.events(stored)
    added = [row for row in events if row.line not in known]
    too_many = crowd.too_many(before, [row.event for row in added]) if added else None
    fresh = {row.event.id: row for row in added if not too_many}
    course = therapy.pathway if therapy else pathway_of(product_class, UNSTATED)
    asked = Asked(scope, course, rules(course), therapy, {"class": product_class})
    then = outcome(asked, before, [row.event for row in fresh.values()], clock.today())
    fault = too_many or _fault(therapy, product_class, len(good)) or _broken(asked, before, fresh, then.tracks)
    for each in then.tracks.refused:
        if each.event.id in fresh:
            refused[fresh[each.event.id].line] = each.reason
    told = _told(then.tracks)
    views = [
        _row(row, row.line in known, refused.get(row.line), told.get(row.event.id, ()), then.passed)
        if isinstance(row, Row) and not row.definition.check
        else _checked(row, then.tracks)
        for row in rows
    ]
    return CaseView(name, product, product_class, therapy, tuple(views), then.tracks, fault)


def _row(
    row: Row, known: bool, reason: Text | None, told: Sequence[Text], passed: Mapping[str, Sequence[PassedOver]]
) -> RowView:
    remarks = (row.remark,) if row.remark else ()
    if reason:
        return RowView(row, Fate.REFUSED, reason, remarks)
    if known:
        return RowView(row, Fate.KNOWN, remarks=remarks)
    noted = () if row.definition.acts_on else (sentences.KEPT_AS_NOTE,)
    return RowView(row, Fate.NEW, None, (*remarks, *noted, *told), tuple(passed.get(row.event.id, ())))


def _checked(row: Row | BadRow, tracks: Tracks) -> RowView:
    if isinstance(row, BadRow):
        return RowView(row, Fate.REFUSED, row.reason)
    said, agrees = term_checked(row.event.on, tracks, library())
    return RowView(row, Fate.CHECKED, remarks=(said,)) if agrees else RowView(row, Fate.REFUSED, said)


def _told(tracks: Tracks) -> dict[str, list[Text]]:
    """What the fold says about each event: inferred, already there, or not to be told."""
    found: dict[str, list[Text]] = defaultdict(list)
    for note in tracks.notes:
        if note.event_id and note.kind != "information":
            found[note.event_id].append(note.text)
    return found


def _refused(row: Row) -> Text | None:
    """Why a row cannot become an event of a history, whatever else happened."""
    if row.event.on.first > clock.today() and not row.definition.check:
        return sentences.future(row.event.on)
    cells = {"case_id": row.case, "product": row.product, "detail": row.detail, "src": row.event.source or ""}
    long = next((name for name, cell in cells.items() if len(cell) > LONGEST[name]), None)
    if long:
        return sentences.cell_too_long(long, LONGEST[long])
    try:
        for name, cell in cells.items():
            signs.check_text(cell, several_lines=name == "detail")
    except Refused as refusal:
        return refusal.sentence
    return None


def _known(rows: Sequence[Row], stored: Sequence[PathwayEvent]) -> set[int]:
    """The lines that the history holds already, also where they were corrected since, and those that repeat another.

    The same event, days and statements with the same remark; or one that was typed without any remark.
    """
    remarks: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for each in stored:
        if each.event not in (RETRACTED, STATE_DECLARED, *log.ASIDE):
            said = each.note_ja or each.note_en
            remarks[_content(each.event, (each.first_day, each.last_day), each.attributes)].append(said)
    known = {row.line for row in rows if row.repeats}
    for same in (lambda row: row.detail, lambda _row: ""):
        for row in rows:
            found = remarks[_content(row.event.name, (row.event.on.first, row.event.on.last), row.event.attributes)]
            if row.line not in known and same(row) in found:
                found.remove(same(row))
                known.add(row.line)
    return known


def _content(event: str, on: tuple[object, object], attributes: Mapping[str, str]) -> tuple[object, ...]:
    acts = library().vocabulary.events[event].acts_on if event in library().vocabulary.events else ()
    usual = {(a.key, a.default) for act in acts for a in library().machines[act.machine].attributes if a.default}
    return (event, *on, tuple(sorted(set(attributes.items()) - usual)))


def _fault(therapy: TherapyView | None, product_class: str, events: int) -> Text | None:
    if therapy is None and events and product_class not in classes():
        return sentences.no_pathway(product_class)
    return None


def _broken(asked: Asked, before: list[Event], fresh: Mapping[str, Row], tracks: Tracks) -> Text | None:
    """An event that stood until now and could then not have happened."""
    already = {each.event.id for each in log.folded(asked.rules, before, clock.today()).refused}
    for each in tracks.refused:
        if each.event.id not in already and each.event.id not in fresh:
            return sentences.would_break(event_names(each.event.name), days_text(each.event.on), each.reason)
    return None
