"""A process runs for months: neither a request nor a program that was set up anew leaves a file or a socket open."""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import create_app
from app.config import Settings
from app.core import db, jobs
from tests.factories.world import World
from tests.web.visitor import Visitor

DESCRIPTORS = Path("/dev/fd")
LARGE = "x" * 600_000  # more than the web library keeps in memory
PART = '--b\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n'
BODIES = {  # what is sent, bytes that never come, the answer
    "whole": (f"{PART}{LARGE}\r\n--b--\r\n", 0, 400),  # no token
    "broken off": (f"{PART}{LARGE}", 999, 400),
    "too many parts": (f"{PART}{LARGE}\r\n" + f"{PART}\r\n" * 1001 + "--b--\r\n", 0, 413),
}


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Nothing is closed by the collector of garbage."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def opened(what: Callable[[], object]) -> int:
    """How many more descriptors there are after ``what`` was done three times more than once."""
    what()
    before = len(list(DESCRIPTORS.iterdir()))
    for _time in range(3):
        what()
    return len(list(DESCRIPTORS.iterdir())) - before


def test_a_request_leaves_no_file_open(visit: Visitor, world: World, uncollected: None) -> None:
    lead = visit.as_(world.lead)

    def send() -> None:
        assert lead.client.post("/language", data={"file": (io.BytesIO(LARGE.encode()), "a.pdf")}).status_code == 400
        for body, missing, status in BODIES.values():
            answer = lead.client.post(
                "/language",
                input_stream=io.BytesIO(body.encode()),
                content_type="multipart/form-data; boundary=b",
                content_length=len(body) + missing,
            )
            assert answer.status_code == status

    assert opened(send) == 0


def test_a_program_lets_go_of_what_the_one_before_it_had_open(settings: Settings, uncollected: None) -> None:
    def begin() -> None:
        with create_app(settings).app_context(), db.transaction() as session:
            session.connection()
        jobs.soon("nothing")

    assert opened(begin) == 0
