"""Looks at every hostile file in a process of its own and writes down what became of it and what it cost.

Started as ``python -m tests.documents.watched FOLDER ADDRESS PATH``; prints one line of JSON for each file.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

from app.documents.content import Attachment
from tests.documents import hostile, samples


def main(folder: Path, address: str, path: str) -> None:
    """Make each file, look at it as an upload and as an attachment of a bundle, and tell."""
    from app.documents import attachments
    from app.documents.content import Limits

    with samples.attach(folder, 1, samples.blank()).path.open("rb") as file:
        attachments.look_into(file, samples.attach(folder, 1, samples.blank()), Limits())  # everything is imported
    for name, maker in hostile.CORPUS.items():
        attachment = samples.attach(folder, 1, maker(address, path))
        told: dict[str, Any] = {"name": name, "reached": []}
        for way in ("upload", "bundle"):
            _apart(told, way, folder, attachment)
        print(json.dumps(told), flush=True)


def _apart(told: dict[str, Any], way: str, folder: Path, attachment: Attachment) -> None:
    """Look in a fork with the bounds of every look, as the program does; what it cost is counted from outside."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _look(way, folder, attachment, writing)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        seen = answer.read()
    _pid, _status, cost = os.wait4(child, 0)
    found = json.loads(seen) if seen else {way: ["refused", "exhausted"], "sentences": ["exhausted"], "reached": []}
    told["reached"] += found.pop("reached")
    told |= found
    told[f"{way} seconds"] = round(cost.ru_utime + cost.ru_stime, 2)
    told[f"{way} megabytes"] = max(0, cost.ru_maxrss * 1024 - _own_memory()) // 2**20


def _look(way: str, folder: Path, attachment: Attachment, writing: int) -> None:
    from app.core import apart, pdfs
    from app.core.errors import Refused
    from app.documents import attachments
    from app.documents.content import Limits

    told: dict[str, Any] = {}
    reached: list[str] = []
    sys.addaudithook(lambda event, words: _note(reached, folder, event, words))
    apart.bound(attachments.SECONDS if way == "bundle" else apart.SECONDS)
    try:
        with attachment.path.open("rb") as file:
            if way == "upload":
                told[way] = f"{pdfs.count_pages(file)} pages"
            else:
                inspected, found = attachments.look_into(file, attachment, Limits())
                told[way] = ["taken" if inspected else "refused", *(one.code for one in found)]
                told["sentences"] = [one.text.ja + one.text.en for one in found]
    except Refused as refusal:
        told[way] = refusal.sentence.en
    except MemoryError:
        return
    except BaseException as fault:  # noqa: BLE001 — told to the test, which fails on it
        told["fault"] = f"{way}: {type(fault).__name__}: {fault}"
    os.write(writing, json.dumps({**told, "reached": reached}).encode())


def _note(reached: list[str], folder: Path, event: str, words: tuple[Any, ...]) -> None:
    if event.startswith(("socket.connect", "socket.getaddrinfo", "subprocess", "os.exec", "os.posix_spawn")):
        reached.append(f"{event} {words}")
    elif event == "open" and isinstance(words[0], str) and not _own(words[0], folder):
        reached.append(f"open {words[0]}")


def _own(path: str, folder: Path) -> bool:
    """The attachments, the program and its libraries, what tells of memory, and a file without a name."""
    ours = (str(folder), sys.prefix, sys.base_prefix, str(Path.cwd()), "/proc/self/", "/dev/null")
    return path == tempfile.gettempdir() or path.startswith(ours)


def _own_memory() -> int:
    """What this process has now, in bytes; a fork begins with as much."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
