"""A hub, companies and people with something of everything, and a way to ask for it that leaves no trace.

Built once per database: every request happens inside a savepoint that is rolled back, so nothing is ever written to
the disk and every request meets the same world.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import cycle
from typing import Any

from flask import Flask, templating
from jinja2 import Template
from sqlalchemy import Connection, Dialect, Row, select, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.access.actor import OrganisationKind, Position
from app.access.policy import Whose
from app.audit.denials import DENIED, SILENT
from app.audit.models import AuditEvent
from app.config import Settings
from app.core import clock, db
from app.core.ids import new_id
from app.engine.library import shipped
from app.notices import queries as notices
from app.notices import services as feeds
from app.organisations import services as organisations
from app.organisations.models import Invitation
from app.pathways import precedents
from app.therapies import queries as reading
from app.therapies import services as therapies
from app.therapies.models import Grant
from tests.factories.belongings import WORDS, address, everything_kept, one_of_everything, shipped_clock
from tests.factories.statements import counted
from tests.factories.world import World, add_person, scope_of
from tests.web.visitor import Visitor

TODAY = dt.datetime.fromisoformat("2026-11-24T09:00:00+09:00")
SECRET = "極秘品"  # every thing of a company is called so; the words must never reach anybody else
ENTERED = f"{SECRET}第一表"  # … every rule of the hub, and every rule of the other one
ENTERED_ELSEWHERE = f"{SECRET}第二表"
DOOR = "d" * 43  # the secret of an invitation

NOTED = select(*AuditEvent.__table__.columns).where(AuditEvent.action.in_((DENIED, SILENT)))

# What each thing is to each person. Who is not named may not know that it exists.
OURS = {"lead": Whose.LED, "member": Whose.OWN, "both": Whose.OWN}
PEOPLE = ("nobody", "lead", "member", "both", "other", "admin", "staff", "keeper", "elsewhere", "nowhere")
HUB = ("admin", "staff", "keeper")
WHOSE: dict[str, dict[str, Whose]] = {
    "ours": OURS,
    "ours, lapsed": OURS,  # it was shared with the hub: one grant is over, one was taken back
    "ours, shared": {**OURS, **dict.fromkeys(HUB, Whose.GRANTED)},
    "theirs": {"other": Whose.LED, "both": Whose.LED},
    "public": dict.fromkeys(PEOPLE, Whose.PUBLIC),
    "kept": {"keeper": Whose.KEPT},
    "kept elsewhere": {"elsewhere": Whose.KEPT},
    "entered": dict.fromkeys(("lead", "member", "both", "other", *HUB), Whose.ENTERED),
    "entered elsewhere": {"elsewhere": Whose.ENTERED},
    "colleague": {"admin": Whose.STAFF},
    "somebody of a company": {},
    "mine": dict.fromkeys(PEOPLE, Whose.MINE),
    "of another account": {"admin": Whose.MINE},
    "held": dict.fromkeys(PEOPLE, Whose.HELD),
    "ours with a part of another": {},
    "ours with a part that is not there": {},
    "not there": {},
    "malformed": {},
}
MALFORMED = (
    "1",
    str(2**64),
    "\x00" * 26,
    "A" * 26,
    "あ" * 26,
    "a" * 5000,
    "' or 1=1--",
    "a" * 25 + "\n",
    "\u202e" + "a" * 25,
)


@dataclass(frozen=True)
class Answer:
    """What came back, and what was written down about it."""

    response: TestResponse
    denials: list[Row[Any]]
    statements: int

    @property
    def text(self) -> str:
        """The page without what is random or repeats the address."""
        plain = re.sub(r'nonce="[^"]*"|name="csrf_token" value="[^"]*"', "", self.response.get_data(as_text=True))
        return re.sub(r'name="next" value="[^"]*"', "", plain)


@dataclass
class Town:
    """The people with their cookies, and the things with their ids."""

    app: Flask
    connection: Connection
    statements: list[str]
    persons: dict[str, str | None]
    things: dict[str, dict[str, str]]
    own: dict[str, dict[str, str]] = field(default_factory=dict)  # what belongs to the account of each person
    malformed: Iterator[str] = field(default_factory=lambda: cycle(MALFORMED))
    browsers: dict[str, tuple[str, str]] = field(default_factory=dict)  # cookie and token against forged forms

    def ask(
        self, who: str, method: str, address: str, data: dict[str, Any] | None = None, *, keep: bool = False
    ) -> Answer:
        """One request of one person, and everything it did undone, unless the caller undoes it."""
        cookie, token = self.browsers[who]
        client = self.app.test_client(use_cookies=False)
        with nullcontext() if keep else self.undone():
            before = len(self.statements)
            form = {"csrf_token": token, **(data or {})} if method not in {"GET", "HEAD", "OPTIONS"} else None
            response = client.open(address, method=method, data=form, headers={"Cookie": cookie})
            response.get_data()
            response.close()
            done = len(self.statements) - before
            db.session.remove()  # before the connection is asked: what the session held back is no row
            rows = self.connection.execute(NOTED).all()
        return Answer(response, list(rows), done)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Roll back to here afterwards."""
        db.session.remove()  # else ours would lie inside a savepoint of its own
        savepoint = self.connection.begin_nested()
        try:
            yield
        finally:
            db.session.remove()
            savepoint.rollback()

    def address(self, rule: Rule, who: str, thing: str) -> str | None:
        """Where a route leads for a thing, as this person asks for it; None where the thing is of another kind."""
        ids = self.own[who] if thing == "mine" else self.things[thing]
        if thing == "malformed":
            ids = {name: next(self.malformed) for name in ids if name.endswith("_id")}
        if thing == "held":
            ids = {"token": ids[rule.endpoint]} if rule.endpoint in ids else {}
        return address(rule, ids) if rule.arguments <= {*ids, *WORDS} else None


@contextmanager
def unrendered() -> Iterator[None]:
    """Pages stay empty, except "not found": who may see one is settled before it is drawn, and drawing is slow."""
    draw = templating._render

    def only_absence(app: Flask, template: Template, context: dict[str, Any]) -> str:
        return draw(app, template, context) if template.name == "web/error.html" and context["code"] == 404 else ""

    templating._render = only_absence  # type: ignore[assignment]
    try:
        yield
    finally:
        templating._render = draw


@contextmanager
def plainly(dialect: Dialect) -> Iterator[None]:
    """Savepoints, of which every transaction inside the town is one, as plain words: SQLAlchemy compiles each anew."""
    words = {"do_savepoint": "", "do_rollback_to_savepoint": "ROLLBACK TO ", "do_release_savepoint": "RELEASE "}
    for way, begins in words.items():
        setattr(
            dialect,
            way,
            lambda connection, name, begins=begins: connection.exec_driver_sql(f"{begins}SAVEPOINT {name}"),
        )
    try:
        yield
    finally:
        for way in words:
            delattr(dialect, way)


@contextmanager
def town(app: Flask, world: World, settings: Settings) -> Iterator[Town]:
    """The town; when the block ends it never was."""
    clock.move_to(TODAY)
    engine = db.SessionFactory.kw["bind"]
    db.session.remove()
    db.expect_writes(True)
    try:
        with engine.connect() as connection, plainly(engine.dialect), counted() as statements:
            db.SessionFactory.configure(bind=connection, join_transaction_mode="create_savepoint")
            outer = connection.begin()
            try:
                yield _settled(app, connection, statements, world, settings)
            finally:
                db.session.remove()
                outer.rollback()
    finally:
        db.SessionFactory.configure(bind=engine, join_transaction_mode="conditional_savepoint")
        db.expect_writes(False)


def _settled(app: Flask, connection: Connection, statements: list[str], world: World, settings: Settings) -> Town:
    with app.app_context():
        persons: dict[str, str | None] = {
            "nobody": None, "lead": world.lead, "member": world.member, "other": world.stranger,
            "admin": world.admin, "staff": world.staff,
            "both": add_person("both@ko.example", "兼務 五郎", world.company, Position.MEMBER),
            "keeper": add_person("keeper@hub.example", "規則 八郎", world.hub, Position.STAFF),
            "elsewhere": _of_another_hub(),
            "nowhere": _without_a_place(world),
        }  # fmt: skip
        organisations.join(str(persons["both"]), world.other_company, Position.LEAD)
        things = _things(world, settings) | _rules(world, str(persons["keeper"]), str(persons["elsewhere"]))
        precedents.load()
        (public, *_others) = reading.public(scope_of(world.lead))
        things["public"] = {
            "therapy_id": public.id, "case": str(public.reference),
            "entry": shipped_clock().id, "group": "machines", "key": next(iter(shipped().machines)),
        }  # fmt: skip
        things["held"] = {"organisations.accept_invitation": _invitation(world), "notices.feed": _feed(world, settings)}
    place = Town(app, connection, statements, persons, things)
    for who, person in persons.items():
        browser = Visitor(app).as_(person)
        token = browser.token()
        browser.client.get("/sign-in")  # whatever the first page puts into the session is there
        cookie = browser.client.get_cookie("shirube")
        assert cookie is not None
        place.browsers[who] = (f"shirube={cookie.value}", token)
        second = Visitor(app).as_(person).client.get_cookie("shirube") if person else None
        place.own[who] = {"digest": sha256((second.value if second else "").encode()).hexdigest()}
    things["of another account"] = {"digest": sha256(_third(app, world.admin).encode()).hexdigest()}
    return place


def _things(world: World, settings: Settings) -> dict[str, dict[str, str]]:
    def made(lead: str) -> dict[str, str]:
        return one_of_everything(lead, world.hub, settings, name=SECRET)

    ours, lapsed, shared, theirs = made(world.lead), made(world.lead), made(world.lead), made(world.stranger)
    for each in (ours, theirs):
        therapies.revoke(scope_of(world.lead if each is ours else world.stranger), each["grant_id"])
    yesterday = clock.today() - dt.timedelta(days=1)
    with db.transaction():
        db.session.execute(update(Grant).where(Grant.id == lapsed["grant_id"]).values(until=yesterday))
    parts = {"question_id", "attachment_id", "inquiry_id", "turn_id"}
    names = {*ours, "entry_id", "accepted_id", "verification_id", "person_id"}
    absent = {name: new_id() for name in names} | {"case": "no-such-case", "token": "t" * 43, "digest": "0" * 64}
    absent |= {"entry": "no-such-entry", "group": "no-such-group"}
    return {
        "ours": ours,
        "ours, lapsed": lapsed,
        "ours, shared": shared,
        "theirs": theirs,
        "ours with a part of another": ours | {name: lapsed[name] for name in parts},
        "ours with a part that is not there": ours | {name: absent[name] for name in parts},
        "not there": absent,
        "malformed": dict.fromkeys(absent, ""),  # one after the other of MALFORMED
    }


def _rules(world: World, keeper: str, elsewhere: str) -> dict[str, dict[str, str]]:
    organisations.let_keep_rules(scope_of(world.admin), world.hub, keeper, keeps=True)
    (other,) = scope_of(elsewhere).hubs
    organisations.let_keep_rules(scope_of(elsewhere), other, elsewhere, keeps=True)
    return {
        "kept": everything_kept(keeper, name=ENTERED),
        "kept elsewhere": everything_kept(elsewhere, name=ENTERED_ELSEWHERE),
        "colleague": {"person_id": world.staff},
        "somebody of a company": {"person_id": world.lead},
    }


def _of_another_hub() -> str:
    """Who administers it and keeps its rules."""
    with db.transaction():
        hub = organisations.found(kind=OrganisationKind.HUB, name_ja="別ハブ", name_en="Other Hub")
        return add_person("admin@elsewhere.example", "他所 六郎", hub.id, Position.ADMIN)


def _without_a_place(world: World) -> str:
    from app.organisations.models import Member

    person = add_person("gone@ko.example", "退社 七郎", world.company, Position.LEAD)
    with db.transaction():
        db.session.query(Member).filter_by(person_id=person).delete()
    return person


def _third(app: Flask, person: str) -> str:
    cookie = Visitor(app).as_(person).client.get_cookie("shirube")
    assert cookie is not None
    return cookie.value


def _feed(world: World, settings: Settings) -> str:
    feeds.renew_feed(scope_of(world.lead), settings.key())
    seed = notices.choice(scope_of(world.lead)).feed_seed
    assert seed
    return notices.feed_token(settings.key(), seed)


def _invitation(world: World) -> str:
    now = clock.now()
    with db.transaction():
        door = Invitation(organisation_id=world.company, position=Position.MEMBER, email="new@ko.example")
        door.name, door.language, door.token_sha256 = "新人", "ja", sha256(DOOR.encode()).hexdigest()
        door.invited_at, door.expires_at = now, now + dt.timedelta(days=1)
        db.session.add(door)
    return DOOR
