"""Caught mails as ``.eml`` files in one folder, and the SMTP side that fills it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import getaddresses
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

_NAME = re.compile(r"\d{6}")
_KEPT_BY_SMTP = 34_000_000  # bytes; a little above what the largest bundle notice may carry


@dataclass(frozen=True)
class Part:
    """An attachment, or a body in another form than plain text."""

    number: int
    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Caught:
    """One mail as it arrived; ``to`` are the addresses that SMTP named, not those of the header."""

    id: str
    to: tuple[str, ...]
    message: EmailMessage

    @property
    def sender(self) -> str:
        """The From header."""
        return str(self.message["From"] or "")

    @property
    def subject(self) -> str:
        """The Subject header, decoded."""
        return str(self.message["Subject"] or "")

    @property
    def date(self) -> str:
        """The Date header as the sender wrote it: on a machine with a moved clock it is moved, too."""
        return str(self.message["Date"] or "")

    @property
    def text(self) -> str:
        """The plain text body, or nothing."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body else ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything else that the mail carries, numbered from 1."""
        body = self.message.get_body(("plain",))
        rest = [part for part in self.message.walk() if not part.is_multipart() and part is not body]
        return tuple(_part(number, part) for number, part in enumerate(rest, 1))

    def as_json(self) -> dict[str, Any]:
        """The mail for scripts and tests."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": list(self.to),
            "subject": self.subject,
            "date": self.date,
            "message_id": str(self.message["Message-ID"] or ""),
            "text": self.text,
            "parts": [
                {"name": part.name, "type": part.type, "bytes": len(part.content), "path": f"/{self.id}/{part.number}"}
                for part in self.parts
            ],
        }


def _part(number: int, part: Any) -> Part:
    kind = part.get_content_type()
    name = part.get_filename() or f"part-{number}.{kind.rpartition('/')[2]}"
    return Part(number, name, kind, part.get_payload(decode=True) or b"")


class Inbox:
    """The folder of caught mails; a mail is there whole or not at all, and keeps its number for good."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, envelope_from: str, to: list[str], content: bytes) -> str:
        """Store one mail under the next free number."""
        trace = f"Return-Path: <{envelope_from}>\r\nDelivered-To: {', '.join(to)}\r\n"
        draft = self.folder / ".draft"
        try:
            draft.write_bytes(trace.encode() + content)
            number = max((int(name) for name in self._names()), default=0)
            while True:
                number += 1
                with contextlib.suppress(FileExistsError):
                    self.path(f"{number:06}").hardlink_to(draft)
                    return f"{number:06}"
        finally:
            draft.unlink(missing_ok=True)

    def path(self, mail: str) -> Path:
        """The file of a mail."""
        return self.folder / f"{mail}.eml"

    def mails(self) -> Iterator[Caught]:
        """All mails, the newest first."""
        for name in sorted(self._names(), reverse=True):
            yield self.mail(name)

    def mail(self, mail: str) -> Caught:
        """One mail; KeyError if there is none of that number."""
        if not _NAME.fullmatch(mail) or not self.path(mail).is_file():
            raise KeyError(mail)
        message = message_from_bytes(self.path(mail).read_bytes(), policy=POLICY)
        to = tuple(address for _name, address in getaddresses([str(message["Delivered-To"] or "")]))
        return Caught(mail, to, message)

    def _names(self) -> list[str]:
        return [path.stem for path in self.folder.glob("*.eml") if _NAME.fullmatch(path.stem)]


class _Catch:
    """What aiosmtpd asks: takes every mail, answers as a server that has stored it."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 — its name
        to = [str(address) for address in envelope.rcpt_tos]
        try:
            self._inbox.keep(envelope.mail_from or "", to, envelope.original_content or b"")
        except OSError:
            return "452 4.3.1 The disk is full or cannot be written to; try again later"
        return "250 Message kept for the page of the mail catcher"


def smtp_side(inbox: Inbox) -> SMTP:
    """One SMTP conversation that fills the inbox."""
    return SMTP(_Catch(inbox), data_size_limit=_KEPT_BY_SMTP, enable_SMTPUTF8=True, hostname="localhost")
