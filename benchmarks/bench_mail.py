"""The outbox: leased, sent and marked one by one, against smtplib alone with the same messages over one connection."""

from __future__ import annotations

from functools import partial
from smtplib import SMTP

from sqlalchemy import select, update

from app.core import clock, mail, messages, outbox
from app.core.db import session, transaction
from app.core.mail import Mail
from app.core.outbox import OutboxMail
from benchmarks import office
from benchmarks.office import POSTGRESQL, SQLITE
from benchmarks.registry import Benchmark, Goal, Pair
from benchmarks.sink import Sink

MAILS = 200
TEXT = "資料搬入の期限が近づいています。\n" * 12


def deliver(database: str) -> Pair:
    """All mails of the outbox, sent again every time."""
    sink = Sink()
    app = office.program(database, mail_port=sink.port)
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
        with SMTP("127.0.0.1", sink.port) as connection:
            for row in rows:
                connection.send_message(messages.compose(row, settings))

    return Pair(ours, other, per=MAILS, remarks=lambda: {"taken by the server": f"{sink.taken:,}"}, close=sink.stop)


BENCHMARKS = [
    Benchmark(
        f"a mail through the outbox ({database})",
        "smtplib alone, the same message over one connection",
        partial(deliver, database),
        goal=Goal(1 / 800),
    )
    for database in (SQLITE, POSTGRESQL)
]
