"""The plan of a therapy: the diagram and its table, in both languages."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest
from sqlalchemy import update

from app.consultations import services
from app.consultations.wish import Wish
from app.core import clock, db
from app.engine.calendar import Month
from app.schedule import departures, diagram, queries, views
from app.schedule.models import Milestone
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
    rows = page.partition("<tbody>")[2].split("<tr")[1:]
    assert [row.startswith(' class="soonest"') for row in rows[:4]] == [True, True, True, False], (
        "printed with their why"
    )
    for day in ("2026-12-01", "2026-12-28", "2027-01-08", "2027-02-17", "2027-03-17"):
        assert f'datetime="{day}"' in page
    milestones = queries.of_therapy(scope_of(world.lead), therapy)
    assert page.count("mark mark-") == 2 * len([m for m in milestones if m.duty_day])  # wide and narrow
    assert page.count('class="question-number"') == len(milestones) == 25


def test_a_long_plan_comes_in_pages_and_opens_where_the_dates_to_come_begin(
    visit: Visitor, world: World, therapy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 10)
    reader, address = visit.as_(world.lead, "en"), f"/therapies/{therapy}/plan"
    pages = [reader.get(f"{address}?page={number}") for number in (1, 2, 3)]
    numbers = [re.findall(r'class="question-number">(\d+)<', page) for page in pages]
    assert [len(each) for each in numbers] == [10, 10, 5]
    assert [number for each in numbers for number in each] == [str(number) for number in range(1, 26)]
    milestones = queries.of_therapy(scope_of(world.lead), therapy)
    drawn = 2 * len([m for m in milestones if m.duty_day])
    assert {page.count("mark mark-") for page in pages} == {drawn}, "the picture is whole on each"
    assert f'href="{address}?page=2#dates"' in pages[0]
    assert "1 to 10 of 25" in reader.get(address)
    assert "21 to 25 of 25" in reader.get(f"{address}?page=99")
    with db.transaction() as current:
        done = [m.id for m in milestones[:12]]
        current.execute(update(Milestone).where(Milestone.id.in_(done)).values(done_on=dt.date(2026, 11, 1)))
    first_open = next(n for n, m in enumerate(queries.of_therapy(scope_of(world.lead), therapy)) if not m.done_on)
    assert first_open >= 10
    assert "11 to 20 of 25" in reader.get(address)
    assert "1 to 10 of 25" in reader.get(f"{address}?page=1")


def test_a_delay_is_priced_in_words(visit: Visitor, world: World, therapy: str) -> None:
    page = visit.as_(world.lead, "ja").get(f"/therapies/{therapy}/plan")
    assert "あと5営業日です。2026年12月1日(火)に間に合わないと、面談は2027年3月になります。" in page
    clock.move_to(dt.datetime.fromisoformat("2026-12-01T09:00:00+09:00"))
    page = visit.as_(world.lead, "ja").get(f"/therapies/{therapy}/plan")
    assert "の期日は本日です。2026年12月1日(火)に間に合わないと" in page
    assert "0営業日です" not in page


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


@pytest.mark.parametrize("width", [diagram.WIDE, diagram.NARROW])
def test_who_misses_a_request_falls_to_the_next_one(world: World, therapy: str, width: float) -> None:
    scope, today = scope_of(world.lead), dt.date(2026, 11, 24)
    milestones = queries.of_therapy(scope, therapy)
    numbered = [(n, m, m.title.en, "lane") for n, m in enumerate(milestones, start=1)]
    lines = departures.lines(
        scope, {(m.subject_kind, m.subject_id) for m in milestones}, Month(2026, 11), Month(2027, 6)
    )
    (line,) = {line for subject, line in lines.items() if subject == milestones[0].subject_id}
    by_month = {str(train.month): train for train in line.trains}
    assert by_month["2027-02"].earliest == dt.date(2026, 12, 1)  # ours, by the pattern of PMDA's tables
    assert (by_month["2027-03"].earliest, by_month["2027-03"].latest) == (dt.date(2027, 1, 4), dt.date(2027, 1, 8))
    picture = diagram.draw(numbered, today, lines, width)
    assert picture is not None
    lane = picture.lanes[0]
    (following,) = [ghost for ghost in lane.ghosts if ghost.next]
    assert "2027" in following.label
    assert lane.fall == (lane.marks[0].x, following.x1, following.y1)
    assert following.x1 > lane.marks[0].x
    assert following.y2 > following.y1
    assert all(0 <= ghost.to <= picture.width for each in picture.lanes for ghost in each.ghosts)
    assert all(mark.label_x >= 0 or not mark.label_left for each in picture.lanes for mark in each.marks)


def test_nothing_else_leaves_where_the_request_is_done(world: World, therapy: str) -> None:
    scope = scope_of(world.lead)
    milestones = queries.of_therapy(scope, therapy)
    done = [dataclasses.replace(m, done_on=m.duty_day) if m.key == "schedule_request" else m for m in milestones]
    numbered = [(n, m, m.title.en, "lane") for n, m in enumerate(done, start=1)]
    subjects = {(m.subject_kind, m.subject_id) for m in done}
    picture = diagram.draw(
        numbered, dt.date(2026, 12, 2), departures.lines(scope, subjects, Month(2026, 11), Month(2027, 6))
    )
    assert picture is not None
    assert all(lane.fall is None and not any(ghost.next for ghost in lane.ghosts) for lane in picture.lanes)


def test_a_stranger_learns_no_type_of_a_consultation(world: World, therapy: str) -> None:
    subjects = {(m.subject_kind, m.subject_id) for m in queries.of_therapy(scope_of(world.lead), therapy)}
    assert departures.lines(scope_of(world.stranger), subjects, Month(2026, 11), Month(2027, 6)) == {}
