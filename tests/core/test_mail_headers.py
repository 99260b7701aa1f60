"""Nothing that a person typed becomes a header of a mail, another recipient, or a line of its calendar file."""

from __future__ import annotations

import email
from email.policy import SMTP, default

import pytest
from flask import Flask
from sqlalchemy import select

from app.config import Settings
from app.core import messages, outbox
from app.core.db import session, transaction
from app.core.mail import Mail
from app.core.outbox import OutboxMail

HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
BREAKS = ("\r\n", "\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85", "\x1c", "\r\n ", "\r\n\r\n")
EVIL = "Bcc: everybody@evil.example"


def sent(mail: Mail, settings: Settings) -> email.message.EmailMessage:
    """The mail as a reader's program understands the bytes that leave."""
    with transaction():
        assert outbox.enqueue(mail)
    row = session.scalars(select(OutboxMail).where(OutboxMail.key == mail.key)).one()
    return email.message_from_bytes(messages.compose(row, settings).as_bytes(policy=SMTP), policy=default)


@pytest.mark.parametrize("ends", BREAKS, ids=[ascii(each) for each in BREAKS])
@pytest.mark.parametrize("field", ["key", "subject", "text"])
def test_a_line_break_in_a_field_makes_no_header(app: Flask, settings: Settings, field: str, ends: str) -> None:
    hostile = f"心筋シート{ends}{EVIL}{ends}{ends}本文ではない"
    fields = {"key": "k", "subject": "期限", "text": "本文\n", field: hostile}
    with app.app_context():
        read = sent(Mail(to="lead@ko.example", **fields), settings)
    assert [name for name in read.keys() if name in HEADERS] == HEADERS  # noqa: SIM118 — a message is no dictionary
    assert "Bcc" not in read
    assert [each.addr_spec for each in read["To"].addresses] == ["lead@ko.example"]
    assert len(read["Subject"].splitlines()) == 1
    if field == "text":
        body = read.get_body()
        assert body is not None
        assert EVIL in body.get_content()


@pytest.mark.parametrize(
    "to",
    [
        "lead@ko.example\r\nBcc: all@evil.example",
        "lead@ko.example\n",
        "lead@ko.example, all@evil.example",
        "lead@ko.example;all@evil.example",
        "<lead@ko.example>",
        "Lead <lead@ko.example>",
        "lead@ko.example\x00",
        "lead@",
        "",
    ],
)  # fmt: skip
def test_an_address_that_is_not_exactly_one_is_never_queued(app: Flask, settings: Settings, to: str) -> None:
    with app.app_context():
        with pytest.raises(ValueError, match=r"add|non-printables"), transaction():
            outbox.enqueue(Mail(key="k", to=to, subject="期限", text="本文\n"))
        session.rollback()
        assert session.scalars(select(OutboxMail)).all() == []
