"""Ports for the programs that these tests start."""

from __future__ import annotations

import random
import socket

import pytest


@pytest.fixture
def port() -> int:
    """A port above which a few are free, outside the range from which the system takes those of its own calls."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
