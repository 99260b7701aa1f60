"""A keeper verifies entries: for one hub and its companies, as they stand, until they change or it is taken back."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.consultations import queries as consultations
from app.core.db import session
from app.core.errors import Changed, NotFound, Refused
from app.engine.definition.clock import Clock
from app.engine.entry import Entry
from app.organisations import services as founding
from app.rules import pages, queries, services
from app.rules.models import RuleVerification
from app.rules.pages import Reader
from tests.factories.world import scope_of
from tests.rooms.rules.conftest import Hubs
from tests.web.visitor import Visitor

CLOCK = "clock:ctl_term"
PAGE = f"/rules/entries/{CLOCK}/verify"


def entry(entry_id: str = CLOCK) -> Entry:
    return next(each for each in pages.shipped_entries() if each.id == entry_id)


def verified_for(person: str) -> bool:
    return bool(Reader(scope_of(person), "en").verified([entry()]))


def test_the_administrator_gives_the_rules_and_takes_them_back(visit: Visitor, hubs: Hubs) -> None:
    world = hubs.world
    admin, member = visit.as_(world.admin, "en"), visit.as_(world.staff, "en")
    assert "審査 次郎" in admin.get("/rules/keepers")
    member.get("/rules/own")
    admin.post(f"/rules/keepers/{world.staff}", {"keeps": "0"})
    for path in ("/rules/own", PAGE, "/rules/own/export"):
        member.get(path, status=404)
    admin.post(f"/rules/keepers/{world.staff}", {"keeps": "1"})
    member.get("/rules/own")
    member.get("/rules/keepers", status=404)
    admin.post(f"/rules/keepers/{hubs.other_keeper}", {"keeps": "0"}, status=404)
    with pytest.raises(NotFound):
        founding.let_keep_rules(scope_of(world.lead), world.hub, world.staff, keeps=False)
    actions = set(session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == world.staff)))
    assert actions == {"organisations:member:rules_given", "organisations:member:rules_taken"}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_verifying_in_the_browser(visit: Visitor, hubs: Hubs, language: Any) -> None:
    keeper = visit.as_(hubs.keeper, language)
    assert entry().digest in keeper.get(PAGE)
    typed = {"digest": entry().digest, "on": "2026-11-20", "compared": "法令集と条文を照合", "document": "第23条の26"}
    late = keeper.post(PAGE, {**typed, "on": "2026-12-20"}, status=200)
    assert ("まだ来ていません" if language == "ja" else "has not come yet") in late
    assert "法令集と条文を照合" in late, "nothing that was typed is lost"
    assert ("必須" if language == "ja" else "required") in keeper.post(PAGE, {**typed, "compared": " "}, status=200)
    assert keeper.post(PAGE, {**typed, "digest": "0" * 64}, status=409)
    assert not verified_for(hubs.keeper)
    assert keeper.post(PAGE, typed).endswith("/rules/clocks#clock-ctl_term")
    world = hubs.world
    for person in (hubs.keeper, world.admin, world.lead, world.member, world.stranger):
        page = visit.as_(person, language).get("/rules/clocks")
        assert "審査 次郎" in page
        assert "法令集と条文を照合" in page
    for outsider in (hubs.other_keeper, hubs.other_lead, None):
        assert "審査 次郎" not in visit.as_(outsider, language).get("/rules/clocks")


def test_a_changed_entry_is_unverified_again(app: Flask, hubs: Hubs, monkeypatch: pytest.MonkeyPatch) -> None:
    services.verify(hubs.keeping, entry(), digest=entry().digest, on=dt.date(2026, 11, 20), compared="条文")
    assert verified_for(hubs.world.lead)
    old = entry()
    assert isinstance(old.content, Clock)
    rule = old.content.rule.model_copy(update={"offset": 8})
    new = Entry(old.id, old.group, old.page, old.names, old.content.model_copy(update={"rule": rule}), old.provenance)
    assert new.digest != old.digest
    monkeypatch.setattr(pages, "shipped_entries", lambda: (new,))
    assert not verified_for(hubs.world.lead)
    with pytest.raises(Changed):
        services.verify(hubs.keeping, new, digest=old.digest, on=dt.date(2026, 11, 20), compared="条文")


def test_a_value_shows_in_place_whether_it_is_verified_and_where(visit: Visitor, hubs: Hubs) -> None:
    """A step of a consultation, the fee, an item of evidence, a clock abroad: each leads to its entry."""
    world = hubs.world
    therapy = consultations.get(scope_of(world.lead), hubs.shared).therapy_id
    places = {
        "step:drug_eop2:slides": f"/consultations/{hubs.shared}/steps/slides",
        "fee:drug_eop2": f"/consultations/{hubs.shared}",
        "evidence:cells_quality:Q21": f"/therapies/{therapy}/evidence/G1/Q21",
        "abroad:GC01:meeting": f"/therapies/{therapy}/abroad",
    }
    for name, page in places.items():
        found = entry(name)
        services.verify(hubs.keeping, found, digest=found.digest, on=dt.date(2026, 11, 20), compared="資料")
        shown = visit.as_(world.lead, "en").get(page)
        mark = re.search(rf'href="[^"]*#{found.anchor}"[^>]*>(.*?)</a>', shown, re.DOTALL)
        assert mark, name
        assert 'class="chip verified"' in mark[1], name
    other = visit.as_(hubs.other_lead, "en").get(f"/consultations/{hubs.elsewhere}")
    (mark,) = re.findall(r'href="[^"]*#fee-drug_eop2"[^>]*>(.*?)</a>', other, re.DOTALL)
    assert "mark-unknown" in mark, "another hub's keeper verified it, not theirs"


def test_taking_back_needs_a_reason_and_the_own_hub(visit: Visitor, hubs: Hubs) -> None:
    done = services.verify(hubs.keeping, entry(), digest=entry().digest, on=dt.date(2026, 11, 20), compared="条文")
    path = f"/rules/verifications/{done}"
    with pytest.raises(Refused):
        services.take_back(hubs.keeping, done, reason=" ")
    with pytest.raises(NotFound):
        services.take_back(scope_of(hubs.other_keeper), done, reason="no")
    visit.as_(hubs.other_keeper).get(path, status=404)
    keeper = visit.as_(hubs.keeper, "ja")
    assert path in keeper.get("/rules/clocks")
    assert "必須" in keeper.post(path, {"reason": ""}, status=200)
    keeper.post(path, {"reason": "条文が改正された"})
    assert not verified_for(hubs.keeper)
    assert queries.verification(hubs.keeping, done).reason == "条文が改正された"
    with pytest.raises(Changed):
        services.take_back(hubs.keeping, done, reason="twice")
    told = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == done)).all()
    assert set(told) - {"audit:request:denied"} == {"rules:entry:verified", "rules:verification:taken_back"}


def test_two_at_once_both_verify_and_only_the_first_takes_back(visit: Visitor, hubs: Hubs) -> None:
    founding.let_keep_rules(scope_of(hubs.world.admin), hubs.world.hub, hubs.world.admin, keeps=True)
    both = [visit.as_(person, "en") for person in (hubs.keeper, hubs.world.admin)]
    for name, keeper in zip(("one", "two"), both, strict=True):
        keeper.post(PAGE, {"digest": entry().digest, "on": "2026-11-20", "compared": f"read by {name}"})
    rows = session.scalars(select(RuleVerification).order_by(RuleVerification.compared)).all()
    assert [(row.compared, row.taken_back_at) for row in rows] == [("read by one", None), ("read by two", None)]
    path = f"/rules/verifications/{rows[0].id}"
    both[0].post(path, {"reason": "misread"})
    both[1].post(path, {"reason": "another reason"})
    shown = both[1].get(path)
    assert "misread" in shown
    assert "another reason" not in shown
    assert "already taken back" in shown
    assert verified_for(hubs.keeper), "what the other said still stands"


def test_what_was_verified_stands_only_while_it_reads_the_same() -> None:
    entry = next(iter(pages.shipped_by_id().values()))
    assert pages.standing({(entry.id, entry.digest)}) == {entry.id}
    assert pages.standing({(entry.id, "as it read before"), ("an entry that is gone", entry.digest)}) == set()
