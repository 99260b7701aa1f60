"""Every definition as one entry that can be pointed at, searched for, and verified as it stands.

An entry is verified by the hash of its content: whatever changes in it makes it another one.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from app.engine.abroad import World
from app.engine.calendar import Month
from app.engine.catalogue import clock_entries, published
from app.engine.definition.abroad import Part
from app.engine.definition.calendar import CalendarTable
from app.engine.definition.changes import Change, OpenQuestion
from app.engine.definition.clock import Clock
from app.engine.definition.common import Confidence, Definition, Provenance, Source, Text
from app.engine.definition.consultation import ConsultationType, PublishedTable
from app.engine.definition.evidence import EvidenceItem, EvidenceSet
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.material import Material
from app.engine.definition.pathway import PathwayDefinition
from app.engine.definition.published import FeeAmount, OfficialForm, Published
from app.engine.definition.validity import InForce
from app.engine.library import Library
from app.engine.loader import WORKFLOWS, build, load, read_yaml
from app.engine.wording import month_text

CONFLICTS = "conflicts"  # the page of what stands between agencies
_GAP = re.compile(r"\{\w+\}")


def folded(text: str) -> str:
    """A text as a search compares it: Ⅱ is II, and neither width nor case tells words apart."""
    return unicodedata.normalize("NFKC", text).casefold()


@dataclass(frozen=True)
class Entry:
    """One definition: ``group`` and ``page`` say where it stands, ``id`` names it among all."""

    id: str
    group: str
    page: str
    names: Text
    content: Definition
    provenance: Provenance

    @property
    def anchor(self) -> str:
        """Its place on its page."""
        return self.id.replace(":", "-")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content; what a definition leaves at its default does not count."""
        content = self.content.model_dump(mode="json", exclude_defaults=True)
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @cached_property
    def words(self) -> str:
        """Everything that a search may find, folded."""
        return folded(" ".join([self.id, *_strings(self.content.model_dump(mode="json"))]))


def entries(library: Library, root: Path = WORKFLOWS) -> list[Entry]:
    """Everything that is shipped, in the order of the groups."""
    return [
        *(entry for machine in library.machines.values() for entry in of_machine(machine)),
        *(entry for pathway in library.pathways.values() for entry in of_pathway(pathway)),
        *(entry for kind in library.consultations.values() for entry in of_consultation(kind)),
        *(entry for one in library.evidence for entry in of_evidence(one)),
        *of_abroad(library.abroad),
        *(_material(one) for one in library.materials.values() if one.provenance),
        *(_clock(clock) for clock in clock_entries(root)),
        *of_published(published(root)),
        _calendar(calendar_table(root)),
        *(_change(change) for change in changes(root)),
    ]


def of_machine(machine: MachineDefinition) -> Iterator[Entry]:
    """The line itself with its states and what tells one from another, and its transitions, each with its guards."""
    itself = machine.model_copy(update={"transitions": ()})
    mark = weakest(each.provenance for each in machine.transitions)
    yield Entry(f"machine:{machine.key}", "machines", machine.key, machine.names, itself, mark)
    for each in machine.transitions:
        yield Entry(f"transition:{each.id}", "machines", machine.key, each.names, each, each.provenance)


def of_pathway(pathway: PathwayDefinition) -> Iterator[Entry]:
    """The pathway itself, what it says in words, its consultations, and its further guards of transitions."""
    itself = pathway.model_copy(update={"particulars": (), "consultations": (), "guards": {}})
    parts = [*pathway.particulars, *pathway.consultations, *(g for each in pathway.guards.values() for g in each)]
    mark = weakest(each.provenance for each in parts)
    yield Entry(f"pathway:{pathway.key}", "pathways", pathway.key, pathway.names, itself, mark)
    for word in pathway.particulars:
        key = f"particular:{pathway.key}:{word.key}"
        yield Entry(key, "pathways", pathway.key, word.names, word, word.provenance)
    for advice in pathway.consultations:
        key = f"advice:{pathway.key}:{advice.type}"
        yield Entry(key, "pathways", pathway.key, advice.why, advice, advice.provenance)
    for transition, guards in pathway.guards.items():
        for number, guard in enumerate(guards, start=1):
            key = f"guard:{pathway.key}:{transition}:{number}"
            yield Entry(key, "pathways", pathway.key, guard.because, guard, guard.provenance)


def of_consultation(kind: ConsultationType) -> Iterator[Entry]:
    """The kind itself without its steps, and every step."""
    itself = kind.model_copy(update={"steps": ()})
    yield Entry(f"consultation:{kind.key}", "consultations", kind.key, kind.name, itself, kind.provenance)
    for step in kind.steps:
        yield Entry(f"step:{kind.key}:{step.key}", "consultations", kind.key, step.name, step, step.provenance)


def of_evidence(one: EvidenceSet) -> Iterator[Entry]:
    """Every item of a set; those of a later edition have their version in their names."""
    for item in one.items:
        yield of_evidence_item(one, item)


def of_evidence_item(one: EvidenceSet, item: EvidenceItem) -> Entry:
    """The entry that an item is."""
    return Entry(evidence_id(one, item), "evidence", one.key, item.names, item, item.provenance)


def evidence_id(one: EvidenceSet, item: EvidenceItem) -> str:
    """The id of the entry that an item is."""
    return f"evidence:{one.key}:{item.key}" + (f":{one.version}" if one.version > 1 else "")


def of_abroad(world: World) -> Iterator[Entry]:
    """Every number of the clocks of agencies abroad, what conflicts, and what happened to others."""
    for agency in world.agencies.values():
        for clock in agency.clocks:
            for part in clock.parts:
                names = Text(ja=f"{clock.item.ja}: {part.names.ja}", en=f"{clock.item.en}: {part.names.en}")
                yield Entry(abroad_id(clock.id, part), "abroad", agency.key, names, part, part.provenance)
    for one in world.conflicts:
        yield Entry(f"conflict:{one.key}", "abroad", CONFLICTS, with_gaps(one.says), one, one.provenance)
    for number, fact in enumerate(world.table.facts, start=1):
        yield Entry(f"abroad_fact:{number}", "abroad", CONFLICTS, fact.text, fact, fact.provenance)


def abroad_id(clock: str, part: Part) -> str:
    """The id of the entry that a number of a clock abroad is."""
    return f"abroad:{clock}:{part.key}"


def weakest(marks: Iterable[Provenance]) -> Provenance:
    """The mark of what consists of others: as sure as the least sure of them, with the sources of all."""
    found = list(marks)
    least = max(found, key=lambda mark: list(Confidence).index(mark.confidence))
    sources = dict.fromkeys(source for mark in found for source in mark.sources)
    return least.model_copy(update={"sources": tuple(sources)})


def of_published(told: Published) -> Iterator[Entry]:
    """Fees, tables of reception days and forms."""
    for fee in told.fees:
        yield _dated("fee", "fees", fee.key, fee, fee.name)
    for table in told.reception:
        yield _dated("table", "reception", table.family, table, table.name)
    for form in told.forms:
        yield _dated("form", "forms", form.key, form, form.name)


def table_name(family: Text, table: PublishedTable) -> Text:
    """What a table is called that nobody named: its family and the months of its meetings."""
    first, last = (month_text(Month.parse(table.rows[place].meeting)) for place in (0, -1))
    return Text(
        ja=f"{family.ja}の日程調整依頼書受付日({first.ja}〜{last.ja}実施分)",
        en=f"Reception days of {family.en} (meetings {first.en} - {last.en})",
    )


@cache
def changes(root: Path = WORKFLOWS) -> tuple[Change, ...]:
    """The log of changes of the law, oldest first."""
    path = root / "changes.yaml"
    return tuple(sorted((build(Change, one, path, root) for one in read_yaml(path, root)), key=lambda c: c.days))


@cache
def questions(root: Path = WORKFLOWS) -> tuple[OpenQuestion, ...]:
    """What nobody has confirmed yet."""
    path = root / "questions.yaml"
    return tuple(build(OpenQuestion, one, path, root) for one in read_yaml(path, root))


@cache
def calendar_table(root: Path = WORKFLOWS) -> CalendarTable:
    """The table of closed days."""
    return load(CalendarTable, root / "calendars" / "japan.yaml", root)


def named_sources(entry: Entry, known: Mapping[str, Source]) -> list[Source]:
    """The sources of an entry, as far as they are known."""
    return [known[key] for key in entry.provenance.sources if key in known]


def _clock(clock: Clock) -> Entry:
    return _dated("clock", "clocks", clock.key, clock, clock.name)


def _material(material: Material) -> Entry:
    mark = material.provenance
    assert mark
    return Entry(f"material:{material.key}", "materials", material.key, material.names, material, mark)


def with_gaps(said: Text) -> Text:
    """A sentence whose gaps nothing fills, with each shown as such."""
    return Text(ja=_GAP.sub("…", said.ja), en=_GAP.sub("…", said.en))


def published_id(entry: FeeAmount | OfficialForm) -> str | None:
    """The id of a fee or a form; None where it is not shipped."""
    told = published()
    known = entry in (told.fees if isinstance(entry, FeeAmount) else told.forms)
    return _dated_id("fee" if isinstance(entry, FeeAmount) else "form", entry.key, entry) if known else None


def _dated(word: str, group: str, key: str, entry: Clock | FeeAmount | PublishedTable | OfficialForm, n: Text) -> Entry:
    return Entry(_dated_id(word, key, entry), group, key, n, entry, entry.provenance)


def _dated_id(word: str, key: str, entry: InForce) -> str:
    return f"{word}:{key}" + (f":{entry.valid_from}" if entry.valid_from else "")


def _calendar(table: CalendarTable) -> Entry:
    names = Text(ja="官公庁の開庁日", en="Office days of the government")
    return Entry("calendar:japan", "calendars", "japan", names, table, table.provenance)


def _change(change: Change) -> Entry:
    return Entry(f"change:{change.key}", "changes", change.key, change.what, change, change.provenance)


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        for entry in value.values():
            yield from _strings(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _strings(entry)
    elif isinstance(value, str):
        yield value
