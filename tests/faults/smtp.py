"""An SMTP server on loopback that does what a test wants at any moment of a session: answers, refuses, hangs, dies."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Protocol

MOMENTS = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "end")  # end: the whole mail was said
GOOD = {"connect": "220 here", "DATA": "354 go on", "QUIT": "221 bye"}


class Die(Exception):
    """The connection ends without a word."""


class Behaviour(Protocol):
    """What the server says at a moment instead of "yes"; None: as usual. It may wait, or raise Die."""

    def __call__(self, moment: str, words: str, talk: Talk, /) -> str | None: ...


@dataclass
class Talk:
    """One connection. ``say`` may be used by a behaviour, to drip; ``ended``: the test is over."""

    connection: socket.socket
    number: int
    ended: threading.Event
    recipient: str = ""

    def say(self, words: str) -> None:
        """Without an end of line."""
        self.connection.sendall(words.encode())


@dataclass
class Server:
    """``taken``: the Message-IDs of all mails that it took, in order, whether or not it lived to say so; ``to``: their
    recipients. ``talks`` and ``heard``: how many connections and words there were."""

    port: int
    behave: Behaviour | None = None
    taken: list[str] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    talks: int = 0
    heard: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def times(self) -> Counter[str]:
        """How often each recipient got a mail."""
        return Counter(self.to)

    def take(self, recipient: str, content: bytes) -> None:
        """Keep a mail."""
        with self.lock:
            self.taken.append(str(message_from_bytes(content)["Message-ID"]).strip())
            self.to.append(recipient)

    def serve(self, listening: socket.socket) -> None:
        """Until it is ended; each connection in a thread of its own."""
        while not self.ended.is_set():
            try:
                connection, _address = listening.accept()
            except OSError:
                return
            with self.lock:
                self.talks += 1
            threading.Thread(target=self._talk, args=(Talk(connection, self.talks, self.ended),), daemon=True).start()

    def _talk(self, talk: Talk) -> None:
        with talk.connection, contextlib.suppress(OSError, Die), talk.connection.makefile("rb") as lines:
            self._answer(talk, "connect", "")
            while line := lines.readline():
                self.heard += 1
                words = line.decode("latin-1").strip()
                moment = words.partition(" ")[0].upper()
                if moment == "RCPT":
                    talk.recipient = words.partition("<")[2].partition(">")[0]
                said = self._answer(talk, moment, words)
                if moment == "DATA" and said.startswith("354"):
                    self._read(talk, lines)
                elif moment == "QUIT":
                    return

    def _read(self, talk: Talk, lines: Iterator[bytes]) -> None:
        content = b""
        while (line := next(lines, b"")) != b".\r\n":
            if not line:
                raise Die  # whoever was killed in the middle of a mail has not given it
            content += line
        said = self.behave("end", "", talk) if self.behave else None
        if said is None or said.startswith("2"):
            self.take(talk.recipient, content)
        talk.say(f"{said or '250 taken'}\r\n")

    def _answer(self, talk: Talk, moment: str, words: str) -> str:
        said = (self.behave and self.behave(moment, words, talk)) or GOOD.get(moment, "250 yes")
        talk.say(f"{said}\r\n")
        return said


@contextmanager
def smtp_server(behave: Behaviour | None = None) -> Iterator[Server]:
    """A server that takes everything unless ``behave`` says otherwise."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        server = Server(listening.getsockname()[1], behave)
        thread = threading.Thread(target=server.serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)
