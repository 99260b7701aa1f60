"""Commands of the running program: the worker, and one look after deadline mails."""

from __future__ import annotations

import json
import logging

import click
from flask.cli import with_appcontext

from app.cli.data import settings
from app.core import mail, outbox
from app.notices.sweep import sweep


@click.command()
@with_appcontext
def worker() -> None:
    """Look for due work and take jobs until SIGTERM or SIGINT."""
    from app import worker as clockwork  # noqa: PLC0415 — APScheduler is read by the worker alone

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of every tick that a long look skips
    logging.getLogger("huey").setLevel(logging.WARNING)
    clockwork.run(settings())


@click.group()
def notices() -> None:
    """Deadline mails."""


@notices.command("sweep")
@with_appcontext
def sweep_now() -> None:
    """Look once for deadline mails that are due, and send what waits."""
    here = settings()
    swept = sweep()
    sent = outbox.deliver(mail.transport(here), here)
    click.echo(json.dumps({"withdrawn": swept.withdrawn, "queued": swept.queued, "sent": sent}))


COMMANDS: tuple[click.Command, ...] = (worker, notices)
