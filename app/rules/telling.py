"""What lines, pathways, evidence, materials and agencies abroad say, as pairs of name and value in both languages."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.counting import counted
from app.engine.definition.abroad import DAY, Conflict
from app.engine.definition.abroad import Part as AbroadPart
from app.engine.definition.common import Basis, Text
from app.engine.definition.evidence import EvidenceItem, Missing
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.material import Material
from app.engine.definition.pathway import Particular, PathwayDefinition
from app.engine.entries_abroad import in_general
from app.engine.library import Library
from app.engine.trace import Input
from app.engine.wording import ROLE
from app.rules.pairs import WHAT_TO_DO, Pair, listed

PLANNED_DAY = Text(ja="予定日", en="the planned day")
LIMIT = {
    "at_most": Text(ja="上限", en="at most"),
    "at_least": Text(ja="下限", en="at least"),
    "about": Text(ja="目安", en="about"),
}
UNIT = {"working_days": Text(ja="営業日", en="working days"), "cd": Text(ja="日(暦日)", en="calendar days")}
MISSING = {
    Missing.BLOCKS: Text(ja="不足なら進めない", en="blocks while missing"),
    Missing.WARNS: Text(ja="不足なら警告", en="warns while missing"),
}


def machine(line: MachineDefinition, _library: Library) -> Iterator[Pair]:
    """A line: its states, and what tells one of them from another."""
    yield Pair(Text(ja="状態", en="States"), listed([state.names for state in line.states]))
    for attribute in line.attributes:
        choices = [choice for choice in attribute.choices.values() if choice != attribute.names]
        if choices:
            yield Pair(attribute.names, listed(choices))


def pathway(path: PathwayDefinition, library: Library) -> Iterator[Pair]:
    """A pathway: for which products, which lines, and the usual course."""
    if path.classes:
        yield Pair(Text(ja="製品の区分", en="Classes"), listed(list(path.classes.values())))
    materials = [library.materials[key].names for key in path.materials if key in library.materials]
    if materials:
        yield Pair(Text(ja="構成", en="Made of"), listed(materials))
    lines = [library.machines[key].names for key in path.machines if key in library.machines]
    yield Pair(Text(ja="線", en="Lines"), listed(lines))
    steps = {each.id: each.names for line in library.machines.values() for each in line.transitions} | path.steps
    for name, keys in (
        (Text(ja="加わる手順", en="Elective steps that it takes"), path.takes),
        (Text(ja="ない手順", en="Steps that it leaves out"), path.leaves_out),
        (Text(ja="通常の順序", en="Usual course"), path.likely),
        (Text(ja="通常の順序を外れた場合の順序", en="Course of whoever has left the usual one"), path.detour),
    ):
        if keys:
            yield Pair(name, listed([steps[key] for key in keys if key in steps]))


def particular(word: Particular, _library: Library) -> Iterator[Pair]:
    """What differs between classes in words."""
    yield Pair(Text(ja="内容", en="Content"), word.text)


def evidence(item: EvidenceItem, library: Library) -> Iterator[Pair]:
    """An item: what it must hold, by which gates, and what is open."""
    yield Pair(Text(ja="内容", en="Content"), item.content)
    for part in item.parts:
        gate, missing = library.gates.gate(part.gate).names, MISSING[part.missing]
        asked = part.asked or Text(ja="全体", en="all of it")
        yield Pair(
            Text(ja=f"関門 {part.gate} {gate.ja}", en=f"Gate {part.gate}, {gate.en}"),
            Text(ja=f"{asked.ja}({missing.ja})", en=f"{asked.en} ({missing.en})"),
        )
    for question in item.open:
        said = Text(ja=f"{question.text.ja}{question.ask.ja}", en=f"{question.text.en} {question.ask.en}")
        yield Pair(Text(ja="不明な点", en="Open"), said)


def material(one: Material, library: Library) -> Iterator[Pair]:
    """What a therapy can consist of: the class it has then, and the pathway that follows."""
    for key in one.classes:
        path = library.for_class(key, one.key)
        if path:
            yield Pair(Text(ja="製品の区分", en="Class"), path.classes[key])
            yield Pair(Text(ja="道筋", en="Pathway"), path.names)


def abroad(part: AbroadPart, library: Library) -> Iterator[Pair]:
    """A number of an agency's clock."""
    if part.rule:
        names = {other.key: other.names for other in _beside(part, library)} | {DAY: PLANNED_DAY}
        anchor = names.get(part.rule.anchor) or PLANNED_DAY
        said = counted(part.rule, Input(part.rule.anchor, anchor, None, Basis.UNKNOWN))
        yield Pair(Text(ja="数え方", en="Counting"), said)
    if part.counted:
        unit, number = UNIT[part.counted.unit], part.counted.number
        yield Pair(Text(ja="長さ", en="Length"), Text(ja=f"{number}{unit.ja}", en=f"{number} {unit.en}"))
    if part.amount in LIMIT:
        yield Pair(Text(ja="数の性格", en="Kind of number"), LIMIT[part.amount])
    if part.role:
        yield Pair(Text(ja="期日の性格", en="Whose date"), ROLE[part.role])
    if part.words:
        yield Pair(Text(ja="説明", en="In words"), part.words)


def conflict(one: Conflict, _library: Library) -> Iterator[Pair]:
    """What a milestone abroad can spoil."""
    yield Pair(Text(ja="注意の内容", en="The warning"), in_general(one, one.says))
    if one.unsure:
        unsure = in_general(one, one.unsure)
        yield Pair(Text(ja="日付が確かでないとき", en="Where days are not known well enough"), unsure)
    yield Pair(WHAT_TO_DO, one.do)


def _beside(part: AbroadPart, library: Library) -> list[AbroadPart]:
    clocks = (clock for agency in library.abroad.agencies.values() for clock in agency.clocks)
    return next((list(clock.parts) for clock in clocks if part in clock.parts), [])
