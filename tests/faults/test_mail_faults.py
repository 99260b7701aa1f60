"""Mail servers at their worst, over real sockets: nothing is lost, and what comes twice has the same Message-ID."""

from __future__ import annotations

import datetime as dt
import ssl
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.config import Settings
from app.core import clock, mail, messages, outbox
from app.core.db import session, transaction
from app.core.mail import Mail
from app.core.outbox import OutboxMail
from tests.faults.smtp import MOMENTS, Behaviour, Die, Server, Talk, smtp_server

PATIENCE = 0.25  # seconds, instead of the half minute and the ten minutes of real life
PEOPLE = ["first", "bad", "last"]
REFUSALS = ["421 going away", "450 later", "451 trouble", "452 no room", "500 what", "550 no", "554 never", "nonsense"]


@pytest.fixture
def here(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setattr(mail, "ANSWER", PATIENCE)
    monkeypatch.setattr(mail, "TAKING", 2 * PATIENCE)
    clock.move_to(dt.datetime(2026, 12, 1, 9, tzinfo=clock.TOKYO))
    yield settings.model_copy(update={"mail_transport": "smtp"})
    session.remove()


def only(moment: str, what: str, *, to: str = "") -> Behaviour:
    """Do this at one moment, with the mails of one person or with all; ``what`` is an answer, or die, hang or drip."""

    def behave(now: str, _words: str, talk: Talk) -> str | None:
        if {"HELO": "EHLO"}.get(now, now) != moment or not talk.recipient.startswith(to):
            return None
        if what == "die":
            raise Die
        if what == "hang":
            talk.ended.wait(60)
            raise Die
        if what == "drip":
            talk.say("250-")
            while not talk.ended.wait(PATIENCE / 2):
                talk.say("x")
            raise Die
        return what

    return behave


class Mails:
    """Mails to the three people; each time under new keys."""

    def __init__(self, here: Settings) -> None:
        self._here, self._number = here, 0

    def queue(self) -> None:
        self._number += 1
        with transaction():
            for name in PEOPLE:
                outbox.enqueue(Mail(f"{self._number}:{name}", f"{name}@example.org", "件名", "本文\n"))

    def deliver(self, server: Server) -> tuple[int, float]:
        """How many the server took, and how long that was."""
        there = self._here.model_copy(update={"mail_port": server.port})
        began = time.monotonic()
        return outbox.deliver(mail.transport(there), there), time.monotonic() - began

    def rows(self) -> dict[str, OutboxMail]:
        """The last ones by name."""
        mine = select(OutboxMail).where(OutboxMail.key.startswith(f"{self._number}:"))
        found = {
            row.key.partition(":")[2]: row for row in session.scalars(mine.execution_options(populate_existing=True))
        }
        session.rollback()
        return found


def later(**wait: float) -> None:
    clock.move_to(clock.now() + dt.timedelta(**wait))


@pytest.mark.parametrize("moment", MOMENTS)
def test_whatever_the_server_does_each_mail_arrives_once_it_is_well_again(here: Settings, moment: str) -> None:
    mails = Mails(here)
    for what in (*REFUSALS, "die", "hang", "drip"):
        with smtp_server(only(moment, what)) as server:
            mails.queue()
            sent, seconds = mails.deliver(server)
            first = list(server.taken)
            assert sent == 0, what
            assert seconds < 30, f"{what}: nobody waits for ever"
            assert all(row.last_error and row.leased_until is None for row in mails.rows().values() if row.attempts)
            of_the_server = moment in {"connect", "EHLO"} or what in {"421 going away", "die", "hang", "drip"}
            refused = {name: row.refused for name, row in mails.rows().items()}
            assert refused == dict.fromkeys(PEOPLE, 0 if of_the_server else 1), what
            server.behave = None
            later(minutes=2)
            assert mails.deliver(server)[0] == 3, what
            assert sorted(server.to) == sorted(f"{name}@example.org" for name in PEOPLE), f"{what}: {first}"


@pytest.mark.parametrize("moment", ["RCPT", "DATA", "end"])
def test_one_refused_recipient_never_blocks_the_others(here: Settings, moment: str) -> None:
    """Also where the server, instead of refusing, goes away: then the others leave at the next look."""
    mails = Mails(here)
    for what in (*REFUSALS, "die", "hang", "drip"):
        with smtp_server(only(moment, what, to="bad")) as server:
            mails.queue()
            looks = sum(mails.deliver(server)[0] for _look in range(3))
            assert looks == 2, what
            assert server.times() == {"first@example.org": 1, "last@example.org": 1}, what
            assert {name for name, row in mails.rows().items() if row.sent_at} == {"first", "last"}
            server.behave = None
            later(minutes=2)
            assert mails.deliver(server)[0] == 1
            assert max(server.times().values()) == 1, what


@pytest.mark.parametrize("what", ["die", "hang"])
def test_taken_without_a_word_it_comes_again_a_minute_later_and_is_known_as_the_same(here: Settings, what: str) -> None:
    """SMTP's own window; the connection has served a mail before, and is no reason to send at once again."""
    mails, silent = Mails(here), only("end", what, to="last")

    def behave(moment: str, words: str, talk: Talk) -> str | None:
        if moment == "end" and talk.recipient.startswith("last"):
            server.take(talk.recipient, b"Message-ID: " + ids["last"].encode() + b"\r\n\r\n")
        return silent(moment, words, talk)

    with smtp_server(behave) as server:
        mails.queue()
        ids = {name: messages.message_id(f"1:{name}", here) for name in PEOPLE}
        assert mails.deliver(server)[0] == 2
        assert mails.deliver(server)[0] == 0
        assert server.times()["last@example.org"] == 1, "not at once again"
        server.behave = None
        later(minutes=2)
        assert mails.deliver(server)[0] == 1
        assert sorted(server.taken) == sorted([*ids.values(), ids["last"]])


def test_a_server_that_takes_its_time_with_a_mail_is_waited_for(
    here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gives up sends twice; and as long as it waits, no other worker takes it for dead."""
    monkeypatch.setattr(mail, "TAKING", 20.0)
    short = here.model_copy(update={"lease_seconds": 3.0})

    def slow(moment: str, _words: str, talk: Talk) -> str | None:
        if moment == "end" and talk.recipient.startswith("bad"):
            for _look in range(25):
                time.sleep(0.2)
                others.append(outbox.give_back_dead(short))
                session.remove()
        return None

    others: list[int] = []
    mails = Mails(short)
    with smtp_server(slow) as server:
        mails.queue()
        assert mails.deliver(server)[0] == 3
        assert set(server.times().values()) == {1}
        assert set(others) == {0}


def test_a_connection_that_the_server_closed_while_it_was_idle_is_made_anew(here: Settings) -> None:
    mails, seen = Mails(here), set()

    def behave(moment: str, _words: str, talk: Talk) -> str | None:
        if moment == "MAIL" and talk.number in seen:
            raise Die
        seen.add(talk.number)
        return None

    def after_one(moment: str, words: str, talk: Talk) -> str | None:
        return behave(moment, words, talk) if moment == "MAIL" else None

    with smtp_server(after_one) as server:
        mails.queue()
        assert mails.deliver(server)[0] == 3
        assert (set(server.times().values()), server.talks) == ({1}, 3)


def test_a_server_without_tls_or_sign_in_is_no_fault_of_the_mails(
    here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is given up because of it, however long it takes to be mended."""
    mails = Mails(here)
    mails.queue()
    untrusted = ssl.SSLCertVerificationError("self-signed")

    def starttls(*_values: object, **_more: object) -> None:
        raise untrusted

    with smtp_server() as server:
        for update in ({"mail_starttls": True}, {"mail_user": "u", "mail_password": "p"}, {"mail_host": "x" * 70}):
            mails._here = here.model_copy(update=update)
            for _try in range(8):
                assert mails.deliver(server)[0] == 0
                later(hours=5)
        monkeypatch.setattr(mail._Server, "starttls", starttls)
        mails._here = here.model_copy(update={"mail_starttls": True})
        for _try in range(8):
            assert mails.deliver(server)[0] == 0
            later(hours=5)
        assert [row.refused for row in mails.rows().values()] == [0, 0, 0]
        assert outbox.given_up() == []
        mails._here = here
        assert mails.deliver(server)[0] == 3


def test_nobody_there_and_then_somebody(here: Settings) -> None:
    mails = Mails(here)
    mails.queue()
    with smtp_server() as gone:
        pass
    assert mails.deliver(gone)[0] == 0
    later(minutes=2)
    with smtp_server() as server:
        assert mails.deliver(server)[0] == 3
