"""The outbox with its leases, against smtplib alone with the same messages; both over one connection."""

from __future__ import annotations

from functools import partial
from smtplib import SMTP
from socket import socket

from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from app.core import clock, mail, outbox
from app.core.db import session, transaction
from app.core.mail import Mail
from app.core.outbox import OutboxMail
from benchmarks import office
from benchmarks.office import POSTGRESQL, SQLITE
from benchmarks.registry import Benchmark, Goal, Pair

MAILS = 200
TEXT = "資料搬入の期限が近づいています。\n" * 12


class Sink:
    """Takes every mail, and counts."""

    def __init__(self) -> None:
        self.taken = 0

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:  # noqa: N802
        self.taken += 1
        return "250 OK"


def deliver(database: str) -> Pair:
    """All mails of the outbox, sent again every time."""
    sink = Sink()
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    app = office.program(database, mail_port=port)
    settings = app.extensions["settings"]
    with app.app_context(), transaction():
        for number in range(MAILS):
            outbox.enqueue(Mail(f"mail {number}", "lead@ko.example", "【期限14日前】資料搬入", TEXT))
    again = update(OutboxMail).values(sent_at=None, not_before=clock.now())
    rows = list(session.scalars(select(OutboxMail)))
    session.expunge_all()

    def ours() -> None:
        with transaction() as current:
            current.execute(again)
        assert outbox.deliver(mail.transport(settings), settings) == MAILS
        session.remove()

    def other() -> None:
        with SMTP("127.0.0.1", port) as connection:
            for row in rows:
                connection.send_message(outbox.compose(row, settings))

    return Pair(ours, other, per=MAILS, remarks=lambda: {"taken by the server": f"{sink.taken:,}"}, close=server.stop)


BENCHMARKS = [
    Benchmark(
        f"a mail through the outbox ({database})",
        "smtplib alone, the same message over one connection",
        partial(deliver, database),
        goal=Goal(1 / 800),
    )
    for database in (SQLITE, POSTGRESQL)
]
