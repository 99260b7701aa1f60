"""Ports for the programs that these tests start."""

from __future__ import annotations

import socket

import pytest


@pytest.fixture
def port() -> int:
    """A port above which a few are free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return min(int(probe.getsockname()[1]), 65000)
