"""Each fault that lint promises to find, planted in a copy of the shipped rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.engine.lint import Finding, lint, release_list
from app.engine.loader import WORKFLOWS

MACHINES, VOCABULARY, STATIONS = "machines/", "vocabulary.yaml", "stations.yaml"
PATHWAY = "pathways/regenerative_cell.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy to plant faults in."""
    copy = tmp_path / "rules"
    shutil.copytree(WORKFLOWS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def plant(folder: Path, file: str, old: str, new: str) -> int:
    """Put ``new`` in the place of the first ``old``; returns its line."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def told(folder: Path, file: str, words: str) -> Finding:
    """The one finding in ``file`` that says ``words``."""
    findings = lint(folder)
    matching = [each for each in findings if each.file == file and words in each.what]
    assert matching, [str(each) for each in findings]
    assert matching[0].to_do.endswith(".")
    return matching[0]


def test_a_copy_is_as_clean_as_the_original(folder: Path):
    assert lint(folder) == []


PLANTED = [
    ("gates.yaml", "{confidence: own}", "{confidence: own, sources: [S01]}", "Our own arrangement states a source"),
    ("abroad/fda.yaml", "provenance: {confidence: own}\n", "", "provenance: Field required"),
    ("machines/price.yaml", "to: ALGO_REVIEW", "to: LISTED", "ALGO_REVIEW can never be reached"),
    ("machines/price.yaml", "to: DELISTED", "to: CHUIKYO_OK", "DELISTED can never"),
    ("machines/designation.yaml", "kind: end, ", "", "REVOKED is a dead end"),
    ("machines/approval.yaml", "{key: FULL_IN_FORCE, ", "{key: FULL_IN_FORCE, kind: end, ", "marked as an end"),
    ("machines/programme.yaml", "to: TRIAL_DONE\n", "to: TRIAL_OVER\n", "TRIAL_OVER that does not exist"),
    ("machines/programme.yaml", "event: RS_ADVICE_REQUESTED", "event: QS_CONSULT_BOOKED", "Two answers to QS_"),
    ("machines/price.yaml", "id: T40a", "id: T40b", "T40b stands twice"),
    ("machines/price.yaml", "{key: LISTED,", "{key: NONE,", "NONE stands twice"),
    ("machines/application.yaml", "where: {kind: [PCA]}", "where: {kind: [PAC]}", "can never be PAC"),
    ("machines/application.yaml", "clocks: [CK11]", "clocks: [CK99]", "CK99"),
    ("machines/application.yaml", "named_by: kind", "named_by: colour", "which attribute names them"),
    ("machines/programme.yaml", "initial: CONCEPT", "initial: DREAM", "no state DREAM"),
    ("machines/programme.yaml", "{confidence: read, sources: [S30]}", "{confidence: read, sources: [S9999]}", "S9999"),
    ("machines/programme.yaml", "{confidence: read, sources: [S30]}", "{confidence: read}", "without a source"),
    ("machines/programme.yaml", "{confidence: known_high}", "{confidence: known_low}", "must not be loaded"),
    ("machines/programme.yaml", "{confidence: known_high}", "{confidence: unknown}", "without a question"),
    ("machines/programme.yaml", "{ja: シーズ, en: Concept}", "{en: Concept}", "The ja text is missing"),
    ("machines/programme.yaml", "{ja: シーズ, en: Concept}", "{ja: an idea, en: an idea}", "is the English one"),
    ("machines/programme.yaml", "{ja: シーズ, en: Concept}", "{ja: シーズ, en: シーズ}", "is Japanese"),
    ("machines/post_market.yaml", "states: [LAPSED,", "states: [FORGOTTEN,", "states that approval does not"),
    ("machines/post_market.yaml", "    timer: follows\n", "", "belong together"),
    ("clocks.yaml", "[CTL_RUNNING, CTL_EXTENDED]", "[CTL_STROLLING]", "runs on states that do not exist"),
    ("clocks.yaml", "until: [CTN_FILED,", "until: [CTN_FILLED,", "CTN_FILLED, which is no event"),
    (VOCABULARY, "PCA_WITHDRAWN:\n", "PCA_TAKEN_BACK:\n", "PCA_TAKEN_BACK moves application"),
    (VOCABULARY, "acts_on: [{machine: supply}]", "acts_on: [{machine: depot}]", "machine depot"),
    (VOCABULARY, "also: [EMERG_TERM_END]", "also: [LAUNCHED]", "LAUNCHED already means"),
    (VOCABULARY, "attributes: [extension]", "attributes: [length]", "no declared attribute"),
    (VOCABULARY, "prefers: [NEW],", "prefers: [BRAND_NEW],", "BRAND_NEW"),
    (VOCABULARY, "states: [FULL_IN_FORCE, TRANSFERRED]", "states: [FULLY]", "does not have"),
    (STATIONS, 'CONCEPT: "00"', 'CONCEPT: "01"', "Two stations are P01"),
    (STATIONS, "letter: C", "letter: P", "Letter P is the line of programme"),
    (STATIONS, '      SHIPPABLE: "02"\n', "", "SHIPPABLE of supply is no station"),
    (STATIONS, '      SHIPPABLE: "02"\n', '      SHIPABLE: "02"\n', "supply has no state SHIPABLE"),
    (STATIONS, "  designation:\n", "  designated:\n", "no machine designated"),
    (PATHWAY, "type: rs_general", "type: rs_generic", "no consultation type rs_generic"),
    (PATHWAY, "prepares: T04", "prepares: T99", "T99, which is no transition"),
    (PATHWAY, "  T14:\n", "  T99:\n", "T99 is no transition"),
    (PATHWAY, "likely: [T00, ", "likely: [T98, ", "T98 is no transition"),
    (PATHWAY, "during: [CONCEPT, ", "during: [DREAM, ", "no state DREAM"),
    ("cases/amchepry.yaml", "event: CTN_FILED", "event: CTN_FILLED", "no event CTN_FILLED"),
    ("cases/amchepry.yaml", "state: CTL_RUNNING", "state: CTL_STROLLING", "no state CTL_STROLLING"),
    ("sources/pathways.yaml", "id: S02", "id: S01", "S01 stands twice"),
    ("consultations/rs_pre.yaml", "version: 1", "version: 1\nversion: 2", "version"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "words"), PLANTED)
def test_a_planted_fault_is_found(folder: Path, file: str, old: str, new: str, words: str):
    line = plant(folder, file, old, new)
    finding = told(folder, file, words)
    assert finding.line is not None
    shown = (folder / file).read_text(encoding="utf-8").splitlines()[finding.line - 1]
    subject = words.split(maxsplit=1)[0]
    assert abs(finding.line - line) <= 12 or subject in shown, f"{finding} is far from line {line}: {shown}"


GUARDS = [
    ("track_in_state\n        machine: approval", "track_in_state\n        machine: approvel", "no machine approvel"),
    ("states: [CTL_RUNNING, CTL_EXTENDED]", "states: [CTL_STROLLING]", "no state CTL_STROLLING"),
    ("before: term_end", "before: entered\n        state: GONE", "no state GONE"),
]


@pytest.mark.parametrize(("old", "new", "words"), GUARDS)
def test_a_guard_that_can_never_be_true_is_found(folder: Path, old: str, new: str, words: str):
    plant(folder, "machines/application.yaml", old, new)
    assert told(folder, "machines/application.yaml", words).line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("types: [rs_pre]", "types: [rs_later]", "no consultation type rs_later"),
        ("      tag: held\n", "      tag: held\n      only_classes: [RMP-X]\n", "no pathway is for class RMP-X"),
    ],
)
def test_a_guard_of_a_pathway_that_can_never_be_true_is_found(folder: Path, old: str, new: str, words: str):
    plant(folder, PATHWAY, old, new)
    assert told(folder, PATHWAY, words).line


GUARD_END = """
      because: {ja: まだです。, en: Not yet.}
      do: {ja: 記録してください。, en: Record it.}
      provenance: {confidence: known_high}
"""


@pytest.mark.parametrize(
    ("guard", "words"),
    [
        ("kind: designation_held\n      kinds: [ORPHAM]", "no kind of designation ORPHAM"),
        ("kind: counted\n      event: LOT_PASED\n      at_least: 1", "no event LOT_PASED"),
        ("kind: elapsed\n      since: CTN_CLOK\n      days: 1\n      count_from: 0", "no state CTN_CLOK"),
        ("kind: attribute_equals\n      of: track\n      attribute: hue\n      values: [red]", "no attribute hue"),
        ("kind: attribute_equals\n      of: event\n      attribute: colour\n      values: [red]", "carries colour"),
        ("kind: track_in_state\n      machine: programme\n      own: true\n      states: [CONCEPT]", "starts from"),
        ("kind: track_in_state\n      machine: supply\n      own: true\n      states: [RECALL]", "own machine"),
        ("kind: date_order\n      machine: supply\n      before: term_end", "supply never has a term"),
        (
            "kind: track_in_state\n      machine: approval\n      states: [LAPSED]" + GUARD_END
            + "    - kind: track_in_state\n      machine: approval\n      states: [REVOKED]",
            "at once",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_guard_is_looked_at(folder: Path, guard: str, words: str):
    plant(folder, PATHWAY, "  T04:\n", f"  T04:\n    - {guard}{GUARD_END}")
    assert told(folder, PATHWAY, words).line


def test_a_value_that_is_not_known_must_not_be_loaded(folder: Path):
    ask = "ask: {ja: 確認する。, en: Ask PMDA.}"
    old = "days: 30\n        count_from: 1"
    plant(folder, "machines/programme.yaml", old, old)
    path = folder / "machines/programme.yaml"
    before, after = path.read_text(encoding="utf-8").split(old)
    after = after.replace("{confidence: read, sources: [S01]}", f"{{confidence: unknown, {ask}}}", 1)
    path.write_text(before + old + after, encoding="utf-8")
    told(folder, "machines/programme.yaml", "yet it has a value: days")
    told(folder, "machines/programme.yaml", "must not guard a step")


def test_an_assumption_names_its_analogy(folder: Path):
    plant(folder, "machines/programme.yaml", "{confidence: known_high}", "{confidence: assumed}")
    told(folder, "machines/programme.yaml", "without an analogy")
    told(folder, "machines/programme.yaml", "without a question")


def test_a_slip_in_a_key_is_found_with_its_line(folder: Path):
    line = plant(folder, "machines/supply.yaml", "    to: SHIPPABLE", "    too: SHIPPABLE")
    assert told(folder, "machines/supply.yaml", "too").line == line


def test_a_broken_file_does_not_hide_the_others(folder: Path):
    (folder / "machines" / "supply.yaml").write_text("key: supply\n\tstates: []\n", encoding="utf-8")
    plant(folder, "machines/price.yaml", "id: T40a", "id: T40b")
    assert told(folder, "machines/supply.yaml", "").line == 2
    told(folder, "machines/price.yaml", "T40b stands twice")


def test_a_missing_table_is_found(folder: Path):
    (folder / STATIONS).unlink()
    assert told(folder, STATIONS, "missing").line is None


@pytest.mark.parametrize(
    ("file", "said", "line"),
    [
        ("consultations/rs_pre.yaml", "rs_pre stands twice (also in consultations/rs_pre.yaml)", "key: rs_pre"),
        ("abroad/fda.yaml", "fda stands twice (also in abroad/fda.yaml)", "key: fda"),
        ("cases/jace.yaml", "JACE stands twice (also in cases/jace.yaml)", "id: JACE"),
        ("pathways/device.yaml", "device, version 1 stands twice (also in pathways/device.yaml)", "version: 1"),
    ],
)
def test_one_key_in_two_files_is_found_where_it_stands_again(folder: Path, file: str, said: str, line: str):
    path = folder / file
    copy = path.with_name(f"{path.stem}_again.yaml")
    shutil.copy(path, copy)
    found = told(folder, copy.relative_to(folder).as_posix(), said)
    assert found.line == 1 + copy.read_text(encoding="utf-8").splitlines().index(line)


def test_a_gate_for_which_no_step_waits_says_why_and_no_other_does(folder: Path):
    line = plant(folder, "gates.yaml", "    unguarded:\n", "    notes_count: false\n    unguarded:\n")
    text = (folder / "gates.yaml").read_text(encoding="utf-8")
    reason = text[text.index("    unguarded:") :]
    (folder / "gates.yaml").write_text(text.replace(reason, ""), encoding="utf-8")
    assert told(folder, "gates.yaml", "No step waits for G5").line == line - 3
    (folder / "gates.yaml").write_text(
        text.replace("    names: {ja: 治験届", "    unguarded: {ja: あ, en: a}\n    names: {ja: 治験届"),
        encoding="utf-8",
    )
    assert told(folder, "gates.yaml", "A step waits for G1")


def test_released_files_are_frozen(folder: Path):
    files = ["machines/price.yaml", "machines/supply.yaml"]
    (folder / "RELEASED").write_text("# frozen\n" + release_list(folder, files), encoding="utf-8")
    assert lint(folder) == []
    plant(folder, "machines/price.yaml", "en: Price}", "en: Prices}")
    assert "next version" in told(folder, "machines/price.yaml", "released file was changed").to_do
    (folder / "machines" / "supply.yaml").unlink()
    assert told(folder, "RELEASED", "supply.yaml is gone").line == 3
    (folder / "RELEASED").write_text("no sum at all\n", encoding="utf-8")
    assert told(folder, "RELEASED", "Not a sum").line == 1


def test_findings_come_by_file_and_line_and_as_json(folder: Path):
    plant(folder, "machines/price.yaml", "clocks: [CK15]", "clocks: [CK98]")
    plant(folder, "machines/application.yaml", "clocks: [CK11]", "clocks: [CK99]")
    findings = lint(folder)
    assert [each.file for each in findings] == ["machines/application.yaml", "machines/price.yaml"]
    assert list(findings[0].as_json()) == ["file", "line", "what", "to_do"]
    assert str(findings[0]).startswith("machines/application.yaml:")
