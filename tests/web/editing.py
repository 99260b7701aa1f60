"""Every form that changes something stored: where it is, what is typed, and a colleague who was faster."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import dataclass
from typing import Any

import pikepdf
from flask import Flask

from app.abroad import services as abroad
from app.access.scope import Scope
from app.config import Settings
from app.consultations import queries as advice
from app.consultations import services as consultations
from app.consultations.services import Told as Round
from app.consultations.services import Upload
from app.consultations.wish import Wish
from app.core import clock
from app.core.storage import FolderStorage
from app.engine.machine import Days
from app.evidence import services as evidence
from app.evidence.services import Told
from app.evidence.states import Status
from app.organisations import services as founding
from app.pathways import services as pathways
from app.rules import services as rules
from app.rules.kinds import Kind
from app.therapies import services as therapies
from tests.factories.world import World, scope_of

MINE, THEIRS = "わたしの文章", "同僚の文章"


@dataclass(frozen=True)
class Desk:
    """What the two people have before them."""

    scope: Scope
    therapy: str
    talk: str
    settings: Settings
    keeper: Scope  # of the rules of the hub


@dataclass(frozen=True)
class Case:
    """A form: where it is, what is typed, what the page must show of both, and whose text is stored in the end."""

    address: str
    typed: dict[str, str]
    shown: tuple[str, ...] = (MINE, THEIRS)
    fresh: str = ""  # where it is as long as no colleague was faster, if that is elsewhere
    page: str = ""  # the page on which it stands, if that is another address


def open_desk(app: Flask, world: World, settings: Settings) -> Desk:
    """A therapy and a consultation."""
    clock.move_to(dt.datetime.fromisoformat("2026-11-24T09:00:00+09:00"))
    scope = scope_of(world.lead)
    with app.app_context():
        therapy = therapies.add(scope, name_ja="心筋シート", product_class="RMP-C", material="allogeneic_ips")
        talk = consultations.confirm(scope, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 2, 17)))
        founding.let_keep_rules(scope_of(world.admin), world.hub, world.admin, keeps=True)
    return Desk(scope, therapy, talk, settings, scope_of(world.admin))


KIND = {"product_class": "RMP-C", "material": "allogeneic_ips"}


def therapy(desk: Desk) -> Case:
    therapies.edit(desk.scope, desk.therapy, version=1, name_ja=THEIRS, **KIND)
    return Case(f"/therapies/{desk.therapy}/edit", {"name_ja": MINE, **KIND})


def question(desk: Desk, *, tail: str = "") -> Case:
    one = consultations.add_question(desk.scope, desk.talk, question="問")
    consultations.edit_question(desk.scope, desk.talk, one, version=1, question=THEIRS)
    return Case(f"/consultations/{desk.talk}/questions/{one}{tail}", {"question": MINE})


def delete_question(desk: Desk) -> Case:
    case = question(desk, tail="/delete")
    return Case(case.address, {}, (THEIRS,))


def attachment(desk: Desk, *, tail: str = "") -> Case:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595.276, 841.89))
    document.save(out)
    out.seek(0)
    (one,) = consultations.attach(
        desk.scope, desk.talk, [Upload("a.pdf", out, 900)], storage=FolderStorage(desk.settings.files), largest=10**6
    )
    consultations.edit_attachment(desk.scope, desk.talk, one, title=THEIRS, version=1)
    return Case(f"/consultations/{desk.talk}/attachments/{one}{tail}", {"title": MINE})


def delete_attachment(desk: Desk) -> Case:
    return Case(attachment(desk, tail="/delete").address, {}, (THEIRS,))


def inquiry(desk: Desk, *, tail: str = "") -> Case:
    one = consultations.add_inquiry(desk.scope, desk.talk, Round(clock.today(), asked="問"))
    consultations.edit_inquiry(desk.scope, desk.talk, one, Round(clock.today(), asked=THEIRS), version=1)
    return Case(f"/consultations/{desk.talk}/inquiries/{one}{tail}", {"asked": MINE, "received_on": "2026-11-24"})


def delete_inquiry(desk: Desk) -> Case:
    return Case(inquiry(desk, tail="/delete").address, {}, (THEIRS,))


def briefing(desk: Desk) -> Case:
    consultations.save_briefing(desk.scope, desk.talk, {"purpose": "目的"}, version=0)
    consultations.save_briefing(desk.scope, desk.talk, {"purpose": THEIRS}, version=1)
    return Case(f"/consultations/{desk.talk}/briefing", {"purpose": MINE, "place": "web"})


def wish(desk: Desk) -> Case:
    consultations.change_wish(desk.scope, desk.talk, Wish(meeting=dt.date(2027, 3, 10)))
    return Case(
        f"/consultations/{desk.talk}/wish", {"meeting": "2027-04-14", "sure": "1"}, ("2027-04-14", "2027-03-10")
    )


def step(desk: Desk) -> Case:
    key = "schedule_request"
    consultations.record_step(desk.scope, desk.talk, key, dt.date(2026, 11, 20))
    typed = {"day": "2026-11-19", "what": "actual", "sure": "1"}
    return Case(f"/consultations/{desk.talk}/steps/{key}", typed, ("2026-11-19", "2026年11月20日"))


def happened(desk: Desk) -> Case:
    consultations.change_wish(desk.scope, desk.talk, Wish(meeting=dt.date(2027, 3, 10)))
    typed = {"day": "2026-11-24", "note": MINE}
    return Case(f"/consultations/{desk.talk}/happened/CONSULTATION_CANCELLED", typed, (MINE,))


def turn(desk: Desk, *, tail: str = "") -> Case:
    consultations.record_turn(desk.scope, desk.talk, "CONSULTATION_CANCELLED", clock.today(), note="電話")
    (one,) = advice.get(desk.scope, desk.talk).turns
    consultations.correct_turn(desk.scope, desk.talk, one.id, clock.today(), note=THEIRS)
    return Case(f"/consultations/{desk.talk}/turns/{one.id}{tail}", {"day": "2026-11-24", "note": MINE})


def take_back(desk: Desk) -> Case:
    case = turn(desk, tail="/take-back")
    return Case(case.address, case.typed, (MINE,), page=case.address.removesuffix("/take-back"))


def corrected(desk: Desk, *, tail: str = "correct") -> Case:
    done = pathways.record(desk.scope, desk.therapy, event="NONCLINICAL_STARTED", on=Days.parse("2024"), late=True)
    newer = pathways.correct(desk.scope, done.event_id, reason=THEIRS, on=Days.parse("2023"))
    typed = {"on": "2022", "reason": MINE, "note": "長い注記"}
    old, fresh = (f"/therapies/events/{one}/{tail}" for one in (done.event_id, newer.event_id))
    return Case(old, typed, (MINE,), fresh)


def withdrawn(desk: Desk) -> Case:
    return corrected(desk, tail="withdraw")


def piece(desk: Desk) -> Case:
    for version, remark in enumerate(("一", THEIRS)):
        told = Told(Status.IN_WORK, remark=remark)
        evidence.save(desk.scope, desk.therapy, "Q21", "G1", told, version=version)
    return Case(
        f"/therapies/{desk.therapy}/evidence/G1/Q21", {"status": "under_review", "owner_id": "", "remark": MINE}
    )


def gate_day(desk: Desk) -> Case:
    for version, day in enumerate((dt.date(2027, 1, 5), dt.date(2027, 3, 10))):
        evidence.plan_gate(desk.scope, desk.therapy, "G1", day, version=version)
    typed, shown = {"planned_on": "2027-04-14"}, ("2027-04-14", "2027年3月10日")
    return Case(f"/therapies/{desk.therapy}/evidence/days/G1", typed, shown)


def foreign(desk: Desk, *, tail: str = "") -> Case:
    day = Days.parse("2027-03")
    one = abroad.plan(desk.scope, desk.therapy, abroad.Told("fda", "ind", day))
    abroad.change(desk.scope, one, abroad.Told("fda", "ind", day, remark=THEIRS), version=1)
    typed = {"milestone": "fda.ind", "target": "2027-03", "remark": MINE}
    return Case(f"/therapies/abroad/{one}{tail}", typed)


def drop_foreign(desk: Desk) -> Case:
    return Case(foreign(desk, tail="/drop").address, {}, (THEIRS,))


def mails(desk: Desk) -> Case:
    return Case("/notices", {"mails": "y"}, ())


def names(desk: Desk) -> Case:
    return Case("/account/calendar/names", {"hide_names": "y"}, (), page="/account/calendar")


FEE = {"key": "rs_pre", "valid_from": "2027-04-01"}
READ = {"title_ja": "表", "title_en": "table", "url": "", "read_on": "2026-11-20"}


def draft(desk: Desk, *, tail: str = "") -> Case:
    fee = {**FEE, "name": {"ja": "料", "en": "fee"}, "yen": 1}
    one = rules.save(desk.keeper, Kind.FEE, fee, READ)
    rules.save(desk.keeper, Kind.FEE, fee, {**READ, "title_ja": THEIRS}, entry_id=one, version=1)
    return Case(f"/rules/own/{one}{tail}", {**FEE, **READ, "yen": "2", "title_ja": MINE})


def discarded(desk: Desk) -> Case:
    case = draft(desk, tail="/discard")
    return Case(case.address, {}, (), page=case.address.removesuffix("/discard"))


def accepted(desk: Desk) -> Case:
    return Case(draft(desk, tail="/moves").address, {}, ())


def ended(desk: Desk) -> Case:
    (one,) = re.findall(r"own/(\w+)$", draft(desk).address)
    rules.accept(desk.keeper, one, version=2)
    return Case(f"/rules/own/{one}/end", {"reason": MINE}, (MINE,))


FORMS: dict[str, Any] = {
    "therapies.edit": therapy,
    "pathways.correct": corrected,
    "pathways.withdraw": withdrawn,
    "consultations.edit_question": question,
    "consultations.delete_question": delete_question,
    "consultations.edit_attachment": attachment,
    "consultations.delete_attachment": delete_attachment,
    "consultations.edit_inquiry": inquiry,
    "consultations.delete_inquiry": delete_inquiry,
    "consultations.briefing": briefing,
    "consultations.change_wish": wish,
    "consultations.step": step,
    "consultations.happened": happened,
    "consultations.turn": turn,
    "consultations.take_back": take_back,
    "evidence.save": piece,
    "evidence.plan_gate": gate_day,
    "abroad.edit": foreign,
    "abroad.drop": drop_foreign,
    "rules.edit": draft,
    "rules.discard": discarded,
    "rules.end": ended,  # before another fee for the same is accepted
    "rules.moves": accepted,
    "notices.choose_mails": mails,
    "notices.choose_names": names,
}
