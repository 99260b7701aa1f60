"""The ledger walked: every route × method × person × thing answers as app/access/policy.py says, on both databases.

What is expected comes from the rows of the policy and the two tables here and in the town, never from the guard. What
was denied is in the trail exactly once, and looks in every way like what does not exist.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.access.permissions import Permission
from app.access.policy import POLICY, REACHES, Audience, Whose
from app.config import Settings
from app.core import signs
from app.people.sign_in import PatientHashing
from app.rules import services as keeping
from app.rules.kinds import Kind
from tests.factories.world import World
from tests.web.town import ENTERED, ENTERED_ELSEWHERE, HUB, PEOPLE, SECRET, WHOSE, Answer, Town, town, unrendered

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "DELETE")  # routes have the first four, and all others are alike
COMPANY = {"lead", "member", "both", "other"}
KNOCKS: dict[Audience, set[str]] = {
    Audience.EVERYONE: set(PEOPLE),
    Audience.SIGNED_IN: set(PEOPLE) - {"nobody"},
    Audience.COMPANY: COMPANY,
    Audience.LEAD: COMPANY - {"member"},
    Audience.HUB: {*HUB, "elsewhere"},
    Audience.HUB_ADMIN: {"admin", "elsewhere"},
    Audience.KEEPER: {"keeper", "elsewhere"},
}
OWN_WAYS = {"security.reset_password"}  # Flask-Security sends whoever holds nothing back to where one asks for it
DEMO_ONLY = {"web.styleguide"}
PLAIN = {  # what stands in addresses that name nothing of anybody's
    "static": {"filename": "css/base.css"},
    "security.static": {"filename": "js/webauthn.js"},
    "rules.add": {"what": Kind.FEE},
    "rules.edition": {"key": "price"},
}


# What each person asks for: first what they would reach if they were let in, and always something that is not there.
PARTS = ("ours with a part of another", "ours with a part that is not there")
ACCOUNT = ("mine", "of another account", "held")
OF_HUB = ("kept", "colleague")
HUB_WORDS = {ENTERED: ("kept", "entered"), ENTERED_ELSEWHERE: ("kept elsewhere", "entered elsewhere")}
ENTERED_ON = {"rules.group": "/rules/fees", "rules.own": "/rules/own", "rules.export": "/rules/own/export"}
ASKS = {
    "nobody": ("ours", "public", "not there", "held"),
    "lead": ("ours", *PARTS, "theirs", "public", "not there", "malformed", *ACCOUNT),
    "member": ("ours", "theirs"),
    "both": ("theirs", "ours"),
    "other": ("ours, shared",),
    "admin": ("ours, shared", "colleague", "somebody of a company", "not there", *ACCOUNT),
    "staff": ("ours, shared", "ours, lapsed", "ours", "public", "not there"),
    "keeper": ("kept", "kept elsewhere", "ours, shared", "public", "not there", "malformed"),
    "elsewhere": ("ours, shared", "kept", "kept elsewhere", "colleague"),
    "nowhere": ("ours, shared",),
}
COMPARE = ("lead", "staff")  # who, behind a closed door too, asks for what is not there


class Given(StrEnum):
    """What a person gets."""

    IN = "in"
    SIGN_IN = "is sent to the sign-in"
    NOTHING = "not found"
    WRONG = "wrong method"


@dataclass(frozen=True)
class Cell:
    """One request. ``thing`` None: the address names nothing."""

    rule: Rule
    method: str
    who: str
    thing: str | None
    address: str

    @property
    def whose(self) -> Whose | None:
        """What the thing is to this person."""
        return WHOSE[self.thing].get(self.who) if self.thing else None

    def __str__(self) -> str:
        return f"{self.who}: {self.method} {self.rule} ({self.thing}): {self.address[:90]}"


def cells(app: Flask, place: Town) -> Iterator[Cell]:
    """Every request of the ledger: each route × person × thing that it can name, by each method that it has.

    What HEAD and OPTIONS say, and that all other methods are refused, does not depend on the thing. Behind a closed
    door all things are alike, so one that is there and one that is not are enough.
    """
    doors = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        assert (rule.methods or set()) <= set(METHODS), rule
        for who in PEOPLE:
            for thing in (None,) if rule.endpoint in PLAIN or not rule.arguments else _things(rule, who):
                where = place.address(rule, who, thing) if thing else _bare(rule)
                if where is None or (thing in PARTS and not _has_parts(rule)):
                    continue
                plain = thing in (None, "ours", "mine", "held") and who == "lead"
                wanted = {"GET", "POST"} | ({"HEAD", "OPTIONS"} if plain else set())
                refused = set(METHODS).difference(doors.allowed_methods(where)) if plain else set()
                for method in sorted(wanted & (rule.methods or set()) | refused):
                    yield Cell(rule, method, who, thing, where)


def _things(rule: Rule, who: str) -> tuple[str, ...]:
    audience = POLICY[rule.endpoint].audience
    if who == "keeper" and audience not in {Audience.KEEPER, Audience.HUB_ADMIN, Audience.EVERYONE}:
        return ("ours, shared",) if who in KNOCKS[audience] else ()  # elsewhere a keeper is one of the staff
    if who in KNOCKS[audience]:
        return ASKS[who]
    return (ASKS[who][0], *OF_HUB, *(("not there",) if who in COMPARE else ()))


def _bare(rule: Rule) -> str:
    return rule.build(PLAIN.get(rule.endpoint, {}))[1]  # type: ignore[index]


def _has_parts(rule: Rule) -> bool:
    return len({name for name in rule.arguments if name.endswith("_id")}) > 1


def expected(cell: Cell) -> Given:
    """What the table says."""
    row = POLICY[cell.rule.endpoint]
    if not signs.is_text(unquote(cell.address)):  # there is no such address at all, whoever asks
        return Given.NOTHING
    if cell.method not in (cell.rule.methods or ()):
        return Given.WRONG
    if cell.who not in KNOCKS[row.audience]:
        return Given.SIGN_IN if cell.who == "nobody" else Given.NOTHING
    if cell.thing == "malformed":
        return Given.NOTHING
    if cell.method == "OPTIONS":  # says which methods there are, of a thing or of none
        return Given.IN
    if cell.rule.endpoint in DEMO_ONLY:
        return Given.NOTHING
    if cell.thing and cell.rule.endpoint not in OWN_WAYS and cell.whose not in REACHES[row.permission]:
        return Given.NOTHING
    return Given.IN


def given(cell: Cell, answer: Answer) -> Given:
    """What came."""
    status, place = answer.response.status_code, answer.response.location or ""
    if status == 404:
        return Given.NOTHING
    if status == 405:
        return Given.WRONG
    if status == 302 and place.startswith("/sign-in") and POLICY[cell.rule.endpoint].audience is not Audience.EVERYONE:
        return Given.SIGN_IN
    assert status in (200, 302, 409), f"{cell}: {status}"
    return Given.IN


def is_denial(cell: Cell, what: Given) -> bool:
    """Whether the trail must hold it: not what is public, nor what nobody asked for under a name of their own."""
    row = POLICY[cell.rule.endpoint]
    if what is not Given.NOTHING:
        return False
    if row.permission is Permission.SECRET:
        return True
    public = REACHES.get(row.permission, set()) <= {Whose.PUBLIC} and cell.who in KNOCKS[row.audience]
    return cell.who != "nobody" and not public


def test_every_cell_of_the_ledger(
    app: Flask, world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientHashing, "hash", lambda *_given, **_options: "")  # no password is at stake here
    monkeypatch.setattr(keeping, "_must_be_sound", lambda _entry: None)  # nor whether a rule is sound
    wrong: list[str] = []
    absent: dict[tuple[str, str, str], set[tuple[int, str]]] = defaultdict(set)
    with town(app, world, settings) as place:
        wrong += list(misread(place))
        with unrendered():
            every = list(cells(app, place))
            for cell in every:
                answer = place.ask(cell.who, cell.method, cell.address)
                wrong += faults(cell, expected(cell), answer, place)
                if answer.response.status_code == 404 and cell.thing not in (*PARTS, "malformed"):
                    absent[cell.who, cell.method, cell.rule.endpoint].add((answer.statements, answer.text))
    assert not wrong, f"{len(wrong)} of {len(every)} cells:\n" + "\n".join(wrong[:60])
    assert len(every) > 1500, len(every)
    telling = [where for where, answers in absent.items() if len(answers) > 1]
    assert not telling, f"what is not there costs as many statements and looks like what is another's: {telling}"


def faults(cell: Cell, should: Given, answer: Answer, place: Town) -> Iterator[str]:
    """What is wrong with an answer."""
    what = given(cell, answer)
    if what is not should:
        yield f"{cell}: {what}, should be {should}"
    if what is not Given.IN and SECRET in answer.text:
        yield f"{cell}: tells what is behind it"
    if len(answer.denials) != is_denial(cell, should):
        yield f"{cell}: {len(answer.denials)} rows in the trail"
    for row in answer.denials:
        noted = row.after or {}
        if (row.actor_id, noted["method"], noted["endpoint"]) != (
            place.persons[cell.who],
            cell.method,
            cell.rule.endpoint,
        ):
            yield f"{cell}: the trail says {noted}"


def misread(place: Town) -> Iterator[str]:
    """Where somebody reads what another hub entered, or does not read what counts for them."""
    for endpoint, where in ENTERED_ON.items():
        row = POLICY[endpoint]
        for who in PEOPLE:
            text = place.ask(who, "GET", where).text
            for words, things in HUB_WORDS.items():
                whose = {WHOSE[thing].get(who) for thing in things}
                may = who in KNOCKS[row.audience] and bool(whose & REACHES[row.permission])
                if (words in text) is not may:
                    yield f"{who}: {where} {'hides' if may else 'tells'} {words}"
