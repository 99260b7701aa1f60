"""Every hostile file ends as a sentence or as a harmless attachment: nothing called, read, crashed or filled up."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.documents import hostile

ROOT = Path(__file__).resolve().parents[2]
SECONDS, MEGABYTES = 5, 256  # of one processor and of memory, for one look at one file
TAKEN = {  # odd, but a page that can be printed; all others are refused
    *("end at itself", "a billion pages, it says", "minus pages, it says", "page without a size", "size of words"),
    *("size of two", "names that are no text", "page that is its own parent", "the same page a thousand times"),
    *("length that is itself", "outline in a ring", "names in a ring", "fields in a ring", "drawing that draws itself"),
    *("a list of a million", "a drawing of a million signs"),
    *("picture of ten thousand megapixels", "picture of less than nothing", "picture that is none"),
    *("picture of another kind", "picture before its time"),
    *("link to a file", "link to an address", "script that calls", "form that sends itself", "words about itself"),
    *("stream that lies in a file", "stream that lies elsewhere", "drawing of another file", "file within the file"),
    *("picture that lies elsewhere", "forms of another house"),
}


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of each file, and ``called``: whether anybody knocked at the listener meanwhile."""
    folder = tmp_path_factory.mktemp("hostile")
    canary = folder.parent / "canary.txt"
    canary.write_text("极秘-canary")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        words = [sys.executable, "-m", "tests.documents.watched", str(folder), address, str(canary)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert done.returncode == 0, f"the process ended with {done.returncode}: {done.stderr[-2000:]}"
    assert "canary" not in done.stdout.replace(str(canary), "")
    return {look["name"]: look for look in map(json.loads, done.stdout.splitlines())}


def test_there_are_many_and_each_was_looked_at(looks: dict[str, dict[str, Any]]) -> None:
    assert len(hostile.CORPUS) >= 80
    assert list(looks) == list(hostile.CORPUS)


def test_none_is_a_fault_of_ours_or_reaches_beyond_itself(looks: dict[str, dict[str, Any]]) -> None:
    assert {name: look["fault"] for name, look in looks.items() if "fault" in look} == {}
    assert {name: look["reached"] for name, look in looks.items() if look["reached"]} == {}


def test_time_and_memory_of_each_are_bounded(looks: dict[str, dict[str, Any]]) -> None:
    for way in ("upload", "bundle"):
        slow = {name: look[f"{way} seconds"] for name, look in looks.items() if look[f"{way} seconds"] > SECONDS}
        large = {name: look[f"{way} megabytes"] for name, look in looks.items() if look[f"{way} megabytes"] > MEGABYTES}
        assert (slow, large) == ({}, {}), way


def test_each_is_refused_in_words_unless_it_is_harmless(looks: dict[str, dict[str, Any]]) -> None:
    taken = {name for name, look in looks.items() if look["bundle"][0] == "taken"}
    assert taken == TAKEN
    for name, look in looks.items():
        assert look["upload"], name
        assert name in TAKEN or look["sentences"], name
        assert "hostile0" not in "".join(look["sentences"]), f"{name}: a path in a sentence"


def test_what_is_active_is_named(looks: dict[str, dict[str, Any]]) -> None:
    for name in ("link to a file", "script that calls", "form that sends itself", "file within the file"):
        assert "active_content_removed" in looks[name]["bundle"], name
