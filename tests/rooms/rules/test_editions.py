"""A whole line changes by law: its new edition counts for a hub once its keeper has seen what moves and accepted it."""

from __future__ import annotations

import datetime as dt
import importlib
import re
import shutil
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import session, transaction
from app.core.errors import Changed
from app.engine.library import Library
from app.engine.loader import WORKFLOWS
from app.engine.machine import Days, Track
from app.organisations.models import Organisation
from app.pathways import log
from app.pathways import queries as reading
from app.pathways import services as pathways
from app.pathways.places import places_of
from app.rules import editions, services
from app.therapies import queries as owned
from app.therapies import services as therapies
from tests.factories.statements import counted
from tests.factories.world import scope_of
from tests.rooms.rules.conftest import Hubs
from tests.web.visitor import Visitor

SINCE, PAGE = "2026-05-01", "/rules/editions/approval"
AFTER_THE_TERM = dt.date(2034, 1, 1)
FOUNDED = dt.datetime(2024, 4, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """From May 2026 conditional approvals have no term, and none can be extended any more."""
    folder = tmp_path_factory.mktemp("law") / "rules"
    shutil.copytree(WORKFLOWS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "machines" / "approval.yaml").read_text(encoding="utf-8")
    start = text.index("  - id: T28\n")
    text = text[:start] + text[text.index("  - id: ", start + 5) :]
    for old, new in (
        ("version: 1\n", f"version: 2\nvalid_from: {SINCE}\n"),
        ("    to: CTL_RUNNING\n    term: starts\n", "    to: CTL_RUNNING\n"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "machines" / "approval_v2.yaml").write_text(text, encoding="utf-8")
    return Library.load(folder)


@pytest.fixture
def law(changed: Library, monkeypatch: pytest.MonkeyPatch, app: Flask, hubs: Hubs) -> Library:
    """The changed law travels with the program; both hubs were there before it."""
    for name in ("app.pathways.rules", "app.rules.editions", "app.rules.views.editions"):
        monkeypatch.setattr(importlib.import_module(name), "shipped", lambda: changed)
    with app.app_context(), transaction():
        for hub in (hubs.world.hub, hubs.other_hub):
            session.get_one(Organisation, hub).created_at = FOUNDED
    return changed


def approved(lead: str, name: str, *events: tuple[str, str], hub: str | None = None) -> str:
    """A therapy with events of its approval, shared with a hub; returns its id."""
    scope = scope_of(lead)
    therapy = therapies.add(scope, name_ja=name, product_class="RMP-C", material="allogeneic_ips")
    for event, on in events:
        term = {"APPROVED_CTL": {"term": "7y"}, "CTL_EXTENDED": {"extension": "3y"}}.get(event, {})
        pathways.record(
            scope, therapy, event=event, on=Days.parse(on), attributes=term, late=True, because="公表資料による"
        )
    if hub:
        therapies.grant(scope, therapy, hub)
    return therapy


def approval(lead: str, therapy: str) -> Track:
    found = reading.tracks(scope_of(lead), therapy).get("approval")
    assert found
    return found


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_moves_is_seen_before_it_is_accepted_and_then_it_counts(
    app: Flask, visit: Visitor, hubs: Hubs, law: Library, language: Any
) -> None:
    world = hubs.world
    running = approved(world.lead, "期限中", ("APPROVED_CTL", "2025-06-01"), hub=world.hub)
    full = approved(world.lead, "本承認品", ("APPROVED_FULL", "2026-01-10"), hub=world.hub)
    fresh = approved(world.lead, "新規品", ("APPROVED_CTL", "2026-06-01"), hub=world.hub)
    approved(world.stranger, "秘密品", ("APPROVED_FULL", "2026-02-01"))
    elsewhere = approved(hubs.other_lead, "遠方品", ("APPROVED_CTL", "2026-06-01"))
    ends = Days.of(dt.date(2033, 5, 31))
    assert approval(world.lead, fresh).term_end == ends, "it waits, so the law is as the hub knows it"
    assert (approval(world.lead, full).version, editions.waiting([world.company])) == (
        1,
        {world.company: frozenset({("approval", 2)})},
    )

    keeper = visit.as_(hubs.keeper, language)
    assert PAGE in keeper.get("/rules/editions")
    told = {"ja": "ハブの規則の管理者が確認中の版", "en": "With the keeper of your hub"}[language]
    assert told in visit.as_(world.lead, language).get("/rules/changes"), "its people know what they wait for"
    assert told not in keeper.get("/rules/changes")
    with counted() as seen:
        keeper.client.get(PAGE)
    keeper.client.get(PAGE)
    page = plain(keeper.get(PAGE))
    assert len(seen) <= 8, "\n".join(seen)  # the first look is written down for the owners
    with counted() as again:
        keeper.client.get(PAGE)
    assert len(again) <= 6, "\n".join(again)
    words = {
        "ja": ("安全に移る", "現在の版のまま", "「条件及び期限付承認中」からの", "2033年5月31日", "3件の線が移ります"),
        "en": ("goes over safely", "stays with its edition", "From “Conditional approval running”", "31 May 2033",
               "3 lines go over"),
    }[language]  # fmt: skip
    duty = {"ja": ("本承認申請の期限", "2033年5月30日"), "en": ("Latest day of the full application", "30 May 2033")}
    for word in (*words, *duty[language], "期限中", "本承認品", "新規品"):
        assert word in page, word
    assert "秘密品" not in page
    assert "遠方品" not in page

    digest = re.findall(r'name="digest" value="(\w+)"', keeper.get(PAGE))[0]
    assert "302" not in keeper.post(PAGE, {"digest": "0"}, status=409)
    assert keeper.post(PAGE, {"digest": digest}) == "/rules/editions"
    keeper.post(PAGE, {"digest": digest}, status=409)
    assert approval(world.lead, fresh).term_end is None
    notes = [each for each in reading.tracks(scope_of(world.lead), running).notes if each.kind == "edition"]
    assert len(notes) == 1, "it stays, and its page says why"
    assert told not in visit.as_(world.lead, language).get("/rules/changes")
    assert told in visit.as_(hubs.other_lead, language).get("/rules/changes")
    assert approval(hubs.other_lead, elsewhere).term_end == ends, "another hub decides for itself"
    (trail,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "rules:edition:accepted"))
    assert trail.after == {"machine": "approval", "from": 1, "to": 2, "lines": {"stays": 1, "goes_over": 3}}


def test_an_edition_that_makes_a_recorded_event_impossible_is_refused_and_a_stale_look_too(
    app: Flask, visit: Visitor, hubs: Hubs, law: Library
) -> None:
    world, keeper = hubs.world, visit.as_(hubs.keeper, "en")
    digest = re.findall(r'name="digest" value="(\w+)"', keeper.get(PAGE))[0]
    hidden = approved(world.stranger, "秘密品", ("APPROVED_CTL", "2026-06-01"), ("CTL_EXTENDED", "2026-07-01"))
    with pytest.raises(Changed):
        services.accept_edition(hubs.keeping, "approval", digest=digest)
    page = plain(keeper.get(PAGE))
    assert "1 event of a therapy that is not shared with you" in page
    assert "秘密品" not in page
    assert "digest" not in page
    now = editions.outlook(editions.of_machine(hubs.keeping, "approval")[0], visible=())
    assert "could not have happened" in plain(keeper.post(PAGE, {"digest": now.digest}, status=409))
    assert approval(world.stranger, hidden).version == 1


def test_lists_go_by_an_edition_as_soon_as_it_is_accepted(app: Flask, hubs: Hubs, law: Library) -> None:
    lead = scope_of(hubs.world.lead)
    fresh = approved(hubs.world.lead, "新規品", ("APPROVED_CTL", "2026-06-01"))

    def stands() -> str | None:
        session.rollback()
        told = owned.own_page(lead, 1, 50, log.history()).rows
        found = places_of(told, AFTER_THE_TERM)[fresh]
        return found.state if found else None

    before = stands()
    (edition,) = editions.of_machine(hubs.keeping, "approval")
    services.accept_edition(hubs.keeping, "approval", digest=editions.outlook(edition, visible=()).digest)
    assert (before, stands()) == ("LAPSED", "CTL_RUNNING")


def test_what_was_the_law_when_a_hub_began_counts_for_it_and_nothing_waits_outside_of_hubs(
    app: Flask, hubs: Hubs, law: Library
) -> None:
    world = hubs.world
    fresh = approved(world.lead, "新規品", ("APPROVED_CTL", "2026-06-01"))
    with transaction():
        session.get_one(Organisation, world.hub).created_at = clock.now()
    assert approval(world.lead, fresh).term_end is None
    assert [each.waiting for each in editions.of_hub(hubs.keeping)] == [False]
    assert editions.waiting([world.hub]) == {}


def plain(page: str) -> str:
    """The page without the marks of words in the other language."""
    return re.sub(r"</?span[^>]*>", "", page)
