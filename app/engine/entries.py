"""Every definition of ``workflows/`` as an entry of the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from app.engine import arrangements
from app.engine.calendar import Month
from app.engine.catalogue import clock_entries, published
from app.engine.definition.calendar import CalendarTable
from app.engine.definition.changes import Change, OpenQuestion
from app.engine.definition.clock import Clock
from app.engine.definition.common import Source, Text
from app.engine.definition.consultation import ConsultationType, PublishedTable
from app.engine.definition.evidence import EvidenceItem, EvidenceSet
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.material import Material
from app.engine.definition.pathway import PathwayDefinition
from app.engine.definition.published import FeeAmount, OfficialForm, Published
from app.engine.definition.validity import InForce
from app.engine.entries_abroad import of_abroad
from app.engine.entry import Entry, weakest
from app.engine.library import Library
from app.engine.loader import WORKFLOWS, build, load, read_yaml
from app.engine.wording import month_text


def entries(library: Library, root: Path = WORKFLOWS) -> list[Entry]:
    """Everything that is shipped, in the order of the groups."""
    return [
        *(entry for machine in library.machines.values() for entry in of_machine(machine)),
        *(entry for pathway in library.pathways.values() for entry in of_pathway(pathway)),
        *(entry for kind in library.consultations.values() for entry in of_consultation(kind)),
        *arrangements.of_gates(library.gates),
        *(entry for one in library.evidence for entry in of_evidence(one)),
        *of_abroad(library.abroad),
        *(_material(one) for one in library.materials.values()),
        *(_clock(clock) for clock in clock_entries(root)),
        *of_published(published(root)),
        _calendar(calendar_table(root)),
        *(_change(change) for change in changes(root)),
        *arrangements.of_words(library.vocabulary, library.stations, library.machines),
        *(arrangements.of_case(case) for case in library.cases.values()),
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
    """The set itself, for which products it is, and its items; a later edition has its version in their names."""
    itself, mark = one.model_copy(update={"items": ()}), weakest(item.provenance for item in one.items)
    yield Entry(_versioned(f"evidence_set:{one.key}", one), "evidence", one.key, one.names, itself, mark)
    for item in one.items:
        yield of_evidence_item(one, item)


def of_evidence_item(one: EvidenceSet, item: EvidenceItem) -> Entry:
    """The entry that an item is."""
    return Entry(evidence_id(one, item), "evidence", one.key, item.names, item, item.provenance)


def evidence_id(one: EvidenceSet, item: EvidenceItem) -> str:
    """The id of the entry that an item is."""
    return _versioned(f"evidence:{one.key}:{item.key}", one)


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


def _versioned(key: str, one: EvidenceSet) -> str:
    return key + (f":{one.version}" if one.version > 1 else "")


def _material(one: Material) -> Entry:
    return Entry(f"material:{one.key}", "materials", one.key, one.names, one, one.provenance)


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
