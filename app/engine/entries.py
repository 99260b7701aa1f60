"""Every definition as one entry that can be pointed at, searched for, and verified as it stands.

An entry is verified by the hash of its content: whatever changes in it makes it another one.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from app.engine.calendar import Month
from app.engine.catalogue import clock_entries, published
from app.engine.definition.calendar import CalendarTable
from app.engine.definition.changes import Change, OpenQuestion
from app.engine.definition.clock import Clock
from app.engine.definition.common import Definition, Provenance, Source, Text
from app.engine.definition.consultation import ConsultationType, PublishedTable
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.pathway import PathwayDefinition
from app.engine.definition.published import FeeAmount, OfficialForm, Published
from app.engine.library import Library
from app.engine.loader import WORKFLOWS, build, load, read_yaml
from app.engine.wording import month_text


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
        *(_clock(clock) for clock in clock_entries(root)),
        *of_published(published(root)),
        _calendar(calendar_table(root)),
        *(_change(change) for change in changes(root)),
    ]


def of_machine(machine: MachineDefinition) -> Iterator[Entry]:
    """The transitions of a line; each stands with its guards."""
    for each in machine.transitions:
        yield Entry(f"transition:{each.id}", "machines", machine.key, each.names, each, each.provenance)


def of_pathway(pathway: PathwayDefinition) -> Iterator[Entry]:
    """What a pathway adds: its consultations, and further guards of transitions."""
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


def _dated(word: str, group: str, key: str, entry: Clock | FeeAmount | PublishedTable | OfficialForm, n: Text) -> Entry:
    begins = f":{entry.valid_from}" if entry.valid_from else ""
    return Entry(f"{word}:{key}{begins}", group, key, n, entry, entry.provenance)


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
