"""Markup in every text that people can fill in stays text: on pages, in mails, in the calendar and in a bundle.

On SQLite alone and each page once: what is made of a text depends neither on where it was kept nor on the language.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any
from unittest.mock import patch

import html5lib
import pypdfium2
import pytest
from flask import Flask
from icalendar import Calendar
from ruamel.yaml import YAML
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.access.policy import POLICY, Audience, allows
from app.config import Settings
from app.consultations import services as consultations
from app.consultations.wish import Wish
from app.core import clock, messages, outbox
from app.core.db import session
from app.documents import queries as bundles
from app.documents import services as documents
from app.documents.rendering import Rendered, Renderer
from app.documents.states import State
from app.hub.services import send_digests
from app.notices.sweep import sweep
from app.people.models import Person
from app.rules.forms import ROWS
from app.rules.kinds import Kind
from app.schedule.models import Milestone
from app.therapies import queries as therapies
from tests.factories.fullness import MEETING, Fullness
from tests.factories.therapies import happened, set_clock
from tests.factories.world import PASSWORD, World, scope_of
from tests.fuzzing.estate import blank_pdf
from tests.fuzzing.survey import listening
from tests.web.text_only import NAMED, TYPED, Watch
from tests.web.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EMAIL = "typed@in.example"
TEXTS = {"StringField", "TextAreaField"}
RIGHT = {  # what a form wants beside texts, by its class and by its name
    "DayField": "2026-11-20",
    "DaysField": "2024-02",
    "BooleanField": "y",
    "PasswordField": PASSWORD,
    "EmailField": EMAIL,
    "DurationField": "7y",
    "IntegerField": "2",
    "email": EMAIL,
    "answer_by": "",
    "milestone": "fda.ind",  # a milestone that may have an actual day
    "family": "drug_clinical_trial",  # a table of reception days with one line
    **dict.fromkeys((f"rows-{row}-{cell}" for row in range(ROWS) for cell in ("meeting", "reception", "notice")), ""),
    "rows-0-meeting": "2027-06",
    "rows-0-reception": "2027-04-06",
    "rows-0-notice": "2027-04-12",
}
CARRIED = {"version", "digest"}  # hidden fields that no form class has
NOT_KEPT = {  # forms whose texts are compared and forgotten
    *("security.login", "security.verify", "security.forgot_password"),
    *("security.reset_password", "security.change_password"),
}
FROM_A_FILE = {"pathways.import_into", "pathways.import_new", "pathways.import_confirm"}  # see bring


@dataclass
class Typist:
    """Fills every form with markup, and remembers which text went into which field."""

    app: Flask
    watch: Watch
    heard: dict[str, dict[str, tuple[str, tuple[str, ...]]]]
    typed: dict[int, str] = field(default_factory=dict)

    def fill(self, visitor: Visitor, endpoint: str, address: str) -> str:
        """Fill one form, wrongly and then rightly; where that leads, or nothing where it asks for no text."""
        self.heard.pop(endpoint, None)
        page = visitor.client.get(address).text
        fields = self.heard[endpoint]
        mine = [name for name, (kind, _choices) in fields.items() if kind in TEXTS and name not in RIGHT]
        if not mine:
            return ""
        hidden = {
            str(node.get("name")): node.get("value", "")
            for node in html5lib.parse(page, namespaceHTMLElements=False).iter("input")
            if node.get("type") == "hidden" and node.get("name") in {*fields, *CARRIED}
        }
        texts = {name: self.text(f"{endpoint}.{name}") for name in mine}
        right = {name: self._right(name, *known) for name, known in fields.items() if name not in hidden}
        token = {"csrf_token": visitor.token()}
        wrong = dict.fromkeys({*right, *hidden}, "?") | texts | token
        answer = visitor.client.post(address, data=wrong)
        assert answer.status_code < 500
        self.watch.page(f"refused {endpoint}", answer.text)
        if answer.status_code != 302:  # nothing but texts was asked for
            answer = visitor.client.post(address, data=right | hidden | texts | token)
        assert answer.status_code == 302, f"{endpoint}: {answer.status_code} {right} {errors(answer.text)}"
        return str(answer.location)

    def text(self, called: str) -> str:
        """Markup for one field, which can be told from all other."""
        number = len(self.typed)
        self.typed[number] = called
        return f"{TYPED}#{number}"

    def _right(self, name: str, kind: str, choices: tuple[str, ...]) -> str:
        offered = [choice for choice in choices if choice]
        return RIGHT.get(name, RIGHT.get(kind, offered[0] if offered else ""))


def errors(page: str) -> list[str]:
    """What a page says was wrong."""
    return re.findall(r'class="[^"]*error[^"]*"[^>]*>\s*([^<]+)', page)


@dataclass
class Company:
    """A company whose people typed markup wherever they could."""

    full: Fullness
    typist: Typist
    people: dict[str, Visitor]


@pytest.fixture
def company(app: Flask, world: World, settings: Settings, visit: Visitor) -> Any:
    """A company invited, entered and filled by forms alone; a file of theirs has an odd name, too."""
    set_clock()
    with listening(app) as heard:
        typist = Typist(app, Watch(), heard)
        admin = visit.as_(world.admin, "en")
        typist.fill(admin, "organisations.invite_company", "/companies/invite")
        (door,) = re.findall(r"/invitations/\S+", last_mail().text)
        typist.fill(visit.as_(None), "organisations.accept_invitation", door)
        person = session.scalars(select(Person.id).where(Person.email == EMAIL)).one()
        place = scope_of(person).person().memberships[0].organisation_id
        full = Fullness(replace(world, lead=person, member=person, company=place), settings)
        with app.app_context():
            full.begin()
        lead = visit.as_(person, "ja")
        fill_all(app, lead, full, typist)
        upload = {"csrf_token": lead.token(), "files": (blank_pdf(), f"{NAMED}.pdf")}
        assert (
            lead.client.post(f"/consultations/{full.ids['consultation_id']}/attachments", data=upload).status_code
            == 302
        )
        bring(app, lead, full, typist)
        keep(app, admin, full, typist)
        yield Company(full, typist, {"lead": lead, "admin": admin, "": visit.as_(None)})


def forms(app: Flask) -> list[Rule]:
    """Every address that shows a form and takes it, in the order of addresses."""
    return [rule for rule in sorted(app.url_map.iter_rules(), key=str) if {"GET", "POST"} <= (rule.methods or set())]


def fill_all(app: Flask, lead: Visitor, full: Fullness, typist: Typist) -> None:
    """Every form that the lead may fill; those that end something get something of their own to end."""
    scope, therapy = scope_of(full.world.lead), full.ids["therapy_id"]
    with app.app_context():
        wrong = happened(full.world.lead, therapy, "NOTE", "2022-05")
        called_off = consultations.confirm(scope, therapy, "drug_eop2", Wish(meeting=MEETING))
    own = {"pathways.withdraw": {"event_id": wrong}, "consultations.happened": {"consultation_id": called_off}}
    for rule in forms(app):
        if rule.endpoint not in NOT_KEPT | FROM_A_FILE and allows(POLICY[rule.endpoint], scope.actor):
            ids = full.ids
            full.ids = ids | own.get(rule.endpoint, {})
            typist.fill(lead, rule.endpoint, full.address(rule))
            full.ids = ids


def bring(app: Flask, lead: Visitor, full: Fullness, typist: Typist) -> None:
    """Files of histories with markup in every free cell: unreadable ones, one of new therapies, one of ours."""
    therapy = full.ids["therapy_id"]
    for broken in ("class", "date", "event", "a column that nobody knows"):
        look_at(typist, lead, send(lead, "/therapies/import", row() | {broken: TYPED}))
    new = row(**{name: typist.text(f"a new history: {name}") for name in ("case_id", "product", "detail", "src")})
    ours = row(**{name: typist.text(f"our history: {name}") for name in ("case_id", "detail", "src")})
    for address, one, case in (
        ("/therapies/import", new, {}),
        (f"/therapies/{therapy}/import", ours, {"case": ours["case_id"]}),
    ):
        waits = send(lead, address, one, **case)
        assert waits.status_code == 302, errors(waits.text)
        page = look_at(typist, lead, waits)
        (digest,) = re.findall(r'name="digest"[^>]*value="(\w+)"', page)
        done = lead.post(str(waits.location), {"digest": digest, "cases": one["case_id"], "because": "公表資料による"})
        assert not done.startswith("/imports")
    with app.app_context():
        for each in therapies.of_own(scope_of(full.world.lead)):
            typist.watch.page("pathways.history", lead.client.get(f"/therapies/{each.id}/history").text)
            typist.watch.page("desk.therapy", lead.client.get(f"/therapies/{each.id}").text)


def row(**cells: str) -> dict[str, str]:
    """One line of a file: a note with markup in everything that may be said of it."""
    free = dict.fromkeys(("case_id", "product", "mah", "detail", "src"), TYPED)
    return {**free, "class": "RMP-C", "date": "2020-05", "precision": "M", "event": "NOTE", **cells}


def send(lead: Visitor, address: str, line: dict[str, str], **typed: str) -> TestResponse:
    """Choose a file of this line."""
    out = io.StringIO()
    lines = csv.DictWriter(out, line)
    lines.writeheader()
    lines.writerow(line)
    file = (io.BytesIO(out.getvalue().encode()), f"{NAMED}.csv")
    return lead.client.post(address, data={"csrf_token": lead.token(), "file": file, **typed})


def look_at(typist: Typist, lead: Visitor, answer: TestResponse) -> str:
    """The page that an answer is, or leads to."""
    page = lead.client.get(answer.location).text if answer.status_code == 302 else answer.text
    assert TYPED[:5] in unescape(page)
    typist.watch.page("import", page)
    return page


def keep(app: Flask, keeper: Visitor, full: Fullness, typist: Typist) -> None:
    """Every form of a keeper of rules; one entry of each kind is looked at as a draft, and then counts."""
    for rule in forms(app):
        if POLICY[rule.endpoint].audience is Audience.KEEPER and rule.endpoint not in {"rules.add", "rules.edition"}:
            typist.fill(keeper, rule.endpoint, full.address(rule))
    for kind in Kind:
        moves = typist.fill(keeper, "rules.add", f"/rules/own/add/{kind}")
        for address in (moves, moves.removesuffix("/moves")):
            typist.watch.page("draft", keeper.client.get(address).text)
        assert keeper.post(moves, {"version": "1"}) == "/rules/own"


def last_mail() -> outbox.OutboxMail:
    """The newest mail that waits."""
    session.rollback()
    return session.scalars(select(outbox.OutboxMail).order_by(outbox.OutboxMail.queued_at.desc())).all()[0]


def test_what_people_typed_is_text_wherever_it_is_shown(app: Flask, company: Company, settings: Settings) -> None:
    watch = company.typist.watch
    walk(app, company)
    mails(app, company, settings)
    bundle(app, company, settings)
    assert "\n".join(watch.faults) == ""
    unseen = {called for number, called in company.typist.typed.items() if number not in watch.seen}
    assert unseen == set()
    assert len(company.typist.typed) > 40


def walk(app: Flask, company: Company) -> None:
    """Every page of everybody."""
    for who, visitor in company.people.items():
        actor = scope_of(getattr(company.full.world, who)).actor if who else None
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or set()) and allows(POLICY[rule.endpoint], actor):
                look(company.typist.watch, visitor, rule, company.full.address(rule))


def look(watch: Watch, visitor: Visitor, rule: Rule, address: str) -> None:
    """One address, whatever it answers."""
    answer = visitor.client.get(address)
    assert answer.status_code < 500, address
    match answer.mimetype:
        case "text/html":
            watch.page(rule.endpoint, answer.text)
        case "text/calendar":
            calendar(watch, rule.endpoint, answer.text)
        case "image/svg+xml":
            watch.xml(rule.endpoint, answer.data)
        case "application/yaml":
            for text in scalars(YAML(typ="safe").load(answer.text)):
                watch.text(rule.endpoint, text)


def scalars(content: Any) -> Iterator[str]:
    """Every text in what a file holds."""
    match content:
        case dict():
            yield from scalars([*content, *content.values()])
        case list():
            yield from (text for each in content for text in scalars(each))
        case str():
            yield content


def calendar(watch: Watch, where: str, text: str) -> None:
    """What a calendar makes of it: the values of events."""
    for event in Calendar.from_ical(text).walk():
        for name, value in event.property_items():
            assert "TYPED-IN" not in name
            watch.text(f"{where}: {name}", str(value))


def mails(app: Flask, company: Company, settings: Settings) -> None:
    """Every mail of the plan's first steps, the digest, and the one about a new password."""
    company.people[""].client.post(
        "/password/forgotten", data={"email": EMAIL, "csrf_token": company.people[""].token()}
    )
    with app.app_context():
        days = session.scalars(select(Milestone.on_day).where(Milestone.on_day > clock.today())).all()
        for day in sorted({day for day in days if day})[:3]:
            clock.move_to(dt.datetime.combine(day, dt.time(9), clock.TOKYO))
            sweep()
            send_digests()
        rows = session.scalars(select(outbox.OutboxMail)).all()
        assert {row.key.split(":")[0] for row in rows} >= {"organisations", "people", "notices", "hub"}
        for row in rows:
            message, watch, where = messages.compose(row, settings), company.typist.watch, f"mail {row.key}"
            watch.text(where, str(message["Subject"]))
            for part in message.walk():
                match part.get_content_type():
                    case "text/plain":
                        watch.text(where, part.get_content())
                    case "text/calendar":
                        calendar(watch, where, part.get_content())
                    case kind:
                        assert kind == "multipart/mixed", "a mail of another kind has to be looked at, too"


def bundle(app: Flask, company: Company, settings: Settings) -> None:
    """The HTML that is set, and everything that comes of it."""
    watch, sections, real = company.typist.watch, list[str](), Renderer.render

    def render(self: Renderer, html: str, css: tuple[str, ...]) -> Rendered:
        sections.append(html)
        return real(self, html, css)

    scope = scope_of(company.full.world.lead)
    with app.app_context(), patch.object(Renderer, "render", render):
        one = documents.request(scope, company.full.ids["consultation_id"], "ja")
        documents.make_waiting(settings)
        view = bundles.get(scope, one)
    assert view.state is State.READY, view.findings
    for html in sections:
        watch.page("section", html)
    answer = company.people["lead"].client.get(f"/bundles/{one}/download")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        watch.page("report", archive.read("preflight.html").decode())
        watch.text("manifest", archive.read("manifest.txt").decode())
        with zipfile.ZipFile(io.BytesIO(archive.read("02-request-form.docx"))) as form:
            for name in form.namelist():
                if name.endswith(".xml"):
                    watch.xml(name, form.read(name))
        document = pypdfium2.PdfDocument(archive.read("01-briefing-package.pdf"))
        text = "".join(page.get_textpage().get_text_bounded() for page in document)
        document.close()
    assert text.count("《") > 20
    watch.print("package", text)
    look_again(app, company)


def look_again(app: Flask, company: Company) -> None:
    """The page of the bundles, with the finished one and its findings."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == "documents.bundles")
    look(company.typist.watch, company.people["lead"], rule, company.full.address(rule))
