"""Commands about the rules; they need no database."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
