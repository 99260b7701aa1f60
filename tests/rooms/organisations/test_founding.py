"""The operator founds a hub; its administrator opens the mail, sets a password, signs in and invites a company."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.access.actor import OrganisationKind, Position
from app.audit.models import AuditEvent
from app.config import Settings
from app.core import clock, db
from app.core.outbox import OutboxMail
from app.engine.definition.common import Language
from app.organisations import queries, services
from app.organisations.models import Organisation
from tests.factories.world import World
from tests.web.visitor import Visitor

SENTENCE = "a long enough sentence"
HUB = ["--name-ja", "再生ハブ", "--name-en", "Regen Hub"]
ADMIN = ["--email", " Head@New-Hub.example", "--name", "長 一子"]
COMPANY = {"name_ja": "丙社", "name_en": "Hei Inc.", "lead": "新任 五郎", "email": "goro@hei.example", "language": "ja"}


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["hub", *words])


def found(app: Flask, *words: str) -> dict[str, str]:
    """What the command answers that founds the hub."""
    result = run(app, "found", *HUB, *ADMIN, *words)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def door(address: str) -> tuple[str, OutboxMail]:
    """The path in the newest mail to this address, and the mail."""
    newest = select(OutboxMail).where(OutboxMail.recipient == address).order_by(OutboxMail.queued_at.desc())
    mail = db.session.scalars(newest).first()
    assert mail is not None
    match = re.search(r"(/invitations/[\w-]+)", mail.text)
    assert match
    return match[1], mail


def hubs(app: Flask) -> int:
    with app.app_context():
        return len(queries.hubs())


def come_in(app: Flask, address: str, language: Language, words: str) -> Visitor:
    """Open the door in the mail, where ``words`` stand; choose a password and sign in."""
    path, _mail = door(address)
    guest = Visitor(app)
    assert words in guest.get(path)
    answer = {"name": "長 一子", "language": language, "password": SENTENCE, "again": SENTENCE}
    assert guest.post(path, answer) == "/sign-in"
    assert guest.post("/sign-in", {"email": address, "password": SENTENCE}) == "/"
    guest.get("/", follow_redirects=True)
    return guest


@pytest.mark.parametrize(
    ("words", "language", "subject", "text", "welcome"),
    [
        ([], "ja", "再生ハブ", "再生ハブ の管理者として", "再生ハブ の管理者として登録します"),
        (["--language", "en"], "en", "Regen Hub", "as administrator of Regen Hub", "come in as administrator of Regen"),
    ],
)
def test_from_an_empty_database_to_the_first_company(
    app: Flask, words: list[str], language: Language, subject: str, text: str, welcome: str
) -> None:
    answer = found(app, *words)
    assert (answer["invited"], answer["position"]) == ("head@new-hub.example", "admin")
    until = dt.datetime.fromisoformat(answer["until"]) - clock.now()
    assert abs(until - dt.timedelta(days=services.INVITATION_DAYS)) < dt.timedelta(minutes=5)
    assert json.loads(run(app, "list").stdout) == {
        "hubs": [{"hub": answer["hub"], "name_ja": "再生ハブ", "name_en": "Regen Hub"}]
    }
    with app.app_context():
        _path, mail = door("head@new-hub.example")
        assert subject in mail.subject
        assert text in mail.text
        events = db.session.scalars(select(AuditEvent).order_by(AuditEvent.at)).all()
        assert [(e.actor_id, e.action, e.organisation_id) for e in events] == [
            (None, "organisations:organisation:founded", answer["hub"]),
            (None, "organisations:invitation:sent", answer["hub"]),
        ]
        admin = come_in(app, "head@new-hub.example", language, welcome)
        assert admin.post("/companies/invite", COMPANY) == "/companies"
        assert "goro@hei.example" in admin.get("/companies")
        door("goro@hei.example")
        company = db.session.scalars(select(Organisation).where(Organisation.kind == OrganisationKind.COMPANY)).one()
        assert company.hub_id == answer["hub"]


def test_one_more_person_of_the_only_hub(app: Flask) -> None:
    hub = found(app)["hub"]
    more = ["--email", "more@new-hub.example", "--name", "次 二郎", "--position", "staff", "--language", "en"]
    result = run(app, "invite", *more)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["hub"] == hub
    with app.app_context():
        first, mail = door("more@new-hub.example")
        assert "as reviewer of Regen Hub" in mail.text
        again = run(app, "invite", "--hub", hub, *more)
        assert again.exit_code == 0, again.stderr
        assert door("more@new-hub.example")[0] != first
        Visitor(app).get(first, status=404)  # a new link ends the earlier one
        staff = come_in(app, "more@new-hub.example", "en", "come in as reviewer of Regen Hub")
        staff.get("/companies/invite", status=404)
        person = queries.members(frozenset({hub}))
        assert [(one.email, one.position) for one in person] == [("more@new-hub.example", Position.STAFF)]


def test_a_second_hub_is_allowed_and_must_then_be_named(app: Flask, world: World) -> None:
    second = found(app)["hub"]
    assert second != world.hub
    more = ["--email", "more@new-hub.example", "--name", "次 二郎", "--position", "admin"]
    refused = run(app, "invite", *more)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "2 hubs" in refused.stderr
    assert json.loads(run(app, "invite", "--hub", second, *more).stdout)["hub"] == second
    for place in (world.company, "nothing"):
        refused = run(app, "invite", "--hub", place, *more)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "no hub with this id" in refused.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--email", "LEAD@ko.example", "--name", "長 一子"], "already uses Shirube"),
        (["--email", "head", "--name", "長 一子"], "no e-mail address"),
        (["--email", "a@hub.example, b@hub.example", "--name", "長 一子"], "no e-mail address"),
        ([*ADMIN, "--name", " "], "name: please give one line"),
        ([*ADMIN, "--name", "長\n一子"], "name: please give one line"),
        ([*ADMIN, "--name-en", "x" * 201], "name_en: please give one line"),
    ],
)
def test_what_is_refused_founds_nothing(app: Flask, world: World, words: list[str], reason: str) -> None:
    refused = run(app, "found", *HUB, *words)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert reason in refused.stderr
    assert hubs(app) == 1
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(OutboxMail)) == 0


def test_an_open_invitation_elsewhere_is_kept(app: Flask) -> None:
    found(app)
    twice = run(app, "found", *HUB, *ADMIN)
    assert (twice.exit_code, twice.stdout) == (1, "")
    assert "open invitation into another organisation" in twice.stderr
    assert hubs(app) == 1
    with app.app_context():
        Visitor(app).get(door("head@new-hub.example")[0])


def test_the_demo_has_its_hub(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"demo": True}))
    refused = run(app, "found", *HUB, *ADMIN)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "SHIRUBE_DEMO" in refused.stderr
    assert hubs(app) == 0


def test_misuse(app: Flask) -> None:
    assert run(app, "found", *HUB).exit_code == 2
    assert run(app, "invite", *ADMIN, "--position", "lead").exit_code == 2
