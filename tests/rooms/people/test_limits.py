"""Limits of tries: of passwords and of mails, for addresses that somebody has and for those that nobody has."""

from __future__ import annotations

import datetime as dt
import random
import re
from itertools import pairwise
from typing import Any

import pytest
from argon2 import low_level
from flask import Flask

from app.core import clock
from app.core.db import session
from app.core.errors import Refused
from app.core.outbox import OutboxMail
from app.organisations import services as organisations
from app.people import limits, services
from app.people.limits import PASSWORD, RESET_MAIL, Limit, TooMany
from app.people.models import Attempt, KnownBrowser, Person
from tests.factories.world import PASSWORD as RIGHT
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

LEAD, NOBODY = "lead@ko.example", "nobody@nowhere.example"
WRONG = "not the password"
HOUR = dt.timedelta(hours=1)
SAID = {
    "ja": "このメールアドレスでのサインインに続けて失敗しています。",
    "en": "There were many wrong tries for this address.",
}


def later(**how_long: float) -> None:
    clock.move_to(clock.now() + dt.timedelta(**how_long))


def use_up(visit: Visitor, email: str = LEAD) -> None:
    """A stranger makes all tries that are free."""
    for _ in range(PASSWORD.free):
        visit.post("/sign-in", {"email": email, "password": WRONG}, status=200)


def greedy(limit: Limit, pauses: random.Random | None) -> list[dt.datetime]:
    """When somebody tries for three days who misses no free moment, or who pauses now and then as ``pauses`` say."""
    now = start = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
    tried: list[dt.datetime] = []
    while now < start + dt.timedelta(days=3):
        free_at = limit.next([one for one in tried if one > now - limits.MEMORY])
        now = max(now, free_at or now)
        if pauses and pauses.random() < 0.1:
            now += dt.timedelta(minutes=pauses.choice([3, 59, 600, 1445]))
        tried.append(now)
        now += dt.timedelta(milliseconds=1)
    return tried


def test_no_hour_sees_more_than_ten_guesses() -> None:
    never_pausing = greedy(PASSWORD, None)
    assert len(never_pausing) > 100, "nobody waits for ever"
    for tried in (never_pausing, *(greedy(PASSWORD, random.Random(seed)) for seed in range(50))):
        assert max(sum(one <= other < one + HOUR for other in tried) for one in tried) <= 10


def test_there_is_always_a_link_in_the_mailbox_that_holds(app: Flask) -> None:
    tried, holds = greedy(RESET_MAIL, None), app.config["SECURITY_RESET_PASSWORD_WITHIN"]
    assert max(b - a for a, b in pairwise(tried)) < holds
    assert sum(one < tried[0] + dt.timedelta(days=1) for one in tried) <= 16, "no more mails a day"


@pytest.mark.parametrize(("email", "language"), [(LEAD, "ja"), (NOBODY, "en")])
def test_after_five_wrong_tries_an_address_waits_whether_anybody_has_it_or_not(
    visit: Visitor, email: str, language: str
) -> None:
    stranger = visit.as_(None, language)  # type: ignore[arg-type]
    use_up(stranger, email)
    spelled = f" {email.upper()} "
    page = stranger.post("/sign-in", {"email": spelled, "password": RIGHT}, status=429)
    assert SAID[language] in page.split('id="error-summary"')[1].split("</ul>")[0]
    later(minutes=1.1)
    stranger.post("/sign-in", {"email": email, "password": WRONG}, status=200)
    later(minutes=1.1)
    stranger.post("/sign-in", {"email": email, "password": WRONG}, status=429)  # the second wait is longer
    later(minutes=1)
    answer = stranger.client.post("/sign-in", data={"email": email, "password": RIGHT, "csrf_token": stranger.token()})
    assert answer.status_code == (302 if email == LEAD else 200)


def test_strangers_do_not_lock_the_owner_out(visit: Visitor, world: World) -> None:
    """Neither from the browser that the owner uses, nor from a new one: that is let in by a mailed link."""
    own, new, stranger = (visit.as_(None) for _ in range(3))
    assert own.post("/sign-in", {"email": LEAD, "password": RIGHT}) == "/"
    own.post("/sign-out")
    use_up(stranger)
    assert own.post("/sign-in", {"email": LEAD, "password": RIGHT}) == "/"
    new.post("/sign-in", {"email": LEAD, "password": RIGHT}, status=429)
    for _ in range(3):  # the stranger asks for the mail, too; the owner finds it all the same
        stranger.post("/password/forgotten", {"email": LEAD}, status=200)
    new.post("/password/forgotten", {"email": LEAD}, status=200)
    session.rollback()
    (mail,) = session.query(OutboxMail)
    found = re.search(r"/password/forgotten/\S+", mail.text)
    assert found
    fresh = "a quite different sentence"
    assert new.post(found[0], {"password": fresh, "password_confirm": fresh}) == "/sign-in"
    assert new.post("/sign-in", {"email": LEAD, "password": fresh}) == "/"
    own.post("/sign-in", {"email": LEAD, "password": RIGHT}, status=429)  # the old password made nobody known


def test_a_known_browser_has_no_endless_tries_either(visit: Visitor, world: World) -> None:
    own = visit.as_(None)
    own.post("/sign-in", {"email": LEAD, "password": RIGHT})
    for _ in range(PASSWORD.free):
        own.post(
            "/password/change",
            {"password": WRONG, "new_password": "x" * 20, "new_password_confirm": "x" * 20},
            status=200,
        )
    empty = {"password": WRONG, "new_password": "", "new_password_confirm": ""}
    own.post("/password/change", empty, status=429)  # nor by a form that compares nothing
    own.post("/verify", {"password": RIGHT}, status=429)
    own.post("/sign-out")
    own.post("/sign-in", {"email": LEAD, "password": RIGHT}, status=429)
    use_up(visit)  # others are not counted together with it
    later(minutes=1.1)
    assert own.post("/sign-in", {"email": LEAD, "password": RIGHT}) == "/"
    use_up(own.as_(None), NOBODY)


def test_a_form_that_compares_nothing_is_no_try(visit: Visitor, world: World) -> None:
    lead = visit.as_(world.lead)
    for _ in range(PASSWORD.free + 1):
        lead.post("/password/change", {"password": RIGHT, "new_password": "", "new_password_confirm": ""}, status=200)
    for form in ({"email": LEAD, "password": ""}, {"email": "x", "password": WRONG}, {}):
        visit.post("/sign-in", form, status=200)
    session.rollback()
    assert session.query(Attempt).count() == 0


def test_a_planted_cookie_is_worth_nothing_after_the_sign_in(app: Flask, visit: Visitor, world: World) -> None:
    stranger, victim = visit.as_(None), visit.as_(None)
    stranger.post("/sign-in", {"email": "lead@otsu.example", "password": RIGHT})
    planted = stranger.client.get_cookie("shirube_browser")
    assert planted
    victim.client.set_cookie("shirube_browser", planted.value)
    victim.post("/sign-in", {"email": LEAD, "password": RIGHT})
    with app.app_context():
        assert not services.knows_browser(LEAD, planted.value)
        theirs = victim.client.get_cookie("shirube_browser")
        assert theirs
        assert services.knows_browser(LEAD, theirs.value)
        for _ in range(services.BROWSERS + 3):
            services.remember_browser(world.lead, None)
        assert session.query(KnownBrowser).filter_by(person_id=world.lead).count() == services.BROWSERS
        later(days=181)
        assert services.forget_unused_browsers() == services.BROWSERS + 1
        limits.take(PASSWORD, "x")
        later(days=1, minutes=1)
        assert limits.forget_old() == 1


def test_an_address_gets_few_invitations_and_an_inviter_sends_not_endlessly(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def invite(email: str) -> None:
        admin = scope_of(world.admin)
        names = {"name_ja": "丙", "name_en": "Hei", "lead": "丙 一郎"}
        organisations.invite_company(admin, world.hub, **names, email=email, language="ja")

    with app.app_context():
        for email in ("A@hei.example", "a@hei.example", "a@Hei.example "):
            invite(email)
        with pytest.raises(Refused, match="Many invitations") as refusal:
            invite("a@hei.example")
        assert refusal.value.field == "email"
        monkeypatch.setattr(limits, "INVITING", Limit("inviting", 4, (HOUR,)))
        invite("b@hei.example")
        with pytest.raises(Refused):
            invite("c@hei.example")
        session.rollback()
        assert session.query(OutboxMail).count() == 4
        later(hours=1.1)
        invite("c@hei.example")


def test_tries_from_before_the_clock_was_set_back_keep_nobody_waiting(app: Flask, world: World) -> None:
    with app.app_context():
        later(days=1)
        for _ in range(PASSWORD.free):
            limits.take(PASSWORD, LEAD)
        with pytest.raises(TooMany):
            limits.take(PASSWORD, LEAD)
        later(days=-1)
        limits.take(PASSWORD, LEAD)


@pytest.mark.parametrize("path", ["/sign-in", "/password/forgotten"])
def test_nothing_tells_who_is_here(
    app: Flask, visit: Visitor, world: World, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words, status and headers, and as many slow hashes: nearly all of the time that an answer takes.

    The times themselves are measured by ``make bench``.
    """
    hashes: list[str] = []

    def counting(real: Any) -> Any:
        def slow(*args: Any, **more: Any) -> Any:
            hashes.append("slow")
            return real(*args, **more)

        return slow

    for name in ("hash_secret", "verify_secret"):
        monkeypatch.setattr(low_level, name, counting(getattr(low_level, name)))
    with app.app_context():
        gone = session.get(Person, world.member)
        assert gone
        gone.active = False
        session.commit()
    seen: dict[int, tuple[Any, ...]] = {}
    for email in (LEAD, "member@ko.example", NOBODY):
        stranger = visit.as_(None, "en")
        token = stranger.token()
        for number in range(6):  # times three, not more than one sender may
            hashes.clear()
            form = {"email": email, "password": RIGHT if email != LEAD else WRONG, "csrf_token": token}
            answer = stranger.client.post(path, data=form)
            headers = {name: value for name, value in answer.headers if name != "Content-Length"}
            headers["Content-Security-Policy"] = headers["Content-Security-Policy"].partition("nonce-")[0]
            headers.pop("Set-Cookie", None)
            if headers.get("Retry-After"):
                headers["Retry-After"] = "soon"
            text = re.sub(r'value="[^"]+"|nonce="[^"]+"', "", answer.text).replace(email, "")
            told = (answer.status_code, headers, text, len(hashes))
            assert seen.setdefault(number, told) == told, (email, number)
    assert [told[3] for told in seen.values()] == [1, 1, 1, 1, 1, 0 if path == "/sign-in" else 1]
