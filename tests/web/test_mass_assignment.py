"""Every column of every table sent along with every form: what is stored is what the form alone would have stored.

Columns come from the tables and forms from the ledger, so a new one of either is covered the day it is made; a new form
must only say here what a person types.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import wtforms
from flask import Flask
from sqlalchemy import Boolean, Date, Integer, select
from werkzeug.routing import Rule

from app.config import Settings
from app.consultations import services as consultations
from app.consultations.models import Consultation
from app.consultations.wish import Wish
from app.core import db
from app.core.db import ID, Base, Moment
from app.core.migrations import load_tables
from app.people.models import Person
from app.therapies import places
from tests.factories.belongings import a_page, shipped_clock
from tests.factories.world import PASSWORD, World, scope_of
from tests.web.town import Town, town, unrendered

INTRUDER = "侵入"
NEW = "a quite different sentence"
KIND = {"material": "allogeneic_ips"}
FEE = {
    "key": "rs_pre",
    "yen": "700",
    "valid_from": "2028-04-01",
    "read_on": "2026-11-24",
    "title_ja": "表",
    "title_en": "table",
}
# Identifiers, digests, tokens and moments: whatever differs from one time to the next wherever it is new.
NEWS = re.compile(
    r"[A-Za-z0-9_.$+/=,-]{26,}|\bH[A-Z2-7]{12}\b|datetime\.datetime\(20[2-9][^)]*\)|(?<=fs_paa\":)[0-9.]+"
)

# What a person types into each form, and who that is if not the lead; {talk} stands for the version of a consultation.
FORMS: dict[str, dict[str, str]] = {
    "web.language": {"language": "en", "next": "/"},
    "security.login": {"email": "member@ko.example", "password": PASSWORD},
    "security.logout": {},
    "security.verify": {"password": PASSWORD},
    "security.forgot_password": {"email": "member@ko.example"},
    "security.reset_password": {"password": NEW, "password_confirm": NEW},
    "security.change_password": {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW},
    "people.end_session": {},
    "people.end_other_sessions": {},
    "organisations.invite_company": {
        "name_ja": "新社", "name_en": "New", "lead": "新人", "email": "new@new.example", "language": "ja",
    },
    "organisations.accept_invitation": {"name": "新人", "language": "ja", "password": NEW, "again": NEW},
    "therapies.add": {"name": "新品", "indication": "適応", "stage": "{stage}", "because": "記録", **KIND},
    "therapies.edit": {"name_ja": "改名", "version": "1", **KIND},
    "therapies.sharing": {"until": ""},
    "therapies.revoke": {},
    "pathways.record_event": {"on": "2025-03-03", "late": "y", "because": "書面"},
    "pathways.correct": {"on": "2023", "reason": "誤記"},
    "pathways.withdraw": {"reason": "誤記"},
    "pathways.also": {"on": "2023", "source": "年報"},
    "pathways.import_into": {},
    "pathways.import_new": {},
    "pathways.import_confirm": {"drop": "y"},
    "pathways.condition": {"holds": "yes", "on": "2026-01-05"},
    "consultations.confirm": {"kind": "drug_eop2", "meeting": "2027-10-13", "place": "web"},
    "consultations.change_wish": {"meeting": "2027-08-18", "sure": "1", "version": "{talk}"},
    "consultations.step": {"day": "2026-11-24", "what": "actual", "sure": "1", "version": "{talk}"},
    "consultations.happened": {"day": "2026-11-24", "version": "{talk}"},
    "consultations.turn": {"day": "2026-11-24", "note": "電話", "version": "{talk}"},
    "consultations.take_back": {"version": "{talk}"},
    "consultations.add_inquiry": {"received_on": "2026-11-24", "asked": "問"},
    "consultations.edit_inquiry": {"received_on": "2026-11-24", "asked": "問", "version": "1"},
    "consultations.delete_inquiry": {"version": "1"},
    "consultations.add_question": {"question": "問"},
    "consultations.edit_question": {"question": "問", "version": "1"},
    "consultations.move_question": {"to": "up"},
    "consultations.delete_question": {"version": "1"},
    "consultations.attachments": {},
    "consultations.edit_attachment": {"title": "題", "version": "1"},
    "consultations.move_attachment": {"to": "up"},
    "consultations.delete_attachment": {"version": "1"},
    "consultations.briefing": {"purpose": "目的", "place": "web", "version": "0"},
    "notices.choose_mails": {"version": "{choice}"},
    "notices.renew_feed": {},
    "notices.end_feed": {},
    "notices.choose_names": {"version": "{choice}"},
    "documents.bundles": {"language": "en"},
    "evidence.save": {"status": "in_work", "remark": "備考", "version": "0"},
    "evidence.attach": {},
    "evidence.remove": {},
    "evidence.plan_gate": {"planned_on": "2027-03-03", "version": "0"},
    "abroad.add": {"milestone": "fda.bla", "target": "2029-05", "remark": "計画"},
    "abroad.edit": {"milestone": "fda.bla", "target": "2029-06", "version": "1"},
    "abroad.drop": {"version": "1"},
    "rules.verify": {"on": "2026-11-24", "compared": "条文", "digest": "{digest}"},
    "rules.take_back": {"reason": "誤記"},
    "rules.add": FEE,
    "rules.edit": {**FEE, "version": "1"},
    "rules.discard": {"version": "1"},
    "rules.moves": {"version": "1"},
    "rules.end": {"reason": "誤記", "version": "2"},
    "rules.appoint": {"keeps": "1"},
    "rules.edition": {"digest": "0"},
}  # fmt: skip
WHO = {"organisations.invite_company": "admin", "notices.choose_mails": "member"}
WHO |= dict.fromkeys(
    ("security.login", "security.forgot_password", "security.reset_password", "organisations.accept_invitation"),
    "nobody",
)
KEPT = ("take_back", "add", "edit", "discard", "moves", "end", "edition")
WHO |= {"rules.appoint": "admin"} | dict.fromkeys(("rules.verify", *(f"rules.{name}" for name in KEPT)), "keeper")
FRESH = "ours, with fresh advice"
WANTED = {  # where the form is not sent to something of ours
    "people.end_session": "mine",
    "organisations.accept_invitation": "held",
    "therapies.revoke": "ours, shared",
    "consultations.happened": FRESH,  # what has questions from the authority is not withdrawn
    **{f"rules.{name}": "kept" for name in KEPT},
    "rules.verify": "public",
    "rules.appoint": "colleague",
}
STORE_NOTHING = {  # there is nothing above to move to
    "consultations.move_question", "consultations.move_attachment",
    "rules.edition",  # every machine that is shipped has one edition: see tests/rooms/rules/test_editions.py
}  # fmt: skip


def forms(app: Flask) -> list[Rule]:
    """The routes that take a form."""
    return [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]


def test_every_form_is_here(app: Flask) -> None:
    assert {rule.endpoint for rule in forms(app)} == set(FORMS)


def test_a_form_changes_what_it_lists_and_nothing_else(
    app: Flask, world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_tables()
    listed: set[str] = set()
    begin = wtforms.form.BaseForm.process

    def process(self: Any, *given: Any, **more: Any) -> None:
        listed.update(self._fields)
        begin(self, *given, **more)

    monkeypatch.setattr(wtforms.form.BaseForm, "process", process)
    wrong: list[str] = []
    with town(app, world, settings) as place, unrendered():
        place.things[FRESH] = with_fresh_advice(app, place, world)
        before = dump()
        known = set(NEWS.findall("\n".join(before)))
        more = columns(place)
        for rule in forms(app):
            who, typed = WHO.get(rule.endpoint, "lead"), dict(filled(place, rule))
            where = address(app, place, rule, who)
            listed.clear()
            plain, status = after(place, who, where, typed, known)
            if (plain == shape(before, known)) != (rule.endpoint in STORE_NOTHING):
                wrong.append(f"{rule.endpoint}: {status}, what a person types here is refused")
            added = {name: value for name, value in more.items() if name not in listed | set(typed)}
            assert len(added) > 60
            stuffed, _status = after(place, who, where, {**typed, **added}, known)
            surplus = [row for row in stuffed if row not in plain]
            missing = [row for row in plain if row not in stuffed]
            if stuffed != plain:
                wrong.append("\n".join([f"{rule.endpoint}:", *missing, "became", *surplus]))
    assert not wrong, "\n\n".join(wrong)


def with_fresh_advice(app: Flask, place: Town, world: World) -> dict[str, str]:
    """Our therapy with a consultation that has only been confirmed."""
    ours = place.things["ours"]
    with app.app_context():
        wish = Wish(meeting=dt.date(2027, 11, 10))
        return ours | {
            "consultation_id": consultations.confirm(scope_of(world.lead), ours["therapy_id"], "drug_eop2", wish)
        }


def columns(place: Town) -> dict[str, str]:
    """A value for every column: another company's identifiers where it names something, else what shows itself."""
    theirs = place.things["theirs"]
    found: dict[str, str] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            kind = column.type
            if kind is ID:
                value = theirs.get(column.name) or place.persons["other"] or ""
            elif isinstance(kind, Moment | Date):
                value = "2001-01-01"
            else:
                value = "y" if isinstance(kind, Boolean) else "7" if isinstance(kind, Integer) else INTRUDER
            found.setdefault(column.name, value)
    return found


def filled(place: Town, rule: Rule) -> Iterator[tuple[str, str]]:
    """What is typed, with the versions that the page would carry."""
    thing = place.things[FRESH if rule.endpoint == "consultations.happened" else "ours"]
    talk = thing["ended_id" if "turn_id" in rule.arguments else "consultation_id"]
    version = db.session.scalar(select(Consultation.version).where(Consultation.id == talk))
    stage = places.known().choices()[0][0]
    chosen = {"notices.choose_names": "2"}.get(rule.endpoint, "1")
    for name, value in FORMS[rule.endpoint].items():
        yield name, value.format(talk=version, choice=chosen, stage=stage, digest=shipped_clock().digest)


def address(app: Flask, place: Town, rule: Rule, who: str) -> str:
    """Where the form is sent."""
    if rule.endpoint == "security.reset_password":
        from flask_security.recoverable import generate_reset_password_token

        with app.test_request_context():
            token = generate_reset_password_token(db.session.get(Person, place.persons["member"]))
        return rule.build({"token": token})[1]  # type: ignore[index]
    found = place.address(rule, who, WANTED.get(rule.endpoint, "ours"))
    assert found
    return found


def after(place: Town, who: str, where: str, typed: dict[str, str], known: set[str]) -> tuple[list[str], int]:
    """Everything stored after a form was sent, and the status of the answer; then undone."""
    with place.undone():
        file: dict[str, Any] = {"files": (a_page(), "a.pdf")} if where.endswith(("/attachments", "/documents")) else {}
        if where.endswith("/import"):
            file = {"file": (io.BytesIO(b"case_id,date,precision,event\nx,2024,Y,CTN_FILED\n"), "a.csv")}
        answer = place.ask(who, "POST", where, {**typed, **file}, keep=True)
        assert answer.response.status_code in (200, 302, 409), (where, answer.response.status_code)
        return shape(dump(), known), answer.response.status_code


def dump() -> list[str]:
    """Every row of every table."""
    db.session.rollback()
    return [
        f"{table.name}: {dict(row)}"
        for table in Base.metadata.sorted_tables
        for row in db.session.execute(select(table)).mappings()
    ]


def shape(rows: list[str], known: set[str]) -> list[str]:
    """The rows without what is random in new ones."""
    return sorted(NEWS.sub(lambda found: str(found[0]) if found[0] in known else "new", row) for row in rows)
