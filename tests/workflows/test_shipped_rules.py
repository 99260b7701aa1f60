"""The rules that travel with the program."""

from __future__ import annotations

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


def test_the_usual_course_of_the_pathway_is_a_way():
    pathway = shipped().pathways["regenerative_cell"]
    where = {key: machine.initial for key, machine in shipped().machines.items()}
    owners = {each.id: (key, each) for key, machine in shipped().machines.items() for each in machine.transitions}
    for step in pathway.likely:
        machine, transition = owners[step]
        assert where[machine] in transition.origins if where[machine] else transition.opens, step
        where[machine] = transition.to or where[machine]
    assert where["supply"] == "ON_MARKET"
