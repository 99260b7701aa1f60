"""The rules that travel with the program."""

from __future__ import annotations

import pytest

from app.engine.library import shipped
from app.engine.lint import lint
from app.engine.loader import WORKFLOWS

LETTERS = {
    "programme": "P",
    "consultation": "C",
    "application": "A",
    "approval": "K",
    "supply": "S",
    "price": "Y",
    "post_market": "M",
    "designation": "G",
    "licence": "L",
    "cartagena": "B",
    "asrm_plan": "R",
    "lot": "V",
}


def test_lint_finds_nothing():
    assert [str(finding) for finding in lint(WORKFLOWS)] == []


def test_every_line_has_its_letter_and_every_state_its_station():
    assert {key: line.letter for key, line in shipped().stations.lines.items()} == LETTERS
    assert list(shipped().machines) == list(LETTERS)
    assert shipped().stations.code("programme", "CTN_READY") == "P04"
    for key, machine in shipped().machines.items():
        for state in machine.states:
            assert shipped().stations.code(key, state.key).startswith(LETTERS[key])


@pytest.mark.parametrize("key", [key for key, each in shipped().pathways.items() if each.classes])
def test_the_usual_course_of_a_pathway_leads_to_the_market(key: str):
    course = shipped().course(key)
    where = {name: machine.initial for name, machine in course.own.items()}
    owners = {each.id: (name, each) for name, machine in course.own.items() for each in machine.transitions}
    for step in course.pathway.likely:
        machine, transition = owners[step]
        assert where[machine] in transition.origins if where[machine] else transition.opens, step
        where[machine] = transition.to or where[machine]
    assert where["supply"] == "ON_MARKET"
