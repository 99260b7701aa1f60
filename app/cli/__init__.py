"""Commands: JSON on standard output, words on standard error; exit 0 fine, 1 refused or findings, 2 misuse."""

from __future__ import annotations

from flask import Flask

from app.cli import data, demo, histories, hubs, keeping, moving, rules, running


def register(app: Flask) -> None:
    """Give ``flask`` our commands."""
    for module in (moving, rules, histories, data, demo, running, keeping, hubs):
        for command in module.COMMANDS:
            app.cli.add_command(command)
