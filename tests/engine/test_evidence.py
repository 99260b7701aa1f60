"""Evidence: what a product needs by which gate, what is missing, what guards say of it; sets and gates are data."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.engine.definition.evidence import EvidenceItem
from app.engine.definition.guards import EvidenceComplete, Guard
from app.engine.evidence import asked, guarded, lacking
from app.engine.library import Library, shipped
from app.engine.lint import lint
from app.engine.loader import WORKFLOWS
from app.engine.machine import NOTHING_KNOWN, Answer, Days, KnownFacts, Lack, Situation, Verdict, ask, fold

DAY = dt.date(2026, 11, 24)
CELLS = [f"Q{number:02d}" for number in range(1, 43)]
ONLY_IPS, ONLY_AUTOLOGOUS = {"Q22", "Q25", "Q26", "Q27"}, {"Q35", "Q36"}


def keys(product_class: str, material: str, rules: Library | None = None) -> set[str]:
    return {each.item.key for each in asked(rules or shipped(), product_class, material, DAY)}


def test_cells_need_all_of_section_6_as_far_as_it_speaks_of_them() -> None:
    everything = set(CELLS)
    assert keys("RMP-C", "allogeneic_ips") & everything == everything - ONLY_AUTOLOGOUS
    assert keys("RMP-C", "autologous_ips") & everything == everything
    assert keys("RMP-C", "autologous_cells") & everything == everything - ONLY_IPS
    assert not keys("SM", "unstated") & everything


@pytest.mark.parametrize(
    ("product_class", "material", "there", "not_there"),
    [
        ("RMP-GX", "autologous_modified", {"GX1", "GX2", "GX3", "Q16", "RN3"}, {"GV1", "DQ1"}),
        ("RMP-GV", "viral_vector", {"GV1", "GV2", "RC1"}, {"Q16", "GX2"}),
        ("RMP-GV", "plasmid", {"RC1"}, {"GV1", "GV2"}),
        ("SM", "unstated", {"DN1", "DQ1"}, {"DN2", "DV1", "RC1"}),
        ("VAC", "unstated", {"DN2", "DV1", "DV2"}, {"DN1"}),
        ("SAMD", "unstated", {"VD1", "VD6"}, {"DQ1"}),
        ("DEV", "unstated", {"VD2", "VD5"}, {"VD1", "VD6"}),
        ("CMB", "cells_and_device", {"CB2", "CB3", "Q16", "RC1"}, {"GX1", "Q22", "VD5"}),  # two trees
        ("CMB", "drug_and_device", {"CB2", "DQ1", "DG1"}, {"Q16", "DN1"}),
        ("CMB", "device_and_drug", {"VD5", "DQ1", "CB1"}, {"CB2", "VD1"}),
    ],
)
def test_each_class_has_its_own(product_class: str, material: str, there: set[str], not_there: set[str]) -> None:
    found = keys(product_class, material)
    assert there <= found
    assert not not_there & found


def test_missing_blocking_ones_come_first_and_a_later_gate_covers_an_earlier_one() -> None:
    needed = asked(shipped(), "RMP-C", "allogeneic_ips", DAY)
    nothing = lacking(shipped(), needed, set())
    assert set(nothing) == set(shipped().gates.order)
    blocking = [lack.key for lack in nothing["G1"] if lack.blocks]
    assert blocking == [lack.key for lack in nothing["G1"]][: len(blocking)]
    assert set(blocking) == {"Q16", "Q19", "Q21", "Q22", "Q23", "Q25", "Q26", "Q27"}
    assert "Q08" in {lack.key for lack in lacking(shipped(), needed, {("Q08", "G0")})["G1"]}, (
        "a gate that does not ask for it"
    )
    some = lacking(shipped(), needed, {("Q08", "G2"), ("Q16", "G1")})
    open_at = {gate: {lack.key for lack in lacks} for gate, lacks in some.items()}
    assert "Q08" not in open_at["G1"] | open_at["G2"], "three runs are more than one"
    assert "Q08" in open_at["G3"]
    assert "Q16" in open_at["G3"] - open_at["G1"]
    everything = {(each.item.key, gate.key) for each in needed for gate, _part in each.parts}
    assert not any(lacking(shipped(), needed, everything).values())


def test_rules_hold_from_and_until_their_days() -> None:
    sets = {each.key: each for each in shipped().evidence}
    old = sets["cells_sterility"]
    new = old.model_copy(update={"version": 2, "valid_from": dt.date(2027, 4, 1), "items": old.items[:5]})
    later = sets["cells_quality"].model_copy(update={"valid_from": dt.date(2027, 1, 1)})
    ended = sets["regenerative_dossier"].model_copy(update={"valid_to": dt.date(2026, 11, 23)})

    class Rules:
        gates, evidence = shipped().gates, (later, new, ended, old)

    counts = {
        day: len(asked(Rules(), "RMP-C", "allogeneic_ips", dt.date.fromisoformat(day)))
        for day in ("2026-11-23", "2026-11-24", "2027-01-01", "2027-04-01")
    }
    assert counts == {"2026-11-23": 26, "2026-11-24": 20, "2027-01-01": 40, "2027-04-01": 25}


# --- the guard -------------------------------------------------------------------------------------------------------


def lack(key: str, *, blocks: bool = False, note_counts: bool = False) -> Lack:
    item = next(each.item for each in asked(shipped(), "RMP-C", "autologous_ips", DAY) if each.item.key == key)
    return Lack(key, item.names, blocks, note_counts)


def answer(facts: KnownFacts, **settings: Any) -> Answer:
    told = {"ja": "足りません: {items}。", "en": "Missing: {items}."}
    guard = TypeAdapter(Guard).validate_python(
        {"kind": "evidence_complete", "gate": "G1", "because": told, "do": {"ja": "見る。", "en": "Look."},
         "provenance": {"confidence": "known_high"}, **settings}
    )  # fmt: skip
    return ask(guard, Situation(shipped(), fold(shipped(), [], DAY), "programme", None, Days.of(DAY), facts))


MANY = [lack(key, blocks=True) for key in ("Q16", "Q19", "Q21", "Q22", "Q23")]
SOFT = [lack("Q08"), lack("Q05")]
YES, NOT_YET, UNSURE, WARNING = Verdict.YES, Verdict.NOT_YET, Verdict.CANNOT_TELL, Verdict.WARNING


@pytest.mark.parametrize(
    ("missing", "settings", "verdict", "says"),
    [
        ([], {}, YES, None),
        (MANY, {}, NOT_YET, "Missing: Sterility test of the product, Mycoplasma, Donor eligibility and 2 more."),
        ([*MANY[:1], *SOFT], {}, NOT_YET, "Sterility test of the product. Beside these, 2 that only warn are missing."),
        (SOFT, {}, WARNING, "Missing: Media fill, initial, Single-use sets."),
        (MANY, {"unmet": "warning"}, WARNING, "and 2 more."),
        ([*MANY, *SOFT], {"items": ["Q08"]}, WARNING, "Missing: Media fill, initial."),
        ([*MANY, *SOFT], {"items": ["Q10"]}, YES, None),
    ],
)
def test_the_guard_names_what_is_missing(
    missing: list[Lack], settings: dict[str, Any], verdict: Verdict, says: str | None
) -> None:
    found = answer(KnownFacts(evidence={"G1": missing}), **settings)
    assert found.verdict is verdict
    assert found.because is None if says is None else says in found.because.en
    assert found.because is None or "{" not in found.because.ja + found.because.en


def test_nobody_can_tell_where_no_list_exists() -> None:
    for facts in (NOTHING_KNOWN, KnownFacts(evidence={"G3": []})):
        found = answer(facts)
        assert found.verdict is UNSURE
        assert "no list" in found.because.en


def test_a_note_of_earlier_days_counts_where_the_gate_lets_it() -> None:
    noted = {"Q21": True}
    counts = KnownFacts(facts=noted, evidence={"G1": [lack("Q21", blocks=True, note_counts=True)]})
    not_here = KnownFacts(facts=noted, evidence={"G1": [lack("Q21", blocks=True)]})
    assert answer(counts).verdict is YES
    assert answer(not_here).verdict is NOT_YET


def test_products_of_another_material_are_not_asked() -> None:
    told = {"evidence": {"G1": MANY}}
    for material, verdict in (("allogeneic_cells", YES), ("allogeneic_ips", NOT_YET)):
        facts = KnownFacts(attributes={"material": material}, **told)
        assert answer(facts, only_materials=["autologous_ips", "allogeneic_ips"]).verdict is verdict


def test_the_shipped_pathway_asks_before_notification_and_application() -> None:
    course = shipped().course("regenerative_cell")
    at = {gate: [each.id for each in guarded(course, gate)] for gate in shipped().gates.order}
    assert at == {"G0": ["T01"], "G1": ["T04"], "G2": ["T04d", "T07n"], "G3": ["T14"], "G4": ["T18"], "G5": []}
    ips = [g for g in course.pathway.guards["T02"] if isinstance(g, EvidenceComplete)]
    assert [g.items for g in ips] == [("Q21", "Q22", "Q23", "Q25", "Q26", "Q27")]


# --- the data --------------------------------------------------------------------------------------------------------


def test_what_may_be_wrong_cannot_block_and_what_is_unknown_is_no_item() -> None:
    texts = {"ja": "文", "en": "Text"}
    for mark in ({"confidence": "known_medium"}, {"confidence": "unknown", "ask": texts}):
        with pytest.raises(ValidationError, match=r"only warns|no item"):
            EvidenceItem.model_validate(
                {"key": "X", "names": texts, "content": texts, "parts": [{"gate": "G1", "missing": "blocks"}],
                 "provenance": mark}
            )  # fmt: skip


def test_no_criterion_that_nobody_found_is_stated() -> None:
    """Weld validation, media fills, release of iPS products by blood culture, endotoxin near the brain: only asked."""
    items = {item.key: item for each in shipped().evidence for item in each.items}
    assert {key for key, item in items.items() if item.open} >= {"Q03", "Q08", "Q17", "Q20"}
    assert "0.2" not in items["Q20"].content.en + items["Q20"].content.ja


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the rules to change."""
    copy = tmp_path / "rules"
    shutil.copytree(WORKFLOWS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


FAULTS = [
    ("evidence/cells_sterility.yaml", "key: Q02", "key: Q01", "Q01 stands twice"),
    ("evidence/cells_sterility.yaml", "key: Q02", "key: Q30", "Q30 stands twice (also in evidence/cells_quality"),
    ("evidence/cells_sterility.yaml", "{gate: G0,", "{gate: G9,", "G9, which is no gate"),
    ("evidence/cells_sterility.yaml", "classes: [RMP-C, RMP-GX]", "classes: [RMP-X]", "no product class RMP-X"),
    ("evidence/cells_quality.yaml", "allogeneic_ips, es_cells", "allogeneic_ips, egg_cells", "no material egg_cells"),
    ("evidence/cells_quality.yaml", "confidence: read, sources: [S36]", "confidence: read, sources: [S9999]", "S9999"),
    ("evidence/cells_sterility.yaml", "missing: warns", "missing: sulks", "'blocks' or 'warns'"),
    ("pathways/regenerative_cell.yaml", "      gate: G0", "      gate: G7", "G7 is no gate"),
    ("pathways/regenerative_cell.yaml", "items: [Q21, ", "items: [Q99, ", "No evidence Q99 is asked at G1"),
    ("pathways/regenerative_cell.yaml", "そろっていません: {items}。", "ありません。", "does not name what is missing"),
    ("pathways/regenerative_cell.yaml", "facts: [Q08]", "facts: [Q88]", "no evidence Q88"),
    ("gates.yaml", "key: G1", "key: G0", "a gate stands twice"),
]


@pytest.mark.parametrize(("file", "old", "new", "words"), FAULTS)
def test_a_planted_fault_is_found(folder: Path, file: str, old: str, new: str, words: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [each for each in lint(folder) if each.file == file and words in each.what]
    assert found, [str(each) for each in lint(folder)]
    assert found[0].line


NEW_SET = """
key: plasters
version: 1
names: {ja: 貼付剤, en: Plasters}
products: [{classes: [PLASTER]}]
items:
  - key: PL1
    names: {ja: 粘着力, en: Adhesion}
    content: {ja: 貼り付くこと。, en: That it sticks.}
    parts: [{gate: G1, missing: blocks}]
    provenance: {confidence: known_high}
"""


NEW_MATERIAL = """
- key: plaster
  classes: [PLASTER]
  names: {ja: 貼付剤, en: A plaster}
  provenance: {confidence: known_high}
"""


NEW_PATHWAY = """
key: plaster
version: 1
extends: device
names: {ja: 貼付剤, en: Plasters}
classes: {PLASTER: {ja: 貼付剤, en: Plaster}}
consulted_as: [M]
"""


def test_a_new_class_is_a_change_of_data_only(folder: Path) -> None:
    (folder / "pathways" / "plaster.yaml").write_text(NEW_PATHWAY, encoding="utf-8")
    (folder / "evidence" / "plasters.yaml").write_text(NEW_SET, encoding="utf-8")
    with (folder / "materials.yaml").open("a", encoding="utf-8") as materials:
        materials.write(NEW_MATERIAL)
    assert lint(folder) == []
    library = Library.load(folder)
    assert keys("PLASTER", "unstated", library) == {"PL1"}
    (missing,) = lacking(library, asked(library, "PLASTER", "unstated", DAY), set())["G1"]
    assert missing.blocks
    assert "PL1" not in keys("RMP-C", "allogeneic_ips", library)
    assert [each.id for each in guarded(library.course("plaster"), "G3")] == ["T14"]
