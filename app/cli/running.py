"""Commands of the running program: the worker, and one look after deadline mails."""

from __future__ import annotations

import logging

import click
from flask.cli import with_appcontext

from app import worker as clockwork
from app.cli.data import settings


@click.command()
@with_appcontext
def worker() -> None:
    """Look for due work and take jobs until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("huey").setLevel(logging.WARNING)
    clockwork.run(settings())


COMMANDS: tuple[click.Command, ...] = (worker,)
