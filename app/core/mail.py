"""How a mail leaves the house: over SMTP, into a file, or into memory."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol

from app.config import Settings
from app.core.files import write_atomically


@dataclass(frozen=True)
class Mail:
    """One mail to one person. ``key`` says what it is about: the same key, the same mail, the same Message-ID."""

    key: str
    to: str
    subject: str
    text: str
    calendar: str | None = None  # an .ics file, as text


class Transport(Protocol):
    """Something that takes a finished message or raises OSError or smtplib.SMTPException."""

    def send(self, message: EmailMessage) -> None:
        """Hand the message over; returning means that the other side has taken it."""

    def close(self) -> None:
        """No more messages for now."""


@dataclass
class SmtpTransport:
    """SMTP, with TLS where the settings ask for it; one connection serves the messages of one run."""

    settings: Settings
    _server: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand the message to the SMTP server, over a new connection where the old one was closed by the server."""
        used_before = self._server is not None
        try:
            self._connected().send_message(message)
        except smtplib.SMTPServerDisconnected:
            self.close()
            if not used_before:
                raise
            self._connected().send_message(message)
        except OSError:
            self.close()  # a connection that failed once is not asked again
            raise

    def close(self) -> None:
        """Say goodbye to the server."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError):
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            server = smtplib.SMTP(self.settings.mail_host, self.settings.mail_port, timeout=20)
            try:
                if self.settings.mail_starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.settings.mail_user:
                    server.login(self.settings.mail_user, self.settings.mail_password)
            except BaseException:
                server.close()
                raise
            self._server = server
        return self._server


@dataclass
class FileTransport:
    """One ``.eml`` file per mail."""

    folder: Path

    def send(self, message: EmailMessage) -> None:
        """Write the message as a file named by its Message-ID."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = "".join(letter if letter.isalnum() else "-" for letter in str(message["Message-ID"])).strip("-")
        write_atomically(self.folder / f"{name}.eml", message.as_bytes(policy=SMTP))

    def close(self) -> None:
        """Every file is already closed."""


@dataclass
class MemoryTransport:
    """Keeps the messages in a list (tests)."""

    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage) -> None:
        """Keep the message."""
        self.sent.append(message)

    def close(self) -> None:
        """Nothing to close."""


def transport(settings: Settings) -> Transport:
    """The transport that the settings name."""
    match settings.mail_transport:
        case "smtp":
            return SmtpTransport(settings)
        case "file":
            return FileTransport(settings.var / "mail")
        case "memory":
            return MemoryTransport()
