"""The pages of the rules: every entry with its mark, its sources, and who verified it for this reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from app.access.scope import Scope
from app.core.errors import NotFound
from app.core.i18n import Language
from app.engine import entries as engine
from app.engine.definition.changes import Change, OpenQuestion
from app.engine.definition.common import Source, Text
from app.engine.definition.machine import State, Transition
from app.engine.entry import Entry, folded
from app.engine.library import shipped
from app.rules import describing, groups, queries, reading
from app.rules.groups import NAMES, WITH_PAGES
from app.rules.pairs import Pair
from app.rules.queries import OwnEntry, Verification
from app.web.components import SourceMark

OPEN_UP_TO = 6  # rows of a page that stand open, so that it stays short on a telephone


@dataclass(frozen=True)
class StationCode:
    """A station as its line shows it."""

    letter: str
    number: str
    names: Text


@dataclass(frozen=True)
class Row:
    """One entry as a page shows it."""

    entry: Entry
    pairs: list[Pair]
    marks: tuple[SourceMark, ...]
    verification: Verification | None
    own: OwnEntry | None
    origins: tuple[StationCode, ...] = ()
    to: StationCode | None = None
    within: Text | None = None  # whose page it is on, where a list mixes several

    @property
    def brief(self) -> Text | None:
        """What a list shows beside its name."""
        return describing.brief(self.entry)


@dataclass(frozen=True)
class Heading:
    """One definition with a page of its own, in the list of its group."""

    key: str
    names: Text
    version: int | None
    count: int
    verified: int


@dataclass(frozen=True)
class Count:
    """How many entries a group has, and how many of them stand verified for the reader."""

    group: str
    names: Text
    all: int
    verified: int


@dataclass(frozen=True)
class Page:
    """The page of one machine, pathway or kind of consultation."""

    group: str
    key: str
    names: Text
    version: int | None
    rows: list[Row]
    stations: tuple[tuple[StationCode, State], ...] = ()


@dataclass(frozen=True)
class ChangeRow:
    """One change of the law: whether its day has come, for sure, for today."""

    change: Change
    row: Row
    first: dt.date
    last: dt.date
    past: bool


class Reader:
    """The entries as one person may see them, with what stands verified for them; read once per page."""

    def __init__(self, scope: Scope, speak: Language) -> None:
        self._speak = speak
        self._verified = queries.verifications(scope)
        self._names = {entry for entry, _digest in self._verified}  # a hash is computed only where it can matter
        self._own = {one.entry.id: one for one in queries.accepted(scope)}

    def all(self) -> list[Entry]:
        """What is shipped, and what the reader's hubs entered."""
        return [*shipped_entries(), *(one.entry for one in self._own.values())]

    def of(self, group: str, page: str | None = None) -> list[Entry]:
        """The entries of a group, or of one page of it."""
        return [each for each in self.all() if each.group == group and page in (None, each.page)]

    def find(self, entry_id: str) -> Entry:
        """One entry; NotFound."""
        found = next((each for each in self.all() if each.id == entry_id), None)
        if found is None:
            raise NotFound
        return found

    def verified(self, entries: Iterable[Entry]) -> int:
        """How many of these stand verified."""
        return sum(self.verification(each) is not None for each in entries)

    def verification(self, entry: Entry) -> Verification | None:
        """Who verified the entry as it stands, if anybody."""
        return self._verified.get((entry.id, entry.digest)) if entry.id in self._names else None

    def row(self, entry: Entry) -> Row:
        """An entry as a page shows it."""
        origins, to = _way(entry)
        return Row(
            entry,
            describing.pairs(entry, shipped()),
            reading.of_provenance(entry.provenance, self._speak),
            self.verification(entry),
            self._own.get(entry.id),
            origins,
            to,
        )


@cache
def shipped_entries() -> tuple[Entry, ...]:
    """Everything that travels with the program."""
    return tuple(engine.entries(shipped()))


@cache
def shipped_by_id() -> dict[str, Entry]:
    """The same by their ids."""
    return {entry.id: entry for entry in shipped_entries()}


def standing(verified: Iterable[tuple[str, str]]) -> set[str]:
    """Which of these entries, by id and hash of what was verified, still read as they did then."""
    return {key for key, digest in verified if (entry := shipped_by_id().get(key)) and entry.digest == digest}


def counts(reader: Reader) -> list[Count]:
    """The groups with how many entries each has."""
    groups = {group: reader.of(group) for group in NAMES}
    return [Count(group, NAMES[group], len(found), reader.verified(found)) for group, found in groups.items()]


def search(reader: Reader, words: str) -> list[Row]:
    """The entries in which all words occur, in either language."""
    wanted = folded(words).split()
    found = [each for each in reader.all() if all(word in f"{each.words} {_names(each)}" for word in wanted)]
    pages = [(each, *place(each)) for each in found]
    return [
        replace(reader.row(each), within=groups.definitions(at)[key][0] if key else None) for each, at, key in pages
    ]


def group(reader: Reader, key: str) -> list[Row]:
    """The rows of a group whose entries share one page; what counts later stands first. NotFound for no such group."""
    if key not in NAMES or key in WITH_PAGES:
        raise NotFound
    return [reader.row(each) for each in reader.of(key)]


def headings(reader: Reader, group: str) -> list[Heading]:
    """The definitions of a group that have pages of their own."""
    found = []
    for key, (names, version) in groups.definitions(group).items():
        entries = reader.of(group, key)
        found.append(Heading(key, names, version, len(entries), reader.verified(entries)))
    return found


def page(reader: Reader, group: str, key: str) -> Page:
    """One machine, pathway, kind of consultation, set of evidence or agency abroad; NotFound."""
    if key not in (known := groups.definitions(group) if group in WITH_PAGES else {}):
        raise NotFound
    rows = [reader.row(each) for each in reader.of(group, key)]
    return Page(group, key, *known[key], rows, _stations(key) if group == "machines" else ())


def log(reader: Reader, today: dt.date) -> list[ChangeRow]:
    """The changes of the law, oldest first."""
    rows = []
    for entry in reader.of("changes"):
        change = entry.content
        assert isinstance(change, Change)
        first, last = change.days
        rows.append(ChangeRow(change, reader.row(entry), first, last, last <= today))
    return rows


def questions() -> dict[Text, list[OpenQuestion]]:
    """What nobody has confirmed yet, by area."""
    found: dict[Text, list[OpenQuestion]] = {}
    for one in engine.questions():
        found.setdefault(one.area, []).append(one)
    return found


def place(entry: Entry) -> tuple[str, str | None]:
    """The group and, where it has one, the page of an entry."""
    return entry.group, entry.page if entry.group in WITH_PAGES else None


def sources(speak: Language) -> list[tuple[Source, SourceMark]]:
    """Every source with its mark, by number."""
    ordered = sorted(shipped().sources.values(), key=lambda each: (len(each.id), each.id))
    return [(source, reading.mark(source, speak)) for source in ordered]


def sources_by_tier(speak: Language, wanted: str = "") -> list[tuple[str | None, list[tuple[Source, SourceMark]]]]:
    """The sources by tier, best first and those without one last; ``wanted``: only where all its words occur."""
    words = folded(wanted).split()
    rows = [each for each in sources(speak) if all(word in _said_of(each[0]) for word in words)]
    tiers = sorted({source.tier for source, _mark in rows}, key=lambda tier: (tier is None, tier or ""))
    return [(tier, [each for each in rows if each[0].tier == tier]) for tier in tiers]


def _names(entry: Entry) -> str:
    return folded(f"{entry.names.ja} {entry.names.en}")


def _way(entry: Entry) -> tuple[tuple[StationCode, ...], StationCode | None]:
    if not isinstance(entry.content, Transition):
        return (), None
    transition = entry.content
    return (
        tuple(_station(entry.page, state) for state in transition.origins),
        _station(entry.page, transition.to) if transition.to else None,
    )


def _station(machine: str, state: str) -> StationCode:
    line = shipped().stations.lines[machine]
    return StationCode(line.letter, line.stations[state], shipped().machines[machine].state(state).names)


def _stations(machine: str) -> tuple[tuple[StationCode, State], ...]:
    return tuple((_station(machine, state.key), state) for state in shipped().machines[machine].states)


def _said_of(source: Source) -> str:
    note = (source.note.ja, source.note.en) if source.note else ()
    return folded(" ".join((source.id, source.title.ja, source.title.en, source.url or "", *note)))
