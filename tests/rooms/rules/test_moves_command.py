"""``flask workflows moves``: what a proposed folder of definitions would move; it changes nothing."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from flask import Flask

from app.consultations import queries as consultations
from app.consultations import services as planning
from app.consultations.services.settling import KIND
from app.core import clock
from app.engine.loader import WORKFLOWS
from app.engine.machine import Days
from app.pathways import services as pathways
from app.schedule import queries as schedule
from tests.factories.world import scope_of
from tests.rooms.rules.conftest import Hubs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "rules"
    shutil.copytree(WORKFLOWS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_date_and_every_track_that_would_move(app: Flask, hubs: Hubs, folder: Path) -> None:
    run = app.test_cli_runner().invoke
    same = run(args=["workflows", "moves", str(folder)])
    assert same.exit_code == 0, same.output
    assert json.loads(same.stdout)["dates"] == []

    folder = Path(shutil.copytree(folder, folder.parent / "proposed"))  # a folder is read once per process
    rule = "anchor: meeting, offset: {}, unit: cd"
    edit(folder / "consultations/drug_eop2.yaml", rule.format(-2), rule.format(-9))
    before = schedule.of_subject(scope_of(hubs.world.lead), KIND, hubs.shared)
    moved = run(args=["workflows", "moves", str(folder)])
    assert moved.exit_code == 1
    told = json.loads(moved.stdout)
    slides = [each for each in told["dates"] if each["step"]["en"].startswith("Slides")]
    everybodys = {f"/consultations/{one}" for one in (hubs.shared, hubs.hidden, hubs.elsewhere)}
    assert {each["path"] for each in slides} == everybodys
    assert all(each["old"] != each["new"] and "9 calendar days before" in each["why"]["en"] for each in slides)
    assert told["tracks"] == told["unplannable"] == []
    assert schedule.of_subject(scope_of(hubs.world.lead), KIND, hubs.shared) == before, "nothing is changed"


def test_every_duty_that_would_move(app: Flask, hubs: Hubs, folder: Path) -> None:
    scope = scope_of(hubs.world.lead)
    therapy = consultations.get(scope, hubs.shared).therapy_id
    term = {"attributes": {"term": "7y"}, "late": True, "because": "公表資料による"}
    pathways.record(scope, therapy, event="APPROVED_CTL", on=Days.parse("2020-04-01"), **term)
    edit(folder / "clocks.yaml", "anchor: term_end, offset: -1, unit: cd", "anchor: term_end, offset: -3, unit: mo")
    told = json.loads(app.test_cli_runner().invoke(args=["workflows", "moves", str(folder)]).stdout)
    (date,) = told["dates"]
    assert (date["therapy"], date["step"]["ja"]) == (therapy, "本承認申請の期限")
    assert (date["old"], date["new"]) == ({"date": "2027-03-30"}, {"date": "2026-12-28"})
    assert "3 months" in date["why"]["en"]
    assert date["path"] == f"/therapies/{therapy}/history"


def test_a_track_that_would_stand_elsewhere_and_a_plan_that_no_longer_fits(
    app: Flask, hubs: Hubs, folder: Path
) -> None:
    scope = scope_of(hubs.world.lead)
    therapy = consultations.get(scope, hubs.shared).therapy_id
    pathways.record(scope, therapy, event="NONCLINICAL_STARTED", on=Days.parse("2026-02"), late=True)
    planning.record_step(scope, hubs.shared, "pre_meeting", clock.today())
    for file in folder.rglob("*.yaml"):
        text = re.sub(r"\bNONCLINICAL\b", "BENCH", file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
    advice = folder / "consultations/drug_eop2.yaml"
    advice.write_text(advice.read_text(encoding="utf-8").replace("pre_meeting", "pre_talk"), encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["workflows", "moves", str(folder)])
    assert answer.exit_code == 1, answer.stderr
    told = json.loads(answer.stdout)
    (track,) = told["tracks"]
    assert (track["therapy"], track["machine"]) == (therapy, "programme")
    assert (track["old"]["state"], track["new"]["state"]) == ("NONCLINICAL", "BENCH")
    (lost,) = told["unplannable"]
    assert lost["path"] == f"/consultations/{hubs.shared}"
    assert "pre_meeting" in lost["reason"]


def test_a_folder_that_lint_refuses_and_one_that_is_none(app: Flask, hubs: Hubs, folder: Path) -> None:
    edit(folder / "consultations/drug_eop2.yaml", "family: drug_clinical_trial", "famly: drug_clinical_trial")
    answer = app.test_cli_runner().invoke(args=["workflows", "moves", str(folder)])
    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert "consultations/drug_eop2.yaml" in answer.stderr
    assert app.test_cli_runner().invoke(args=["workflows", "moves", str(folder / "nowhere")]).exit_code == 2
