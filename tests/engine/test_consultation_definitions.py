"""The shipped consultations, clocks and tables: what they must hold, and what a mistake in them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.engine.catalogue import clocks, consultation_types, published_tables, unknown_sources
from app.engine.definition.common import Confidence, Provenance
from app.engine.definition.consultation import ConsultationType
from app.engine.errors import DefinitionError
from app.engine.loader import WORKFLOWS, load
from app.engine.sources import load_sources

DRUG = (WORKFLOWS / "consultations" / "drug_eop2.yaml").read_text(encoding="utf-8")


def marks() -> list[Provenance]:
    found = [clock.provenance for clock in clocks().values()] + [table.provenance for table in published_tables()]
    for kind in consultation_types().values():
        found += [kind.provenance, kind.fee.provenance, kind.reception.provenance]
        found += [part.provenance for part in (*kind.steps, *kind.remarks)]
        found += [step.hours.provenance for step in kind.steps if step.hours]
        found += [kind.reception.pattern.provenance] if kind.reception.pattern else []
    return found


def test_the_consultations_are_shipped() -> None:
    kinds = consultation_types()
    whole = {key: kind for key, kind in kinds.items() if kind.extends is None}
    assert {key: kind.extends for key, kind in kinds.items() if kind.extends} == {
        "drug_pre_ph1": "drug_eop2",
        "drug_pre_ph2a": "drug_eop2",
        "drug_pre_ph2b": "drug_eop2",
        "drug_pre_app": "drug_eop2",
        "drug_quality": "drug_eop2",
        "rs_strategy_drug": "rs_strategy_regen",
        "rs_strategy_device": "rs_strategy_regen",
    }
    for kind in kinds.values():
        if kind.extends:
            assert kind.steps == kinds[kind.extends].steps
            assert kind.reception == kinds[kind.extends].reception
            assert kind.name != kinds[kind.extends].name
    assert {key: kind.fee.kind for key, kind in whole.items()} == {
        "rs_general": "free",
        "rs_pre": "free",
        "rs_strategy_regen": "paid",
        "rs_quality_safety": "paid",
        "drug_eop2": "paid",
    }


def test_nothing_starts_as_verified_and_every_source_is_known() -> None:
    assert all(mark.verified_by is None for mark in marks())
    assert {key for key in load_sources() if key.startswith("C")} == {f"C{n}" for n in range(1, 45)}
    assert unknown_sources() == []


def test_assumed_values_name_the_analogy_and_unknown_ones_what_to_ask() -> None:
    for mark in marks():
        if mark.confidence is Confidence.ASSUMED:
            assert mark.analogy is not None
            assert mark.ask is not None
            assert "PMDA" in mark.ask.ja or "厚生労働省" in mark.ask.ja
        if mark.confidence is Confidence.UNKNOWN:
            assert mark.ask is not None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("anchor: date_notice", "anchor: nowhere", "refers to nowhere"),
        ("role: own", "roll: own", "steps.0.role: Field required"),
        ("unit: week_monday}", "unit: week_monday, roll: next}", "must not roll"),
        ("place: reception", "place: meeting", "exactly one step must have the place"),
        ("  mode: monthly", "  mode: any_time", "has no pattern"),
        ("  mode: monthly", "  mode: unknown", "can only be assumed"),
        ("{confidence: known_medium, sources: [D01]}", "{confidence: assumed, sources: [D01]}", "must say what to ask"),
        ("{confidence: known_medium, sources: [D01]}", "{confidence: known_low, sources: [D01]}", "confidence"),
        ("{confidence: read, sources: [C14]}", "{confidence: read}", "needs its sources"),
        ("  - key: answers", "  - key: inquiries", "stands twice"),
        ("en: Pre-consultation meeting}", "en: ''}", "at least 1 character"),
    ],
)
def test_a_mistake_is_an_error_with_file_line_and_what_to_do(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in DRUG
    path = tmp_path / "drug.yaml"
    path.write_text(DRUG.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DefinitionError, match=message) as error:
        load(ConsultationType, path, tmp_path)
    assert error.value.file == "drug.yaml"
    assert error.value.line is not None
    assert error.value.remedy


def test_a_source_cannot_stand_twice(tmp_path: Path) -> None:
    entry = "- id: C1\n  title: {ja: 甲, en: A}\n"
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "one.yaml").write_text(entry + entry, encoding="utf-8")
    with pytest.raises(DefinitionError, match="C1 stands twice") as error:
        load_sources(tmp_path)
    assert error.value.line == 3
