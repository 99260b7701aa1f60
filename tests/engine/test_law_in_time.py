"""Law in time: which of several entries of one key counts, on the last day of one and the first of the next."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from app.engine.calendar import Month, japan
from app.engine.catalogue import clock, clocks, consultation_type, published, published_tables
from app.engine.clocks import run_clock
from app.engine.consultation import plan_consultation
from app.engine.definition.common import Basis, Confidence, Provenance, Source, Text
from app.engine.definition.consultation import PublishedReception, PublishedTable
from app.engine.definition.published import FeeAmount, OfficialForm, Published
from app.engine.errors import UnknownDefinitionError
from app.engine.exporting import as_yaml
from app.engine.law import faults, in_force
from app.engine.lint import lint, lint_published
from app.engine.loader import WORKFLOWS
from app.engine.sources import load_sources
from app.engine.windows import reception_table

LAST, FIRST = dt.date(2027, 3, 31), dt.date(2027, 4, 1)
READ = Provenance(confidence=Confidence.READ, sources=("H1",))
NAME = Text(ja="名", en="name")
SOURCE = Source(id="H1", title=Text(ja="PMDAの表", en="PMDA's table"), read_on=dt.date(2026, 11, 20))


def fee(yen: int, begins: dt.date | None = None, ends: dt.date | None = None) -> FeeAmount:
    return FeeAmount(key="eop2", name=NAME, yen=yen, valid_from=begins, valid_to=ends, provenance=READ)


def form(number: str, begins: dt.date | None = None, ends: dt.date | None = None) -> OfficialForm:
    return OfficialForm(key="request", name=NAME, number=number, valid_from=begins, valid_to=ends, provenance=READ)


def table(
    *rows: tuple[str, str, str], begins: dt.date | None = None, family: str = "drug_clinical_trial"
) -> PublishedTable:
    lines = tuple(
        PublishedReception(meeting=m, reception=dt.date.fromisoformat(r), notice=dt.date.fromisoformat(n))
        for m, r, n in rows
    )
    return PublishedTable(family=family, name=NAME, lead_months=2, rows=lines, valid_from=begins, provenance=READ)


@pytest.mark.parametrize("made", [fee, form])
@pytest.mark.parametrize("ends", [None, LAST])
def test_the_last_day_belongs_to_the_old_entry_and_the_first_to_the_new(made, ends) -> None:  # type: ignore[no-untyped-def]
    old, new = (
        made(*(("100",) if made is form else (100,)), None, ends),
        made(*(("200",) if made is form else (200,)), FIRST),
    )
    for entries in ([old, new], [new, old]):
        assert in_force(entries, LAST) is old
        assert in_force(entries, FIRST) is new
    assert in_force([new], LAST) is None
    assert in_force([old], FIRST) is (old if ends is None else None)
    assert list(faults([old, new])) == []


def test_overlaps_and_gaps() -> None:
    both = fee(1, None, FIRST), fee(2, FIRST)
    assert [fault for _, fault, _ in faults(both)] == ["overlap"]
    assert [fault for _, fault, _ in faults([fee(1, FIRST), fee(2, FIRST)])] == ["overlap"]
    assert [fault for _, fault, _ in faults([fee(1), fee(2)])] == ["overlap"]
    late = fee(1, None, LAST), fee(2, FIRST + dt.timedelta(days=1))
    assert [fault for _, fault, _ in faults(late)] == ["gap"]
    with pytest.raises(ValueError, match="valid_to lies before"):
        fee(1, FIRST, LAST)


def test_the_month_of_the_meeting_decides_which_table_counts() -> None:
    old = table(("2027-03", "2027-01-05", "2027-01-12"), ("2027-04", "2027-02-02", "2027-02-08"))
    new = table(("2027-04", "2027-02-03", "2027-02-09"), begins=FIRST)
    days = reception_table([new, old])
    assert days["drug_clinical_trial", Month(2027, 3)].reception == dt.date(2027, 1, 5)
    assert days["drug_clinical_trial", Month(2027, 4)].reception == dt.date(2027, 2, 3)
    later = table(("2027-05", "2027-03-02", "2027-03-08"), begins=FIRST)
    assert ("drug_clinical_trial", Month(2027, 4)) not in reception_table(
        [old, later]
    )  # replaced, and not in the new one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "rules"
    shutil.copytree(WORKFLOWS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


CLOCK = """
- key: minor_change
  id: CK28
  kind: statutory
  name: {ja: 軽微変更届の期限, en: Latest day of the minor-change notification}
  start: {ja: 変更日, en: Day of the change}
  role: not_after
  valid_from: 2027-04-01
  rule: {anchor: changed, offset: 20, unit: cd, count_from: day_after_is_day_1, roll: none}
  provenance: {confidence: known_high}
"""


def test_a_clock_is_the_one_of_the_day_it_starts_from(folder: Path) -> None:
    clocks_file = folder / "clocks.yaml"
    clocks_file.write_text(clocks_file.read_text(encoding="utf-8") + CLOCK, encoding="utf-8")
    assert lint(folder) == []
    for start, days in ((LAST, 30), (FIRST, 20)):
        ran = run_clock(clock("minor_change", folder, on=start), start, japan())
        assert ran.dated.day == start + dt.timedelta(days=days)
    assert clocks(folder)["minor_change"].rule.offset == 20  # the latest, where nobody says a day
    ended = clocks_file.read_text(encoding="utf-8").replace(
        "valid_from: 2027-04-01", "valid_from: 2027-04-01\n  valid_to: 2027-04-30"
    )
    other = folder.parent / "other"
    shutil.copytree(folder, other)
    (other / "clocks.yaml").write_text(ended, encoding="utf-8")
    with pytest.raises(UnknownDefinitionError, match="No entry of the clock 'minor_change'"):
        clock("minor_change", other, on=dt.date(2027, 5, 1))


CHANGE = '- {{key: {key}, on: "{on}", what: {{ja: 二。, en: two.}}, provenance: {{confidence: known_high}}}}\n'
PLANTED = [
    ("clocks.yaml", CLOCK.replace("valid_from: 2027-04-01", "valid_to: 2027-04-01"), "overlaps"),
    (
        "clocks.yaml",
        CLOCK.replace("valid_from: 2027-04-01", "valid_from: 2027-01-01\n  valid_to: 2027-03-30") + CLOCK,
        "No entry of minor_change counts from 2027-03-31 to 2027-03-31",
    ),
    ("changes.yaml", CHANGE.format(key="act_37_first", on="2027-02"), "stands twice"),
    ("changes.yaml", CHANGE.format(key="x", on="2027-02-30"), "no day 2027-02-30"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "more", "words"), PLANTED)
def test_lint_finds_what_overlaps_and_what_is_missing(folder: Path, file: str, more: str, words: str) -> None:
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    findings = [each for each in lint(folder) if words in each.what]
    assert findings, [str(each) for each in lint(folder)]
    assert findings[0].file == file
    assert findings[0].line


ROW = ("2027-06", "2027-04-02", "2027-04-08")
TABLES = [
    (table(("2027-06", "2027-03-02", "2027-03-08"), begins=FIRST), "does not lie 2 months", ("rows", 0, "reception")),
    (table(("2027-06", "2027-04-03", "2027-04-08"), begins=FIRST), "Offices are closed on", ("rows", 0, "reception")),
    (table(("2027-06", "2027-04-02", "2027-04-02"), begins=FIRST), "does not come after", ("rows", 0, "notice")),
    (table(ROW, ROW, begins=FIRST), "stand twice in this table", ("rows", 0, "meeting")),
    (table(ROW, begins=dt.date(2027, 7, 1)), "does not count for the meetings of 2027-06", ("rows", 0, "meeting")),
    (table(ROW, begins=dt.date(2024, 3, 1)), "overlaps", ("valid_from",)),
]  # fmt: skip


@pytest.mark.parametrize(("told", "words", "place"), TABLES)
def test_a_published_table_is_read_critically(told: PublishedTable, words: str, place: tuple[object, ...]) -> None:
    text = as_yaml(Published(sources=(SOURCE,), reception=(told,)), "hub")
    findings = lint_published(text, "published/hub.yaml")
    assert any(words in each.what and each.place[2:] == place and each.ja for each in findings), findings


def test_a_file_of_published_is_whole_in_itself_and_comes_back_the_same(folder: Path) -> None:
    told = Published(
        sources=(SOURCE,),
        reception=(table(ROW, begins=FIRST),),
        fees=(fee(6_000_000, FIRST),),
        forms=(form("様式第1号", FIRST, dt.date(2028, 3, 31)),),
    )
    (folder / "published" / "hub.yaml").write_text(as_yaml(told, "a hub"), encoding="utf-8")
    assert lint(folder) == []
    back, before = published(folder), published()
    assert back.reception[len(before.reception) :] == told.reception or told.reception[0] in back.reception
    assert told.fees[0] in back.fees
    assert told.forms[0] in back.forms
    assert load_sources(folder)["H1"] == SOURCE
    broken = as_yaml(told, "a hub").replace("fees:", "fares:")
    assert any("no section" in each.what for each in lint_published(broken, "published/hub.yaml"))


def test_what_a_hub_entered_counts_in_a_plan_with_its_source() -> None:
    kind = consultation_type("drug_eop2")
    more = Published(sources=(SOURCE,), reception=(table(ROW, begins=FIRST),))
    before = plan_consultation(kind, month=(2027, 6)).step("schedule_request")
    after = plan_consultation(kind, month=(2027, 6), more=more).step("schedule_request")
    assert (before.basis, after.basis) == (Basis.PREDICTED, Basis.PUBLISHED)
    assert after.span
    assert after.span.day == dt.date(2027, 4, 2)
    assert "PMDAの表" in after.why.ja
    assert "20 Nov 2026" in after.why.en


def test_a_table_of_the_own_family_is_no_assumption() -> None:
    kind = consultation_type("rs_strategy_regen")
    borrowed = Published(sources=(SOURCE,), reception=(table(ROW, begins=FIRST),))
    own = Published(sources=(SOURCE,), reception=(table(ROW, begins=FIRST, family=kind.family),))
    taken = plan_consultation(kind, month=(2027, 6), more=borrowed).step("schedule_request")
    assert taken.basis is Basis.ASSUMED
    assert "PMDAの表" in taken.why.ja
    assert "月曜日" not in taken.why.ja, "it was published, not moved on because of a Monday"
    assert plan_consultation(kind, month=(2027, 6), more=own).step("schedule_request").basis is Basis.PUBLISHED


def test_what_is_unknown_has_no_amount_and_no_number() -> None:
    unknown = Provenance(confidence=Confidence.UNKNOWN, ask=Text(ja="確認", en="Ask"))
    with pytest.raises(ValueError, match="has an amount"):
        FeeAmount(key="x", name=NAME, yen=1, provenance=unknown)
    with pytest.raises(ValueError, match="has a number"):
        OfficialForm(key="x", name=NAME, provenance=READ)
    assert all(one.provenance.ask for one in published().fees if one.yen is None)
    assert len(published_tables()) == 2
