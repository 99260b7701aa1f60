"""The plan of a therapy: the diagram and its table, in both languages."""

from __future__ import annotations

import datetime as dt

import pytest

from app.consultations import services
from app.consultations.wish import Wish
from app.core import clock
from app.schedule import diagram, queries
from app.therapies import queries as therapy_queries
from app.therapies import services as therapies
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


@pytest.fixture
def therapy(world: World) -> str:
    """A therapy with end-of-phase-2 advice on 17 February 2027 and RS strategy some day in May."""
    clock.move_to(dt.datetime.fromisoformat("2026-11-24T09:00:00+09:00"))
    scope = scope_of(world.lead)
    made = therapies.add(scope, name_ja="心筋シート", product_class="RMP-C", material="allogeneic_ips")
    services.confirm(scope, made, "drug_eop2", Wish(meeting=dt.date(2027, 2, 17)))
    services.confirm(scope, made, "rs_strategy_regen", Wish.read("2027-05", None))
    return made


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_date_stands_in_the_picture_and_in_the_table(
    visit: Visitor, world: World, therapy: str, language
) -> None:
    page = visit.as_(world.lead, language).get(f"/therapies/{therapy}/plan")
    for day in ("2026-12-01", "2026-12-28", "2027-01-08", "2027-02-17", "2027-03-17"):
        assert f'datetime="{day}"' in page
    milestones = queries.of_therapy(scope_of(world.lead), therapy)
    assert page.count("mark mark-") == len([m for m in milestones if m.duty_day])
    assert page.count('class="question-number"') == len(milestones) == 25


def test_a_delay_is_priced_in_words(visit: Visitor, world: World, therapy: str) -> None:
    page = visit.as_(world.lead, "ja").get(f"/therapies/{therapy}/plan")
    assert "あと5営業日です。2026年12月1日(火)に間に合わないと、面談は2027年3月になります。" in page


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_empty_plan_says_what_to_do(visit: Visitor, world: World, language) -> None:
    made = therapies.add(scope_of(world.lead), name_ja="空", product_class="RMP-C", material="allogeneic_ips")
    page = visit.as_(world.lead, language).get(f"/therapies/{made}/plan")
    assert f"/therapies/{made}/consultations/new" in page


def test_a_hub_reads_it_and_the_read_is_written_down(visit: Visitor, world: World, therapy: str) -> None:
    scope = scope_of(world.lead)
    therapies.grant(scope, therapy, world.hub, None)
    page = visit.as_(world.staff).get(f"/therapies/{therapy}/plan")
    assert "/steps/" not in page
    assert [read.page for read in therapy_queries.reads(scope, therapy)] == ["schedule.plan"]


def test_no_mark_covers_another(world: World, therapy: str) -> None:
    milestones = queries.of_therapy(scope_of(world.lead), therapy)
    numbered = [(n, m, m.title.en, "lane") for n, m in enumerate(milestones, start=1)]
    picture = diagram.draw(numbered, dt.date(2026, 11, 24))
    assert picture is not None
    marks = [mark for lane in picture.lanes for mark in lane.marks]
    apart = 2 * diagram.RADIUS
    assert all(abs(a.x - b.x) >= apart or abs(a.y - b.y) >= apart for i, a in enumerate(marks) for b in marks[i + 1 :])
    assert all(0 <= mark.x <= picture.width for mark in marks)
    assert picture.lanes[0].marks[0].x < picture.lanes[0].marks[-1].x
