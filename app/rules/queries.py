"""Reading what hubs entered and what their keepers verified; each counts for that hub and its companies only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.access.scope import Scope
from app.core.db import session
from app.core.errors import NotFound
from app.engine import entries
from app.engine.definition.common import Confidence, Provenance, Source, Text
from app.engine.definition.consultation import PublishedTable
from app.engine.definition.published import NOTHING, FeeAmount, OfficialForm, Published
from app.engine.entry import Entry
from app.organisations import queries as organisations
from app.organisations.models import Organisation
from app.rules.kinds import Kind, Standing
from app.rules.models import RuleEntry, RuleVerification
from app.therapies.models import Therapy

MODELS: dict[Kind, type[PublishedTable] | type[FeeAmount] | type[OfficialForm]] = {
    Kind.RECEPTION: PublishedTable,
    Kind.FEE: FeeAmount,
    Kind.FORM: OfficialForm,
}
SECTIONS = {Kind.RECEPTION: "reception", Kind.FEE: "fees", Kind.FORM: "forms"}


@dataclass(frozen=True)
class OwnEntry:
    """A table, fee or form that a hub entered, with who did what about it."""

    id: str
    hub_id: str
    kind: Kind
    definition: PublishedTable | FeeAmount | OfficialForm
    source: Source
    standing: Standing
    entered_by: str
    entered_at: dt.datetime
    accepted_by: str | None
    accepted_at: dt.datetime | None
    ended_by: str | None
    ended_at: dt.datetime | None
    reason: str | None
    version: int

    @property
    def entry(self) -> Entry:
        """The entry that pages show; its id is its own even where a shipped one begins on the same day."""
        (found,) = entries.of_published(Published.model_validate({SECTIONS[self.kind]: [self.definition]}))
        return Entry(f"own:{self.id}", found.group, found.page, found.names, found.content, found.provenance)


@dataclass(frozen=True)
class Verification:
    """Who verified which entry as it stands, when, and what was compared."""

    id: str
    hub_id: str
    entry: str
    digest: str
    person: str
    verified_on: dt.date
    compared: str
    document: str
    at: dt.datetime
    taken_back_by: str | None
    reason: str | None


def of_hub(hub_id: str | None, *, also: str | None = None, without: str | None = None) -> Published:
    """What counts for a hub and its companies beside what is shipped (for the program itself).

    ``also``: as if this draft were accepted; ``without``: as if this entry had ended.
    """
    if hub_id is None:
        return NOTHING
    rows = session.scalars(select(RuleEntry).where(RuleEntry.hub_id == hub_id).order_by(RuleEntry.entered_at))
    counted = [row for row in rows if (row.standing == Standing.ACCEPTED or row.id == also) and row.id != without]
    return collected([view(row) for row in counted])


def for_therapy(therapy_id: str) -> Published:
    """What counts for a therapy beside what is shipped, by the hub of its owner (for the program itself)."""
    return of_rows(session.scalars(select(RuleEntry).where(counts_for(therapy_id))))


def counts_for(therapy_id: str | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Joins the entries that count for a therapy to a statement of another room; ``of_rows`` reads what came."""
    hub = select(Organisation.hub_id).join(Therapy, Therapy.organisation_id == Organisation.id)
    owners = hub.where(Therapy.id == therapy_id).scalar_subquery()
    return and_(RuleEntry.hub_id == owners, RuleEntry.standing == Standing.ACCEPTED)


def of_rows(rows: Iterable[RuleEntry | None]) -> Published:
    """Joined rows, which may come several times, as what counts beside what is shipped."""
    entered = {row.id: row for row in rows if row is not None}
    ordered = sorted(entered.values(), key=lambda row: row.entered_at)
    return collected([view(row) for row in ordered]) if ordered else NOTHING


def collected(found: Iterable[OwnEntry]) -> Published:
    """Entries with their sources as one file of ``workflows/published/``."""
    rows = list(found)
    sections = {SECTIONS[kind]: tuple(row.definition for row in rows if row.kind is kind) for kind in Kind}
    return Published.model_validate({"sources": tuple(row.source for row in rows), **sections})


def accepted(scope: Scope) -> list[OwnEntry]:
    """What was accepted in the hubs of the reader: those they review for, and those of their own organisations."""
    if not (scope.hubs or scope.own):
        return []
    counted = organisations.of_own_hubs(scope, RuleEntry.hub_id), RuleEntry.standing == Standing.ACCEPTED
    return [view(row) for row in session.scalars(select(RuleEntry).where(*counted).order_by(RuleEntry.entered_at))]


def of_hub_accepted(hub_id: str) -> list[OwnEntry]:
    """What was accepted in a hub (for the program itself)."""
    counted = RuleEntry.hub_id == hub_id, RuleEntry.standing == Standing.ACCEPTED
    return [view(row) for row in session.scalars(select(RuleEntry).where(*counted).order_by(RuleEntry.entered_at))]


def kept_hub(scope: Scope) -> str:
    """The hub whose rules the person keeps; NotFound for everybody else."""
    hub = next(iter(sorted(scope.kept)), None)
    if hub is None:
        raise NotFound
    return hub


def kept(scope: Scope) -> list[OwnEntry]:
    """What was entered in the hubs whose rules the reader keeps, newest first: drafts and what ended too."""
    shown = RuleEntry.hub_id.in_(scope.kept), RuleEntry.standing != Standing.DISCARDED
    newest_first = RuleEntry.entered_at.desc(), RuleEntry.id
    return [view(row) for row in session.scalars(select(RuleEntry).where(*shown).order_by(*newest_first))]


def get(scope: Scope, entry_id: str) -> OwnEntry:
    """One entry of a hub whose rules the reader keeps; else NotFound."""
    row = session.scalar(select(RuleEntry).where(RuleEntry.id == entry_id, RuleEntry.hub_id.in_(scope.kept)))
    if row is None:
        raise NotFound
    return view(row)


def verifications(scope: Scope) -> dict[tuple[str, str], Verification]:
    """What stands verified for the reader, by entry and hash: in the hubs they review for or belong to."""
    if not (scope.hubs or scope.own):
        return {}
    rows = session.scalars(
        select(RuleVerification)
        .where(organisations.of_own_hubs(scope, RuleVerification.hub_id), RuleVerification.taken_back_at.is_(None))
        .order_by(RuleVerification.at)
    )
    return {(row.entry, row.digest): verification_view(row) for row in rows}


def stands(scope: Scope, entry_ids: Collection[str]) -> ColumnElement[bool]:
    """Joins what stands verified of these entries for the reader to a statement of another room."""
    own = organisations.of_own_hubs(scope, RuleVerification.hub_id)
    return and_(RuleVerification.entry.in_(entry_ids), RuleVerification.taken_back_at.is_(None), own)


def verification(scope: Scope, verification_id: str) -> Verification:
    """A verification of a hub whose rules the reader keeps, also one that was taken back; else NotFound."""
    mine = RuleVerification.id == verification_id, RuleVerification.hub_id.in_(scope.kept)
    row = session.scalar(select(RuleVerification).where(*mine))
    if row is None:
        raise NotFound
    return verification_view(row)


def hub_source(source_id: str) -> Source | None:
    """Where a hub read what it entered; whoever sees a date that rests on it may know."""
    row = session.scalar(select(RuleEntry).where(RuleEntry.source_id == source_id))
    return view(row).source if row else None


def view(row: RuleEntry) -> OwnEntry:
    """A row as others see it."""
    kind = Kind(row.kind)
    mark = Provenance(confidence=Confidence.READ, sources=(row.source_id,))
    definition = MODELS[kind].model_validate({**row.content, "provenance": mark})
    return OwnEntry(
        row.id,
        row.hub_id,
        kind,
        definition,
        _source(row),
        Standing(row.standing),
        row.entered_by,
        row.entered_at,
        row.accepted_by,
        row.accepted_at,
        row.ended_by,
        row.ended_at,
        row.reason,
        row.version,
    )


def verification_view(row: RuleVerification) -> Verification:
    """A row as others see it."""
    return Verification(
        row.id,
        row.hub_id,
        row.entry,
        row.digest,
        row.person,
        row.verified_on,
        row.compared,
        row.document,
        row.at,
        row.taken_back_by,
        row.reason,
    )


def _source(row: RuleEntry) -> Source:
    told = row.source
    return Source(
        id=row.source_id,
        title=Text.of(told["title_ja"], told["title_en"]),
        url=told.get("url") or None,
        read_on=dt.date.fromisoformat(told["read_on"]),
        note=Text(ja=f"{row.entered_by}が入力", en=f"entered by {row.entered_by}"),
    )
