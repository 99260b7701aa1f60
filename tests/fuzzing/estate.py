"""One of everything that people have, with its id by the name of the route's argument that leads to it."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from unittest.mock import patch

import pikepdf
from flask import Flask
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy import select, update
from werkzeug.routing import Rule

from app.abroad import services as abroad
from app.config import Settings
from app.consultations import queries as advice
from app.consultations import services as consultations
from app.consultations.services import Told
from app.consultations.wish import Wish
from app.core import clock
from app.core.db import session, transaction
from app.core.storage import FolderStorage
from app.core.uploads import Upload
from app.documents import services as documents
from app.documents.models import Bundle
from app.documents.states import State
from app.engine.definition.common import Language
from app.engine.machine import Days
from app.evidence import services as evidence
from app.notices import queries as notices
from app.notices import services as choices
from app.organisations import services as founding
from app.pathways import rules
from app.pathways import services as pathways
from app.pathways.precedents import cases
from app.people.models import Person
from app.rules.kinds import Kind
from app.therapies import queries as reading
from app.therapies import services as therapies
from app.web.models import WebSession
from tests.factories.belongings import kept_by_the_administrator, shipped_clock
from tests.factories.therapies import set_clock
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

INVITED = "i" * 43  # the token of an open invitation
OF_RULES: dict[str, list[str]] = {
    "what": list(Kind),
    "key": ["application", "programme"],
}  # words that mean something else in that room
ROLES: dict[str, tuple[str | None, Language]] = {
    "nobody": (None, "ja"),
    "lead": ("lead", "ja"),
    "member": ("member", "en"),
    "stranger": ("stranger", "en"),
    "staff": ("staff", "ja"),
    "admin": ("admin", "en"),
}


@dataclass(frozen=True)
class Estate:
    """What the company of the lead has: values of every argument of a route, those that exist first."""

    arguments: dict[str, list[str]]

    @property
    def consultation(self) -> str:
        """The consultation in which something of everything was written."""
        return self.arguments["consultation_id"][0]

    def of(self, rule: Rule) -> dict[str, list[str]]:
        """The values of every argument of a route; where it speaks of a turn, of the consultation that ended first,
        and where it ends a rule, of the one that counts."""
        found = {name: self.arguments[name] for name in rule.arguments}
        if "turn_id" in found:
            found["consultation_id"] = found["consultation_id"][::-1]
        if rule.endpoint == "rules.end":
            found["entry_id"] = found["entry_id"][::-1]
        if rule.endpoint.startswith("rules."):
            found |= {name: values for name, values in OF_RULES.items() if name in found}
        return found


def blank_pdf() -> io.BytesIO:
    """A PDF of one empty A4 page."""
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595.276, 841.89))
    document.save(out)
    out.seek(0)
    return out


def _events() -> list[str]:
    transitions = (each for machine in rules.library().machines.values() for each in machine.transitions)
    return sorted({event for transition in transitions for event in transition.events})


def _kept(world: World) -> dict[str, list[str]]:
    kept = kept_by_the_administrator(world, name="料")
    return {
        "entry_id": [kept["entry_id"], kept["accepted_id"]],
        "verification_id": [kept["verification_id"]],
        "entry": [shipped_clock().id, kept["entry"]],
        "group": ["machines", "clocks", "changes"],
        "person_id": [world.staff],
    }


def build_estate(app: Flask, world: World, settings: Settings) -> Estate:
    """A shared therapy with a history, a consultation full of everything and an ended one, open doors and feeds."""
    set_clock()
    lead = scope_of(world.lead)
    therapy = therapies.add(
        lead, name_ja="心筋シート", name_en="Sheet", product_class="RMP-C", material="allogeneic_ips"
    )
    recorded = [
        pathways.record(lead, therapy, event=event, on=Days.parse(on), late=True, because="届出済み").event_id
        for event, on in (("NONCLINICAL_STARTED", "2024-02"), ("CTN_FILED", "2026-03-05"))
    ]
    therapies.grant(lead, therapy, world.hub)
    talk = consultations.confirm(lead, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 7, 14)))
    questions = [consultations.add_question(lead, talk, title=t, question="よいか。") for t in ("問一", "問二")]
    attachments = consultations.attach(
        lead, talk, [Upload("a.pdf", blank_pdf(), 900)], storage=FolderStorage(settings.files), largest=10**6
    )
    consultations.save_briefing(lead, talk, {"purpose": "十分性の確認"}, version=0)
    inquiry = consultations.add_inquiry(lead, talk, Told(clock.today(), asked="規格"))
    ended = consultations.confirm(lead, therapy, "rs_quality_safety", Wish(meeting=dt.date(2027, 7, 15)))
    consultations.withdraw(lead, ended, clock.today())
    (turn,) = advice.get(lead, ended).turns
    bundle = documents.request(lead, talk, "ja")
    store = FolderStorage(settings.files)
    proofs = evidence.attach(
        lead, therapy, "Q21", "G1", [Upload("a.pdf", blank_pdf(), 900)], storage=store, largest=10**6
    )
    foreign = [abroad.plan(lead, therapy, abroad.Told("fda", key, Days.parse("2028-03"))) for key in ("ind", "bla")]
    sha256, size = store.put(io.BytesIO(b"bundle"))
    with transaction():
        ready = {"state": State.READY, "sha256": sha256, "size": size, "pages": 1}
        session.execute(update(Bundle).where(Bundle.id == bundle).values(**ready))
    pathways.load_precedents()
    table = b"case_id,date,precision,event\nA,2020,Y,CTN_FILED\n"
    upload = pathways.upload(lead, filename="a.csv", data=table, therapy_id=therapy)
    choices.renew_feed(lead, settings.key())
    feed = notices.feed_token(settings.key(), notices.choice(lead).feed_seed or "")
    with patch("app.organisations.services.secrets.token_urlsafe", lambda *_size: INVITED):
        founding.invite_company(
            scope_of(world.admin),
            world.hub,
            name_ja="新",
            name_en="New",
            lead="新 一郎",
            email="n@new.example",
            language="ja",
        )
    with app.test_request_context():
        reset = generate_reset_password_token(session.get_one(Person, world.member))
    Visitor(app).as_(world.lead)  # another sign-in of the lead, to be ended
    sign_in = session.scalars(select(WebSession.token_sha256).where(WebSession.person_id == world.lead)).one()
    steps = [step.key for step in consultations.current_plan(lead, advice.get(lead, talk)).steps]
    return Estate(
        {
            "therapy_id": [therapy],
            "event_id": recorded,
            "grant_id": [grant.id for grant in reading.grants(lead, therapy)],
            "consultation_id": [talk, ended],
            "question_id": questions,
            "attachment_id": attachments,
            "inquiry_id": [inquiry],
            "turn_id": [turn.id],
            "bundle_id": [bundle],
            "document_id": proofs,
            "foreign_id": foreign,
            "gate": ["G1", "G3", "G0"],
            "item": ["Q21", "Q08", "Q36"],
            "upload_id": [upload],
            "what": ["CONSULTATION_CANCELLED", "CONSULTATION_WITHDRAWN", "RESCHEDULE_REQUESTED", "CONSULTATION_CLOSED"],
            "key": [steps[0], "ctn_queries_closed", *steps[1:]],
            "kind": ["fact", "document", "licence"],
            "event": _events(),
            "case": sorted(cases()),
            "token": [INVITED, reset, feed],
            "digest": [sign_in, "0" * 64],
            "filename": ["css/base.css", "js/webauthn.js"],
            **_kept(world),
        }
    )
