"""Identifiers that nobody can guess."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

RANDOM_BYTES = 16
ID_LENGTH = 26
SAID_LENGTH = 20  # of what is made of words: another length would make everything that is stored unknown
_SHAPE = re.compile(r"[a-z2-7]{20,26}")  # until migration 0020 an identifier had 100 random bits and 20 signs


def new_id() -> str:
    """A new identifier: 128 random bits as 26 lower-case letters and digits, safe in an address or a file name."""
    return base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode().rstrip("=").lower()


def id_of(*words: str) -> str:
    """The identifier of something of which there can be one only: the same words, the same identifier."""
    return base64.b32encode(hashlib.sha256("\0".join(words).encode()).digest()).decode().lower()[:SAID_LENGTH]


def is_id(text: str) -> bool:
    """Whether this could be an identifier of ours; whether anything has it is another question."""
    return _SHAPE.fullmatch(text) is not None
