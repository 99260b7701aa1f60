"""Addresses of pages as mails and feeds need them: whole, and outside requests."""

from __future__ import annotations

_base = ""


def configure(base: str) -> None:
    """Let every whole address of this process begin with ``base``."""
    global _base  # noqa: PLW0603 — one address per process is the point
    _base = base.rstrip("/")


def address(path: str) -> str:
    """The whole address of a path of this program."""
    return _base + path
