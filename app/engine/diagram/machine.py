"""A machine as a picture: its states as stations from top to bottom, its steps as numbered arrows. Pure.

The main line is straight; side states and ends stand on a branch beside it. A step from one station of the main line to
the next runs on the line; every other has a channel of its own to the left, from all its origins to where it leads.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.engine.definition.common import Language
from app.engine.definition.machine import MachineDefinition, State, StateKind, Transition
from app.engine.diagram import text

WIDTH = 344.0
EDGE = 10.0
PITCH = 21.0  # between channels
RADIUS = 13.0
BRANCH = 34.0  # from the main line to the branch
LABEL = 150.0  # at least for the names
ROW = 58.0
LEAVES, ARRIVES = 5.0, -5.0  # where an arrow touches its station, from the middle


@dataclass(frozen=True, slots=True)
class Arrow:
    """One or more steps with the same origins and end; empty ``origins`` begin the track."""

    number: int
    origins: tuple[str, ...]
    to: str
    steps: tuple[str, ...]  # ids of transitions
    usual: bool
    guarded: bool
    elective: bool


@dataclass(frozen=True, slots=True)
class DrawnState:
    """A station with its label; ``y`` is its middle, ``label_y`` the baseline of its first line."""

    key: str
    number: str
    kind: StateKind
    x: float
    y: float
    label_x: float
    label_y: float
    name: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawnArrow:
    """The path of an arrow (SVG path data), where its number stands, and the tip of its head with its direction."""

    arrow: Arrow
    path: str
    x: float
    y: float
    head: str


@dataclass(frozen=True, slots=True)
class MachineDrawing:
    """The geometry of one machine."""

    width: float
    height: float
    states: tuple[DrawnState, ...]
    arrows: tuple[DrawnArrow, ...]


def arrows(machine: MachineDefinition, usual: Collection[str], guarded: Collection[str]) -> tuple[Arrow, ...]:
    """The moving steps of a machine, numbered in the order of its file; ``usual`` and ``guarded`` are ids of steps.

    Origins that the machine has not (cut to a class of product) are left out, and so are steps without any other.
    """
    found: dict[tuple[tuple[str, ...], str], list[Transition]] = {}
    for each in machine.transitions:
        origins = origins_of(machine, each)
        if each.to and (origins or each.opens):
            found.setdefault((origins, each.to), []).append(each)
    return tuple(
        Arrow(
            number,
            origins,
            to,
            tuple(each.id for each in steps),
            any(each.id in usual for each in steps),
            any(each.id in guarded or each.guards for each in steps),
            all(each.elective for each in steps),
        )
        for number, ((origins, to), steps) in enumerate(found.items(), 1)
    )


def origins_of(machine: MachineDefinition, step: Transition) -> tuple[str, ...]:
    """The stations of ``machine`` from which the step leads away."""
    known = {state.key for state in machine.states}
    return tuple(key for key in step.origins if key in known)


def drawn(
    machine: MachineDefinition, shown: tuple[Arrow, ...], numbers: Mapping[str, str], language: Language
) -> MachineDrawing:
    """The drawing of ``machine`` with the arrows ``shown``; ``numbers`` are those of its stations."""
    order = ordered(machine)
    rows = {state.key: i for i, state in enumerate(order)}
    following = _following(order)
    direct = [each for each in shown if len(each.origins) == 1 and following.get(each.origins[0]) == each.to]
    channels = _channels([each for each in shown if each not in direct], rows)
    rail = EDGE + PITCH * (max(channels.values(), default=-1) + 1) + RADIUS + 16
    width = max(WIDTH, rail + BRANCH + RADIUS + 12 + LABEL)
    states, y = [], EDGE
    for state in order:
        one = _placed(state, numbers[state.key], rail, y, width, language)
        states.append(one)
        y += max(ROW, 18.0 * len(one.name) + 14.0 * len(one.second) + 16)
    places = {one.key: one for one in states}
    lines = [_straight(each, places) for each in direct]
    lines += [
        _bent(each, places, rail - RADIUS - 16 - PITCH * (channels[each.number] + 0.5))
        for each in shown
        if each not in direct
    ]
    return MachineDrawing(width, y + EDGE, tuple(states), tuple(lines))


def ordered(machine: MachineDefinition) -> list[State]:
    """The states from top to bottom: the main line, after each station what branches off there, and the ends.

    A state that nothing leads to any more is left out.
    """
    main = [each for each in machine.states if each.kind in (StateKind.START, StateKind.NORMAL)]
    places = {each.key: i for i, each in enumerate(main)}

    def branches_at(state: State) -> int:
        origins = [o for each in machine.transitions if each.to == state.key for o in each.origins]
        return min((places[origin] for origin in origins if origin in places), default=len(main) - 1)

    sides = [each for each in machine.states if each.kind is StateKind.SIDE]
    ends = [each for each in machine.states if each.kind is StateKind.END]
    return [
        *(one for i, state in enumerate(main) for one in (state, *(each for each in sides if branches_at(each) == i))),
        *ends,
    ]


def _following(order: list[State]) -> dict[str, str]:
    main = [each.key for each in order if each.kind in (StateKind.START, StateKind.NORMAL)]
    return dict(itertools.pairwise(main))


def _channels(bent: list[Arrow], rows: Mapping[str, int]) -> dict[int, int]:
    """A channel for every arrow, short ones nearest to the line; two in one channel share no row."""
    taken: list[set[int]] = []
    found = {}
    spans = {each.number: [rows[key] for key in (*each.origins, each.to)] for each in bent}
    for number, span in sorted(spans.items(), key=lambda item: (max(item[1]) - min(item[1]), item[0])):
        needs = set(range(min(span), max(span) + 1))
        channel = next((i for i, used in enumerate(taken) if not used & needs), len(taken))
        if channel == len(taken):
            taken.append(set())
        taken[channel] |= needs
        found[number] = channel
    return found


def _placed(state: State, number: str, rail: float, y: float, width: float, language: Language) -> DrawnState:
    other: Language = "en" if language == "ja" else "ja"
    main = state.kind in (StateKind.START, StateKind.NORMAL)
    label_x = rail + BRANCH + RADIUS + 12
    name = text.wrap(state.names.say(language), 14, width - label_x - EDGE, bold=True, lines=4)
    second = text.wrap(state.names.say(other), 11, width - label_x - EDGE, lines=2)
    x = rail if main else rail + BRANCH
    return DrawnState(state.key, number, state.kind, x, y + RADIUS + 6, label_x, y + 20, name, second)


def _straight(arrow: Arrow, places: Mapping[str, DrawnState]) -> DrawnArrow:
    start, end = places[arrow.origins[0]], places[arrow.to]
    top, tip = start.y + RADIUS, end.y - RADIUS
    head = f"M{end.x - 5:.1f} {tip - 8:.1f}L{end.x:.1f} {tip:.1f}L{end.x + 5:.1f} {tip - 8:.1f}Z"
    return DrawnArrow(arrow, f"M{start.x:.1f} {top:.1f}V{tip - 6:.1f}", start.x, (top + tip) / 2 - 3, head)


def _bent(arrow: Arrow, places: Mapping[str, DrawnState], channel: float) -> DrawnArrow:
    """Out of every origin to the channel, along it, and into the station where the step leads."""
    end = places[arrow.to]
    at, tip = end.y + ARRIVES, end.x - RADIUS + 1
    path = f"M{channel:.1f} {at:.1f}H{tip - 6:.1f}"
    for origin in (places[key] for key in arrow.origins):
        leaves = origin.y + LEAVES
        path += f"M{origin.x - RADIUS + 1:.1f} {leaves:.1f}H{channel:.1f}V{at:.1f}"
    head = f"M{tip - 8:.1f} {at - 4.5:.1f}L{tip:.1f} {at:.1f}L{tip - 8:.1f} {at + 4.5:.1f}Z"
    above = any(places[key].y < end.y for key in arrow.origins)
    away = 0.0 if not arrow.origins else -20.0 if above else 20.0
    if arrow.origins == (arrow.to,):
        away = 5.0
    return DrawnArrow(arrow, path, channel, at + away, head)
