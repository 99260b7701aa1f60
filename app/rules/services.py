"""Verifying entries; entering tables, fees and forms as drafts, accepting and ending them; accepting editions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.access.scope import Scope
from app.audit import services as audit
from app.core import clock
from app.core.db import session, transaction
from app.core.errors import Changed, NotFound, Refused
from app.core.ids import new_id
from app.engine.definition.common import Confidence, Provenance, Text
from app.engine.entry import Entry
from app.engine.exporting import as_yaml
from app.engine.lint import Finding, lint_published
from app.organisations import queries as organisations
from app.rules import editions, moving, queries
from app.rules.kinds import Kind, Standing
from app.rules.models import EditionAcceptance, RuleEntry, RuleVerification
from app.rules.moving import Moved
from app.rules.queries import MODELS

FILE = "published/hub.yaml"
LONGEST = 1000
PLACES = {"reception": Kind.RECEPTION, "fees": Kind.FEE, "forms": Kind.FORM}
_OURS = Text(
    ja="これはShirubeによる整理であり、照合する資料はありません。",
    en="This is an arrangement of this program; there is nothing to compare it with.",
)
_WHAT = Text(ja="何と見比べたかを入力してください。", en="Please say what you compared it with.")
_BROKEN = Text(
    ja="記録済みの出来事のうち、この版では起こり得ないものがあります。先に記録を訂正してください。",
    en="An event that is recorded could not have happened by this version. Its record has to be corrected first.",
)
_WHY = Text(ja="理由を入力してください。", en="Please give the reason.")


@dataclass(frozen=True)
class Fault:
    """What lint found in an entry: ``place`` leads to the value inside it, such as ("rows", 3, "notice")."""

    place: tuple[int | str, ...]
    said: Text


class Faulty(Exception):
    """An entry that lint does not let pass; nothing was saved."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.said.en for fault in faults))


def verify(scope: Scope, entry: Entry, *, digest: str, on: dt.date, compared: str, document: str = "") -> str:
    """A keeper says: on this day I compared the entry, as it stands, and it is right. Returns the verification's id.

    Raises Changed when the entry is no longer the one that was shown (``digest``), Refused for a day to come.
    """
    hub_id = queries.kept_hub(scope)
    if entry.digest != digest:
        raise Changed
    if entry.ours:
        raise Refused(_OURS)
    if on > clock.today():
        raise Refused(Text(ja="その日はまだ来ていません。", en="That day has not come yet."), field="on")
    said = _said(compared, _WHAT, "compared")
    person = scope.person()
    with transaction():
        row = RuleVerification(
            hub_id=hub_id,
            entry=entry.id,
            digest=digest,
            person_id=person.id,
            person=person.name,
            verified_on=on,
            compared=said,
            document=document.strip(),
            at=clock.now(),
        )
        session.add(row)
        session.flush()
        told = {"entry": entry.id, "digest": digest, "on": on.isoformat(), "compared": said, "document": row.document}
        audit.record(scope.actor, "rules:entry:verified", organisation_id=hub_id, subject_id=row.id, after=told)
    return row.id


def take_back(scope: Scope, verification_id: str, *, reason: str) -> None:
    """It was not right after all: the entry is unverified again, and the trail keeps why."""
    said = _said(reason, _WHY, "reason")
    with transaction():
        queries.verification(scope, verification_id)
        row = session.get(RuleVerification, verification_id, populate_existing=True)
        if row is None:
            raise NotFound
        if row.taken_back_at is not None:
            raise Changed
        row.taken_back_at, row.taken_back_by, row.reason = clock.now(), scope.person().name, said
        audit.record(
            scope.actor,
            "rules:verification:taken_back",
            organisation_id=row.hub_id,
            subject_id=row.id,
            before={"entry": row.entry, "digest": row.digest},
            reason=said,
        )


def save(
    scope: Scope,
    kind: Kind,
    content: dict[str, Any],
    source: dict[str, Any],
    *,
    entry_id: str | None = None,
    version: int | None = None,
) -> str:
    """Save a draft, a new one or again; it counts nowhere yet. Returns its id.

    Raises Faulty where lint finds anything, Changed where somebody else saved first or it is no draft any more.
    """
    with transaction():
        row = _draft(scope, entry_id, version) if entry_id else _new(scope, kind)
        before = {"content": row.content, "source": row.source} if entry_id else None
        row.content, row.source = _plain(kind, content, row.source_id), {**source, "read_on": _iso(source["read_on"])}
        row.entered_by, row.entered_at = scope.person().name, clock.now()
        row.version = row.version + 1 if entry_id else 1
        session.add(row)
        session.flush()
        _must_be_sound(row)
        told = {"kind": str(kind), "content": row.content, "source": row.source}
        _record(scope, row, "edited" if entry_id else "entered", before=before, after=told)
    return row.id


def discard(scope: Scope, entry_id: str, *, version: int) -> None:
    """Throw a draft away; the trail keeps what it said."""
    with transaction():
        row = _draft(scope, entry_id, version)
        row.standing, row.version = Standing.DISCARDED, row.version + 1
        _record(scope, row, "discarded", before={"content": row.content, "source": row.source})


def would_move(scope: Scope, entry_id: str) -> list[Moved]:
    """What would move if a draft were accepted, or if what was accepted ended; only therapies the keeper may see."""
    found = queries.get(scope, entry_id)
    draft = found.standing is Standing.DRAFT
    published = queries.of_hub(found.hub_id, also=entry_id if draft else None, without=None if draft else entry_id)
    return moving.would_move(scope, organisations.company_ids(found.hub_id), published)


def accept(scope: Scope, entry_id: str, *, version: int) -> None:
    """From now on the draft counts for the hub and its companies; all their open plans follow, at once or not at all.

    Raises Faulty where what was accepted meanwhile no longer leaves it sound, Changed where somebody saved first.
    """
    with transaction():
        row = _draft(scope, entry_id, version)
        _must_be_sound(row)
        row.standing, row.accepted_by, row.accepted_at = Standing.ACCEPTED, scope.person().name, clock.now()
        row.version += 1
        _record(scope, row, "accepted", after={"content": row.content, "source": row.source})
        session.flush()
        moving.compute_anew(organisations.company_ids(row.hub_id))


def end(scope: Scope, entry_id: str, *, version: int, reason: str) -> None:
    """What was accepted no longer counts, and all open plans follow; the reason stays with it."""
    said = _said(reason, _WHY, "reason")
    with transaction():
        row = _row(scope, entry_id, version)
        if row.standing != Standing.ACCEPTED:
            raise Changed
        row.standing, row.ended_by, row.ended_at, row.reason = Standing.ENDED, scope.person().name, clock.now(), said
        row.version += 1
        _record(scope, row, "ended", before={"content": row.content, "source": row.source}, reason=said)
        session.flush()
        moving.compute_anew(organisations.company_ids(row.hub_id))


def accept_edition(scope: Scope, machine: str, *, digest: str) -> None:
    """From its day on an edition of a machine counts for the hub's companies; lines go over only where that is safe.

    ``digest`` is what ``editions.outlook`` showed: raises Changed where that is no longer so, or where nothing of the
    machine waits; Refused where an event that was recorded could then not have happened.
    """
    with transaction():
        found = next((each for each in editions.of_machine(scope, machine) if each.first_in_line), None)
        if found is None:
            raise Changed
        then, version, who = editions.outlook(found, visible=()), found.new.version, scope.person().name
        if then.digest != digest:
            raise Changed
        if not then.acceptable:
            raise Refused(_BROKEN)
        row = EditionAcceptance(
            hub_id=found.hub_id, machine=machine, version=version, accepted_by=who, accepted_at=clock.now()
        )
        session.add(row)
        session.flush()
        moving.compute_anew(organisations.company_ids(found.hub_id))
        told = {"machine": machine, "from": found.old.version, "to": version, "lines": then.fates}
        audit.record(scope.actor, "rules:edition:accepted", organisation_id=found.hub_id, subject_id=row.id, after=told)


def exported(scope: Scope) -> str:
    """What counts in the keeper's hub as the file that would stand in ``workflows/published/``."""
    hub_id = queries.kept_hub(scope)
    hub = organisations.organisation(hub_id)
    return as_yaml(queries.of_hub(hub_id), f"{hub.name_en} ({hub.name_ja}), {clock.today().isoformat()}")


def _new(scope: Scope, kind: Kind) -> RuleEntry:
    made = new_id()
    return RuleEntry(
        id=made, hub_id=queries.kept_hub(scope), kind=kind, source_id=f"H{made[:12].upper()}", standing=Standing.DRAFT
    )


def _row(scope: Scope, entry_id: str, version: int | None) -> RuleEntry:
    queries.get(scope, entry_id)
    row = session.get(RuleEntry, entry_id, populate_existing=True)
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise Changed
    return row


def _draft(scope: Scope, entry_id: str, version: int | None) -> RuleEntry:
    row = _row(scope, entry_id, version)
    if row.standing != Standing.DRAFT:
        raise Changed
    return row


def _plain(kind: Kind, content: dict[str, Any], source_id: str) -> dict[str, Any]:
    """The content as it is stored; Faulty for what is no definition at all."""
    mark = Provenance(confidence=Confidence.READ, sources=(source_id,))
    try:
        built = MODELS[kind].model_validate({**content, "provenance": mark})
    except ValidationError as error:
        raise Faulty([Fault(tuple(each["loc"]), _unreadable(each["msg"])) for each in error.errors()]) from error
    return built.model_dump(mode="json", exclude={"provenance"}, exclude_defaults=True)


def _must_be_sound(row: RuleEntry) -> None:
    """The lint of files, over what the hub has accepted and this entry as one file."""
    others = [one for one in queries.of_hub_accepted(row.hub_id) if one.id != row.id]
    text = as_yaml(queries.collected([*others, queries.view(row)]), "hub")
    section = next(section for section, kind in PLACES.items() if kind == row.kind)
    number = sum(one.kind == row.kind for one in others)
    faults = [_fault(each, section, number) for each in lint_published(text, FILE)]
    if faults:
        raise Faulty(faults)


def _fault(finding: Finding, section: str, number: int) -> Fault:
    """A finding at its place in the entry; one about another entry belongs to no single field."""
    own = finding.place[:2] == (section, number)
    said = Text(ja=finding.ja, en=f"{finding.what} {finding.to_do}") if finding.ja else _unreadable(finding.what)
    return Fault(finding.place[2:] if own else (), said)


def _unreadable(what: str) -> Text:
    return Text(ja="この値は登録できません。公表された資料と見比べてください。", en=f"This cannot be entered: {what}")


def _said(typed: str, otherwise: Text, field: str) -> str:
    said = typed.replace("\r\n", "\n").strip()
    if not said:
        raise Refused(otherwise, field=field)
    return said[:LONGEST]


def _iso(day: dt.date | str) -> str:
    return day if isinstance(day, str) else day.isoformat()


def _record(scope: Scope, row: RuleEntry, verb: str, **told: Any) -> None:
    audit.record(scope.actor, f"rules:own:{verb}", organisation_id=row.hub_id, subject_id=row.id, **told)
