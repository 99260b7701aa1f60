"""Templates compiled once per process of the tests, not once per program that a test builds."""

from __future__ import annotations

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledOnce(BytecodeCache):
    """What Jinja made of each template, by its name and the sum of its source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is kept of exactly this source."""
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = CompiledOnce()


def compile_once(program: Flask) -> Flask:
    """Let the program share compiled templates with every other one of this process."""
    program.jinja_env.bytecode_cache = _COMPILED
    return program
