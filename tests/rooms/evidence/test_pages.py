"""The pages of evidence in both languages, for the lead, a member, the hub and a stranger; nothing needs a script."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask

from app.core import db
from app.evidence import services
from app.evidence.services import Told
from app.evidence.states import Status
from app.therapies import queries as reading
from app.therapies import services as sharing
from tests.factories.files import pdf, upload
from tests.factories.therapies import TODAY, add_therapy
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

KEPT = Told(Status.ACCEPTED, kept_at="QA-1", kept_on=TODAY)


def typed(status: str = "in_work", version: str = "0", **more: str) -> dict[str, Any]:
    """The form as a browser sends it: every field, most of them empty."""
    empty = dict.fromkeys(("owner_id", "due_on", "reason", "kept_at", "kept_on", "remark"), "")
    return {"status": status, "version": version, **empty, **more}


def files(*uploads: Any) -> dict[str, Any]:
    return {"files": [(io.BytesIO(each.content.read()), each.filename) for each in uploads]}


def items(page: str) -> list[str]:
    """The keys of the items in the rows of the matrix, in their order."""
    return re.findall(r'<th scope="row"><small class="piece-key">(\w+)</small>', page)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", ("証拠", "ドナー適格性", "手続を止める", "3件中 0件 完了", "日を決める")),
        ("en", ("Evidence", "Donor eligibility", "blocks", "0 of 3 done", "Set the day")),
    ],
)
def test_the_matrix(visit: Visitor, world: World, therapy: str, language: str, words: tuple[str, ...]) -> None:
    lead, base = visit.as_(world.lead, language), f"/therapies/{therapy}/evidence"
    page = lead.get(base)
    for word in words:
        assert word in page, word
    assert len(items(page)) == 46
    open_, closed = re.search(r"<details open>(.*?)</details>", page, re.DOTALL), page.count("<details><summary><b>G")
    assert open_, "on a telephone the first gate at which anything is missing stands open"
    assert "<b>G0</b>" in open_[1]
    assert "Q21" in open_[1]
    assert closed == 5
    assert items(page)[0] in ("Q01", "Q21", "Q24"), "what is missing at the nearest gate comes first"
    at_g1 = items(lead.get(f"{base}/G1"))
    assert set(at_g1[:8]) == {"Q16", "Q19", "Q21", "Q22", "Q23", "Q25", "Q26", "Q27"}, "what blocks comes first"
    lead.get(f"{base}/G9", status=404)
    services.save(
        scope_of(world.lead),
        therapy,
        "Q21",
        "G0",
        Told(KEPT.status, world.member, kept_at="Q", kept_on=TODAY),
        version=0,
    )
    services.save(scope_of(world.lead), therapy, "Q24", "G1", Told(Status.NOT_APPLICABLE, reason="なし"), version=0)
    db.session.remove()
    for query, found in [
        ("?status=accepted", {"Q21"}),
        ("?status=not_applicable", {"Q24"}),
        (f"?owner={world.member}", {"Q21"}),
        ("?gate=G0&status=missing", {"Q01"}),  # a later gate's part of Q24 is closed, which covers the earlier one
        ("?owner=nobody&gate=G5", set(items(lead.get(f"{base}/G5")))),
    ]:
        assert set(items(lead.get(base + query))) == found, query
    assert items(lead.get(base + "?gate=G0"))[-2:] == ["Q21", "Q24"], "what is there comes last"
    part = lead.get(f"{base}/G1/Q08")
    assert ("分かっていないこと:" if language == "ja" else "Not known:") in part
    assert 'class="source source-recalled"' in part


def test_a_piece_is_worked_on_attached_accepted_and_its_proof_kept(visit: Visitor, world: World, therapy: str) -> None:
    member, here = visit.as_(world.member, "ja"), f"/therapies/{therapy}/evidence/G1/Q21"
    page = member.post(here, typed("accepted"), status=200)
    assert "受入れ済みにするには" in page
    page = member.post(here, typed("in_work", due_on="昨日", remark="採血"), status=200)
    assert "読み取れません" in page
    assert "採血" in page, "nothing that was typed is lost"
    member.post(here, typed("in_work", owner_id=world.lead, due_on="令和9年3月1日", remark="採血待ち"))
    page = member.post(f"{here}/documents", files(pdf(), upload("bad.png", b"x")), status=200)
    assert "「bad.png」" in page
    assert "採血待ち" in page
    member.post(f"{here}/documents", files(), status=200)
    member.post(f"{here}/documents", files(pdf()))
    member.post(here, typed("accepted", "1", owner_id=world.lead))
    page = member.get(here)
    for word in ("media-fill.pdf", "文書1件を添付", "作業中 → 受入れ済み", "2027年3月1日(月) → –"):
        assert word in page, word
    (document,) = re.findall(r"/evidence/documents/(\w+)/file", page)
    answer = member.client.get(f"/evidence/documents/{document}/file")
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
    assert "attachment" in answer.headers["Content-Disposition"]
    member.get(f"/evidence/documents/{document}/remove")
    member.post(f"/evidence/documents/{document}/remove")
    assert "唯一の文書" in member.get(here)
    member.post(here, typed("not_applicable", "2", reason="自己由来のため"))
    member.post(f"/evidence/documents/{document}/remove")
    assert "文書を外しました" in member.get(here)


def test_the_lead_sets_the_day_of_a_gate_and_it_stands_on_today(visit: Visitor, world: World, therapy: str) -> None:
    address = f"/therapies/{therapy}/evidence/days/G1"
    visit.as_(world.member).get(address, status=404)
    lead = visit.as_(world.lead, "en")
    assert "cannot be read" in lead.post(address, {"planned_on": "soon", "version": "0"}, status=200)
    for day in ("1999-06-28", "2047-06-28"):
        page = lead.post(address, {"planned_on": day, "version": "0"}, status=200)
        assert "from 2001 to 2045" in page, "no office days can be counted from there, so no mail could be written"
    lead.post(address, {"planned_on": "2026-12-01", "version": "0"})
    lead.get(f"/therapies/{therapy}/evidence/days/G9", status=404)
    page = lead.get("/")
    assert "Evidence complete (trial notification)" in page
    assert f"/therapies/{therapy}/evidence/G1" in page
    assert "Evidence complete" in lead.get(f"/therapies/{therapy}/plan")
    assert "1 Dec 2026" in lead.get(f"/therapies/{therapy}/evidence")


def test_the_hub_reads_what_was_granted_and_every_read_is_written_down(
    app: Flask, visit: Visitor, world: World, therapy: str
) -> None:
    lead, hub, base = visit.as_(world.lead), visit.as_(world.staff, "en"), f"/therapies/{therapy}/evidence"
    lead.post(f"{base}/G1/Q21/documents", files(pdf()))
    lead.post(f"{base}/days/G1", {"planned_on": "2027-06-30", "version": "0"})
    (document,) = re.findall(r"/evidence/documents/(\w+)/file", lead.get(f"{base}/G1/Q21"))
    for address in (base, f"{base}/G1/Q21", f"{base}/items/Q21", f"/evidence/documents/{document}/file"):
        hub.get(address, status=404)
        visit.as_(world.stranger).get(address, status=404)
    with app.app_context():
        sharing.grant(scope_of(world.lead), therapy, world.hub)
    assert "Set the day" not in hub.get(base)
    page = hub.get(f"{base}/G1/Q21")
    assert "<select" not in page
    assert "media-fill.pdf" in page
    assert f"{base}/G1" in hub.get(f"/therapies/{therapy}"), "the next date leads to what it is about"
    assert hub.client.get(f"/evidence/documents/{document}/file").status_code == 200
    for address in (
        f"{base}/G1/Q21",
        f"{base}/G1/Q21/documents",
        f"{base}/days/G1",
        f"/evidence/documents/{document}/remove",
    ):
        assert hub.client.post(address, data={"csrf_token": hub.token()}).status_code == 404, address
    with app.app_context():
        seen = {read.page for read in reading.reads(scope_of(world.lead), therapy)}
    assert {"evidence.matrix", "evidence.part", "evidence.download"} <= seen
    log = visit.as_(world.lead, "ja").get(f"/therapies/{therapy}/sharing")
    assert "証拠の文書" in log


def test_a_blocked_step_leads_to_what_is_missing(app: Flask, visit: Visitor, world: World) -> None:
    with app.app_context():
        therapy = add_therapy(world.lead, stage="NONCLINICAL")
    lead = visit.as_(world.lead, "en")
    page = lead.get(f"/therapies/{therapy}/record")
    assert f'href="/therapies/{therapy}/evidence/G0"' in page
    assert "Closure statement and flow diagram" in page
