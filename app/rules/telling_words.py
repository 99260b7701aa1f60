"""What gates, words of histories, codes, agencies and cases say, as pairs of name and value in both languages."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.definition.abroad import Agency, Table
from app.engine.definition.case import Case
from app.engine.definition.common import Text
from app.engine.definition.evidence import EvidenceSet, Gate
from app.engine.definition.guards import EvidenceComplete
from app.engine.definition.vocabulary import AttributeRule, EventDefinition, Line
from app.engine.library import Library
from app.engine.wording import day_text
from app.rules.pairs import Pair, listed

STEP = Text(ja="この出来事で進む手順", en="Step that it fires")
NO_LINE = Text(ja="どの線も進めない(情報として残す)", en="moves no line; it is kept as information")
NOT_PLANNED_HERE = Text(
    ja="予定は入力せず、経過と相談から示す", en="not planned here; shown by what happened and by consultations"
)


def gate(one: Gate, library: Library) -> Iterator[Pair]:
    """A gate: by when, and the steps of all pathways that wait for it."""
    yield Pair(Text(ja="時期", en="When"), one.when)
    steps = {each.id: each.names for machine in library.machines.values() for each in machine.transitions}
    waiting = dict.fromkeys(
        steps[transition]
        for path in library.pathways.values()
        for transition, guards in path.guards.items()
        if any(isinstance(guard, EvidenceComplete) and guard.gate == one.key for guard in guards)
    )
    if waiting:
        yield Pair(Text(ja="この関門を待つ手順", en="Steps that wait for it"), listed(list(waiting)))
    if one.unguarded:
        yield Pair(Text(ja="この関門を待つ手順がない理由", en="Why no step waits"), one.unguarded)


def event(one: EventDefinition, library: Library) -> Iterator[Pair]:
    """An event: the steps that it fires on its lines, with their marks, and what else it says."""
    own = next(name for name, each in library.vocabulary.events.items() if each == one)
    machines = [library.machines[act.machine] for act in one.acts_on]
    for machine in machines:
        for step in machine.by_event.get(own, ()):
            said = Text(ja=f"{machine.names.ja}: {step.names.ja}", en=f"{machine.names.en}: {step.names.en}")
            yield Pair(STEP, said, step.provenance)
    if not machines:
        yield Pair(Text(ja="線", en="Lines"), NO_LINE)
    carried = [rule.names for rule in library.vocabulary.attributes if rule.key in one.attributes]
    if carried:
        yield Pair(Text(ja="付ける項目", en="Carries"), listed(carried))
    if one.also:
        yield Pair(Text(ja="同義の語", en="Other words for it"), listed([Text(ja=word, en=word) for word in one.also]))


def attribute(one: AttributeRule, _library: Library) -> Iterator[Pair]:
    """What an event carries, and how a file of histories writes it."""
    yield Pair(Text(ja="取り込むファイルでの書き方", en="Written in a file as"), Text(ja=one.written, en=one.written))


def line(one: Line, library: Library) -> Iterator[Pair]:
    """The letter of a line, and the numbers of its stations."""
    yield Pair(Text(ja="記号", en="Letter"), Text(ja=one.letter, en=one.letter))
    key = next(key for key, each in library.stations.lines.items() if each == one)
    states = library.machines[key].by_key
    found = [(f"{one.letter}{number}", states[state].names) for state, number in one.stations.items()]
    stations = [Text(ja=f"{code} {names.ja}", en=f"{code} {names.en}") for code, names in found]
    yield Pair(Text(ja="駅", en="Stations"), listed(stations))


def agency(one: Agency, _library: Library) -> Iterator[Pair]:
    """The milestones of an agency, each with what a planned day means."""
    for each in one.milestones:
        yield Pair(each.names, each.day or NOT_PLANNED_HERE)


def table(one: Table, library: Library) -> Iterator[Pair]:
    """Which milestones of which agencies stand in one row."""
    agencies = [library.abroad.agencies[key] for key in one.agencies]
    for row in one.matches:
        beside = [
            Text(ja=f"{each.short.ja} {found.names.ja}", en=f"{each.short.en} {found.names.en}")
            for each in agencies
            for found in each.milestones
            if found.match == row.key
        ]
        yield Pair(row.names, listed(beside))


def evidence_set(one: EvidenceSet, library: Library) -> Iterator[Pair]:
    """For which products a set of evidence is."""
    classes = {key: names for path in library.pathways.values() for key, names in path.classes.items()}
    meant = dict.fromkeys(classes[key] for each in one.products for key in each.classes)
    if meant:
        yield Pair(Text(ja="製品の区分", en="Classes"), listed(list(meant)))
    materials = dict.fromkeys(library.materials[key].names for each in one.products for key in each.materials)
    if materials:
        yield Pair(Text(ja="構成", en="Made of"), listed(list(materials)))


def case(one: Case, _library: Library) -> Iterator[Pair]:
    """A history: what it shows, whose it is, and how much there is of it."""
    kind = Text(ja="公開先行事例", en="public precedent") if one.public else Text(ja="架空", en="made up")
    yield Pair(Text(ja="種別", en="Kind"), kind)
    yield Pair(Text(ja="内容", en="Content"), one.about)
    if one.holder:
        yield Pair(Text(ja="承認取得者等", en="Holder"), one.holder)
    number, day = len(one.events), day_text(one.as_of)
    said = Text(ja=f"{number}件({day.ja}の時点)", en=f"{number}, as of {day.en}")
    yield Pair(Text(ja="出来事", en="Events"), said)
