"""Who is written to about what, and what shares one mail. Nothing is stored here."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from app.access.actor import Position
from app.access.scope import EVERYTHING
from app.core.db import session
from app.core.mail import Mail
from app.engine.calendar import OfficeCalendar
from app.engine.definition.common import Text
from app.notices import emails
from app.notices.due import Candidate
from app.notices.emails import Letter
from app.notices.models import NoticeChoice
from app.notices.rules import Rule
from app.organisations import queries as organisations
from app.organisations.queries import MemberView
from app.pathways import queries as pathways
from app.pathways.rules import station

log = logging.getLogger(__name__)

People = dict[str, list[MemberView]]  # by organisation
Before = dict[tuple[str, str], dt.date]  # by milestone and person: the day that the last mail named


@dataclass(frozen=True)
class Post:
    """One mail to one person, and what it is about."""

    person: MemberView
    candidates: tuple[Candidate, ...]
    mail: Mail


@dataclass
class Writer:
    """Writes the mails of one look. ``faults``: by milestone, why nothing could be written about it."""

    now: dt.datetime
    today: dt.date
    calendar: OfficeCalendar
    faults: dict[str, Exception] = field(default_factory=dict)
    _stations: dict[str, Text | None] = field(default_factory=dict)

    def posts(self, person: MemberView, candidates: Sequence[Candidate], before: Before) -> list[Post]:
        """One mail about all of them; where one of them is broken, one about each, so that it holds up no other."""
        try:
            letters = [self._letter(candidate, person, before) for candidate in candidates]
            return [Post(person, tuple(candidates), emails.mail(letters, person, self.now, self.today, self.calendar))]
        except Exception as fault:
            if len(candidates) > 1:
                return [post for candidate in candidates for post in self.posts(person, [candidate], before)]
            milestone = candidates[0].milestone
            log.exception("no mail could be written about milestone %s", milestone.id)
            self.faults[milestone.id] = fault
            return []

    def raise_faults(self) -> None:
        """Say in the end that something could not be written about."""
        if self.faults:
            raise RuntimeError(f"{len(self.faults)} milestones could not be written about") from next(
                iter(self.faults.values())
            )

    def _letter(self, candidate: Candidate, person: MemberView, before: Before) -> Letter:
        milestone = candidate.milestone
        if milestone.therapy_id not in self._stations:
            self._stations[milestone.therapy_id] = station_line(milestone.therapy_id, self.today)
        return Letter(
            milestone,
            candidate.due.rule,
            candidate.day,
            candidate.organisation,
            before=before.get((milestone.id, person.person_id)),
            station=self._stations[milestone.therapy_id],
        )


def bundles(found: Sequence[Candidate]) -> list[list[Candidate]]:
    """What shares a mail: each urgent one stands alone; all others of an organisation stand together."""
    alone = [[candidate] for candidate in found if not candidate.waits]
    together: dict[str, list[Candidate]] = {}
    for candidate in found:
        if candidate.waits:
            together.setdefault(candidate.organisation_id, []).append(candidate)
    return alone + list(together.values())


def written(
    bundle: Sequence[Candidate], people: People, silent: set[str], before: Before, writer: Writer
) -> list[Post]:
    """The mails about one bundle, to everybody who gets one. Its candidates have the same readers."""
    readers = recipients(people.get(bundle[0].organisation_id, []), bundle[0].due.rule, silent)
    return [post for person in readers for post in writer.posts(person, bundle, before)]


def recipients(people: Sequence[MemberView], rule: Rule, silent: set[str]) -> list[MemberView]:
    """Who gets a mail: leads always, members unless they chose not to; about the regulator's silence leads only."""
    leads = [person for person in people if person.position is Position.LEAD]
    if rule is Rule.SILENCE and leads:
        return leads
    return [person for person in people if person.position is Position.LEAD or person.person_id not in silent]


def members(organisation_ids: set[str]) -> People:
    """The people of these organisations."""
    found: People = {}
    if organisation_ids:
        for member in organisations.members(frozenset(organisation_ids)):
            found.setdefault(member.organisation_id, []).append(member)
    return found


def silent() -> set[str]:
    """The people who chose to get no mails."""
    return set(session.scalars(select(NoticeChoice.person_id).where(NoticeChoice.mails.is_(False))))


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
