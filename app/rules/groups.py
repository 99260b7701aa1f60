"""The groups into which the pages of the rules are divided, and the definitions that have pages of their own."""

from __future__ import annotations

from app.engine.arrangements import WORDS
from app.engine.definition.common import Text
from app.engine.definition.machine import MachineDefinition
from app.engine.entries_abroad import CONFLICTS
from app.engine.library import shipped

NAMES = {
    "machines": Text(ja="線(手続の進み方)", en="Lines"),
    "pathways": Text(ja="製品の区分ごとの道筋", en="Pathways by class of product"),
    "consultations": Text(ja="相談の種類", en="Kinds of consultation"),
    "gates": Text(ja="関門", en="Gates"),
    "evidence": Text(ja="証拠の一覧", en="Evidence by gate"),
    "abroad": Text(ja="海外の期間と注意", en="Clocks and conflicts abroad"),
    "materials": Text(ja="製品の構成", en="What products are made of"),
    "clocks": Text(ja="期間と期限", en="Clocks and time limits"),
    "fees": Text(ja="手数料", en="Fees"),
    "reception": Text(ja="受付日程表", en="Reception days"),
    "forms": Text(ja="様式", en="Official forms"),
    "calendars": Text(ja="開庁日", en="Office days"),
    "words": Text(ja="出来事の呼び名と記号", en="Words of histories and codes of stations"),
    "cases": Text(ja="定義の確認に用いる事例", en="Histories by which the rules are tried"),
}
WITH_PAGES = (
    "machines",
    "pathways",
    "consultations",
    "evidence",
    "abroad",
    "words",
)  # each of these definitions has a page of its own
BETWEEN = Text(ja="国内外の順序についての注意と先行事例", en="What conflicts between agencies, and precedents")


def definitions(group: str) -> dict[str, tuple[Text, int | None]]:
    """The pages of a group: their names, and their versions where they have one."""
    library = shipped()
    match group:
        case "machines":
            return {key: (each.names, each.version) for key, each in library.machines.items()}
        case "pathways":
            return {key: (each.names, each.version) for key, each in library.pathways.items()}
        case "consultations":
            return {key: (each.name, each.version) for key, each in library.consultations.items()}
        case "evidence":
            return {each.key: (each.names, each.version) for each in library.evidence}
        case "words":
            events = {key: Text(ja=f"出来事: {m.names.ja}", en=f"Events: {m.names.en}") for key, m in _moved().items()}
            return {key: (names, None) for key, names in (events | WORDS).items()}
    agencies = {key: each.names for key, each in library.abroad.agencies.items()}
    return {key: (names, None) for key, names in (agencies | {CONFLICTS: BETWEEN}).items()}


def _moved() -> dict[str, MachineDefinition]:
    """The lines that events move, each with events of its own."""
    library = shipped()
    first = {event.acts_on[0].machine for event in library.vocabulary.events.values() if event.acts_on}
    return {key: machine for key, machine in library.machines.items() if key in first}
