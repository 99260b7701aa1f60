"""The outbox: nothing is lost, nothing comes twice, one bad mail or a lost server holds up nobody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import func, select

from app.config import Settings
from app.core import clock, mail, messages, outbox
from app.core.db import session, transaction
from app.core.mail import Mail, MailRefused
from app.core.outbox import OutboxMail
from app.core.processes import take_port

START = dt.datetime(2026, 12, 1, 9, tzinfo=clock.TOKYO)


@dataclass
class Post:
    """A transport that does what a test wants for each recipient."""

    refuse: Callable[[str], Exception | None] = lambda _to: None
    taken: list[EmailMessage] = field(default_factory=list)
    asked: int = 0
    closed: int = 0

    def send(self, message: EmailMessage) -> None:
        self.asked += 1
        error = self.refuse(str(message["To"]))
        if error:
            raise error
        self.taken.append(message)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def here(app: Flask, settings: Settings) -> Iterator[Settings]:
    clock.move_to(START)
    yield settings
    session.remove()


def queue(*names: str, **more: str) -> None:
    with transaction():
        for name in names:
            outbox.enqueue(Mail(key=name, to=f"{name}@example.org", subject=f"件名 {name}", text="本文\n", **more))


def later(**wait: float) -> None:
    clock.move_to(clock.now() + dt.timedelta(**wait))


def test_a_key_is_queued_once(here: Settings) -> None:
    with transaction():
        given = Mail(key="one", to="a@example.org", subject="s", text="t")
        assert [outbox.enqueue(given), outbox.enqueue(given)] == [True, False]
    post = Post()
    assert [outbox.deliver(post, here), outbox.deliver(post, here)] == [1, 0]
    assert post.closed == 2


def test_what_the_server_took_is_written_down_before_the_next_mail_is_offered(here: Settings) -> None:
    queue("a", "b", "c", "d")
    seen = []

    def look(to: str) -> Exception | None:
        with session.get_bind().connect() as other:  # type: ignore[union-attr]
            seen.append(other.scalar(select(func.count()).where(OutboxMail.sent_at.is_not(None))))
        return FOR_NOW if to.startswith("b") else None

    assert outbox.deliver(Post(refuse=look), here, limit=3) == 2
    assert seen == [0, 1, 1], "the second was refused"
    assert session.scalars(select(OutboxMail.key).where(OutboxMail.leased_until.is_not(None))).all() == []


def test_a_rolled_back_change_mails_nothing(here: Settings) -> None:
    def change() -> None:
        with transaction():
            outbox.enqueue(Mail(key="one", to="a@example.org", subject="s", text="t"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert outbox.deliver(Post(), here) == 0


def test_the_message_id_is_a_function_of_the_key_and_the_secret(here: Settings) -> None:
    assert messages.message_id("a", here) == messages.message_id("a", here) != messages.message_id("b", here)
    assert messages.message_id("a", here) != messages.message_id("a", here.model_copy(update={"secret_key": "z" * 40}))


FOR_GOOD, FOR_NOW = MailRefused("550 no such user", for_good=True), MailRefused("452 mailbox full", for_good=False)
UNWRITABLE = UnicodeEncodeError("ascii", "x", 0, 1, "no")


@pytest.mark.parametrize("error", [FOR_GOOD, FOR_NOW, UNWRITABLE])
def test_one_refused_mail_holds_up_nobody(here: Settings, error: Exception) -> None:
    queue("bad", "good")
    post = Post(refuse=lambda to: error if "bad" in to else None)
    assert outbox.deliver(post, here) == 1
    row = session.scalars(select(OutboxMail).where(OutboxMail.key == "bad")).one()
    assert (row.sent_at, row.attempts) == (None, 1)
    assert row.last_error
    assert outbox.deliver(post, here) == 0, "it waits"
    later(minutes=2)
    assert outbox.deliver(Post(), here) == 1


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError()])
def test_a_lost_server_is_asked_once_and_every_mail_leaves_a_minute_after_it_is_back(
    here: Settings, error: Exception
) -> None:
    queue("a", "b", "c")
    post = Post(refuse=lambda _to: error)
    assert (outbox.deliver(post, here), post.asked) == (0, 1)
    for _hour in range(24):
        later(hours=1)
        outbox.deliver(post, here)
    later(seconds=61)
    assert outbox.deliver(Post(), here) == 3


@pytest.mark.parametrize(("error", "tries", "hours"), [(FOR_GOOD, 6, 5), (UNWRITABLE, 6, 5), (FOR_NOW, 64, 5 * 24)])
def test_a_refused_mail_is_given_up_in_the_end_and_kept(
    here: Settings, error: Exception, tries: int, hours: int
) -> None:
    queue("bad")
    lost = Post(refuse=lambda _to: ConnectionRefusedError())
    for _look in range(10):  # a server that is not there is no refusal, however long it is not there
        outbox.deliver(lost, here)
        later(hours=10)
    post, began = Post(refuse=lambda _to: error), clock.now()
    while not outbox.given_up():
        outbox.deliver(post, here)
        later(minutes=20)
        if post.asked > 5:
            later(hours=1, minutes=50)
    assert post.asked == tries
    (given_up,) = outbox.given_up()
    assert (given_up.recipient, given_up.subject) == ("bad@example.org", "件名 bad")
    assert str(error) in given_up.reason
    taken = given_up.failed_at - began
    assert dt.timedelta(hours=hours - 1) < taken < dt.timedelta(hours=hours * 1.2)
    assert outbox.unreachable(["bad@example.org", "good@example.org"]) == {"bad@example.org": given_up.failed_at}
    with transaction():
        assert outbox.withdraw(["bad"]) == 0, "it is kept"
        assert outbox.try_again() == 1
    assert outbox.deliver(Post(), here) == 1
    assert outbox.given_up() == []
    assert outbox.unreachable(["bad@example.org"]) == {}


def test_a_dead_sender_is_relieved(here: Settings) -> None:
    queue("a")
    assert outbox._lease(here) is not None
    assert outbox.give_back_dead(here) == 0
    assert outbox.deliver(Post(), here) == 0, "somebody else is sending it"
    assert outbox.give_back_dead(here.model_copy(update={"lease_seconds": 0})) == 1
    assert outbox.deliver(Post(), here) == 0, "what is no longer true may be taken back first"
    later(seconds=4)
    assert outbox.deliver(Post(), here) == 1


def test_one_who_was_taken_for_dead_does_not_give_back_the_mail_of_another(here: Settings) -> None:
    queue("a")
    frozen = outbox._lease(here)
    assert frozen is not None
    outbox.give_back_dead(here)
    assert outbox.give_back_dead(here.model_copy(update={"lease_seconds": 0})) == 1
    later(seconds=4)
    assert outbox._lease(here) is not None, "another sends it now"
    with transaction():
        outbox._write_down(frozen, outbox._postponed(frozen, "no answer", dt.timedelta(0)))
    later(seconds=1)
    assert outbox._lease(here) is None, "it is still in the other's hands"
    with transaction():
        outbox._write_down(frozen, outbox.Answer({"sent_at": clock.now(), "last_error": None}, taken=True))
    assert outbox.waiting("a") == [], "that the server took it is true, whoever says so"


@pytest.mark.parametrize("jump", [dt.timedelta(hours=2), dt.timedelta(days=3653)])
def test_a_clock_that_jumps_and_comes_back_holds_nothing_up_and_sends_nothing_twice(
    here: Settings, jump: dt.timedelta
) -> None:
    queue("in-hand")
    assert outbox._lease(here) is not None
    queue("sent", "refused")
    clock.move_to(clock.now() + jump)
    queue("queued")
    post = Post(refuse=lambda to: FOR_NOW if to.startswith("refused") else None)
    assert outbox.deliver(post, here) == 2
    queue("down")
    assert outbox.deliver(Post(refuse=lambda _to: ConnectionRefusedError()), here) == 0
    clock.move_to(clock.now() - jump)
    later(hours=3)
    post.refuse = lambda _to: None
    outbox.deliver(post, here)
    assert sorted(str(mail["Subject"]).split()[1] for mail in post.taken) == ["down", "queued", "refused", "sent"]
    assert outbox.give_back_dead(here) == 0, "its sender lives, whatever the clock says"


def test_what_waits_can_be_taken_back_and_what_is_sent_cannot(here: Settings) -> None:
    queue("a", "b")
    post = Post(refuse=lambda to: FOR_NOW if to.startswith("b") else None)
    outbox.deliver(post, here)
    with transaction():
        assert outbox.withdraw(["a", "b", "unknown"]) == 1
    assert session.scalars(select(OutboxMail.key)).all() == ["a"]


def test_a_subject_is_one_line_and_an_address_one_address(here: Settings) -> None:
    with transaction():
        outbox.enqueue(Mail(key="a", to="a@example.org", subject="One\r\nBcc: b@evil.example", text="t"))
    post = Post()
    outbox.deliver(post, here)
    assert (post.taken[0]["Subject"], post.taken[0]["Bcc"]) == ("One Bcc: b@evil.example", None)
    for to in ("a@example.org, b@evil.example", "a@example.org\r\nBcc: b@evil.example", "", "nobody"):
        with pytest.raises(ValueError, match=r"."), transaction():
            outbox.enqueue(Mail(key=to, to=to, subject="s", text="t"))


def test_the_message_as_it_travels(here: Settings) -> None:
    queue("a", calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    post = Post()
    outbox.deliver(post, here)
    (message,) = post.taken
    wire = message.as_bytes(policy=SMTP)
    assert max(len(line) for line in wire.split(b"\r\n")) <= 998
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert message["Auto-Submitted"] == "auto-generated"
    text, calendar = message.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == "本文\n"
    assert calendar["Content-Type"].params["method"] == "PUBLISH"


class Sink:
    """What an SMTP server on loopback took; it hangs up shortly after so many mails, as servers do."""

    def __init__(self, hang_up_after: int = 10**6) -> None:
        self.envelopes: list[bytes] = []
        self.sessions: set[int] = set()
        self.hang_up_after = hang_up_after

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 — the name that aiosmtpd asks for
        self.envelopes.append(envelope.content)
        self.sessions.add(id(session))
        if len(self.envelopes) % self.hang_up_after == 0:
            server.loop.call_soon(server.transport.close)
        return "250 OK"


@pytest.mark.parametrize("hang_up_after", [10**6, 1])
def test_over_smtp_on_one_connection_or_several(here: Settings, hang_up_after: int) -> None:
    sink = Sink(hang_up_after)
    with take_port("127.0.0.1", 18025) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        over = here.model_copy(update={"mail_transport": "smtp", "mail_port": port})
        queue("a", "b", "c")
        assert outbox.deliver(mail.transport(over), over) == 3
    finally:
        controller.stop()
    ids = {line for raw in sink.envelopes for line in raw.splitlines() if line.lower().startswith(b"message-id")}
    assert len(ids) == len(sink.envelopes) == 3
    assert len(sink.sessions) == (3 if hang_up_after == 1 else 1)
