"""Looks at every hostile file in a process of its own and writes down what became of it and what it cost.

Started as ``python -m tests.documents.watched FOLDER ADDRESS PATH``; prints one line of JSON for each file.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from tests.documents import hostile, samples

MEMORY = 3 * 2**30  # bytes of address space: what wants more fails here instead of filling the machine


def main(folder: Path, address: str, path: str) -> None:
    """Make each file, look at it as an upload and as an attachment of a bundle, and tell."""
    from app.core import pdfs
    from app.core.errors import Refused
    from app.documents.attachments import inspect_attachment
    from app.documents.content import Limits

    inspect_attachment(samples.attach(folder, 1, samples.blank()), Limits())  # everything is imported
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    reached: list[str] = []
    sys.addaudithook(lambda event, words: _note(reached, folder, event, words))
    for name, maker in hostile.CORPUS.items():
        attachment = samples.attach(folder, 1, maker(address, path))
        told: dict[str, Any] = {"name": name, "bytes": attachment.path.stat().st_size}
        for way in ("upload", "bundle"):
            del reached[:]
            before, began = _peak(), time.process_time()
            try:
                if way == "upload":
                    told[way] = f"{pdfs.count_pages(io.BytesIO(attachment.path.read_bytes()))} pages"
                else:
                    inspected, found = inspect_attachment(attachment, Limits())
                    told[way] = ["taken" if inspected else "refused", *(one.code for one in found)]
                    told["sentences"] = [one.text.ja + one.text.en for one in found]
            except Refused as refusal:
                told[way] = refusal.sentence.en
            except BaseException as fault:  # noqa: BLE001 — told to the test, which fails on it
                told["fault"] = f"{way}: {type(fault).__name__}: {fault}"
            told[f"{way} seconds"] = round(time.process_time() - began, 2)
            told[f"{way} megabytes"] = max(0, _peak() - before) // 2**20
            told.setdefault("reached", []).extend(reached)
        print(json.dumps(told), flush=True)


def _note(reached: list[str], folder: Path, event: str, words: tuple[Any, ...]) -> None:
    if event.startswith(("socket.connect", "socket.getaddrinfo", "subprocess", "os.exec", "os.posix_spawn")):
        reached.append(f"{event} {words}")
    elif event == "open" and isinstance(words[0], str) and not _own(words[0], folder):
        reached.append(f"open {words[0]}")


def _own(path: str, folder: Path) -> bool:
    """The attachments, the program and its libraries, and what tells of memory."""
    return path.startswith((str(folder), sys.prefix, sys.base_prefix, str(Path.cwd()), "/proc/self/", "/dev/null"))


def _peak() -> int:
    """The most memory of this process since it was asked last, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return peak
    return peak


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
