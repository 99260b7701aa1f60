"""A machine as a picture: every state and every moving step once, the main line straight, nothing on top of another."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import pytest

from app.core.i18n import speaking
from app.engine.definition.common import LANGUAGES, Language
from app.engine.definition.machine import MachineDefinition, StateKind
from app.engine.diagram.machine import MachineDrawing, arrows, drawn, ordered
from app.engine.diagram.text import width
from app.engine.library import shipped
from app.rules import diagrams

LIBRARY = shipped()
COURSES = [(key, name) for key in LIBRARY.pathways for name in LIBRARY.course(key).own]


def picture(machine: MachineDefinition, language: Language) -> MachineDrawing:
    numbers = LIBRARY.stations.lines[machine.key].stations
    return drawn(machine, arrows(machine, (), ()), numbers, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_machine_of_every_class_is_drawn_whole_and_legibly(language: Language) -> None:
    machines = [*LIBRARY.machines.values(), *(LIBRARY.course(key).machines[name] for key, name in COURSES)]
    for machine in machines:
        drawing = picture(machine, language)
        assert drawing == picture(machine, language)
        shown = {state.key for state in machine.states if state.kind is not StateKind.RETIRED}
        assert {state.key for state in drawing.states} == shown
        steps = [each for each in machine.transitions if each.opens or shown.intersection(each.origins)]
        moving = {each.id for each in steps if each.to}
        assert {step for each in drawing.arrows for step in each.arrow.steps} == moving
        check_apart(drawing)
        main = {s.x for s in drawing.states if s.kind in (StateKind.START, StateKind.NORMAL)}
        assert len(main) == 1
        assert all(s.x > max(main) for s in drawing.states if s.kind in (StateKind.SIDE, StateKind.END))


def check_apart(drawing: MachineDrawing) -> None:
    for above, below in pairwise(drawing.states):
        bottom = above.label_y - 14 + 18 * len(above.name) + 14 * len(above.second)
        assert bottom <= below.label_y - 14
        assert above.y + 13 < below.y - 13
    for one, other in combinations(drawing.arrows, 2):
        assert abs(one.x - other.x) >= 20 or abs(one.y - other.y) >= 16, (one.arrow, other.arrow)
    for state in drawing.states:
        widest = max([width(row, 14, bold=True) for row in state.name] + [width(row, 11) for row in state.second])
        assert state.label_x + widest <= drawing.width
        assert state.label_y + 18 * len(state.name) < drawing.height
    for each in drawing.arrows:
        numbers = [float(found) for found in re.findall(r"[\d.]+", each.path + each.head)]
        assert min(numbers) >= 0
        assert max(numbers) <= max(drawing.width, drawing.height)
        assert 10 <= each.x <= drawing.width


def test_arrows_lead_from_all_their_origins_to_their_end() -> None:
    drawing = picture(LIBRARY.machines["programme"], "en")
    places = {state.key: state for state in drawing.states}
    (end,) = [each for each in drawing.arrows if each.arrow.to == "DISCONTINUED"]
    starts = re.findall(r"M([\d.]+) ([\d.]+)", end.path)[1:]
    assert [float(y) - 5 for _, y in starts] == [places[key].y for key in end.arrow.origins]
    assert len(starts) == 12
    (straight,) = [each for each in drawing.arrows if each.arrow.steps == ("T04",)]
    assert straight.x == places["CTN_READY"].x
    assert places["CTN_READY"].y < straight.y < places["CTN_CLOCK"].y


def test_a_side_state_stands_where_it_branches_off_and_ends_stand_last() -> None:
    order = [state.key for state in ordered(LIBRARY.machines["application"])]
    assert order[order.index("COMMITTEE_SET") + 1 :][:2] == ["CONTINUED", "NEGATIVE"]
    assert order[-2:] == ["WITHDRAWN", "DISAPPROVED"]


def test_the_usual_course_conditions_and_elective_steps_are_marked() -> None:
    with speaking("en"):
        (whole,) = diagrams.of("machines", "programme", "en")
        course = {view.key: view for view in diagrams.of("pathways", "vaccine", "en")}["programme"]
    rows = {row.name: row for row in course.rows}
    usual = [row for row in course.rows if row.usual]
    assert usual
    assert all(row.number for row in usual)
    assert not any(row.usual for row in whole.rows)
    thick = {each.arrow.number for each in course.drawing.arrows if each.arrow.usual}
    assert thick == {row.number for row in usual}
    guarded = {each.arrow.number for each in course.drawing.arrows if each.arrow.guarded}
    assert guarded == {row.number for row in course.rows if row.conditions and row.number}
    assert len(guarded) > sum(each.arrow.guarded for each in whole.drawing.arrows if each.arrow.to != "DISCONTINUED")
    prepared = next(row for row in course.rows if row.elective)
    assert prepared.name in rows
    assert diagrams.of("consultations", "rs_pre", "en") == ()
