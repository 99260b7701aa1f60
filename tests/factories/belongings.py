"""One of everything that a company has, and that a hub keeps, by the names that addresses use for it."""

from __future__ import annotations

import datetime as dt
import io

import pikepdf
from sqlalchemy import update
from werkzeug.routing import Rule

from app.abroad import services as abroad
from app.abroad.services import Told as ToldAbroad
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
from app.engine.entry import Entry
from app.engine.machine import Days
from app.evidence import services as evidence
from app.organisations import services as founding
from app.pathways import services as pathways
from app.rules import pages as rules
from app.rules import services as keeping
from app.rules.kinds import Kind
from app.therapies import queries as reading
from app.therapies import services as therapies
from tests.factories.world import World, scope_of

# What addresses name by a word of the program's own definitions; everybody may know these.
WORDS = {"key": "slides", "what": "CONSULTATION_WITHDRAWN", "event": "CTN_FILED", "kind": "fact"}
WORDS |= {"gate": "G1", "item": "Q21"}
CONDITION = "ctn_queries_closed"  # the ``key`` of pathways.condition


def address(rule: Rule, ids: dict[str, str]) -> str:
    """The address of a route with these ids; a turn is of the consultation that has ended, what ends was accepted."""
    named = {**WORDS, **ids}
    if rule.endpoint == "pathways.condition":
        named["key"] = CONDITION
    if "turn_id" in rule.arguments:
        named["consultation_id"] = named["ended_id"]
    if rule.endpoint == "rules.end":
        named["entry_id"] = named["accepted_id"]
    if rule.endpoint == "rules.edition":
        named["key"] = "price"
    if rule.endpoint == "rules.add":
        named["what"] = Kind.FEE
    return rule.build({name: named[name] for name in rule.arguments})[1]  # type: ignore[index]


def one_of_everything(lead_id: str, hub: str, settings: Settings, *, name: str) -> dict[str, str]:
    """A therapy called ``name``, shared with the hub, with all that belongs to it: events, advice, evidence, plans."""
    lead, storage = scope_of(lead_id), FolderStorage(settings.files)
    therapy = therapies.add(lead, name_ja=name, product_class="RMP-C", material="allogeneic_ips")
    recorded = pathways.record(lead, therapy, event="NONCLINICAL_STARTED", on=Days.parse("2024"), late=True)
    therapies.grant(lead, therapy, hub)
    (grant,) = reading.grants(lead, therapy)
    talk = consultations.confirm(lead, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 7, 14)))
    question = consultations.add_question(lead, talk, title=name, question=name)
    upload = Upload(f"{name}.pdf", a_page(), 900)
    (attachment,) = consultations.attach(lead, talk, [upload], storage=storage, largest=10**6)
    inquiry = consultations.add_inquiry(lead, talk, Told(clock.today(), answered_on=clock.today(), asked=name))
    ended = consultations.confirm(lead, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 9, 14)))
    consultations.withdraw(lead, ended, clock.today())
    (turn,) = advice.get(lead, ended).turns
    proof = Upload(f"{name}.pdf", a_page(), 900)
    (document,) = evidence.attach(lead, therapy, WORDS["item"], WORDS["gate"], [proof], storage=storage, largest=10**6)
    foreign = abroad.plan(lead, therapy, ToldAbroad("fda", "bla", Days.parse("2028-03"), remark=name))
    table = f"case_id,date,precision,event\n{name},2024,Y,CTN_FILED\n".encode()
    waiting = pathways.upload(lead, filename=f"{name}.csv", data=table, therapy_id=therapy)
    bundle = documents.request(lead, talk, "ja")
    _finish(bundle, storage, name)
    return {
        "therapy_id": therapy,
        "event_id": recorded.event_id,
        "grant_id": grant.id,
        "consultation_id": talk,
        "question_id": question,
        "attachment_id": attachment,
        "inquiry_id": inquiry,
        "turn_id": turn.id,
        "ended_id": ended,
        "bundle_id": bundle,
        "document_id": document,
        "foreign_id": foreign,
        "upload_id": waiting,
    }


def kept_by_the_administrator(world: World, *, name: str) -> dict[str, str]:
    """The administrator of the hub becomes its keeper, with ``everything_kept``."""
    founding.let_keep_rules(scope_of(world.admin), world.hub, world.admin, keeps=True)
    return everything_kept(world.admin, name=name)


def everything_kept(keeper_id: str, *, name: str) -> dict[str, str]:
    """A draft and an accepted fee called ``name`` of the keeper's hub, and a shipped entry that they verified."""
    keeper, today = scope_of(keeper_id), clock.today()
    fee = {"key": "rs_pre", "name": {"ja": name, "en": name}, "yen": 1, "valid_from": "2027-04-01"}
    source = {"title_ja": name, "title_en": name, "url": "", "read_on": today}
    draft = keeping.save(keeper, Kind.FEE, fee, source)
    accepted = keeping.save(keeper, Kind.FEE, {**fee, "key": "rs_general"}, source)
    keeping.accept(keeper, accepted, version=1)
    shipped = shipped_clock()
    verified = keeping.verify(keeper, shipped, digest=shipped.digest, on=today, compared=name)
    return {
        "entry_id": draft,
        "accepted_id": accepted,
        "verification_id": verified,
        "entry": f"own:{accepted}",
    }


def shipped_clock() -> Entry:
    """A clock that travels with the program."""
    return next(each for each in rules.shipped_entries() if each.group == "clocks")


def a_page() -> io.BytesIO:
    """A file of one empty page."""
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595.276, 841.89))
    document.save(out)
    out.seek(0)
    return out


def _finish(bundle: str, storage: FolderStorage, name: str) -> None:
    """As the worker does, without rendering."""
    sha256, size = storage.put(io.BytesIO(name.encode()))
    with transaction():
        session.execute(update(Bundle).where(Bundle.id == bundle).values(state=State.READY, sha256=sha256, size=size))
