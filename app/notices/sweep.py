"""One look after deadline mails: what became wrong before it left is taken back, what is due is queued, once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from app.access.actor import Position
from app.access.scope import EVERYTHING
from app.audit import services as audit
from app.core import clock, jobs, outbox
from app.core.db import insert_once, session, transaction
from app.core.ids import new_id
from app.core.mail import Mail
from app.engine.calendar import OfficeCalendar, japan
from app.engine.definition.common import Text
from app.notices import due, emails, rules
from app.notices.due import Candidate, Waiting
from app.notices.emails import Letter
from app.notices.models import Notice, NoticeChoice
from app.notices.rules import Rule
from app.organisations import queries as organisations
from app.organisations.queries import MemberView
from app.pathways import queries as pathways
from app.pathways.rules import station
from app.schedule.models import Milestone

log = logging.getLogger(__name__)

BATCH = 50  # milestones in one transaction: short enough for whoever waits to write


@dataclass(frozen=True)
class Swept:
    """What one look did, in mails."""

    withdrawn: int
    queued: int


def sweep() -> Swept:
    """Look once. Any number of processes may do so at any time; a mail that was missed is found by the next look."""
    now, calendar = clock.now(), japan()
    today = now.astimezone(clock.TOKYO).date()
    withdrawn = withdraw(today, calendar)
    queued = queue(now, today, calendar) if rules.awake(now) else 0
    if queued:
        jobs.soon("mail")
    return Swept(withdrawn, queued)


def withdraw(today: dt.date, calendar: OfficeCalendar) -> int:
    """Take back queued mails that are no longer true: done, moved, vanished, overtaken, or to somebody who left."""
    found = due.waiting()
    people = _members({each.organisation_id for each in found if each.organisation_id})
    wrong = [(each, reason) for each in found if (reason := _no_longer(each, people, today, calendar))]
    if not wrong:
        return 0
    count = 0
    with transaction():
        for each, reason in wrong:
            if outbox.withdraw([each.mail_key]):
                count += 1
                session.execute(delete(Notice).where(Notice.id == each.notice_id))
                audit.record(
                    None,
                    "notices:mail:withdrawn",
                    subject_id=each.milestone_id,
                    before={"key": each.mail_key},
                    reason=reason,
                )
    return count


def queue(now: dt.datetime, today: dt.date, calendar: OfficeCalendar) -> int:
    """Queue what is due; each mail in one transaction with the notice that it was sent. Raises after all were tried."""
    found = due.candidates(today, calendar)
    people = _members({candidate.organisation_id for candidate in found})
    silent = set(session.scalars(select(NoticeChoice.person_id).where(NoticeChoice.mails.is_(False))))
    count, faults = 0, []
    for batch in _batches(found):
        before = due.days_named_before([candidate.milestone.id for candidate in batch])
        stations: dict[str, Text | None] = {}
        letters: list[tuple[Candidate, MemberView, Mail]] = []
        for candidate in batch:
            try:
                letters += _letters(candidate, people, silent, before, stations, now, today, calendar)
            except Exception as fault:
                log.exception("no mail could be written about milestone %s", candidate.milestone.id)
                faults.append(fault)
        count += _queue(letters, now)
    if faults:
        raise RuntimeError(f"{len(faults)} milestones could not be written about") from faults[0]
    return count


def _letters(
    candidate: Candidate,
    people: dict[str, list[MemberView]],
    silent: set[str],
    before: dict[tuple[str, str], dt.date],
    stations: dict[str, Text | None],
    now: dt.datetime,
    today: dt.date,
    calendar: OfficeCalendar,
) -> Iterator[tuple[Candidate, MemberView, Mail]]:
    milestone, rule = candidate.milestone, candidate.due.rule
    if milestone.therapy_id not in stations:
        stations[milestone.therapy_id] = station_line(milestone.therapy_id, today)
    for person in recipients(people.get(candidate.organisation_id, []), rule, silent):
        letter = Letter(
            milestone,
            rule,
            candidate.day,
            candidate.organisation,
            before=before.get((milestone.id, person.person_id)),
            station=stations[milestone.therapy_id],
        )
        yield candidate, person, emails.mail(letter, person, now, today, calendar)


def recipients(people: Sequence[MemberView], rule: Rule, silent: set[str]) -> list[MemberView]:
    """Who gets a mail: leads always, members unless they chose not to; about the regulator's silence leads only."""
    leads = [person for person in people if person.position is Position.LEAD]
    if rule is Rule.SILENCE and leads:
        return leads
    return [person for person in people if person.position is Position.LEAD or person.person_id not in silent]


def station_line(therapy_id: str, today: dt.date) -> Text | None:
    """Where the therapy stands and goes next, as on a station sign; an ornament, so its faults hold up no mail."""
    try:
        view = pathways.overview(EVERYTHING, therapy_id, today)
    except Exception:
        log.exception("no station sign for therapy %s", therapy_id)
        return None
    if view.leading is None:
        return None
    here = station(view.leading.machine, view.leading.state)
    line = Text(ja=f"[{here.code} {here.names.ja}]", en=f"[{here.code} {here.names.en}]")
    if view.next and view.next.transition.to:
        there = station(view.next.machine, view.next.transition.to)
        line = Text(
            ja=f"{line.ja} → 次 [{there.code} {there.names.ja}]",
            en=f"{line.en} → next [{there.code} {there.names.en}]",
        )
    return line


def _queue(letters: Sequence[tuple[Candidate, MemberView, Mail]], now: dt.datetime) -> int:
    if not letters:
        return 0
    count = 0
    with transaction():
        wanted = {candidate.milestone.id for candidate, _person, _mail in letters}
        rows = session.execute(
            select(Milestone.id, Milestone.version).where(Milestone.id.in_(wanted), Milestone.done_on.is_(None))
        )
        unchanged = {(milestone, version) for milestone, version in rows}
        for candidate, person, mail in letters:
            if (candidate.milestone.id, candidate.milestone.version) not in unchanged:
                continue  # it changed while the mail was written; the next look sees the new state
            if _note(candidate, person, mail, now) and outbox.enqueue(mail):
                count += 1
    return count


def _note(candidate: Candidate, person: MemberView, mail: Mail, now: dt.datetime) -> bool:
    return insert_once(
        Notice,
        id=new_id(),
        milestone_id=candidate.milestone.id,
        therapy_id=candidate.milestone.therapy_id,
        rule=candidate.due.rule.value,
        subject_day=candidate.day,
        person_id=person.person_id,
        due_on=candidate.due.on,
        mail_key=mail.key,
        made_at=now,
    )


def _no_longer(
    each: Waiting, people: dict[str, list[MemberView]], today: dt.date, calendar: OfficeCalendar
) -> str | None:
    if each.done:
        return "done"
    if each.subject is None:
        return "vanished"
    if each.subject.counted != each.day:
        return "moved"
    due_now = rules.current(each.subject, today, calendar)
    if due_now is None or due_now.rule is not each.rule:
        return "overtaken"
    if all(person.person_id != each.person_id for person in people.get(each.organisation_id or "", [])):
        return "left"
    return None


def _members(organisation_ids: set[str]) -> dict[str, list[MemberView]]:
    found: dict[str, list[MemberView]] = {}
    if organisation_ids:
        for member in organisations.members(frozenset(organisation_ids)):
            found.setdefault(member.organisation_id, []).append(member)
    return found


def _batches(found: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]
