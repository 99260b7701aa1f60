"""A look into a foreign file costs what it may cost; what wants more ends alone and becomes a sentence."""

from __future__ import annotations

import io
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

import pytest

from app.core import apart, uploads
from app.core.errors import Refused
from app.core.uploads import Upload
from app.engine.definition.common import Text
from tests.documents import hostile, samples
from tests.factories.files import upload

MB = 2**20


def first_bytes(file: BinaryIO, most: int) -> bytes:
    return file.read(most)


def refuses(_file: BinaryIO) -> None:
    raise Refused(Text(ja="いいえ。", en="No."), field="files")


def breaks(_file: BinaryIO) -> None:
    raise KeyError("x")


def crashes(_file: BinaryIO) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def greedy(_file: BinaryIO) -> int:
    return len([bytearray(MB) for _number in range(apart.MEGABYTES + 1)])


def endless(_file: BinaryIO) -> None:
    while True:
        pass


def half_as_greedy(_file: BinaryIO) -> int:
    return len([bytearray(MB) for _number in range(apart.MEGABYTES // 2)])


def is_told_to_end(_file: BinaryIO) -> int:
    for process in (os.getppid(), os.getpid()):
        os.kill(process, signal.SIGTERM)
    return 1


def test_what_is_found_and_what_is_refused_comes_back() -> None:
    file = io.BytesIO(b"content")
    file.seek(4)
    assert apart.look(first_bytes, file, 3) == b"con"
    assert apart.look(half_as_greedy, file) == apart.MEGABYTES // 2
    with pytest.raises(Refused) as refusal:
        apart.look(refuses, file)
    assert (refusal.value.sentence.ja, refusal.value.field) == ("いいえ。", "files")
    with pytest.raises(RuntimeError, match="KeyError"):
        apart.look(breaks, file)


@pytest.mark.parametrize(("at", "options"), [(crashes, {}), (greedy, {}), (endless, {"seconds": 1})])
def test_what_wants_too_much_or_crashes_ends_alone(at: Any, options: dict[str, int]) -> None:
    with pytest.raises(apart.ExhaustedError):
        apart.look(at, io.BytesIO(b"x"), **options)
    assert apart.look(first_bytes, io.BytesIO(b"x"), 1) == b"x"


def test_a_helper_that_somebody_ended_is_started_again() -> None:
    assert apart.look(first_bytes, io.BytesIO(b"x"), 1) == b"x"
    process = apart._HELPER._process
    assert process is not None
    process.kill()
    process.wait()
    assert apart.look(first_bytes, io.BytesIO(b"y"), 1) == b"y"


def test_a_helper_that_is_ended_with_a_request_in_its_hands_is_not_the_fault_of_the_file() -> None:
    assert apart.look(first_bytes, io.BytesIO(b"x"), 1) == b"x"
    process = apart._HELPER._process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(apart.look, first_bytes, io.BytesIO(b"y"), 1)
        time.sleep(0.1)
        process.kill()
        assert asked.result() == b"y"


def test_a_helper_that_let_a_request_fall_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is ended closes its files in any order: its line may take requests after it dropped one."""
    apart._HELPER.end()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    monkeypatch.setattr(apart._HELPER, "_line", ours)
    monkeypatch.setattr(apart._HELPER, "_process", subprocess.Popen(["true"]))
    with theirs, ThreadPoolExecutor(1) as threads, ours:
        fallen = threads.submit(let_every_request_fall, theirs)
        assert apart.look(first_bytes, io.BytesIO(b"y"), 1) == b"y"
        assert fallen.result() == 1


def let_every_request_fall(line: socket.socket) -> int:
    fell = 0
    while True:
        message, descriptors, _flags, _sender = socket.recv_fds(line, 2**16, 2)
        if not message:
            return fell
        fell += 1
        for descriptor in descriptors:
            os.close(descriptor)


def test_where_nobody_can_look_no_file_is_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    apart._HELPER.end()
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(RuntimeError, match="does not start"):
        apart.look(first_bytes, io.BytesIO(b"x"), 1)
    monkeypatch.undo()
    assert apart.look(first_bytes, io.BytesIO(b"x"), 1) == b"x"


def test_whoever_stops_the_program_lets_it_end_its_looks() -> None:
    assert apart.look(is_told_to_end, io.BytesIO(b"x")) == 1
    assert apart._HELPER._process is not None
    assert apart._HELPER._process.poll() is None


def list_of_forty_megabytes() -> Upload:
    return upload("list.pdf", hostile.rooted(b"/X [" + b"0 " * 20 * MB + b"]"))


@pytest.mark.parametrize("look", [uploads.inspected, uploads.pages])
def test_an_upload_takes_neither_the_memory_nor_the_time_of_the_program(look: Any) -> None:
    file = list_of_forty_megabytes()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(Refused) as refusal:
        look(file)
    assert "時間又はメモリー" in refusal.value.sentence.ja
    assert "more time or memory" in refusal.value.sentence.en
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024
    assert time.process_time() - began < 1


def test_a_large_file_that_is_as_it_should_be_is_taken() -> None:
    assert uploads.pages(upload("large.pdf", samples.blank(2900))) == 2900
    assert uploads.pages(upload("picture.pdf", hostile.drawn(hostile.stream(b"x" * 90 * MB)))) == 1
