"""The rules as everybody may read them: every definition has its place, its mark and its sources."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.engine import entries as engine
from app.engine.definition.changes import OpenQuestion
from app.engine.definition.common import Definition, Provenance, Source
from app.engine.entries_abroad import CONFLICTS
from app.engine.library import shipped
from app.engine.lint.files import Shelf
from app.engine.loader import WORKFLOWS
from app.rules import groups, pages
from app.rules.describing import pairs
from tests.factories.statements import counted
from tests.factories.world import World
from tests.web.visitor import Visitor


def places() -> list[str]:
    """The address of every page that shows definitions."""
    library = shipped()
    keys = {
        "machines": library.machines,
        "pathways": library.pathways,
        "consultations": library.consultations,
        "evidence": [each.key for each in library.evidence],
        "abroad": [*library.abroad.agencies, CONFLICTS],
        "words": list(groups.definitions("words")),
    }
    found = ["/rules", "/rules/changes", "/rules/questions", "/rules/sources"]
    found += [f"/rules/{group}" for group in groups.NAMES]
    return found + [f"/rules/{group}/{key}" for group, known in keys.items() for key in known]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_entry_stands_on_its_page_with_its_anchor(visit: Visitor, world: World, language: Any) -> None:
    nobody = visit.as_(None, language)
    seen = {place: nobody.get(place) for place in places()}
    for entry in pages.shipped_entries():
        group, key = pages.place(entry)
        page = seen[f"/rules/{group}/{key}" if key else f"/rules/{group}"]
        assert page.count(f'id="{entry.anchor}"') == 1, entry.id
        said = page.split(f'id="{entry.anchor}"', 1)[0].rsplit("<summary>", 1)[1] if group != "changes" else page
        assert f'class="chip mark-{entry.provenance.confidence}"' in said, entry.id
    for question in engine.questions():
        assert f'id="{question.id}"' in seen["/rules/questions"]
    assert not any("source-verified" in page for page in seen.values())
    assert 'id="step-drug_eop2-materials_due"' in visit.as_(world.lead, language).get("/rules/consultations/drug_eop2")
    nobody.get("/rules/machines/nothing", status=404)
    nobody.get("/rules/nothing", status=404)
    nobody.get("/rules/clocks/ctl_term", status=404)


def inside(value: Any) -> Iterator[Definition]:
    """Every definition inside a value, at any depth; marks are not definitions."""
    if isinstance(value, Definition):
        if not isinstance(value, Provenance):
            yield value
        value = [getattr(value, name) for name in type(value).model_fields]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from inside(each)


def lost(value: Definition, known: Collection[tuple[type, str]]) -> Iterator[Definition]:
    """The parts of a definition that no entry holds, whole or in parts."""
    if isinstance(value, Provenance) or _key(value) in known:
        return
    parts = [each for name in type(value).model_fields for each in _children(getattr(value, name))]
    if not parts:
        yield value
    for part in parts:
        yield from lost(part, known)


def _children(value: Any) -> Iterator[Definition]:
    if isinstance(value, Definition):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _children(each)


def _key(value: Definition) -> tuple[type, str]:
    return type(value), value.model_dump_json()


def test_every_definition_of_every_file_is_an_entry_or_part_of_one() -> None:
    shelf = Shelf.open(WORKFLOWS)
    files = {path.relative_to(WORKFLOWS).as_posix() for path in WORKFLOWS.rglob("*.yaml")}
    assert files == {built.file for built in shelf.built}, "a file that no model reads"
    known = {_key(each) for entry in pages.shipped_entries() for each in inside(entry.content)}
    apart = (Source, OpenQuestion)  # have pages of their own
    gone = [
        f"{built.file}: {each!r}"[:120]
        for built in shelf.built
        if not isinstance(built.value, apart)
        for each in lost(built.value, known)  # type: ignore[arg-type]
    ]
    assert gone == []
    assert len({entry.id for entry in pages.shipped_entries()}) == len(pages.shipped_entries())


def test_what_consists_of_others_is_as_sure_as_the_least_sure_of_them() -> None:
    by_id = pages.shipped_by_id()
    parts = [each.provenance for each in by_id.values() if each.page == "asrm_plan" and each.id != "machine:asrm_plan"]
    whole = by_id["machine:asrm_plan"].provenance
    assert whole.confidence == "assumed"
    assert whole.ask
    assert whole.analogy
    assert set(whole.sources) == {source for mark in parts for source in mark.sources}


def test_what_is_unknown_says_whom_to_ask_and_shows_no_value(visit: Visitor) -> None:
    page = visit.as_(None, "en").get("/rules/fees")
    entry = re.search(r'id="fee-rs_strategy_regen">(.*?)</details>', page, re.DOTALL)
    assert entry
    assert "unknown" in entry[1]
    assert "Look up the current fee" in entry[1]
    assert "yen" not in entry[1]
    assert "free of charge" in page


def test_a_search_finds_words_of_either_language_and_leads_to_the_entry(visit: Visitor) -> None:
    nobody = visit.as_(None, "en")
    page = nobody.get("/rules?q=7-day safety")
    assert "clock-safety_report_7" in page
    assert "clock-ctl_term" not in page
    assert "/rules/clocks#clock-safety_report_7" in page
    steps = re.findall(r"<summary>(.*?)</summary>", nobody.get("/rules?q=資料搬入"), re.DOTALL)
    told = [" ".join(re.sub(r"<[^>]+>", "", step).split()) for step in steps]
    assert any(each.startswith("End-of-phase II consultation: Briefing materials due") for each in told), told
    assert len(set(told)) == len(told), "every line of the list says whose step it is"
    assert "clock-ctl_term" in nobody.get("/rules?q=条件及び期限付承認 期限")
    assert all(
        "drug_eop2" in nobody.get(f"/rules?q={typed}終了後") for typed in ("第Ⅱ相試験", "第II相試験", "第ＩＩ相試験")
    )
    assert "Nothing was found" in nobody.get("/rules?q=nosuchword")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_changes_stand_on_both_sides_of_today_as_precisely_as_they_are_known(
    visit: Visitor, app: Flask, language: Any
) -> None:
    with app.app_context():
        today = clock.today()
    page = visit.as_(None, language).get("/rules/changes")
    before, after = page.split('class="today-line"')
    for change in engine.changes():
        assert f'id="change-{change.key}"' in (before if change.days[1] <= today else after), change.key
    assert ("2024年3月<" if language == "ja" else "Mar 2024<") in before
    assert ("2027年5月21日(金)まで" if language == "ja" else "by 21 May 2027 (Fri)") in after


def test_the_end_of_a_month_and_of_a_year() -> None:
    by_month = engine.changes()[0].model_copy(update={"on": "2024-12"})
    assert by_month.days == (dt.date(2024, 12, 1), dt.date(2024, 12, 31))
    assert by_month.model_copy(update={"on": "2024-02"}).days[1] == dt.date(2024, 2, 29)
    assert by_month.model_copy(update={"on": "2024"}).days == (dt.date(2024, 1, 1), dt.date(2024, 12, 31))


def test_reading_takes_few_statements(visit: Visitor, world: World) -> None:
    lead = visit.as_(world.lead, "en")
    lead.get("/rules")
    for place in ("/rules", "/rules/machines/application", "/rules/clocks"):
        with counted() as seen:
            lead.get(place)
        assert len(seen) <= 8, "\n".join(seen)


def test_every_source_has_its_line_and_nothing_is_verified(visit: Visitor) -> None:
    page = visit.as_(None, "en").get("/rules/sources")
    for source, mark in pages.sources("en"):
        assert f'id="{source.id}"' in page
        assert mark.look == "read"
        assert mark.verified_on is None
    if any(source.read_on is None for source, _mark in pages.sources("en")):
        assert "day of reading not recorded" in page


def test_every_assumed_step_names_its_analogy() -> None:
    marks = [each.provenance for each in pages.shipped_entries() if each.group == "consultations"]
    assumed = [mark for mark in marks if mark.confidence == "assumed"]
    assert assumed
    assert all(mark.analogy and mark.ask for mark in assumed)
    assert all(mark.ask for mark in marks if mark.confidence == "unknown")


def test_sources_are_found_by_their_words_without_a_script(visit: Visitor) -> None:
    everything = pages.sources("en")
    page = visit.as_(None, "en").get("/rules/sources?q=c5+PMDA")
    assert 'id="C5"' in page
    assert " open>" in page
    assert page.count("<tr id=") < len(everything)
    assert "<tr id=" not in visit.as_(None, "ja").get("/rules/sources?q=nosuchword")
    assert sum(len(rows) for _tier, rows in pages.sources_by_tier("ja")) == len(everything)


def test_a_step_names_every_clock_that_it_starts() -> None:
    by_id = pages.shipped_by_id()
    named = [each.value.en for each in pairs(by_id["transition:T11"], shipped()) if each.name.en == "Clock"]
    regenerative = "safety report in a trial of a regenerative medical product"
    assert {f"7-day {regenerative}", f"15-day {regenerative}"} < set(named)
    clocks = [each.name.en for each in shipped().clocks.values() if each.id == "CK04"]
    assert named == clocks


def test_the_term_of_a_licence_is_no_upper_limit_but_fixed_by_cabinet_order_and_not_verified() -> None:
    entry = pages.shipped_by_id()["clock:licence_term"]
    said = {each.name.en: each.value for each in pairs(entry, shipped())}
    assert "Length" not in said
    assert "政令" in said["Note"].ja
    assert "at least three years; that it is five was not verified" in said["Note"].en
    assert entry.provenance.confidence == "known_high"


def test_nothing_is_marked_firmer_than_its_source_allows() -> None:
    by_id = pages.shipped_by_id()
    marks = {
        "clock:safety_report_7": "read",  # regenerative and gene therapy products alone were read
        "clock:safety_report_15": "read",
        "clock:safety_report_15_expected": "known_medium",
        "clock:safety_report_7_drug": "known_high",
        "clock:safety_report_15_drug": "known_high",
        "clock:safety_report_7_device": "known_medium",
        "clock:safety_report_15_device": "known_medium",
    }
    assert {key: str(by_id[key].provenance.confidence) for key in marks} == marks
    for key in ("clock:safety_report_7", "clock:safety_report_15"):
        (note,) = [each.value for each in pairs(by_id[key], shipped()) if each.name.en == "Note"]
        assert "再生医療等製品" in note.ja
        assert "regenerative" in note.en


def test_the_restriction_of_class_i_says_that_also_its_first_day_is_assumed() -> None:
    for key in ("clock:asrm_restriction", "machine:asrm_plan"):
        mark = pages.shipped_by_id()[key].provenance
        assert mark.confidence == "assumed"
    told = shipped().clocks["asrm_restriction"].provenance
    assert told.analogy
    assert told.ask
    assert "acceptance" in told.analogy.en
    assert "submission or from its acceptance" in told.ask.en
    assert "受理" in told.analogy.ja


def test_a_second_day_that_a_source_gives_for_a_change_is_kept() -> None:
    (change,) = [each for each in engine.changes() if each.key == "asrm_in_vivo"]
    assert change.on == "2025-05-31"
    assert change.note
    assert "2025年3月31日" in change.note.ja
    assert "31 March 2025" in change.note.en
