"""A mail as the message that travels (RFC 5322)."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Protocol

from app.config import Settings


class Queued(Protocol):
    """What is known of a mail on its way; ``key`` says what it is about, ``calendar`` is an .ics file, as text."""

    @property
    def key(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def calendar(self) -> str | None: ...
    @property
    def queued_at(self) -> dt.datetime: ...


class _Headers(HeaderRegistry):
    """That of the standard library makes a new class for every header of every mail; this one keeps them."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: dict[str, type[BaseHeader]] = {}

    def __getitem__(self, name: str) -> type[BaseHeader]:
        if name not in self._classes:
            self._classes[name] = super().__getitem__(name)
        return self._classes[name]


_POLICY = default.clone(header_factory=_Headers())


def compose(mail: Queued, settings: Settings) -> EmailMessage:
    """The mail as a message of the standard library."""
    message = EmailMessage(_POLICY)
    message["From"] = _sender(settings.mail_from)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.queued_at)
    message["Message-ID"] = message_id(mail.key, settings)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="base64")
    if mail.calendar:
        message.add_attachment(
            mail.calendar.encode(),
            maintype="text",
            subtype="calendar",
            filename="shirube.ics",
            params={"charset": "utf-8", "method": "PUBLISH"},
        )
    return message


def message_id(key: str, settings: Settings) -> str:
    """The Message-ID is a function of what the mail is about, so that a second delivery is recognised as the same."""
    digest = hmac.new(settings.key().encode(), key.encode(), hashlib.sha256).hexdigest()
    return f"<{digest[:40]}@shirube.invalid>"


@lru_cache
def _sender(mail_from: str) -> BaseHeader:
    name, address = parseaddr(mail_from)
    sender: BaseHeader = _POLICY.header_factory("From", Address(display_name=name, addr_spec=address))
    return sender
