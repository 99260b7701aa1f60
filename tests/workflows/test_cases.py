"""Every history beside the rules folds to what it promises."""

from __future__ import annotations

import pytest

from app.engine.cases import differences, events_of
from app.engine.definition.common import Confidence
from app.engine.library import shipped
from app.engine.machine import fold

CASES = shipped().cases
PUBLIC = [case for case in CASES.values() if case.public]


@pytest.mark.parametrize("name", CASES)
def test_a_case_keeps_its_promise(name: str):
    assert differences(CASES[name], shipped()) == []


def test_a_broken_promise_is_told():
    case = CASES["AMCHEPRY"]
    wrong = case.expected[0].model_copy(update={"state": "LAPSED", "term_end": "2033-03-06"})
    told = differences(case.model_copy(update={"expected": (wrong,)}), shipped())
    assert told == [
        "AMCHEPRY: approval: state is CTL_RUNNING, expected LAPSED",
        "AMCHEPRY: approval: term end is 2033-03-05, expected 2033-03-06",
    ]


def test_all_public_histories_are_here_and_every_fact_has_its_mark():
    assert len(PUBLIC) == 13
    for case in PUBLIC:
        for event in case.events:
            assert event.provenance is not None
            known = {Confidence.READ, Confidence.KNOWN_HIGH, Confidence.KNOWN_MEDIUM}
            assert event.provenance.confidence in known, (case.id, event)
            assert (event.provenance.confidence is Confidence.READ) == bool(event.provenance.sources)
            assert set(event.provenance.sources) <= shipped().sources.keys()


def test_no_public_event_is_refused():
    for case in PUBLIC:
        assert fold(shipped(), events_of(case), case.as_of).refused == (), case.id
