"""A hub's administrator invites a company; its lead opens the mail, sets a password and signs in."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.access.actor import Position
from app.core import clock, db
from app.core.outbox import OutboxMail
from app.engine.definition.common import Language
from app.organisations import services
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

NEW = {
    "name_ja": "丙再生株式会社",
    "name_en": "Hei Regen Inc.",
    "lead": "新任 五郎",
    "email": "Goro@Hei.example",
    "language": "ja",
}


def door(language: Language = "ja") -> str:
    """The path in the newest invitation mail."""
    mail = db.session.scalars(select(OutboxMail).order_by(OutboxMail.queued_at.desc())).first()
    assert mail is not None
    found = re.search(r"(/invitations/[\w-]+)", mail.text)
    assert found
    return found[1]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_from_the_invitation_to_the_first_sign_in(visit: Visitor, world: World, language: Language) -> None:
    admin = visit.as_(world.admin, language)
    admin.get("/companies")
    admin.get("/companies/invite")
    assert admin.post("/companies/invite", {**NEW, "language": language}) == "/companies"
    assert "goro@hei.example" in admin.get("/companies")

    path = door()
    guest = visit.as_(None)
    assert f'<html lang="{language}"' in guest.get(path)
    too_short = {"name": "新任 五郎", "language": language, "password": "short", "again": "short"}
    guest.post(path, too_short, status=200)
    answer = {**too_short, "password": "a long enough sentence", "again": "a long enough sentence"}
    assert guest.post(path, answer) == "/sign-in"
    guest.get(path, status=404)  # the door is closed behind them
    assert guest.post("/sign-in", {"email": "goro@hei.example", "password": "a long enough sentence"}) == "/"
    assert "新任 五郎" in guest.get("/account")


@pytest.mark.parametrize(("language", "sentence"), [("ja", "メールを送れません"), ("en", "No mail can be sent")])
def test_an_address_that_no_mail_reaches_is_refused_at_its_field(
    visit: Visitor, world: World, language: Language, sentence: str
) -> None:
    admin = visit.as_(world.admin, language)
    assert sentence in admin.post("/companies/invite", {**NEW, "email": "ü@例え.jp"}, status=200)
    assert "丙再生株式会社" not in visit.as_(world.admin, "ja").get("/companies")


def test_a_known_address_is_refused_and_nothing_is_founded(visit: Visitor, world: World) -> None:
    page = visit.as_(world.admin, "en").post("/companies/invite", {**NEW, "email": "LEAD@ko.example"}, status=200)
    assert "already uses Shirube" in page
    assert "丙再生株式会社" not in visit.as_(world.admin, "ja").get("/companies")


@pytest.mark.parametrize("who", ["lead", "staff", "stranger"])
def test_only_an_administrator_of_a_hub_invites(visit: Visitor, world: World, who: str) -> None:
    visit.as_(getattr(world, who)).get("/companies/invite", status=404)
    visit.as_(getattr(world, who)).post("/companies/invite", NEW, status=404)


def test_an_invitation_expires(app: Flask, visit: Visitor, world: World) -> None:
    import datetime as dt

    services.invite_company(scope_of(world.admin), world.hub, **NEW)  # type: ignore[arg-type]
    path = door()
    clock.move_to(clock.now() + dt.timedelta(days=services.INVITATION_DAYS, minutes=1))
    visit.as_(None).get(path, status=404)


def test_a_failing_mail_row_founds_no_company(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("app.organisations.emails.enqueue", fail)
    with pytest.raises(OSError, match="disk full"):
        services.invite_company(scope_of(world.admin), world.hub, **NEW)  # type: ignore[arg-type]
    from app.organisations.models import Organisation

    assert db.session.scalar(select(Organisation).where(Organisation.name_ja == NEW["name_ja"])) is None


def test_positions_have_their_scope(world: World) -> None:
    assert scope_of(world.lead).led == {world.company}
    assert scope_of(world.member).own == {world.company}
    assert not scope_of(world.member).led
    assert scope_of(world.staff).hubs == {world.hub}
    assert not scope_of(world.staff).own
    assert {m.position for m in scope_of(world.admin).person().memberships} == {Position.ADMIN}


def test_companies_that_share_a_moment_go_by_the_name_that_is_shown(visit: Visitor, world: World) -> None:
    for language, names in (
        ("ja", ["乙細胞株式会社", "甲再生医療株式会社"]),
        ("en", ["Ko Regen Inc.", "Otsu Cells Inc."]),
    ):
        page = visit.as_(world.admin, language).get("/companies")
        assert [page.index(name) for name in names] == sorted(page.index(name) for name in names), language


@pytest.mark.parametrize(("language", "words"), [("ja", "から届きません"), ("en", "Mails are refused since")])
def test_the_hub_sees_that_an_invited_person_cannot_be_reached(
    visit: Visitor, world: World, language: Language, words: str
) -> None:
    admin = visit.as_(world.admin, language)
    admin.post("/companies/invite", NEW)
    assert words not in admin.get("/companies")
    with db.transaction() as current:
        current.execute(update(OutboxMail).values(failed_at=clock.now(), refused=6, last_error="550 nobody here"))
    assert words in admin.get("/companies")
