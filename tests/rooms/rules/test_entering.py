"""This year's tables, fees and forms in the browser: a draft, then what would move, then it counts for one hub."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.config import Settings
from app.consultations.services.settling import KIND
from app.core import clock
from app.core.db import session
from app.core.errors import Changed, NotFound
from app.engine.catalogue import published
from app.engine.definition.common import LANGUAGES, Basis
from app.engine.lint import lint
from app.engine.loader import WORKFLOWS
from app.engine.sources import load_sources
from app.rules import choices, queries, services
from app.rules.kinds import Kind
from app.rules.services import Faulty
from app.schedule import queries as schedule
from app.therapies.models import ReadLog
from tests.factories.world import scope_of
from tests.rooms.notices.plans import Mailbox
from tests.rooms.rules.conftest import SOURCE, TYPED, Hubs, drafted, table
from tests.web.visitor import Visitor

PREDICTED, ENTERED = dt.date(2027, 4, 1), dt.date(2027, 4, 6)


def request_day(lead: str, consultation: str) -> tuple[dt.date | None, Basis]:
    found = schedule.of_subject(scope_of(lead), KIND, consultation)
    step = next(one for one in found if one.key == "schedule_request")
    return step.on_day, step.basis


def plain(page: str) -> str:
    """The page without the marks of Japanese words."""
    return re.sub(r"</?span[^>]*>", "", page)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_from_the_form_to_the_plan_of_every_company_of_the_hub(visit: Visitor, hubs: Hubs, language: Any) -> None:
    world, keeper = hubs.world, visit.as_(hubs.keeper, language)
    everybody = (world.lead, hubs.shared), (world.stranger, hubs.hidden), (hubs.other_lead, hubs.elsewhere)
    assert "2027-04" in keeper.get("/rules/own/add/reception")
    moves = keeper.post("/rules/own/add/reception", TYPED)
    entry = moves.split("/")[-2]
    assert [request_day(*one) for one in everybody] == [(PREDICTED, Basis.PREDICTED)] * 3, "a draft counts nowhere"

    page = keeper.get(moves)
    assert "心筋シート" in page
    assert ("2027年4月6日(火)" if language == "ja" else "6 Apr 2027 (Tue)") in page
    assert "極秘網膜" not in page
    assert "遠方軟骨" not in page
    assert page.count('<section class="card date-moves" aria-labelledby="m') == 1, (
        "nothing tells how many others there are"
    )
    assert session.scalars(select(ReadLog.page)).all() == ["rules.moves"]
    assert "令和9年度" not in visit.as_(world.lead, "ja").get("/rules/reception")

    keeper.post(moves, {"version": "1"})
    assert [request_day(*one) for one in everybody[:2]] == [(ENTERED, Basis.PUBLISHED)] * 2
    assert request_day(*everybody[2]) == (PREDICTED, Basis.PREDICTED)
    shown = visit.as_(world.lead, language).get("/rules/reception")
    assert "審査 次郎" in shown
    assert ("令和9年度の受付日程表" if language == "ja" else "Reception days FY2027") in shown
    for outsider in (hubs.other_keeper, hubs.other_lead, None):
        assert "審査 次郎" not in visit.as_(outsider, language).get("/rules/reception")
    step = plain(visit.as_(world.lead, language).get(f"/consultations/{hubs.shared}/steps/schedule_request"))
    assert "審査 次郎" in step, "the date says who entered what it rests on"
    assert 'href="/rules/consultations/drug_eop2#step-drug_eop2-schedule_request"' in step

    end = f"/rules/own/{entry}/end"
    ending = keeper.get(end)
    assert "心筋シート" in ending
    assert "極秘網膜" not in ending
    assert keeper.post(end, {"version": "2", "reason": ""}, status=200)
    keeper.post(end, {"version": "2", "reason": "PMDAが改めた"})
    assert [request_day(*one) for one in everybody] == [(PREDICTED, Basis.PREDICTED)] * 3
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == entry)).all()
    assert set(actions) == {"rules:own:entered", "rules:own:accepted", "rules:own:ended"}
    assert "PMDAが改めた" in keeper.get("/rules/own")


def test_a_proposed_name_follows_the_chosen_consultations_and_a_day_that_stays_says_what_changes(
    visit: Visitor, hubs: Hubs
) -> None:
    keeper, proposed = visit.as_(hubs.keeper, "ja"), choices.empty(Kind.RECEPTION)
    names = {"name_ja": proposed["name_ja"], "name_en": proposed["name_en"]}
    page = keeper.post("/rules/own/add/reception", {**TYPED, **names, "family": "rs", "lead_months": ""}, status=200)
    assert proposed["name_ja"] not in page
    assert choices.empty(Kind.RECEPTION, "rs")["name_ja"] in page
    assert TYPED["name_ja"] in keeper.post(
        "/rules/own/add/reception", {**TYPED, "family": "rs", "lead_months": ""}, status=200
    ), "a name that somebody typed stays"

    moves = keeper.get(keeper.post("/rules/own/add/reception", {**TYPED, "rows-0-reception": str(PREDICTED)}))
    row = re.search(r"<td[^>]*>\s*<b>(?:(?!</td>).)*日付は同じ.*?</td>", moves, re.DOTALL)
    assert row
    assert re.sub(r"<[^>]+>|\s", "", row[0]) == "2027年4月1日(木)日付は同じ予測→公表"


FAULTS = [
    ({"rows-0-reception": "2027-04-04"}, "2027-04-04は閉庁日です", "Offices are closed on 2027-04-04"),
    ({"rows-0-reception": "2027-03-02"}, "2か月前の月ではありません", "does not lie 2 months before"),
    ({"rows-0-notice": "2027-04-05"}, "受付日(2027-04-06)より後ではありません", "does not come after the reception"),
    ({"rows-1-meeting": "2027-06", "rows-1-reception": "2027-04-06"}, "2027-06の行が2つ", "stand twice in this table"),
    ({"rows-0-meeting": "六月"}, "2027-04 のように", "like 2027-04"),
    ({"rows-0-meeting": ""}, "実施月と受付日の両方", "needs the month of the meeting"),
    ({"read_on": "2026-11-25"}, "まだ来ていません", "has not come yet"),
    ({"rows-0-reception": "", "rows-0-notice": "", "rows-1-reception": ""}, "少なくとも1か月分", "at least one month"),
    ({"name_ja": "", "name_en": ""}, "日本語・英語の少なくとも一方", "in Japanese or in English"),
    ({"lead_months": ""}, "必須", "required"),
]


def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(visit: Visitor, hubs: Hubs) -> None:
    for typed, japanese, english in FAULTS:
        for language, words in zip(LANGUAGES, (japanese, english), strict=True):
            keeper = visit.as_(hubs.keeper, language)
            page = keeper.post("/rules/own/add/reception", {**TYPED, **typed}, status=200)
            said = [line for line in page.splitlines() if "field-error" in line]
            assert any(words in line for line in said), (words, said)
            assert 'value="PMDA 治験相談の日程表"' in page
    assert queries.kept(hubs.keeping) == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_fee_and_a_form(visit: Visitor, hubs: Hubs, language: Any) -> None:
    keeper, read = visit.as_(hubs.keeper, language), {key: TYPED[key] for key in ("title_ja", "title_en", "read_on")}
    dated = {**read, "valid_from": "2027-04-01", "note_ja": "税込", "note_en": "with tax"}
    assert keeper.post("/rules/own/add/fee", {**dated, "key": "drug_eop2", "yen": "-1"}, status=200)
    early = {**dated, "key": "drug_eop2", "yen": "1", "valid_to": "2027-03-01"}
    told = keeper.post("/rules/own/add/fee", early, status=200)
    assert ("開始日より前" if language == "ja" else "before the day") in told
    number = {"key": "request_drug", "number": "様式第1号"}
    one_language = {"key": "drug_eop2", "yen": "1234567", "title_en": "", "note_en": ""}
    for what, more in (("fee", one_language), ("form", number)):
        moves = keeper.post(f"/rules/own/add/{what}", {**dated, **more})
        draft = keeper.get(moves.removesuffix("/moves"))
        assert "(in Japanese only)" not in draft, "what was not typed is not in its field"
        assert ("動く期日はありません" if language == "ja" else "No date of a therapy") in keeper.get(moves)
        keeper.post(moves, {"version": "1"})
        late = keeper.post(moves.removesuffix("/moves"), {**dated, **more, "version": "1"}, status=409)
        assert "税込" in late, "it counts meanwhile, and what was typed can be taken along"
    again = keeper.post("/rules/own/add/fee", {**dated, "key": "drug_eop2", "yen": "5"}, status=200)
    assert ("期間が重なっています" if language == "ja" else "overlaps") in again
    keeper.get("/rules/own/add/nothing", status=404)
    lead = visit.as_(hubs.world.lead, language)
    assert ("1,234,567円" if language == "ja" else "1,234,567 yen") in lead.get("/rules/fees")
    assert "様式第1号" in plain(lead.get("/rules/forms"))
    only = plain(lead.get("/rules/fees")).count("税込 (in Japanese only)")
    assert only == (0 if language == "ja" else 1)
    assert "1,234,567" not in visit.as_(hubs.other_lead, language).get("/rules/fees")


def test_a_draft_is_changed_thrown_away_and_never_overwritten(visit: Visitor, hubs: Hubs) -> None:
    entry, keeper = drafted(hubs.keeping), visit.as_(hubs.keeper, "en")
    page = keeper.get(f"/rules/own/{entry}")
    assert 'value="2027-04-06"' in page
    keeper.post(f"/rules/own/{entry}", {**TYPED, "rows-0-reception": "2027-04-07", "version": "1"})
    stale = keeper.post(f"/rules/own/{entry}", {**TYPED, "version": "1"}, status=409)
    assert "Somebody else saved" in stale
    assert "2027-06 · 2027-04-07 · 2027-04-12" in stale, "the line as the other person saved it"
    assert 'value="2027-04-06"' in stale
    assert queries.get(hubs.keeping, entry).version == 2
    with pytest.raises(Changed):
        services.accept(hubs.keeping, entry, version=1)
    with pytest.raises(NotFound):
        services.accept(scope_of(hubs.other_keeper), entry, version=2)
    keeper.post(f"/rules/own/{entry}/discard", {"version": "2"})
    keeper.get(f"/rules/own/{entry}", status=404)
    assert entry not in keeper.get("/rules/own")
    late = keeper.post(f"/rules/own/{entry}", {**TYPED, "name_en": "Typed for an hour", "version": "2"}, status=409)
    assert "Typed for an hour" in late, "whoever was still typing loses no word"
    keeper.post(f"/rules/own/{entry}/discard", {"version": "3"}, status=409)
    with pytest.raises(Changed):
        services.accept(hubs.keeping, entry, version=3)


def test_what_was_accepted_meanwhile_is_seen_again_at_accepting(hubs: Hubs) -> None:
    first, second = drafted(hubs.keeping), drafted(hubs.keeping, "2027-04-07")
    services.accept(hubs.keeping, first, version=1)
    with pytest.raises(Faulty):
        services.accept(hubs.keeping, second, version=1)
    assert request_day(hubs.world.lead, hubs.shared) == (ENTERED, Basis.PUBLISHED)


def test_mails_follow_what_a_keeper_accepted(hubs: Hubs, settings: Settings) -> None:
    box = Mailbox(settings)
    services.accept(hubs.keeping, drafted(hubs.keeping), version=1)
    for day, wanted in (("2027-03-18", False), ("2027-03-23", True)):  # 14 days before the old day, and before the new
        clock.move_to(dt.datetime.fromisoformat(f"{day}T09:00:00+09:00"))
        mails = [mail for mail in box.look() if "日程調整依頼書の提出 心筋シート" in mail["Subject"]]
        assert bool(mails) is wanted, (day, [mail["Subject"] for mail in mails])


def test_the_exported_file_loads_to_the_same_definitions(visit: Visitor, hubs: Hubs, tmp_path: Path) -> None:
    services.accept(hubs.keeping, drafted(hubs.keeping), version=1)
    fee = {"key": "rs_general", "name": {"ja": "相談", "en": "advice"}, "yen": 0, "valid_from": "2027-04-01"}
    services.accept(hubs.keeping, services.save(hubs.keeping, Kind.FEE, fee, SOURCE), version=1)
    drafted_only = services.save(hubs.keeping, Kind.FEE, {**fee, "key": "rs_pre"}, SOURCE)
    folder = tmp_path / "rules"
    shutil.copytree(WORKFLOWS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = visit.as_(hubs.keeper).client.get("/rules/own/export").text
    (folder / "published" / "hub.yaml").write_text(text, encoding="utf-8")
    assert lint(folder) == []
    entered, back, before = queries.of_hub(hubs.world.hub), published(folder), published()
    assert set(back.reception) - set(before.reception) == set(entered.reception)
    assert set(back.fees) - set(before.fees) == set(entered.fees)
    assert len(entered.fees) == 1, drafted_only
    assert {load_sources(folder)[source.id] for source in entered.sources} == set(entered.sources)


def test_a_fault_leaves_nothing_half_done(app: Flask, hubs: Hubs, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = drafted(hubs.keeping)

    def broken(*_arguments: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr("app.consultations.services.settling.lines.follow", broken)
    with pytest.raises(RuntimeError):
        services.accept(hubs.keeping, entry, version=1)
    session.expire_all()
    assert queries.of_hub(hubs.world.hub).reception == ()
    assert request_day(hubs.world.lead, hubs.shared) == (PREDICTED, Basis.PREDICTED)


def test_nothing_is_no_definition(hubs: Hubs) -> None:
    with pytest.raises(Faulty):
        services.save(hubs.keeping, Kind.RECEPTION, {**table(), "lead_months": "many"}, SOURCE)
