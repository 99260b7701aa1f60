"""How far a bundle is, for its table and its pages."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """How far a bundle is. BLOCKED: its contents must be mended; FAILED: the fault is ours."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    BLOCKED = "blocked"
    FAILED = "failed"
