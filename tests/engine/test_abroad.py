"""Dates of clocks abroad, conflicts with three answers, and the lint of both."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.engine.abroad import ClockPart, run
from app.engine.catalogue import world
from app.engine.conflicts import Facts, Planned, warnings
from app.engine.definition.abroad import Part
from app.engine.definition.common import Basis
from app.engine.lint import lint
from app.engine.loader import WORKFLOWS
from app.engine.machine import Days, Event, Track, Tracks, Visit

NONE = Tracks(dt.date(2026, 11, 24))


def dates(what: str, on: str, basis: Basis = Basis.TARGET) -> dict[str, str | None]:
    """By part, the day or the ends of the range that the clocks give."""
    agency, key = what.split(".")
    found = world().agencies[agency]
    return {each.part.key: _days(each) for each in run(found, found.by_key[key], Days.parse(on), basis)}


def _days(each: ClockPart) -> str | None:
    if each.dated is None or each.dated.span is None:
        return None
    return str(Days(each.dated.span.earliest, each.dated.span.latest))


@pytest.mark.parametrize(
    ("what", "on", "expected"),
    [
        ("fda.pre_ind", "2027-01-04", {"response": "2027-01-25", "meeting": "2027-03-05", "package": "2027-02-03"}),
        (
            "fda.eop2",
            "2027-01-04",
            {"response": "2027-01-18", "meeting": "2027-03-15", "package": "2027-01-24", "ipsp": "2027-05-14"},
        ),
        # a Saturday stays a Saturday: nothing rolls
        ("fda.ind", "2027-02-18", {"review": "2027-03-20"}),
        ("fda.bla", "2027-01-04", {"filing": "2027-03-05", "standard": "2028-01-05", "priority": "2027-09-05"}),
        ("fda.ind", "2027-02", {"review": "2027-03-03/2027-03-30"}),
        ("fda.btd", "2027-02-18", {}),
        ("ema.maa", "2028-03-31", {"opinion": "2028-10-27", "decision": "2029-01-02", "intent": "2027-08-31"}),
        ("ema.maa_accelerated", "2028-03-31", {"opinion": "2028-08-28", "request": "2027-12-31/2028-01-31"}),
        ("ema.jca", "2028-03-31", {"parallel": None}),
        ("mhra.combined_review", "2026-04-28", {"decision": "2026-08-13", "reply": None}),
        ("mhra.combined_review", "2026-04-27", {"decision": None, "reply": None}),  # not yet the law
        (
            "mhra.irp_b",
            "2027-01-04",
            {"route_b": "2027-04-24", "stop": "2027-03-15", "stop_ends": "2027-05-14", "report": None, "rule": None},
        ),
        ("mhra.irp_a", "2027-01-04", {"route_a": "2027-03-05", "report": None, "rule": None}),
        ("health_canada.nds", "2027-01-04", {"screening": "2027-02-18", "review": "2027-12-15"}),
        ("tga.cta", "2027-01-04", {"route": None, "short": None, "long": None}),
        (
            "tga.provisional",
            "2028-02-29",
            {"term": "2030-02-28", "extension": "2032-02-28", "extension_2": "2034-02-28"},
        ),
    ],
)
def test_a_planned_day_brings_the_dates_of_its_agency(what: str, on: str, expected: dict[str, str | None]) -> None:
    assert dates(what, on) == expected


def test_a_date_is_as_firm_as_the_day_it_counts_from() -> None:
    fda = world().agencies["fda"]
    for basis, expected in ((Basis.ACTUAL, "likely"), (Basis.TARGET, "possible")):
        (part,) = run(fda, fda.by_key["ind"], Days.parse("2027-02-18"), basis)
        assert part.dated
        assert part.dated.certainty == expected


# --- conflicts -------------------------------------------------------------------------------------------------------


def pioneer(state: str = "DESIGNATED", *, filed: str | None = None) -> Tracks:
    """A therapy with a pioneer designation, whose application in Japan was filed on a day."""
    track = Track("designation", "PIONEER", (Visit(state, None),), {"kind": "PIONEER"})
    events = (Event("e", "MAA_FILED", Days.parse(filed)),) if filed else ()
    return Tracks(NONE.as_of, (track,), happened=events)


def approved(state: str) -> Tracks:
    return Tracks(NONE.as_of, (Track("approval", "1", (Visit(state, None),)),))


def answers(tracks: Tracks, *planned: str, material: str = "chemical", product_class: str = "SM") -> list[str]:
    """What is warned of: the key of a conflict, with ? where it cannot be told. ``planned``: fda.bla 2027-01."""
    known = []
    for number, each in enumerate(planned):
        what, on = each.split()
        agency, key = what.split(".")
        known.append(Planned(str(number), agency, key, Days.parse(on)))
    found = warnings(world(), Facts(product_class, material, tracks, known))
    return [each.conflict.key + ("" if each.certain else "?") for each in found]


FIRST = "pioneer_japan_first"


@pytest.mark.parametrize(
    ("planned", "filed", "expected"),
    [
        (["fda.bla 2027-01-01"], None, [FIRST]),  # Japan is not even planned
        (["fda.bla 2027-01-01", "japan.application 2027-01-31"], None, []),  # exactly 30 days
        (["fda.bla 2027-01-01", "japan.application 2027-02-01"], None, [FIRST]),  # 31
        (["fda.bla 2027-01-01"], "2027-02-01", [FIRST]),
        (["fda.bla 2027-01-01", "japan.application 2030-01-01"], "2027-01-10", []),  # what happened wins over a plan
        (["fda.bla 2027-06", "japan.application 2027-06"], None, []),  # at most 29 days apart
        (["fda.bla 2027-06", "japan.application 2027-07"], None, [FIRST + "?"]),
        (["fda.bla 2027-05-31", "japan.application 2027-07"], None, [FIRST]),
        (["fda.bla 2027", "japan.application 2027-07-01"], None, [FIRST + "?"]),
        (["ema.maa 2027-01-01", "tga.artg 2027-02-01"], "2026-12-01", []),
        (["fda.rmat 2027-03-01", "fda.ind 2027-01-01"], None, []),  # not an application
    ],
)
def test_japan_first(planned: list[str], filed: str | None, expected: list[str]) -> None:
    assert answers(pioneer(filed=filed), *planned) == expected
    assert answers(pioneer("REQUESTED", filed=filed), *planned) == expected
    assert FIRST not in " ".join(answers(pioneer("REVOKED", filed=filed), *planned))
    assert FIRST not in " ".join(answers(NONE, *planned))


def test_the_sentence_names_the_days() -> None:
    known = [
        Planned("1", "fda", "bla", Days.parse("2027-01")),
        Planned("2", "japan", "application", Days.parse("2028")),
    ]
    (warned,) = warnings(world(), Facts("SM", "chemical", pioneer(), known))
    for said in ("FDA", "BLA", "Jan 2027", "2028", "30 days"):
        assert said in warned.says.en
    for said in ("FDA", "2027年1月", "2028年", "30日"):
        assert said in warned.says.ja
    assert "not verified" in warned.conflict.do.en
    (warned,) = warnings(world(), Facts("SM", "chemical", pioneer(), known[:1]))
    assert "(予定なし)" in warned.says.ja
    assert "{" not in warned.says.ja + warned.says.en


IND = "fda.ind 2026-01-01"


@pytest.mark.parametrize(
    ("planned", "expected"),
    [
        ([IND, "fda.rmat 2026-06-01"], []),
        ([IND, "fda.rmat 2026-06-01", "fda.hold 2026-05-01"], ["rmat_on_hold"]),
        ([IND, "fda.rmat 2026-06-01", "fda.hold 2026-06-01"], ["rmat_on_hold"]),
        ([IND, "fda.rmat 2026-06-01", "fda.hold 2026-06-02"], []),
        ([IND, "fda.rmat 2026-06-01", "fda.hold 2026-05-01", "fda.hold_lifted 2026-05-20"], []),
        ([IND, "fda.rmat 2026-06-01", "fda.hold 2026-05-01", "fda.hold_lifted 2026-06-01"], []),
        ([IND, "fda.rmat 2026-06-01", "fda.hold 2026-05-01", "fda.hold_lifted 2026-06-02"], ["rmat_on_hold"]),
        ([IND, "fda.rmat 2026-06-01", "fda.hold 2026-05-01", "fda.hold_lifted 2026-06"], ["rmat_on_hold?"]),
        ([IND, "fda.rmat 2026-06", "fda.hold 2026-06-15"], ["rmat_on_hold?"]),
        (
            [IND, "fda.rmat 2026-06-01", "fda.hold 2026-02", "fda.hold_lifted 2026-03", "fda.hold 2026-05"],
            ["rmat_on_hold"],
        ),
        (["fda.rmat 2026-06-01"], ["rmat_before_ind"]),
        (["fda.rmat 2026-06-01", "fda.ind 2026-06-01"], []),  # with the IND
        (["fda.rmat 2026-06-01", "fda.ind 2026-06"], ["rmat_before_ind?"]),
    ],
)
def test_rmat_wants_an_ind_that_is_not_on_hold(planned: list[str], expected: list[str]) -> None:
    assert answers(NONE, *planned) == expected


@pytest.mark.parametrize(
    ("state", "route", "expected"),
    [
        ("CTL_RUNNING", "irp_a", ["irp_conditional_route_b", "irp_holder_in_uk"]),
        ("CTL_DEEMED", "irp_a", ["irp_conditional_route_b", "irp_holder_in_uk"]),
        ("CTL_RUNNING", "irp_b", ["irp_holder_in_uk"]),
        ("FULL_IN_FORCE", "irp_a", ["irp_holder_in_uk"]),
        ("EMERG_RUNNING", "irp_b", ["irp_emergency_excluded", "irp_holder_in_uk"]),
        ("EMERG_RUNNING", "national", []),
    ],
)
def test_the_uk_recognises_by_the_kind_of_approval(state: str, route: str, expected: list[str]) -> None:
    assert answers(approved(state), f"mhra.{route} 2027-01-01") == expected


def test_what_a_therapy_is_decides_too() -> None:
    route_a = answers(NONE, "mhra.irp_a 2027-01-01", product_class="RMP-C")
    assert route_a == ["irp_atmp_route_b", "irp_holder_in_uk"]
    assert answers(NONE, "fda.ind 2027-01-01", material="allogeneic_ips") == ["donor_consent_abroad"]
    assert answers(NONE, "japan.application 2027-01-01", material="allogeneic_ips") == []
    assert answers(NONE, "fda.ind 2027-01-01", material="autologous_ips") == []


# --- lint ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the definitions that these speak of."""
    copy = tmp_path_factory.mktemp("workflows") / "w"
    shutil.copytree(WORKFLOWS, copy, ignore=shutil.ignore_patterns("cases", "pathways"))  # not needed here, and slow
    return copy


@pytest.mark.parametrize(
    ("file", "good", "bad", "said"),
    [
        ("fda.yaml", "match: G_M1", "match: G_M12", "no row of abroad/table.yaml"),
        ("fda.yaml", "anchor: filing, offset: 10", "anchor: gone, offset: 10", "must stand before it"),
        ("fda.yaml", "offset: 14, unit: cd, roll: none", "offset: 14, unit: cd", "write `roll: none`"),
        ("fda.yaml", "offset: 14, unit: cd", "offset: 14, unit: bd", "working days abroad give no date"),
        ("fda.yaml", "id: GC02", "id: GC01", "GC01 stands twice"),
        ("fda.yaml", "sources: [S102]", "sources: [S999]", "Source S999"),
        ("fda.yaml", "{confidence: known_medium}", "{confidence: known_low}", "must not be loaded"),
        ("japan.yaml", "MAA_FILED", "MAA_FIELD", "has no event MAA_FIELD"),
        ("japan.yaml", "[rs_general,", "[rs_generally,", "no consultation rs_generally"),
        ("table.yaml", "health_canada, tga]", "health_canada]", "tga is a column or an agency"),
        ("conflicts.yaml", "states: [REQUESTED, DESIGNATED]", "states: [WISHED]", "no state WISHED"),
        ("conflicts.yaml", "kind: [PIONEER]", "kind: [PIONIER]", "knows no kind PIONIER"),
        ("conflicts.yaml", "begins: hold,", "begins: halt,", "no milestone halt"),
        ("conflicts.yaml", "milestone: application", "milestone: applying", "Japan has no milestone applying"),
        ("conflicts.yaml", "agencies: [fda]", "agencies: [fdb]", "no agency fdb"),
        ("conflicts.yaml", "matches: [G_M7]", "matches: [G_M77]", "no row G_M77"),
    ],
)
def test_each_slip_is_found(folder: Path, file: str, good: str, bad: str, said: str) -> None:
    path = folder / "abroad" / file
    before = path.read_text(encoding="utf-8")
    assert good in before
    try:
        path.write_text(before.replace(good, bad, 1), encoding="utf-8")
        found = [str(finding) for finding in lint(folder)]
    finally:
        path.write_text(before, encoding="utf-8")
    assert any(said in each and f"abroad/{file}:" in each for each in found), found


def test_a_part_says_one_thing() -> None:
    both = {"ja": "一", "en": "one"}
    bare = {"key": "a", "column": "decision", "names": both, "provenance": {"confidence": "known_high"}}
    for wrong in (
        {},
        {"counted": {"number": 3, "unit": "cd", "why": "working_days"}},
        {"words": both, "role": "theirs"},
    ):
        with pytest.raises(ValidationError):
            Part.model_validate({**bare, **wrong})
    assert Part.model_validate({**bare, "counted": {"number": 3, "unit": "working_days", "why": "working_days"}})
