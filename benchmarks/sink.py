"""A mail server that says yes to everything, in a process of its own: what it costs is nobody's who sends."""

from __future__ import annotations

import multiprocessing
from socketserver import StreamRequestHandler, TCPServer
from typing import Any

_spawned = multiprocessing.get_context("spawn")


class Sink:
    """Takes every mail, and counts. ``port``: where it listens on this machine."""

    def __init__(self) -> None:
        self._taken = _spawned.Value("i", 0)
        ports: Any = _spawned.SimpleQueue()
        self._process = _spawned.Process(target=_serve, args=(ports, self._taken), daemon=True)
        self._process.start()
        self.port: int = ports.get()

    @property
    def taken(self) -> int:
        """How many mails it has said yes to."""
        return int(self._taken.value)

    def stop(self) -> None:
        """End its process."""
        self._process.terminate()
        self._process.join()


def _serve(ports: Any, taken: Any) -> None:
    class Talk(StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            self.say(b"220 yes")
            for line in self.rfile:
                verb = line[:4].upper()
                if verb == b"DATA":
                    self.say(b"354 go on")
                    while self.rfile.readline() != b".\r\n":
                        pass
                    taken.value += 1
                self.say(b"221 bye" if verb == b"QUIT" else b"250 yes")
                if verb == b"QUIT":
                    return

        def say(self, words: bytes) -> None:
            self.wfile.write(words + b"\r\n")

    with TCPServer(("127.0.0.1", 0), Talk) as server:
        ports.put(server.server_address[1])
        server.serve_forever()
