"""Due evidence is mailed to its owner and the lead like every other date, and no longer once it is there."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from app.config import Settings
from app.evidence import services
from app.evidence.services import Told
from app.evidence.states import Status
from tests.factories.world import World, scope_of
from tests.rooms.notices.plans import Mailbox, at, text_of

DUE = dt.date(2026, 12, 16)  # fourteen days ahead on 2 December


def test_the_owner_is_told_before_the_day_and_not_after_it_is_there(
    app: Flask, world: World, therapy: str, settings: Settings
) -> None:
    lead = scope_of(world.lead)
    with app.app_context():
        box = Mailbox(settings)
        told = Told(Status.IN_WORK, owner_id=world.member, due_on=DUE)
        services.save(lead, therapy, "Q21", "G1", told, version=0)
        at("2026-12-02")
        mails = box.look()
        assert {mail["To"] for mail in mails} == {"lead@ko.example", "member@ko.example"}
        (to_member,) = (mail for mail in mails if mail["To"] == "member@ko.example")
        assert "ドナー適格性" in to_member["Subject"]
        assert "研究 三郎" in text_of(to_member)
        assert f"/therapies/{therapy}/evidence/G1/Q21" in text_of(to_member)
        services.save(lead, therapy, "Q21", "G1", Told(Status.NOT_APPLICABLE, due_on=DUE, reason="自己由来"), version=1)
        at("2026-12-09")
        assert box.look() == []
