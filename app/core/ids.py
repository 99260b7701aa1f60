"""Identifiers that nobody can guess."""

from __future__ import annotations

import base64
import hashlib
import secrets

ID_LENGTH = 20


def new_id() -> str:
    """A new identifier: 100 random bits as 20 lower-case letters and digits, safe in an address or a file name."""
    return base64.b32encode(secrets.token_bytes(13)).decode().lower()[:ID_LENGTH]


def id_of(*words: str) -> str:
    """The identifier of something of which there can be one only: the same words, the same identifier."""
    return base64.b32encode(hashlib.sha256("\0".join(words).encode()).digest()).decode().lower()[:ID_LENGTH]
