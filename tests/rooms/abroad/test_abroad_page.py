"""The page: Japan beside the agencies, the dates with their reasons, numbers without dates, and what is to watch."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask

from app.abroad import services
from app.abroad.services import Told
from app.consultations import services as consultations
from app.consultations.wish import Wish
from app.engine.calendar import Month
from app.engine.machine import Days
from app.therapies import services as therapies
from tests.factories.therapies import add_therapy, happened, set_clock
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


@pytest.fixture(autouse=True)
def _today(app: Flask) -> None:
    set_clock()


@pytest.fixture
def therapy(app: Flask, world: World) -> str:
    """A therapy of a donor's iPS cells with a history, a consultation, and milestones at three agencies."""
    with app.app_context():
        lead = scope_of(world.lead)
        made = add_therapy(world.lead)
        happened(world.lead, made, "CTN_FILED", "2026-03-02")
        consultations.confirm(lead, made, "drug_eop2", Wish(meeting=dt.date(2027, 7, 14)))
        services.plan(lead, made, Told("fda", "pre_ind", Days.parse("2027-01-04"), remark="合同で準備"))
        services.plan(lead, made, Told("tga", "cta", Days.parse("2027-02")))
        services.plan(lead, made, Told("fda", "pre_bla", Days.parse("2027-07")))
        services.plan(lead, made, Told("ema", "pip", Days.parse("2027")))
    return made


@pytest.mark.parametrize("language", ["ja", "en"])
def test_japan_stands_beside_what_is_planned_abroad(visit: Visitor, world: World, therapy: str, language: Any) -> None:
    page = visit.as_(world.lead, language).get(f"/therapies/{therapy}/abroad")
    for day in ("2026-03-02", "2027-07-14", "2027-01-04", "2027-01-25"):  # history, meeting, planned, FDA's response
        assert f'datetime="{day}"' in page
    assert page.count('data-label="MHRA"') == 0, "only agencies where something is planned"
    assert (
        page.count('data-label="TGA"') == page.count('data-label="FDA"') == 10
    )  # all rows: the PIP stands in the last
    words = {
        "en": [
            "by 5 Mar 2027 (Fri)",  # the meeting, at most 60 days
            "by 3 Feb 2027 (Wed)",  # its package, at least 30 days before
            "60 calendar days after “Day on which the meeting is requested” [4 Jan 2027 (Mon), target]",
            "The number is an upper limit.",
            "by 29 Sep 2027 (Wed)",  # asked for in July, so the meeting is at the latest then
            "50 working days of that country",
            "No date: the working days of that country are not known here.",
            "No date: the clock stops in between.",
            "recalled, not verified",
            "no date is moved off a weekend or a holiday",
            "To check:",
            "TOPRA 2024, table of FDA meetings",
        ],
        "ja": [
            "2027年3月5日(金)まで",
            "会合を申し込む日(2027年1月4日(月)、目標)の60日後",
            "この日数は上限です。",
            "その国の営業日で50日",
            "日付なし(途中にクロックストップがあるため)。",
            "要確認:",
            "ドナーの同意が国外への輸出と商業利用を含んで",
        ],
    }
    for said in words[language]:
        assert said in page
    moves = {"en": "If the meeting is on its latest day;", "ja": "会合が最も遅い場合の期限であり、"}[language]
    assert re.search(r"</details>\s*" + moves, page), "said beside the day, not only in its derivation"
    assert "合同で準備" in page


@pytest.mark.parametrize(
    ("language", "opinion", "decision"),
    [
        ("en", "from 28 Oct 2027 (Thu)", "from 3 Jan 2028 (Mon)"),
        ("ja", "2027年10月28日(木)以降", "2028年1月3日(月)以降"),
    ],
)
@pytest.mark.parametrize("planned", ["2027-04-01", "2027-04"])
def test_a_date_that_only_waits_says_from_when(
    visit: Visitor, world: World, language: Any, opinion: str, decision: str, planned: str
) -> None:
    """Clock stops are added to the days of the assessment, so neither the opinion nor the decision has a last day."""
    with visit._app.app_context():
        made = add_therapy(world.lead)
        services.plan(scope_of(world.lead), made, Told("ema", "maa", Days.parse(planned)))
    page = visit.as_(world.lead, language).get(f"/therapies/{made}/abroad")
    assert opinion in page
    assert decision in page
    for closed in ('datetime="2028-01-03"', {"en": "26 Nov 2027", "ja": "2027年11月26日"}[language]):
        assert closed not in page, "neither the day itself nor a last one"


def test_a_cell_runs_from_the_earliest_to_the_latest(visit: Visitor, world: World) -> None:
    with visit._app.app_context():
        lead, made = scope_of(world.lead), add_therapy(world.lead)
        consultations.confirm(lead, made, "rs_strategy_regen", Wish(month=Month(2027, 6)))
        for event, on in (("QS_CONSULT_BOOKED", "2026-10"), ("RS_ADVICE_REQUESTED", "2026-02")):
            happened(world.lead, made, event, on)
    page = visit.as_(world.lead, "en").get(f"/therapies/{made}/abroad")
    row = next(row for row in page.split("<tr>") if "RS advice requested" in row)
    days = [row.index(day) for day in ("Feb 2026", "Oct 2026", "Jun 2027")]
    assert days == sorted(days)


def test_the_agencies_can_be_chosen(visit: Visitor, world: World, therapy: str) -> None:
    page = visit.as_(world.lead, "en").get(f"/therapies/{therapy}/abroad?agency=mhra&agency=moon")
    assert 'data-label="MHRA"' in page
    assert 'data-label="FDA"' not in page
    assert "Recognition" in page or "recognition" in page
    empty = add_therapy(world.lead, material="autologous_cells")
    page = visit.as_(world.lead, "en").get(f"/therapies/{empty}/abroad")
    assert "Nothing is planned abroad" in page
    assert page.count('data-label="FDA"') == page.count('data-label="EMA"') == 9


def test_what_happened_in_japan_takes_the_place_of_the_plan(visit: Visitor, world: World, therapy: str) -> None:
    with visit._app.app_context():
        services.plan(scope_of(world.lead), therapy, Told("japan", "application", Days.parse("2029-09")))
    lead = visit.as_(world.lead, "en")
    table = lead.get(f"/therapies/{therapy}/abroad").partition("</table>")[0]
    assert "Sep 2029" in table
    with visit._app.app_context():
        happened(world.lead, therapy, "MAA_FILED", "2026-11-02")
    table = lead.get(f"/therapies/{therapy}/abroad").partition("</table>")[0]
    assert "Sep 2029" not in table
    assert 'datetime="2026-11-02"' in table


@pytest.mark.parametrize("language", ["ja", "en"])
def test_whoever_sees_a_therapy_is_warned_of_what_its_plans_abroad_spoil(
    visit: Visitor, world: World, therapy: str, language: Any
) -> None:
    """On its page and in the row of the pipeline, as soon as a plan conflicts and as long as it does."""
    lead = scope_of(world.lead)
    with visit._app.app_context():
        happened(world.lead, therapy, "PIONEER_DESIGNATED", "2026-05-01")
        therapies.grant(lead, therapy, world.hub)
    said = {"ja": "先駆的指定は、日本が最初であるか", "en": "The pioneer designation is said to want"}[language]
    counts = {"ja": "海外の予定による支障 {}件", "en": "{} conflict"}[language]

    def check(conflicts: int) -> None:
        for who in (world.lead, world.staff):
            page = visit.as_(who, language).get(f"/therapies/{therapy}")
            assert page.count(said) == conflicts
            assert ('id="abroad"' in page) == bool(conflicts)
            assert {"ja": "ドナーの同意", "en": "donor's consent"}[language] not in page, "to check is no conflict"
        rows = visit.as_(world.staff, language).get("/hub").partition('class="card pipeline"')[2]
        assert (f'href="/therapies/{therapy}#abroad">{counts.format(conflicts)}' in rows) == bool(conflicts)

    check(0)
    with visit._app.app_context():
        planned = [services.plan(lead, therapy, Told("fda", "bla", Days.parse(day))) for day in ("2028-03-01", "2028")]
    check(2)
    with visit._app.app_context():
        services.plan(lead, therapy, Told("japan", "application", Days.parse("2028-03-15")))
        as_it_was = Told("fda", "bla", Days.parse("2028-03-10"), actual=dt.date(2026, 3, 1))
        services.change(lead, planned[1], as_it_was, version=1)
    check(1)  # by its actual day: the planned one, five days before the application, would conflict with nothing
    day = {"ja": "2026年3月1日", "en": "1 Mar 2026"}[language]
    assert day in visit.as_(world.lead, language).get(f"/therapies/{therapy}").partition('id="abroad"')[2]
    with visit._app.app_context():
        services.drop(lead, planned[1], version=2)
    check(0)
