"""The page of a therapy, for every stage, in both languages, with a constant number of statements."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.pathways.rules import library
from app.therapies import services as therapies
from tests.factories.statements import counted
from tests.factories.therapies import add_therapy, happened, set_clock
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

STAGES = [state.key for state in library().course("regenerative_cell").machines["programme"].states]


@pytest.fixture(autouse=True)
def _today(app: Flask) -> None:
    set_clock()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_stage_has_its_page(visit: Visitor, world: World, language: Any) -> None:
    lead = visit.as_(world.lead, language)
    for stage in STAGES:
        with lead._app.app_context():
            therapy = add_therapy(world.lead, stage=stage, name=stage)
        page = lead.get(f"/therapies/{therapy}")
        assert library().stations.lines["programme"].stations[stage] in page
        assert f"/therapies/{therapy}/consultations/new" in page


@pytest.mark.parametrize(
    ("language", "name"), [("ja", "プログラム医療機器(SaMD)"), ("en", "Software as a medical device (SaMD)")]
)
def test_its_head_names_its_class_in_full(visit: Visitor, world: World, language: Any, name: str) -> None:
    lead = visit.as_(world.lead, language)
    with lead._app.app_context():
        therapy = add_therapy(world.lead, product_class="SAMD", material="software")
    head = lead.get(f"/therapies/{therapy}").partition('class="page-head"')[2].partition("</p>")[0]
    assert name in head


@pytest.mark.parametrize("language", ["ja", "en"])
def test_after_approval_too(visit: Visitor, world: World, language: Any) -> None:
    lead = visit.as_(world.lead, language)
    for event, carried in (("APPROVED_CTL", {"term": "7y"}), ("APPROVED_FULL", {}), ("MAA_FILED", {"kind": "NEW"})):
        with lead._app.app_context():
            therapy = add_therapy(world.lead, name=event)
            happened(world.lead, therapy, event, "2025-03", attributes=carried)
        lead.get(f"/therapies/{therapy}")
        lead.get(f"/therapies/{therapy}/record")


def test_it_costs_the_same_however_long_the_history(visit: Visitor, world: World) -> None:
    lead = visit.as_(world.lead)
    with lead._app.app_context():
        therapy = add_therapy(world.lead)
        happened(world.lead, therapy, "NONCLINICAL_STARTED", "2020-01")
    counts = []
    for _ in range(2):
        lead.get(f"/therapies/{therapy}")
        with counted() as seen:
            lead.get(f"/therapies/{therapy}")
        counts.append(len(seen))
        with lead._app.app_context():
            for month in range(1, 10):
                happened(world.lead, therapy, "NOTE", f"2021-0{month}")
    assert counts[0] == counts[1] <= 6, "\n".join(seen)


@pytest.mark.parametrize("path", ["", "/history", "/plan"])
def test_the_hub_pays_one_statement_more_for_the_log_of_its_read(visit: Visitor, world: World, path: str) -> None:
    """Who is there (two), the therapy with its events, consultations, milestones; and that it was read."""
    lead = visit.as_(world.lead)
    with lead._app.app_context():
        therapy = add_therapy(world.lead, stage="QS_CONSULT")
        therapies.grant(scope_of(world.lead), therapy, world.hub)
    staff = visit.as_(world.staff)
    staff.get(f"/therapies/{therapy}{path}")
    with counted() as seen:
        staff.get(f"/therapies/{therapy}{path}")
    assert len(seen) <= 6, "\n".join(seen)
    assert sum("INSERT INTO therapy_read" in statement for statement in seen) == 1


@pytest.mark.parametrize("path", ["/history", "/record", "/sharing", "/record/CTN_FILED", "/as-the-hub"])
def test_no_page_of_a_therapy_costs_more_than_six_statements(visit: Visitor, world: World, path: str) -> None:
    lead = visit.as_(world.lead)
    with lead._app.app_context():
        therapy = add_therapy(world.lead, stage="QS_CONSULT")
    lead.get(f"/therapies/{therapy}{path}")
    with counted() as seen:
        lead.get(f"/therapies/{therapy}{path}")
    assert len(seen) <= 6, "\n".join(seen)


@pytest.mark.parametrize("part", ["", "/plan", "/history", "/sharing"])
def test_every_part_of_a_therapy_leads_to_the_others(visit: Visitor, world: World, part: str) -> None:
    lead = visit.as_(world.lead, "en")
    with lead._app.app_context():
        made = add_therapy(world.lead, stage=STAGES[0])
    page = lead.get(f"/therapies/{made}{part}")
    for other in ("", "/plan", "/history", "/sharing"):
        mark = ' aria-current="page"' if other == part else ""
        assert f'<a href="/therapies/{made}{other}"{mark}>' in page
