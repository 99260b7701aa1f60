"""Law in time: each step is taken by the edition of its machine that is the law on its day.

Tracks that run already go over to a later edition only where the difference is proven safe (see app.engine.diff). Until
then all tracks of that machine stay with the edition they have, and a note names the state and the reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.engine.courses import on_day
from app.engine.definition.common import Text
from app.engine.definition.machine import MachineDefinition
from app.engine.definition.vocabulary import Vocabulary
from app.engine.diff import unsafe
from app.engine.machine.board import Board
from app.engine.machine.tracks import Note, Rules, Track
from app.engine.wording import day_text


@dataclass(frozen=True, slots=True)
class RulesOfDay:
    """The rules with one edition of each machine."""

    machines: Mapping[str, MachineDefinition]
    editions: Mapping[str, tuple[MachineDefinition, ...]]
    vocabulary: Vocabulary


def of_day(rules: Rules, on: dt.date, board: Board) -> Rules:
    """The rules by which a step on the day ``on`` is taken while the tracks stand as on ``board``."""
    if not rules.editions:
        return rules
    chosen = {key: _edition(editions, on, _open(board, key)) for key, editions in rules.editions.items()}
    if all(rules.machines[key] is machine for key, machine in chosen.items()):
        return rules
    return RulesOfDay({**rules.machines, **chosen}, rules.editions, rules.vocabulary)


def held_back(rules: Rules, on: dt.date, board: Board) -> list[Note]:
    """What has to be said on a day about tracks that could not go over to the edition of that day."""
    notes = []
    for key, editions in rules.editions.items():
        wanted = on_day(editions, on)
        for track in _open(board, key):
            if (current := _running(editions, track)).version < wanted.version:
                reasons = _unsafe(_Pair(current, wanted), track.state)
                notes.append(Note("edition", _held(current, wanted, reasons), None, key, track.instance))
    return notes


def _open(board: Board, machine: str) -> list[Track]:
    return [track for track in board.of(machine) if not track.ended]


def _edition(editions: tuple[MachineDefinition, ...], on: dt.date, running: Iterable[Track]) -> MachineDefinition:
    wanted = on_day(editions, on)
    for track in running:
        current = _running(editions, track)
        if current is not wanted and _unsafe(_Pair(current, wanted), track.state):
            return current
    return wanted


def _running(editions: tuple[MachineDefinition, ...], track: Track) -> MachineDefinition:
    return next((each for each in editions if each.version == track.version), editions[0])


class _Pair:
    """Two editions hashed by their identity, so that they are compared once."""

    __slots__ = ("new", "old")

    def __init__(self, old: MachineDefinition, new: MachineDefinition) -> None:
        self.old, self.new = old, new

    def __hash__(self) -> int:
        return hash((id(self.old), id(self.new)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pair) and other.old is self.old and other.new is self.new


@lru_cache(maxsize=1024)
def _unsafe(pair: _Pair, state: str) -> tuple[Text, ...]:
    return unsafe(pair.old, pair.new, state)


def _held(current: MachineDefinition, wanted: MachineDefinition, reasons: tuple[Text, ...]) -> Text:
    since = day_text(wanted.valid_from) if wanted.valid_from else None
    ja = f"({since.ja}施行)" if since else ""
    en = f" (in force since {since.en})" if since else ""
    return Text(
        ja=f"{current.names.ja}: 規則の第{wanted.version}版{ja}には移らず、第{current.version}版のまま進めます。"
        + "".join(reason.ja for reason in reasons),
        en=f"{current.names.en}: goes on by version {current.version} of the rules, not by version {wanted.version}"
        f"{en}. " + " ".join(reason.en for reason in reasons),
    )
