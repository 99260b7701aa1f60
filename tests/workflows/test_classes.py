"""The nine product classes: which lines, steps and conditions each has, and a tenth one as a change of data alone."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from app.engine.courses import Course
from app.engine.library import Library, shipped
from app.engine.lint import lint
from app.engine.loader import WORKFLOWS
from app.engine.machine import (
    NOTHING_KNOWN,
    Days,
    Event,
    KnownFacts,
    Refusal,
    Tracks,
    Verdict,
    advance,
    available,
    fold,
)

CLASSES = ("RMP-C", "RMP-GX", "RMP-GV", "SM", "BIO", "VAC", "DEV", "SAMD", "CMB")
TODAY = dt.date(2026, 11, 24)
# Every row of the reference chart by its own name; rows that are conditions, words or evidence stand below.
CORE = [f"T{n:02d}" for n in range(1, 47)]
SPECIAL = [
    *(f"TS{n}" for n in range(1, 10)),
    *(f"TD{n}" for n in range(1, 11)),
    *("TC1", "TC2", "TC3", "TG1", "TG2", "TG3", "TR1", "TR2"),
]
OTHERWISE = {
    "TS2": "the usual course of drugs: T14 to T23 with GMP conformity as a condition of T23",
    "TS4": "T41 on the pathways of drugs",
    "TS5": "T39 to T40 on the pathways of drugs",
    "TS9": "materials.yaml: a preventive vaccine leads to the pathway of vaccines only",
    "TD4": "T14 on the pathway of devices, where a completed trial only warns",
    "TD5": "T04 on the pathway of devices",
    "TC2": "a condition of T14 on the pathways of combinations",
    "TG1": "conditions of T03, T04 and T07 for gene-modified cells",
    "TG2": "conditions of T04 and T07 for gene therapy",
    "TR1": "evidence Q21 to Q27",
    "T44": "T44 and T44a",
}


def course(product_class: str, material: str | None = None) -> Course:
    """The rules of a class."""
    pathway = shipped().for_class(product_class, material)
    assert pathway is not None, product_class
    return shipped().course(pathway.key)


def steps(rules: Course) -> set[str]:
    """The ids of every step that the class has."""
    return {each.id for machine in rules.own.values() for each in machine.transitions}


def at(rules: Course, *events: tuple[str, str, dict[str, str]] | tuple[str, str]) -> Tracks:
    """Where a history of that class stands."""
    rows = [
        Event(str(number), each[0], Days.parse(each[1]), each[2] if len(each) == 3 else {}, history=True)
        for number, each in enumerate(events, start=1)
    ]
    found = fold(rules, rows, TODAY)
    assert found.refused == (), found.refused
    return found


def test_every_class_leads_to_a_pathway_and_every_material_to_one():
    for key in CLASSES:
        assert shipped().for_class(key) is not None
    for material in shipped().materials.values():
        for key in material.classes:
            assert shipped().for_class(key, material.key) is not None
    assert {key for each in shipped().materials.values() for key in each.classes} == set(CLASSES)


def test_every_row_of_the_reference_chart_is_there():
    named = {each.id for machine in shipped().machines.values() for each in machine.transitions}
    for row in (*CORE, *SPECIAL):
        there = any(key == row or (key.startswith(row) and not key[len(row)].isdigit()) for key in named)
        assert there or row in OTHERWISE, row


@pytest.mark.parametrize(
    ("product_class", "has", "has_not"),
    [
        ("RMP-C", {"T02", "T03", "T23c", "T28", "TR2", "J1"}, {"TS1", "TS3", "TD1", "TS8"}),
        ("RMP-GX", {"T03", "T23c", "I1", "I3"}, {"TS1", "TG3"}),
        ("RMP-GV", {"T03", "I1", "TG3"}, {"J1", "TR2"}),
        ("SM", {"TS1", "TS3", "T23e", "T39"}, {"T02", "T03", "T03w", "T23c", "T28", "TS6", "TD6"}),
        ("BIO", {"TS1", "TS6"}, {"T23c", "TS7"}),
        ("VAC", {"TS1", "TS7", "TS8"}, {"T39", "T40", "TS6"}),
        ("DEV", {"TD1", "TD2", "TD3", "TD6", "TD7", "TD10"}, {"T00", "T41", "T23c", "TD8", "TD9"}),
        ("SAMD", {"TD1", "TD3", "TD8", "TD8n", "TD9", "TD10"}, {"T41"}),
        ("CMB", {"TC1", "TC3", "T23c"}, {"T00"}),
    ],
)
def test_a_class_has_its_own_steps_and_not_those_of_others(product_class: str, has: set[str], has_not: set[str]):
    own = steps(course(product_class, "vaccine" if product_class == "VAC" else None))
    assert has <= own
    assert not has_not & own


def test_a_live_recombinant_vaccine_passes_the_gate_of_quality_and_safety():
    own = steps(course("VAC", "live_recombinant_vaccine"))
    assert {"T02", "T03", "I1", "TS7"} <= own
    assert "TS1" not in own


def test_combinations_follow_their_primary_mode():
    assert "T23c" in steps(course("CMB", "cells_and_device"))
    assert "TS3" in steps(course("CMB", "drug_and_device"))
    assert {"TD6", "TD7"} <= steps(course("CMB", "device_and_drug"))


PREPARED = (("QS_CONSULT_BOOKED", "2026-05-01"), ("QS_CONSULT_CLOSED", "2026-08-01"))
CLEARED = (("CTN_FILED", "2026-09-01"), ("CTN_CLEARED", "2026-10-01"))
READY = KnownFacts(facts=dict.fromkeys(("irb_approval", "trial_contract", "jrct_registration"), True))


def test_gene_therapy_doses_nobody_without_the_cartagena_act():
    rules = course("RMP-GV")
    first = Event("n", "FIRST_PATIENT", Days.of(TODAY))
    refused = advance(rules, rules.pathway, at(rules, *CLEARED), first, READY)
    assert isinstance(refused, Refusal)
    assert [answer.guard.provenance.sources for answer in refused.answers] == [("S24",), ("S24",)]
    one = ("CARTAGENA_GRANTED", "2026-08-01", {"kind": "TYPE1"})
    half = advance(rules, rules.pathway, at(rules, *CLEARED, one), first, READY)
    assert isinstance(half, Refusal)
    imported = ("CARTAGENA_NOT_NEEDED", "2026-08-02", {"kind": "TYPE2"})
    taken = advance(rules, rules.pathway, at(rules, *CLEARED, one, imported), first, READY)
    assert not isinstance(taken, Refusal)


def test_gene_therapy_is_warned_of_the_cartagena_act_when_the_trial_is_notified():
    rules = course("RMP-GV")
    tracks = at(rules, *PREPARED)
    offered = available(rules, rules.pathway, tracks, NOTHING_KNOWN)
    choice = next(each for each in offered if each.event == "CTN_FILED")
    warned = [each for each in choice.answers if each.target and each.target.key == "cartagena"]
    assert [each.verdict for each in warned] == [Verdict.WARNING, Verdict.WARNING]


def test_licences_are_lines_that_open_the_approval_and_run_out():
    rules = course("SM")
    endorsed = ("COMMITTEE_ENDORSED", "2026-10-01")
    approved = Event("n", "APPROVED_FULL", Days.parse("2026-11-20"))
    kinds = ("MAH_LICENCE", "FMA", "GMP_OK")
    held = [("LICENCE_GRANTED", "2023-01-10", {"kind": kind, "term": "5y"}) for kind in kinds]
    assert not isinstance(advance(rules, rules.pathway, at(rules, endorsed, *held), approved, NOTHING_KNOWN), Refusal)
    over = [("LICENCE_GRANTED", "2021-10-01", {"kind": "MAH_LICENCE", "term": "5y"}), *held[1:]]
    tracks = at(rules, endorsed, *over)
    licence = tracks.get("licence", "MAH_LICENCE")
    assert licence is not None
    assert licence.state == "EXPIRED"
    assert str(licence.since) == "2026-09-30"
    assert isinstance(advance(rules, rules.pathway, tracks, approved, NOTHING_KNOWN), Refusal)


def test_a_device_of_class_one_needs_no_approval():
    rules = course("DEV")
    tracks = at(rules, ("DEVICE_CLASSIFIED", "2026-01-10", {"device_class": "I"}), ("DEVICE_NOTIFIED", "2026-05-01"))
    approval, supply = tracks.get("approval"), tracks.get("supply")
    assert approval
    assert supply
    assert (approval.state, supply.state) == ("NOTIFIED", "SHIPPABLE")
    assert tracks.of("application") == ()


def test_a_certified_device_skips_the_committee():
    rules = course("DEV")
    tracks = at(rules, ("CERTIFICATION_FILED", "2026-03-02"), ("CERTIFIED", "2026-08-03"), ("LAUNCHED", "2026-09-01"))
    application, approval = tracks.get("application", "CERT"), tracks.get("approval")
    assert application
    assert approval
    assert [visit.state for visit in application.history] == ["FILED", "CERTIFIED"]
    assert approval.state == "CERTIFIED"


def test_a_lot_must_pass_before_a_vaccine_is_launched():
    rules = course("VAC", "vaccine")
    approved = at(rules, ("APPROVED_FULL", "2026-09-01"))
    launch = Event("n", "LAUNCHED", Days.of(TODAY))
    assert isinstance(advance(rules, rules.pathway, approved, launch, NOTHING_KNOWN), Refusal)
    passed = at(rules, ("APPROVED_FULL", "2026-09-01"), ("LOT_RELEASED", "2026-10-01", {"lot": "A1"}))
    assert not isinstance(advance(rules, rules.pathway, passed, launch, NOTHING_KNOWN), Refusal)


def test_the_ninety_days_of_class_one_and_none_of_class_two():
    rules = course("RMP-C")
    accepted = ("ASRM_PLAN_ACCEPTED", "2026-08-03", {"kind": "I"})
    over = Event("n", "ASRM_RESTRICTION_OVER", Days.parse("2026-11-01"))  # 3 Aug + 90 = 1 Nov, still restricted
    assert isinstance(advance(rules, rules.pathway, at(rules, accepted), over, NOTHING_KNOWN), Refusal)
    later = Event("n", "ASRM_RESTRICTION_OVER", Days.parse("2026-11-02"))
    assert not isinstance(advance(rules, rules.pathway, at(rules, accepted), later, NOTHING_KNOWN), Refusal)
    second = at(rules, ("ASRM_PLAN_ACCEPTED", "2026-08-03", {"kind": "II"})).get("asrm_plan", "II")
    assert second is not None
    assert second.state == "ACTIVE"


def test_what_happens_under_the_asrm_is_never_a_clinical_trial():
    for event in shipped().vocabulary.events.values():
        moved = {act.machine for act in event.acts_on}
        assert not {"programme", "asrm_plan"} <= moved
    for pathway in shipped().pathways.values():
        for guards in pathway.guards.values():
            assert not any(guard.kind == "track_in_state" and guard.machine == "asrm_plan" for guard in guards)


def test_emergency_and_conditional_approval_exist_since_their_laws():
    rules = course("SM")
    filed = Event("1", "COMMITTEE_ENDORSED", Days.parse("2022-05-01"), history=True)
    early = Event("2", "APPROVED_EMERG", Days.parse("2022-05-19"), {"term": "1y"}, history=True)
    refused = fold(rules, [filed, early], TODAY).refused
    assert [each.event.name for each in refused] == ["APPROVED_EMERG"]
    assert "2022" in refused[0].reason.en
    assert "2022年5月20日" in refused[0].reason.ja
    first_day = Event("2", "APPROVED_EMERG", Days.parse("2022-05-20"), {"term": "1y"}, history=True)
    assert fold(rules, [filed, first_day], TODAY).refused == ()


TENTH = """
key: xenogeneic
version: 1
extends: regenerative_cell
names: {ja: 異種移植用製品, en: Xenogeneic product}
classes:
  XENO: {ja: 異種移植用製品, en: Xenogeneic product}
leaves_out: [T23c, T27, T27m, T28, T29, T30, T31, T31m, T32m]
likely: [T00, T01, T02, T03, T04, T05, T07, T12, T13, T14, T15, T18, T19, T23, T27f, T41]
guards:
  T04:
    - kind: fact_present
      facts: [herd_health]
      because: {ja: 飼育群の衛生の記録がありません。, en: There is no record of the herd's health.}
      do: {ja: 記録してください。, en: Record it.}
      provenance: {confidence: known_high}
"""


def test_a_tenth_class_is_a_change_of_data_alone(tmp_path: Path):
    folder = tmp_path / "rules"
    shutil.copytree(WORKFLOWS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pathways" / "xenogeneic.yaml").write_text(TENTH, encoding="utf-8")
    with (folder / "materials.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "- {key: pig_islets, classes: [XENO], names: {ja: ブタ膵島, en: Pig islets}, "
            "provenance: {confidence: known_high}}\n"
        )
    assert [str(each) for each in lint(folder)] == []
    library = Library.load(folder)
    pathway = library.for_class("XENO", "pig_islets")
    assert pathway is not None
    rules = library.course(pathway.key)
    offered = available(rules, pathway, at(rules, *PREPARED), NOTHING_KNOWN)
    choice = next(each for each in offered if each.event == "CTN_FILED")
    assert "It is not recorded whether this is so: “There is no record of the herd's health”." in " ".join(
        a.because.en for a in choice.answers if a.because
    )
    assert "T23c" not in steps(rules)
    assert rules.machines["programme"].state("QS_CONSULT")
