"""How a mail leaves the house: over SMTP, into a file, or into memory."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, Protocol

from app.config import Settings
from app.core.files import write_atomically

ANSWER = 30.0  # seconds that a server may take for each of its words
TAKING = 600.0  # … and for the last: whoever gives up sooner sends twice (RFC 5321, 4.5.3.2.6)
GOING_AWAY = 421  # said to whatever command, and never about the mail


@dataclass(frozen=True)
class Mail:
    """One mail to one person. ``key`` says what it is about: the same key, the same mail, the same Message-ID."""

    key: str
    to: str
    subject: str
    text: str
    calendar: str | None = None  # an .ics file, as text


class MailRefused(Exception):
    """This very mail is not taken; the text is the server's. ``for_good``: asking again is of no use."""

    def __init__(self, words: str, *, for_good: bool) -> None:
        super().__init__(words)
        self.for_good = for_good


class Transport(Protocol):
    """Something that takes a finished message, or raises MailRefused, or OSError when it takes none at the moment."""

    def send(self, message: EmailMessage) -> None:
        """Hand the message over; returning means that the other side has taken it."""

    def close(self) -> None:
        """No more messages for now."""


@dataclass
class SmtpTransport:
    """SMTP, with TLS where the settings ask for it; one connection serves the messages of one run."""

    settings: Settings
    _server: _Server | None = None

    def send(self, message: EmailMessage) -> None:
        """Hand the message to the SMTP server, over a new connection where the server has closed an idle one."""
        idle, server = self._server is not None, self._connected()
        try:
            server.send_message(message)
        except smtplib.SMTPServerDisconnected:
            self.close()
            if not idle or server.may_have_taken:
                raise
            self.send(message)
        except OSError as error:
            self.close()  # a connection that failed once is not asked again
            raise _meant(error) from error
        except (ValueError, MessageError) as error:
            self.close()
            raise MailRefused(f"{type(error).__name__}: {error}", for_good=True) from error

    def close(self) -> None:
        """Say goodbye to the server."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError):
                server.quit()
            server.close()

    def _connected(self) -> _Server:
        if self._server is None:
            server = None
            try:
                server = _Server(self.settings.mail_host, self.settings.mail_port, timeout=ANSWER)
                if self.settings.mail_starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.settings.mail_user:
                    server.login(self.settings.mail_user, self.settings.mail_password)
            except BaseException as error:
                if server:
                    server.close()
                if isinstance(error, ValueError) and not isinstance(error, OSError):
                    raise OSError(f"the settings of the mail server: {error}") from error
                raise
            self._server = server
        return self._server


class _Server(smtplib.SMTP):
    """A connection on which every answer has its time: one that drips keeps the time limits of sockets for ever.

    ``may_have_taken``: the server went away after it was given a mail and before it said what became of it.
    """

    may_have_taken = False
    _giving = False

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        self.may_have_taken = False
        return super().mail(sender, options)

    def data(self, msg: Any) -> tuple[int, bytes]:
        self._giving = True
        try:
            return super().data(msg)
        finally:
            self._giving, self.may_have_taken = False, self.sock is None

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Words(self.sock))
        if self.file is not None:
            self.file.raw.until = time.monotonic() + (TAKING if self._giving else ANSWER)
        try:
            return super().getreply()
        finally:
            if self.sock is not None:
                self.sock.settimeout(ANSWER)


class _Words(io.RawIOBase):
    """What a server says, up to a moment (of ``time.monotonic``)."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self.until = connection, 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(max(self.until - time.monotonic(), 0.001))
        return self._connection.recv_into(buffer)


def _meant(error: OSError) -> Exception:
    """What an error of one mail means: refused, or the fault of the server or of the way to it."""
    words: bytes | str
    match error:
        case smtplib.SMTPNotSupportedError():  # an address in letters that the server cannot read
            return MailRefused(str(error), for_good=True)
        case smtplib.SMTPRecipientsRefused():
            ((code, words),) = error.recipients.values()
        case smtplib.SMTPSenderRefused() | smtplib.SMTPDataError():
            code, words = error.smtp_code, error.smtp_error
        case _:
            return error
    said = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    if code == GOING_AWAY:
        return smtplib.SMTPServerDisconnected(said)
    ours = isinstance(error, smtplib.SMTPSenderRefused)  # the sender is a setting, and the mail as good as any other
    return MailRefused(said, for_good=code >= 500 and not ours)


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
