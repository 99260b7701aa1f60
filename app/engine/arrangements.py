"""What is our own arrangement or wording as entries of the rules, marked as such: gates, words of histories, cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.engine.definition.case import Case
from app.engine.definition.common import Confidence, Provenance, Text
from app.engine.definition.evidence import Gates
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.vocabulary import Stations, Vocabulary
from app.engine.entry import Entry, weakest

INFORMATION = "information"  # the page of what moves no line
WORDS = {  # the pages of words beside those of the lines, which hold the events that move them
    INFORMATION: Text(ja="情報として残す出来事", en="Events that are kept as information"),
    "attributes": Text(ja="出来事に付ける項目", en="What events carry"),
    "stations": Text(ja="線の記号と駅の番号", en="Letters of lines and numbers of stations"),
}


def of_gates(gates: Gates) -> Iterator[Entry]:
    """Every gate; which steps wait for it stands with the pathways, what it asks for with the evidence."""
    for gate in gates.gates:
        yield Entry(f"gate:{gate.key}", "gates", gate.key, gate.names, gate, gates.provenance)


def of_words(words: Vocabulary, codes: Stations, machines: Mapping[str, MachineDefinition]) -> Iterator[Entry]:
    """Every event, with the first line that it moves; what events carry; how lines and stations are called."""
    for name, event in words.events.items():
        page = event.acts_on[0].machine if event.acts_on else INFORMATION
        yield Entry(f"event:{name}", "words", page, event.names, event, words.provenance)
    for rule in words.attributes:
        yield Entry(f"attribute:{rule.key}", "words", "attributes", rule.names, rule, words.provenance)
    for key, line in codes.lines.items():
        if key in machines:
            yield Entry(f"line:{key}", "words", "stations", machines[key].names, line, codes.provenance)


def of_case(case: Case) -> Entry:
    """A history by which the rules are tried: as sure as the least sure of its events, or made up."""
    marks = [event.provenance for event in case.events if event.provenance]
    mark = weakest(marks) if marks else Provenance(confidence=Confidence.OWN)
    return Entry(f"case:{case.id}", "cases", case.id, case.product, case, mark)
