"""Addresses of pages as mails and feeds need them, whole and outside requests; and as logs may show them."""

from __future__ import annotations

import re

_base = ""

# Where a random token stands in an address: a calendar feed, an invitation, the way to a new password.
_SECRET = re.compile(r"(?i)(/(?:calendar|invitations|password/forgotten)/+)[^/?#\s\"]+")


def configure(base: str) -> None:
    """Let every whole address of this process begin with ``base``."""
    global _base  # noqa: PLW0603 — one address per process is the point
    _base = base.rstrip("/")


def address(path: str) -> str:
    """The whole address of a path of this program."""
    return _base + path


def without_secrets(address: str) -> str:
    """The address with three dots in the place of its token."""
    return _SECRET.sub(r"\1…", address)
