"""A company that has one of everything, and then more of it: what every page of the ledger may have to show."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass, field

import pikepdf
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy import update
from werkzeug.routing import Rule

from app.abroad import services as abroad
from app.abroad.services import Told as ToldAbroad
from app.config import Settings
from app.consultations import queries as advice
from app.consultations import services as consultations
from app.consultations.services import Told
from app.consultations.wish import Wish
from app.core import outbox
from app.core.db import session, transaction
from app.core.errors import Changed
from app.core.mail import Mail
from app.core.storage import FolderStorage
from app.core.uploads import Upload
from app.documents import services as documents
from app.documents.models import Bundle
from app.documents.states import State
from app.engine.machine import Days
from app.evidence import services as evidence
from app.evidence.states import Status
from app.notices import queries as feeds
from app.notices import services as notices
from app.organisations import services as organisations
from app.organisations.models import Invitation
from app.pathways import services as pathways
from app.people.models import Person
from app.rules.kinds import Kind
from app.therapies import queries as reading
from app.therapies import services as therapies
from tests.factories.belongings import kept_by_the_administrator, shipped_clock
from tests.factories.therapies import TODAY, add_therapy, happened
from tests.factories.world import World, scope_of

MEETING = dt.date(2027, 7, 14)
OWN: dict[str, dict[str, str]] = {  # what the argument of a route is there, by its endpoint
    "pathways.condition": {"kind": "fact", "key": "ctn_queries_closed"},
    "consultations.step": {"key": "slides"},
    "rules.add": {"what": Kind.FEE},
    "rules.group": {"group": "clocks"},
    "rules.edition": {"key": "price"},
    "rules.one": {"group": "machines", "key": "application"},
}


@dataclass
class Fullness:
    """The ids of one of everything, by the names of the arguments of routes; ``more`` adds beside each of them."""

    world: World
    settings: Settings
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)  # by endpoint
    _made: int = 0

    def address(self, rule: Rule) -> str:
        """The address of a route."""
        own = OWN.get(rule.endpoint, {})
        if rule.endpoint == "rules.end":
            own = {"entry_id": self.ids["accepted_id"]}
        if "turn_id" in rule.arguments:
            own = {"consultation_id": self.ids["ended_id"]}
        if "filename" in rule.arguments:
            own = {"filename": "css/base.css" if rule.endpoint == "static" else "js/webauthn.js"}
        known = {**self.ids, "token": self.tokens.get(rule.endpoint, ""), **own}
        return rule.build({name: known[name] for name in rule.arguments})[1]  # type: ignore[index]

    @property
    def door(self) -> str:
        """The address of an open invitation."""
        return f"/invitations/{self.tokens['organisations.accept_invitation']}"

    def begin(self) -> None:
        """One of everything."""
        pathways.load_precedents()
        lead = scope_of(self.world.lead)
        therapy = self._therapy()
        talk = consultations.confirm(lead, therapy, "drug_eop2", Wish(meeting=MEETING))
        self.ids |= {
            "therapy_id": therapy,
            "consultation_id": talk,
            "event": "CTN_FILED",
            "what": "CONSULTATION_CANCELLED",
            "case": "NEPIC",
            "gate": "G1",
            "item": "Q21",
        }
        table = b"case_id,date,precision,event\nA,2020,Y,CTN_FILED\n"
        self.ids["upload_id"] = pathways.upload(lead, filename="a.csv", data=table, therapy_id=therapy)
        self.ids |= self._beside()
        self.ids |= {**kept_by_the_administrator(self.world, name="料"), "entry": shipped_clock().id}
        ended = consultations.confirm(lead, therapy, "drug_eop2", Wish(meeting=MEETING))
        consultations.withdraw(lead, ended, TODAY)
        self.ids |= {"ended_id": ended, "turn_id": advice.get(lead, ended).turns[0].id}
        notices.renew_feed(lead, self.settings.key())
        seed = feeds.choice(lead).feed_seed
        assert seed
        self.tokens["notices.feed"] = feeds.feed_token(self.settings.key(), seed)
        self.tokens["organisations.accept_invitation"] = self._invited()
        person = session.get_one(Person, self.world.member)
        self.tokens["security.reset_password"] = generate_reset_password_token(person)

    def more(self, times: int = 3) -> None:
        """More of everything, beside what there is and in therapies of its own."""
        for _ in range(times):
            self._beside()
            self._invited()
            other = self._therapy()
            consultations.confirm(scope_of(self.world.lead), other, "drug_eop2", Wish(meeting=MEETING))

    def _therapy(self) -> str:
        """A therapy that the hub may see, with a little history."""
        self._made += 1
        therapy = add_therapy(self.world.lead, name=f"製品{self._made}")
        happened(self.world.lead, therapy, "NONCLINICAL_STARTED", "2020-01")
        therapies.grant(scope_of(self.world.lead), therapy, self.world.hub)
        return therapy

    def _beside(self) -> dict[str, str]:
        """One more of everything that belongs to the therapy or its consultation."""
        lead, talk, therapy = scope_of(self.world.lead), self.ids["consultation_id"], self.ids["therapy_id"]
        self._made += 1
        event = happened(self.world.lead, therapy, "NOTE", f"2021-{self._made:02}")
        question = consultations.add_question(lead, talk, title="問", question="よいか。")
        (attachment,) = consultations.attach(
            lead, talk, [_upload(self._made)], storage=FolderStorage(self.settings.files), largest=10**6
        )
        asked = consultations.add_inquiry(lead, talk, Told(TODAY, asked="規格", answered_on=TODAY, answer="適合"))
        item = f"Q{20 + self._made % 5:02}"
        day = evidence.Told(Status.IN_WORK, self.world.member, TODAY + dt.timedelta(days=self._made))
        with suppress(Changed):  # every fifth meets the first again
            evidence.save(lead, therapy, item, "G1", day, version=0)
        (proof,) = evidence.attach(
            lead, therapy, "Q21", "G1", [_upload(self._made)], storage=FolderStorage(self.settings.files), largest=10**6
        )
        (grant, *_) = reading.grants(lead, therapy)
        planned = abroad.plan(lead, therapy, ToldAbroad("fda", "bla", Days.parse("2028-03")))
        with transaction():
            outbox.enqueue(Mail(f"to the lead {self._made}", "lead@ko.example", "件名", "本文"))
        return {
            "event_id": event,
            "question_id": question,
            "attachment_id": attachment,
            "inquiry_id": asked,
            "foreign_id": planned,
            "grant_id": grant.id,
            "bundle_id": self._bundle(talk),
            "document_id": proof,
        }

    def _bundle(self, talk: str) -> str:
        """A finished bundle."""
        bundle = documents.request(scope_of(self.world.lead), talk, "ja")
        sha256, size = FolderStorage(self.settings.files).put(io.BytesIO(b"bundle"))
        ready = {"state": State.READY, "sha256": sha256, "size": size, "pages": 1}
        with transaction():
            session.execute(update(Bundle).where(Bundle.id == bundle).values(**ready))
        return bundle

    def _invited(self) -> str:
        """Another company of the hub, whose lead was invited; the token of the door."""
        self._made += 1
        company = organisations.invite_company(
            scope_of(self.world.admin),
            self.world.hub,
            name_ja=f"丙{self._made}株式会社",
            name_en=f"Hei {self._made} Inc.",
            email=f"lead@hei{self._made}.example",
            lead="新規 五郎",
            language="ja",
        )
        token = f"token-{self._made}"
        digest = hashlib.sha256(token.encode()).hexdigest()
        with transaction():
            door = Invitation.organisation_id == company.id
            session.execute(update(Invitation).where(door).values(token_sha256=digest))
        return token


def _upload(number: int) -> Upload:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595.276, 841.89))
    document.save(out)
    size = out.tell()
    out.seek(0)
    return Upload(f"{number}.pdf", out, size)
