"""Every route, as a stranger, a hub without a grant and nobody, with another company's ids: not found, or sign-in.

A new route with an argument that this walk does not know fails it.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

import pikepdf
import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.abroad import services as abroad
from app.abroad.services import Told as ToldAbroad
from app.access.actor import OrganisationKind, Position
from app.access.policy import POLICY, Audience
from app.config import Settings
from app.consultations import queries as advice
from app.consultations import services as consultations
from app.consultations.services import Told
from app.consultations.wish import Wish
from app.core import clock
from app.core.storage import FolderStorage
from app.core.uploads import Upload
from app.documents import services as documents
from app.engine.machine import Days
from app.evidence import services as evidence
from app.organisations import services as founding
from app.pathways import services as pathways
from app.rules import pages as rules
from app.rules import services as keeping
from app.rules.kinds import Kind
from app.therapies import queries as reading
from app.therapies import services as therapies
from tests.factories.world import World, add_person, scope_of
from tests.web.visitor import Visitor

OPEN = {Audience.EVERYONE}
SHARED = {"case", "entry", "what"}  # arguments that name something public
KEEPING = {Audience.KEEPER, Audience.HUB_ADMIN}


@dataclass(frozen=True)
class Secrets:
    """The ids of one of everything that a company has, by the names of the arguments of routes."""

    ids: dict[str, str]
    keeper: str  # administrator and rule keeper of another hub

    def address(self, rule: Rule) -> str:
        """The address of a route with these ids."""
        own = {"key": "ctn_queries_closed"} if rule.endpoint == "pathways.condition" else {}
        if "turn_id" in rule.arguments:
            own = {"consultation_id": self.ids["ended_id"]}
        if rule.endpoint == "rules.end":
            own = {"entry_id": self.ids["accepted_id"]}
        return rule.build({name: own.get(name, self.ids[name]) for name in rule.arguments})[1]  # type: ignore[index]


@pytest.fixture
def secrets(app: Flask, world: World, settings: Settings) -> Secrets:
    """A therapy with an event, a revoked grant, and advice with a question, an attachment and a bundle."""
    lead = scope_of(world.lead)
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595.276, 841.89))
    document.save(out)
    out.seek(0)
    with app.app_context():
        therapy = therapies.add(lead, name_ja="極秘品", product_class="RMP-C", material="allogeneic_ips")
        recorded = pathways.record(lead, therapy, event="NONCLINICAL_STARTED", on=Days.parse("2024"), late=True)
        therapies.grant(lead, therapy, world.hub)
        (grant,) = reading.grants(lead, therapy)
        therapies.revoke(lead, grant.id)
        talk = consultations.confirm(lead, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 7, 14)))
        question = consultations.add_question(lead, talk, title="問", question="よいか。")
        (attachment,) = consultations.attach(
            lead, talk, [Upload("a.pdf", out, 900)], storage=FolderStorage(settings.files), largest=10**6
        )
        told = ToldAbroad("fda", "bla", Days.parse("2028-03"), remark="極秘品の計画")
        foreign = abroad.plan(lead, therapy, told)
        inquiry = consultations.add_inquiry(lead, talk, Told(clock.today(), asked="極秘品の規格"))
        ended = consultations.confirm(lead, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 7, 14)))
        consultations.withdraw(lead, ended, clock.today())
        (turn,) = advice.get(lead, ended).turns
        bundle = documents.request(lead, talk, "ja")
        out.seek(0)
        (proof,) = evidence.attach(
            lead,
            therapy,
            "Q21",
            "G1",
            [Upload("a.pdf", out, 900)],
            storage=FolderStorage(settings.files),
            largest=10**6,
        )
        founding.let_keep_rules(scope_of(world.admin), world.hub, world.admin, keeps=True)
        hub = founding.found(kind=OrganisationKind.HUB, name_ja="別ハブ", name_en="Other Hub")
        keeper = add_person("keeper@other.example", "別館 五郎", hub.id, Position.ADMIN)
        founding.let_keep_rules(scope_of(keeper), hub.id, keeper, keeps=True)
        theirs = scope_of(keeper)
        fee = {"key": "rs_pre", "name": {"ja": "極秘品", "en": "x"}, "yen": 1, "valid_from": "2027-04-01"}
        source = {"title_ja": "表", "title_en": "table", "url": "", "read_on": clock.today()}
        draft = keeping.save(theirs, Kind.FEE, fee, source)
        accepted = keeping.save(theirs, Kind.FEE, {**fee, "key": "rs_general"}, source)
        keeping.accept(theirs, accepted, version=1)
        clock_entry = next(each for each in rules.shipped_entries() if each.group == "clocks")
        verified = keeping.verify(
            theirs, clock_entry, digest=clock_entry.digest, on=clock.today(), compared="極秘品の条文"
        )
        table = "case_id,date,precision,event\n極秘品,2024,Y,CTN_FILED\n".encode()
        upload = pathways.upload(lead, filename="極秘品.csv", data=table, therapy_id=therapy)
    return Secrets(
        {
            "therapy_id": therapy,
            "event_id": recorded.event_id,
            "grant_id": grant.id,
            "consultation_id": talk,
            "question_id": question,
            "attachment_id": attachment,
            "inquiry_id": inquiry,
            "foreign_id": foreign,
            "turn_id": turn.id,
            "ended_id": ended,
            "what": "CONSULTATION_CANCELLED",
            "bundle_id": bundle,
            "document_id": proof,
            "gate": "G1",
            "item": "Q21",
            "upload_id": upload,
            "key": "slides",
            "event": "CTN_FILED",
            "kind": "fact",
            "digest": "0" * 64,
            "entry_id": draft,
            "accepted_id": accepted,
            "verification_id": verified,
            "person_id": keeper,
            "entry": clock_entry.id,
        },
        keeper,
    )


def guarded(app: Flask) -> list[Rule]:
    """The routes that speak of something of somebody's."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.arguments - SHARED and POLICY[rule.endpoint].audience not in OPEN
    ]


@pytest.mark.parametrize("who", ["stranger", "staff", "admin"])
def test_with_the_ids_of_another_company_there_is_nothing(
    app: Flask, visit: Visitor, world: World, secrets: Secrets, who: str
) -> None:
    visitor = visit.as_(getattr(world, who))
    walked = 0
    for rule in guarded(app):
        address = secrets.address(rule)
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            answer = visitor.client.open(address, method=method, data={"csrf_token": visitor.token()})
            assert answer.status_code == 404, f"{who}: {method} {address}: {answer.status_code}"
            assert "極秘品" not in answer.text
            walked += 1
    assert walked > 30


def test_nobody_is_sent_to_the_sign_in(app: Flask, visit: Visitor, secrets: Secrets) -> None:
    visitor = visit.as_(None)
    for rule in app.url_map.iter_rules():
        if POLICY[rule.endpoint].audience in OPEN or rule.arguments & SHARED:
            continue
        address = secrets.address(rule)
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            answer = visitor.client.open(address, method=method, data={"csrf_token": visitor.token()})
            assert answer.status_code == 302, f"{method} {address}: {answer.status_code}"
            assert answer.location.startswith("/sign-in")


def test_the_owner_finds_all_of_it(app: Flask, visit: Visitor, world: World, secrets: Secrets) -> None:
    """Otherwise the walk above would prove nothing."""
    lead = visit.as_(world.lead)
    keeper, missing = visit.as_(secrets.keeper), set()
    for rule in guarded(app):
        if "GET" in (rule.methods or set()):
            owner = keeper if POLICY[rule.endpoint].audience in KEEPING else lead
            answer = owner.client.get(secrets.address(rule))
            if answer.status_code != 200:
                missing.add((rule.endpoint, answer.status_code))
    assert missing <= {("documents.download", 404)}, missing  # the bundle is still waiting for the worker
