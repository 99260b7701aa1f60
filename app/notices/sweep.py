"""One look after deadline mails: what became wrong before it left is taken back, what is due is queued, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, update

from app.audit import services as audit
from app.core import clock, jobs, outbox
from app.core.db import insert_once, session, transaction
from app.core.ids import new_id
from app.engine.calendar import japan
from app.notices import due, letters, rules
from app.notices.due import Candidate, Waiting
from app.notices.letters import People, Post, Writer
from app.notices.models import Notice

BATCH = 50  # milestones in one transaction: short enough for whoever waits to write


@dataclass(frozen=True)
class Swept:
    """What one look did, in mails; one that was rewritten was both withdrawn and queued."""

    withdrawn: int
    queued: int


@dataclass(frozen=True)
class Rewriting:
    """A queued mail that is no longer true, and what is to leave instead: nothing, or what remains of it."""

    key: str
    wrong: dict[str, str]  # by notice, why
    notices: list[Waiting]
    posts: list[Post]


def sweep() -> Swept:
    """Look once. Any number of processes may do so at any time; a mail that was missed is found by the next look."""
    writer = _writer()
    swept = take_back(writer)
    if rules.awake(writer.now):
        swept = Swept(swept.withdrawn, swept.queued + queue(writer))
    if swept.queued:
        jobs.soon("mail")
    writer.raise_faults()
    return swept


def take_back(writer: Writer | None = None) -> Swept:
    """Take back queued mails that are no longer true: done, moved, vanished, overtaken, or to somebody who left.

    What remains true of such a mail leaves in another one, queued in the same transaction.
    """
    writer = writer or _writer()
    found = due.waiting()
    people = letters.members({each.organisation_id for each in found if each.organisation_id})
    wrong = {each.notice_id: reason for each in found if (reason := _no_longer(each, people, writer))}
    if not wrong:
        return Swept(0, 0)
    mails: dict[str, list[Waiting]] = {}
    for each in found:
        mails.setdefault(each.mail_key, []).append(each)
    touched = {key: group for key, group in mails.items() if any(each.notice_id in wrong for each in group)}
    rewritings = _rewritings(touched, wrong, people, writer)
    with transaction():
        still = due.unchanged(candidate for each in rewritings for post in each.posts for candidate in post.candidates)
        done = [_rewrite(each, still) for each in rewritings]
    return Swept(sum(mails is not None for mails in done), sum(mails or 0 for mails in done))


def queue(writer: Writer) -> int:
    """Queue what is due; each mail in one transaction with the notices that it was sent."""
    found = due.candidates(writer.today, writer.calendar)
    if not found:
        return 0
    people = letters.members({candidate.organisation_id for candidate in found})
    silent = letters.silent()
    count = 0
    for batch in _batches(letters.bundles(found)):
        before = due.days_named_before([candidate.milestone.id for bundle in batch for candidate in bundle])
        posts = [(bundle, letters.written(bundle, people, silent, before, writer)) for bundle in batch]
        count += _queue(posts, writer.now)
    return count


def _writer() -> Writer:
    now = clock.now()
    return Writer(now, now.astimezone(clock.TOKYO).date(), japan())


def _rewritings(
    touched: dict[str, list[Waiting]], wrong: dict[str, str], people: People, writer: Writer
) -> list[Rewriting]:
    found = []
    right = [each for group in touched.values() for each in group if each.notice_id not in wrong]
    ids = [each.milestone_id for each in right]
    standing = due.standing(ids, writer.today, writer.calendar)
    before = due.days_named_before(ids)
    for key, group in touched.items():
        rest = {each.milestone_id for each in group if each.notice_id not in wrong}
        posts = []
        if rest - standing.keys():
            continue  # it changed while we looked; the next look sees the new state
        if rest:
            one = next(each for each in group if each.milestone_id in rest)
            person = next(p for p in people[one.organisation_id or ""] if p.person_id == one.person_id)
            posts = writer.posts(person, [standing[name] for name in standing if name in rest], before)
        reasons = {each.notice_id: wrong[each.notice_id] for each in group if each.notice_id in wrong}
        found.append(Rewriting(key, reasons, group, posts))
    return found


def _rewrite(each: Rewriting, still: set[str]) -> int | None:
    """How many mails leave instead; None if nothing was done, because it is being sent or the plan just changed."""
    about = {candidate.milestone.id for post in each.posts for candidate in post.candidates}
    if not about <= still or not outbox.withdraw([each.key]):
        return None
    session.execute(delete(Notice).where(Notice.mail_key == each.key, Notice.milestone_id.not_in(about)))
    for notice in each.notices:
        if notice.notice_id in each.wrong:
            audit.record(
                None,
                "notices:mail:withdrawn",
                subject_id=notice.milestone_id,
                before={"key": each.key},
                reason=each.wrong[notice.notice_id],
            )
    for post in each.posts:
        names = [candidate.milestone.id for candidate in post.candidates]
        chosen = (Notice.mail_key == each.key, Notice.milestone_id.in_(names))
        session.execute(update(Notice).where(*chosen).values(mail_key=post.mail.key))
        outbox.enqueue(post.mail)
    return len(each.posts)


def _queue(batch: Sequence[tuple[Sequence[Candidate], Sequence[Post]]], now: dt.datetime) -> int:
    """Queue bundles, each as a whole or not at all: what another look told of, or what changed while the mail was
    written, is seen by the next look. All mails about one day are in one transaction, for a notice to one person says
    that the day was told of."""
    count = 0
    with transaction():
        candidates = [candidate for bundle, _posts in batch for candidate in bundle]
        still = due.unchanged(candidates)
        told = due.told([candidate.milestone.id for candidate in candidates])
        for bundle, posts in batch:
            if all(one.milestone.id in still and one.told not in told for one in bundle):
                for post in posts:
                    _note(post, now)
                    count += outbox.enqueue(post.mail)
    return count


def _note(post: Post, now: dt.datetime) -> None:
    for candidate in post.candidates:
        insert_once(
            Notice,
            id=new_id(),
            milestone_id=candidate.milestone.id,
            therapy_id=candidate.milestone.therapy_id,
            rule=candidate.due.rule.value,
            subject_day=candidate.day,
            person_id=post.person.person_id,
            due_on=candidate.due.on,
            mail_key=post.mail.key,
            made_at=now,
        )


def _no_longer(each: Waiting, people: People, writer: Writer) -> str | None:
    if each.done:
        return "done"
    if each.subject is None:
        return "vanished"
    if each.subject.counted != each.day:
        return "moved"
    due_now = rules.current(each.subject, writer.today, writer.calendar)
    if due_now is None or due_now.rule is not each.rule:
        return "overtaken"
    if all(person.person_id != each.person_id for person in people.get(each.organisation_id or "", [])):
        return "left"
    return None


def _batches(bundles: Sequence[list[Candidate]]) -> Iterator[list[list[Candidate]]]:
    batch: list[list[Candidate]] = []
    for bundle in bundles:
        batch.append(bundle)
        if sum(map(len, batch)) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
