"""Editions of machines: which of them a hub waits for, and what one would do to the lines that run.

An edition that became law after a hub was founded counts for the hub's companies from its day on, but only once the
hub's keeper has accepted it. For an organisation without a hub it counts by itself.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.access.scope import Scope
from app.core import clock
from app.core.db import session
from app.core.errors import NotFound
from app.engine.definition.machine import MachineDefinition
from app.engine.library import shipped
from app.organisations.models import Organisation
from app.rules import moving, queries
from app.rules.models import EditionAcceptance
from app.rules.moving import Fate, Impossible, LineMove
from app.therapies import queries as therapies

Waiting = frozenset[tuple[str, int]]  # machines with versions


@dataclass(frozen=True, slots=True)
class EditionView:
    """One edition of a machine after the first, and how it stands with a hub.

    ``accepted_by`` is None also where it counted already when the hub was founded. ``first_in_line``: of the editions
    of its machine that wait, the oldest; only that one can be accepted. ``waits`` are all that wait in the hub.
    """

    hub_id: str
    old: MachineDefinition
    new: MachineDefinition
    accepted_by: str | None
    accepted_at: dt.datetime | None
    first_in_line: bool
    waits: Waiting

    @property
    def waiting(self) -> bool:
        """Whether it does not count yet because nobody accepted it."""
        return (self.new.key, self.new.version) in self.waits


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an edition would do to the lines of the hub's companies; ``lines`` only as far as the reader may see them.

    ``impossible``: recorded events that could then not have happened; those of therapies out of sight are counted.
    ``digest`` stands for all of it, so that nobody accepts what has become something else.
    """

    lines: tuple[LineMove, ...]
    impossible: tuple[Impossible, ...]
    out_of_sight: int
    digest: str
    fates: dict[Fate, int]  # how many lines have each, also of those out of sight

    @property
    def acceptable(self) -> bool:
        """Whether no recorded event stands against it."""
        return not self.impossible and not self.out_of_sight


def waiting(organisation_ids: Collection[str]) -> dict[str, Waiting]:
    """What the therapies of each organisation wait for (for the program itself); one statement, if any edition is."""
    if not shipped().editions or not organisation_ids:
        return {}
    company, hub = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        select(company.id, hub.created_at, EditionAcceptance.machine, EditionAcceptance.version)
        .join(hub, company.hub_id == hub.id)
        .outerjoin(EditionAcceptance, EditionAcceptance.hub_id == hub.id)
        .where(company.id.in_(organisation_ids))
    )
    found: dict[str, tuple[dt.datetime, set[tuple[str, int]]]] = {}
    for organisation, founded, machine, version in rows:
        found.setdefault(organisation, (founded, set()))[1].add((machine, version))
    return {key: _waiting(founded, accepted) for key, (founded, accepted) in found.items()}


def to_come(scope: Scope) -> list[MachineDefinition]:
    """The editions that the reader's own organisations wait for: the keeper of their hub has yet to accept them."""
    waits = frozenset[tuple[str, int]]().union(*waiting(scope.own).values())
    every = (each for editions in shipped().editions.values() for each in editions)
    return [each for each in every if (each.key, each.version) in waits]


def of_hub(scope: Scope) -> list[EditionView]:
    """Every edition after the first, by machine and version, as it stands with the keeper's hub; else NotFound."""
    hub_id = queries.kept_hub(scope)
    if not shipped().editions:
        return []
    rows: Sequence[Any] = session.execute(
        select(Organisation.created_at, EditionAcceptance)
        .outerjoin(EditionAcceptance, EditionAcceptance.hub_id == Organisation.id)
        .where(Organisation.id == hub_id)
    ).all()
    accepted = {(row.machine, row.version): row for _founded, row in rows if row is not None}
    return list(_views(hub_id, accepted, _waiting(rows[0][0], accepted)))


def of_machine(scope: Scope, key: str) -> list[EditionView]:
    """The editions of one machine after the first; NotFound for no such machine, and for who keeps no rules."""
    if key not in shipped().machines:
        raise NotFound
    return [each for each in of_hub(scope) if each.new.key == key]


def outlook(edition: EditionView, visible: Collection[str]) -> Outlook:
    """What accepting it would do to the lines of the hub's companies; ``visible`` are the therapies one may see."""
    lines = moving.under_edition(therapies.of_hub(edition.hub_id), edition.waits, edition.new)
    seen = tuple(each for each in lines if each.therapy_id in visible)
    hidden = sum(len(each.impossible) for each in lines if each.therapy_id not in visible)
    said = repr([(each.therapy_id, each.instance, each.reasons, each.dates, each.impossible) for each in lines])
    digest = hashlib.sha256(f"{edition.new.key} {edition.new.version} {said}".encode()).hexdigest()
    impossible = tuple(one for each in seen for one in each.impossible)
    return Outlook(seen, impossible, hidden, digest, dict(Counter(each.fate for each in lines)))


def _views(hub_id: str, accepted: dict[tuple[str, int], EditionAcceptance], waits: Waiting) -> Iterator[EditionView]:
    for key, editions in shipped().editions.items():
        oldest = next((each.version for each in editions if (key, each.version) in waits), None)
        for old, new in pairwise(editions):
            row = accepted.get((key, new.version))
            who, when = (row.accepted_by, row.accepted_at) if row else (None, None)
            yield EditionView(hub_id, old, new, who, when, new.version == oldest, waits)


def _waiting(founded: dt.datetime, accepted: Collection[tuple[str, int]]) -> Waiting:
    """The editions that began after the hub was founded, and after the last one that it accepted."""
    began = founded.astimezone(clock.TOKYO).date()
    return frozenset(
        (key, each.version)
        for key, editions in shipped().editions.items()
        for each in editions[1:]
        if (each.valid_from is None or each.valid_from > began)
        and not any(machine == key and version >= each.version for machine, version in accepted)
    )
