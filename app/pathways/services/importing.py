"""Importing files of histories: a file waits in a row until it is confirmed; then all of it is done, or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import delete, select

from app.access.scope import Scope
from app.audit import queries as trail
from app.audit import services as audit
from app.core import clock, signs
from app.core.db import outside_turn, reading_only, session, transaction
from app.core.errors import NotFound, Refused
from app.core.ids import new_id
from app.engine.definition.common import Text
from app.engine.histories import UnreadableError, decoded, read_rows
from app.pathways import duties, outlook, sentences
from app.pathways.models import PathwayCase, PathwayUpload
from app.pathways.outlook import CaseView, Outlook, Target, new_events
from app.pathways.passing import ReasonNeeded, as_stored
from app.pathways.rules import library
from app.pathways.services.storing import store
from app.therapies import queries as therapies
from app.therapies import services as making
from app.therapies.kinds import UNSTATED

LARGEST = 2**20  # bytes of a file; precedents of thirteen products are 7 kB
MOST_ROWS = 2000
WAITS = dt.timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An uploaded file and what it would do now."""

    id: str
    filename: str
    expires_at: dt.datetime
    target: Target
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Imported:
    """What was done: events recorded, and the therapies that they belong to by their cases."""

    events: int
    therapies: dict[str, str]


def upload(scope: Scope, *, filename: str, data: bytes, therapy_id: str | None = None, case: str = "") -> str:
    """Keep a file until it is confirmed; returns its id. Refused for what is no file of histories."""
    where = outlook.target(scope, therapy_id=therapy_id)
    with outside_turn():  # reading a file that is long, or all wrong, takes its time
        text = read(data)
        check_cases(text, where, [case] if case else [])
    with transaction():
        where = outlook.target(scope, therapy_id=therapy_id)
        forget_uploads()
        row = PathwayUpload(
            organisation_id=where.organisation_id,
            therapy_id=therapy_id,
            case_id=case,
            filename=signs.short(filename, 190) or "–",
            content=text,
            uploaded_at=clock.now(),
            expires_at=clock.now() + WAITS,
        )
        session.add(row)
        session.flush()
    return row.id


def read(data: bytes) -> str:
    """The text of a file of histories; Refused with a sentence for anything else."""
    if len(data) > LARGEST:
        raise Refused(sentences.file_too_large(LARGEST // 2**20), field="file")
    try:
        text = signs.lines(decoded(data))
    except UnreadableError as error:
        raise Refused(error.reason, field="file") from error
    signs.check_text(text, several_lines=True, field="file")
    rows = list(islice(read_rows(text, library()), MOST_ROWS + 1))
    if fault := next((row for row in rows if not row.case), None):
        raise Refused(sentences.in_line(fault.line, _reason(fault)), field="file")
    if not rows:
        raise Refused(sentences.NO_ROWS, field="file")
    if len(rows) > MOST_ROWS:
        raise Refused(sentences.too_many_rows(MOST_ROWS), field="file")
    return text


def check_cases(text: str, where: Target, cases: Sequence[str]) -> None:
    """Refused where a named case is not in the file, or where one therapy would get several histories."""
    found = list(dict.fromkeys(row.case for row in read_rows(text, library())))
    if strange := next((case for case in cases if case not in found), None):
        raise Refused(sentences.no_such_case(strange, found), field="case")
    if where.therapy and len(cases or found) > 1:
        raise Refused(sentences.several_cases(found), field="case")


def waiting(scope: Scope, upload_id: str) -> Waiting:
    """A file that waits, with what it would do; NotFound when it was done, forgotten or is somebody else's."""
    row = _row(scope, upload_id)
    where = outlook.target(scope, therapy_id=row.therapy_id, organisation_id=row.organisation_id)
    with reading_only():  # putting events in order takes its time
        seen = outlook.look(scope, row.content, where, row.case_id)
    return Waiting(row.id, row.filename, row.expires_at, where, seen)


def confirm(scope: Scope, upload_id: str, *, cases: Iterable[str], digest: str, because: str = "") -> Imported:
    """Do what was shown, for the chosen cases, in one transaction; the file is forgotten.

    Refused where it would now do something else than what was shown, or where the organisation changed anything while
    that was found out.
    """
    owner = _row(scope, upload_id).organisation_id
    changes = trail.count_of(owner)
    found = waiting(scope, upload_id)
    with transaction():
        _row(scope, upload_id)
        if found.outlook.digest != digest or trail.count_of(owner) != changes:
            raise Refused(sentences.CHANGED_MEANWHILE)
        done = bring(scope, found.target, found.outlook, cases=cases, because=because, filename=found.filename)
        session.execute(delete(PathwayUpload).where(PathwayUpload.id == upload_id))
    return done


def drop(scope: Scope, upload_id: str) -> None:
    """Forget a file without importing it."""
    with transaction():
        session.execute(delete(PathwayUpload).where(PathwayUpload.id == _row(scope, upload_id).id))


def forget_uploads() -> int:
    """Forget the files that nobody confirmed in time; returns how many."""
    late = PathwayUpload.expires_at <= clock.now()
    if not session.scalar(select(PathwayUpload.id).where(late).limit(1)):
        return 0
    with transaction():
        gone = list(session.scalars(select(PathwayUpload.id).where(late)))
        session.execute(delete(PathwayUpload).where(PathwayUpload.id.in_(gone)))
    return len(gone)


def bring(
    scope: Scope, where: Target, seen: Outlook, *, cases: Iterable[str], because: str = "", filename: str = ""
) -> Imported:
    """Record every new event of the chosen cases, in one transaction.

    A case with a refused row is refused as a whole. One reason serves all events that pass over guards.
    """
    with transaction():
        chosen = seen.chosen(cases)
        if not chosen:
            raise Refused(sentences.NOTHING_CHOSEN, field="cases")
        if bad := next((case for case in chosen if not case.possible), None):
            raise Refused(sentences.case_refused(bad.case), field="cases")
        passed = [guard for case in chosen for guard in case.passed]
        if passed and not because.strip():
            raise ReasonNeeded(passed)
        done = {case.case: _bring(scope, where, case, because) for case in chosen}
        events = sum(len(new_events(case)) for case in chosen)
        audit.record(
            scope.actor,
            "pathways:file:imported",
            organisation_id=where.organisation_id,
            subject_id=where.therapy.id if where.therapy else None,
            after={"file": filename, "events": events, "therapies": done},
            reason=because.strip() if passed else None,
        )
    return Imported(events, done)


def _bring(scope: Scope, where: Target, case: CaseView, because: str) -> str:
    therapy = case.therapy or _made(scope, where.organisation_id, case)
    passed = {each.row.line: as_stored(each.passed) for each in case.rows}
    for row in new_events(case):
        event = replace(row.event, id=new_id(), recorded_at=clock.now())
        store(scope, therapy, event, note=row.detail, passed=passed[row.line], because=because)
    duties.tell(scope, therapy, case.tracks, added=True)
    return therapy.id


def _made(scope: Scope, organisation_id: str, case: CaseView) -> therapies.TherapyView:
    """The therapy of a case that was not imported before."""
    therapy_id = making.add(
        scope,
        name_ja=case.product,
        product_class=case.product_class,
        material=UNSTATED,
        organisation_id=organisation_id,
    )
    session.add(PathwayCase(organisation_id=organisation_id, case_id=case.case, therapy_id=therapy_id))
    session.flush()
    return therapies.own(scope, therapy_id)


def _row(scope: Scope, upload_id: str) -> PathwayUpload:
    row = session.scalar(
        select(PathwayUpload).where(PathwayUpload.id == upload_id, PathwayUpload.expires_at > clock.now())
    )
    if row is None or not (scope.everything or row.organisation_id in scope.led):
        raise NotFound
    return row


def _reason(row: object) -> Text:
    return getattr(row, "reason", sentences.NO_ROWS)
